"""Questions: whom they are for, and what people answered."""

import pytest


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


@pytest.mark.parametrize(
    ("words", "code"),
    [
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
    assert choir("question", "list", "--all", "--json").json == {"items": [before]}
