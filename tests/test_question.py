"""Questions: whom they are for, and what people answered."""

import pytest
from outreach_support import undone


@pytest.fixture
def choir(crm):
    """Rosa and Tomas in @choir, Ursula outside."""
    for name in ("Rosa", "Tomas", "Ursula"):
        crm("contact", "add", name)
    crm("contact", "tag", "rosa", "tomas", "choir")
    return crm


def texts(answer):
    return [each["text"] for each in answer.json["items"]]


def test_a_question_is_for_people_tags_or_anybody(choir):
    """--for may be given again; each is kept once; without it the question is for anybody."""
    rosa, tag = (
        choir("contact", "show", "rosa", "--json").json["uid"],
        choir("tag", "show", "choir", "--json").json["uid"],
    )
    made = choir("question", "add", "Which key?", "--for", "rosa", "--for", "@choir", "--for", "c1", "--json").json
    assert (made["id"], made["ref"], made["text"], made["state"]) == (1, "q1", "Which key?", "open")
    assert made["audience"] == [{"contact": rosa, "tag": None}, {"contact": None, "tag": tag}]
    assert choir("question", "add", "Who", "sings?", "--json").json["audience"] == []


def test_a_list_for_somebody_holds_what_they_can_be_asked(choir):
    """Theirs, their tags' and anybody's; a list for a tag holds that tag's only."""
    for text, audience in (("For all", ("@choir",)), ("Anybody", ()), ("Rosa's", ("rosa",)), ("Ursula's", ("ursula",))):
        choir("question", "add", text, *(word for each in audience for word in ("--for", each)))
    assert texts(choir("question", "list", "--for", "rosa", "--json")) == ["For all", "Anybody", "Rosa's"]
    assert texts(choir("question", "list", "--for", "ursula", "--json")) == ["Anybody", "Ursula's"]
    assert texts(choir("question", "list", "--for", "@choir", "--json")) == ["For all"]
    assert len(texts(choir("question", "list", "--json"))) == 4


def test_what_to_ask_is_ordered_and_leaves_out_what_was_answered(choir):
    """Before a talk: theirs first, then their tags', then anybody's; never what they said already."""
    choir("question", "add", "Anybody")
    choir("question", "add", "For all", "--for", "@choir")
    choir("question", "add", "Rosa's", "--for", "rosa")
    choir("question", "add", "Answered", "--for", "rosa")
    choir("question", "add", "Closed", "--for", "rosa")
    choir("question", "close", "q5")
    choir("log-contact", "rosa", "--answer", "q4=yes")
    asked = choir("contact", "show", "rosa", "--json").json["questions"]
    assert [each["text"] for each in asked] == ["Rosa's", "For all", "Anybody"]


def test_a_question_is_reworded_and_redirected(choir):
    """--for says anew whom it is for; an empty one opens it to anybody; the text changes by itself."""
    choir("question", "add", "Which key?", "--for", "rosa")
    told = choir("question", "edit", "q1", "--for", "ursula", "--for", "@choir", "--json").json
    assert (told["text"], len(told["audience"])) == ("Which key?", 2)
    told = choir("question", "edit", "q1", "--text", "Which tempo?", "--json").json
    assert (told["text"], len(told["audience"])) == ("Which tempo?", 2)
    assert choir("question", "edit", "q1", "--for", "", "--json").json["audience"] == []


def test_a_closed_question_is_asked_no_more(choir):
    """close takes it off the list, --all shows it, open brings it back."""
    choir("question", "add", "Which key?")
    assert choir("question", "close", "q1", "--json").json["state"] == "closed"
    assert texts(choir("question", "list", "--json")) == []
    assert texts(choir("question", "list", "--all", "--json")) == ["Which key?"]
    assert "(closed)" in choir("question", "list", "--all").out
    assert choir("question", "open", "q1", "--json").json["state"] == "open"


def test_answers_stand_side_by_side_in_the_order_they_were_given(choir):
    """A talk long ago comes before one of today, whenever it was written down; a second answer is another one."""
    choir("question", "add", "Which key?")
    choir("log-contact", "rosa", "--answer", "q1=in G")
    choir("log-contact", "tomas", "--at", "2025-12-01 12:00", "--answer", "q1=in D")
    choir("log-contact", "rosa", "--at", "2025-12-24 12:00", "--answer", "q1=in A")
    told = choir("question", "answers", "q1", "--json").json
    assert [each["text"] for each in told["answers"]] == ["in D", "in A", "in G"]
    assert told["answers"][0]["asked_at"] == "2025-12-01T20:00:00Z"
    assert all(each["interaction"] for each in told["answers"])
    shown = choir("question", "answers", "q1").out
    assert shown.index("Tomas") < shown.index("Rosa")
    assert "Mon 1 Dec 2025 12:00" in shown


def test_an_answered_question_is_removed_only_with_its_answers(choir):
    """Refused with the ways round named; with --with-answers both go, and the id stays unused."""
    choir("question", "add", "Which key?")
    choir("log-contact", "rosa", "--answer", "q1=in G")
    refusal = choir("question", "remove", "q1", code=5).err
    assert "crm question close q1" in refusal
    assert "--with-answers" in refusal
    assert choir("question", "remove", "q1", "--with-answers", "--json").json["ref"] == "q1"
    assert choir("contact", "show", "rosa", "--json").json["answers"] == []
    assert choir("question", "add", "Which?", "--json").json["ref"] == "q2"


def test_an_answer_is_noted_without_a_talk(choir):
    """Whose it is stands first, in one word or several; its day is today or what --at says; undo takes it back."""
    choir("contact", "add", "Ida Berg")
    choir("question", "add", "Which key?", "--for", "@choir")
    undone(choir, "question", "answer", "q1", "rosa", "In G.")
    told = choir("question", "answer", "q1", "Ida", "Berg", "in", "D", "--at", "2025-12-01 12:00", "--json").json
    assert (told["text"], told["asked_at"], told["interaction"]) == ("in D", "2025-12-01T20:00:00Z", None)
    said = choir("question", "answer", "q1", "rosa", "In G.").out
    assert "Rosa c1 on q1 Which key?" in said
    assert "Mon 5 Jan 2026 09:00" in said
    assert choir("contact", "show", "rosa", "--json").json["questions"] == []


def test_an_answer_is_corrected_or_joined_by_another(choir):
    """Again adds another, with a remark how to correct instead; --replace changes the newest and keeps its day."""
    choir("question", "add", "Which key?")
    choir("question", "answer", "q1", "rosa", "In G.", "--at", "2025-12-01 12:00")
    undone(choir, "question", "answer", "q1", "rosa", "In A.", "--replace")
    again = choir("question", "answer", "q1", "rosa", "In A.", "--replace", "--json")
    assert (again.json["text"], again.json["asked_at"]) == ("In A.", "2025-12-01T20:00:00Z")
    assert again.err == ""
    assert "--replace" in choir("question", "answer", "q1", "rosa", "In E.").err
    told = choir("question", "answers", "q1", "--json").json["answers"]
    assert [each["text"] for each in told] == ["In A.", "In E."]


def test_the_answers_show_who_is_still_to_be_asked(choir):
    """Everybody of the audience stands there: answered with text and day, or not yet, archived people left out."""
    choir("question", "add", "Which key?", "--for", "@choir", "--for", "ursula")
    choir("question", "answer", "q1", "tomas", "In G.")
    told = choir("question", "answers", "q1", "--json").json
    assert [each["name"] for each in told["waiting"]] == ["Rosa", "Ursula"]
    assert (told["answered_count"], told["people_count"]) == (1, 3)
    said = choir("question", "answers", "q1").out
    assert "answered 1 of 3" in said
    assert "No answer yet  2" in said
    assert "to-contact, no contact yet" in said
    choir("contact", "archive", "ursula")
    assert [each["name"] for each in choir("question", "answers", "q1", "--json").json["waiting"]] == ["Rosa"]


def test_the_list_tells_how_far_each_question_is(choir):
    """Of a question for somebody: how many of them answered; of one for anybody: how many answers there are."""
    choir("question", "add", "Which key?", "--for", "@choir")
    choir("question", "add", "Which hall?")
    choir("question", "add", "Which day?")
    choir("question", "answer", "q1", "rosa", "In G.")
    choir("question", "answer", "q1", "ursula", "In A.")
    choir("question", "answer", "q2", "ursula", "The old one.")
    told = choir("question", "list", "--json").json["items"]
    counts = [(each["answers_count"], each["answered_count"], each["people_count"]) for each in told]
    assert counts == [(2, 1, 2), (1, 0, 0), (0, 0, 0)]
    said = choir("question", "list").out
    assert "1 of 2" in said


@pytest.mark.parametrize(("columns", "beside"), [(60, False), (80, True), (120, True)])
def test_answers_stand_beside_each_other_where_there_is_room(choir, monkeypatch, columns, beside):
    """Two names share a line on a wide terminal, and not on a narrow one; no word of a long answer is lost."""
    choir("question", "add", "Which key?")
    words = [f"w{number}ord" for number in range(150)]
    choir("question", "answer", "q1", "rosa", " ".join(words))
    choir("question", "answer", "q1", "tomas", "x" * 500)
    monkeypatch.setenv("COLUMNS", str(columns))
    said = choir("question", "answers", "q1").out
    assert any("Rosa" in line and "Tomas" in line for line in said.splitlines()) == beside
    assert max(map(len, said.splitlines())) <= columns
    assert all(said.count(word) == 1 for word in words)
    assert said.count("x") == 500


def test_hostile_answers_break_nothing(choir):
    """Escapes and markup in questions and answers stay text."""
    choir("question", "add", "\x1b[2J[bold]Which?\u202e")
    choir("question", "answer", "q1", "rosa", "[link=x]G\x1b]0;t\x07\nline two")
    for words in (("answers", "q1"), ("list",), ("answer", "q1", "tomas", "\x9b")):
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(choir("question", *words).out)
    assert "[link=x]G" in choir("question", "answers", "q1").out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("answer", "q1"), 2),
        (("answer", "q1", "rosa"), 2),
        (("answer", "q1", "rosa", " "), 2),
        (("answer", "q1", "rosa", "G\udcff"), 2),
        (("answer", "q1", "rosa", "G", "--at", "tomorrow 9:00"), 2),
        (("answer", "q1", "@choir", "G"), 2),
        (("answer", "q1", "nobody", "G"), 3),
        (("answer", "q9", "rosa", "G"), 3),
        (("add", " "), 2),
        (("add", "Who?", "--for", "nobody"), 3),
        (("add", "Who?", "--for", "@nobody"), 3),
        (("add", "Who\udcff"), 2),
        (("edit", "q1"), 2),
        (("edit", "q1", "--text", ""), 2),
        (("edit", "q1", "--text", "New", "--for", "nobody"), 3),
        (("show", "q9"), 3),
        (("close", "t1"), 3),
        (("list", "--for", "nobody"), 3),
    ],
)
def test_a_bad_value_changes_nothing(choir, words, code):
    """The exit code says what was wrong, in one or two lines."""
    before = choir("question", "add", "Which key?", "--json").json
    assert len(choir("question", *words, code=code).err.splitlines()) <= 2
    (after,) = choir("question", "list", "--all", "--json").json["items"]
    assert {key: after[key] for key in before} == before
