"""A review's form: its questions, answers that are kept at once, and priorities that become tasks."""

import pytest
from plan_support import Typed, document, undone

from crm.actions.review_form import own_questions, parse_answers, priorities
from crm.errors import BadValueError

START = (
    "review add 'Week 2' --weeks 2",
    "review add 'Month 1' --months 1 --text 'Major review—is the plan working? Adjust as needed'",
    "plan start 2026-01-05",
)
LATER = "2026-01-19T17:00:00Z"
LAST = 5


@pytest.fixture
def plan(prepared):
    """Two reviews; the second one's text asks something."""
    return prepared(*START)


def form(crm, name="week-2"):
    """The form's answers by number, without those not given."""
    told = crm("review", "start", name, "--json").json["form"]
    return {each["number"]: each["answer"] for each in told if each["answer"]}


def typed(monkeypatch, *lines):
    """A person who types these lines."""
    monkeypatch.setattr("sys.stdin", Typed("".join(f"{line}\n" for line in lines)))


# Its questions


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Major review—is the plan working? Adjust as needed", ["Is the plan working?"]),
        ("Check progress. What is\nmissing? why?", ["Missing?", "Why?"]),
        ("Same? Same? ?? - ?", ["Same?"]),
        ("Redo Parts 2-3", []),
        ("", []),
    ],
)
def test_a_reviews_own_text_asks(text, asked):
    """What ends in a question mark is a question of its own, once."""
    assert own_questions(text) == asked


def test_a_form_asks_its_own_questions_first(plan):
    """Then four that fit any review, and last what comes first now."""
    asked = [each["question"] for each in plan("review", "start", "month-1", "--json").json["form"]]
    assert asked[0] == "Is the plan working?"
    assert asked[-1] == "What comes first until the next review?"
    assert len(asked) == 1 + 4 + 1
    assert len(plan("review", "start", "week-2", "--json").json["form"]) == LAST


def test_an_endless_text_asks_little(plan):
    """Many and long questions are cut, and the screen stays whole."""
    plan("review", "edit", "week-2", "--text", "Why " * 5000 + "?" + " \x1b[31mReally{}? ".join(map(str, range(50))))
    found = plan("review", "start", "week-2", "--json").json["form"]
    assert len(found) == 5 + LAST
    assert max(len(each["question"]) for each in found) <= 200
    assert "\x1b" not in plan("review", "start", "week-2").out


# Answers


def test_answers_are_kept_and_can_be_gone_on_with(plan):
    """By number, one at a time or several; the others stay, and the start is noted once."""
    told = plan(
        "review", "start", "week-2", "--answer", "1=Mornings = good", "--answer", "3= Less\nis more ", "--json"
    ).json
    assert told["started_at"] == "2026-01-05T17:00:00Z"
    assert form(plan) == {1: "Mornings = good", 3: "Less\nis more"}
    again = plan("review", "start", "week-2", "--answer", "2=Evenings", "--json", now=LATER).json
    assert again["started_at"] == "2026-01-05T17:00:00Z"
    assert [each["text"] for each in again["answers"]] == ["Mornings = good", "Less\nis more", "Evenings"]
    assert again["completed_at"] is None
    assert "Evenings" in plan("review", "show", "week-2").out


def test_an_answer_is_replaced_and_taken_back(plan):
    """The same number again; a blank answer takes it back."""
    plan("review", "start", "week-2", "--answer", "1=Mornings")
    plan("review", "start", "week-2", "--answer", "1=Evenings")
    assert form(plan) == {1: "Evenings"}
    plan("review", "start", "week-2", "--answer", "1= ")
    assert form(plan) == {}


def test_answers_outlive_their_question(plan):
    """An answer whose question is no longer in the review's text is still in the form."""
    plan("review", "start", "month-1", "--answer", "1=It works")
    plan("review", "edit", "month-1", "--text", "Look back")
    assert form(plan, "month-1") == {LAST: "It works"}


@pytest.mark.parametrize("answer", ["Mornings", "=x", "0=x", "9=x", "1000=x", "1=a\0b", "1=\udcff"])
def test_what_is_no_answer_is_refused(plan, answer):
    """Without a number, with one that is not in the form, or with what cannot be stored: nothing is written."""
    plan("review", "start", "week-2", "--answer", "2=fine", "--answer", answer, code=2)
    told = plan("review", "show", "week-2", "--json").json
    assert (told["started_at"], told["answers"]) == (None, [])


def test_several_answers_to_one_question_are_its_lines():
    """As one types priorities in a script."""
    assert parse_answers(["5=Ship it", "1=a", "5=Rest"]) == {5: "Ship it\nRest", 1: "a"}
    with pytest.raises(BadValueError):
        parse_answers(["5 Ship it"])


@pytest.mark.parametrize("words", [("start", "week-2"), ("start", "week-2", "--answer", "1=x", "--answer", "5=y")])
def test_starting_can_be_undone(plan, words):
    """With its answers."""
    undone(plan, "review", *words)


def test_the_document_keeps_answers(plan, home, move):
    """Read into an empty home they are there again."""
    plan("review", "start", "week-2", "--answer", "1=Mornings", "--answer", "5=Ship it")
    before, path = document(plan)["reviews"], home.with_name("all.json")
    plan("export", "json", "-o", str(path))
    move("other")
    plan("import", str(path))
    assert document(plan)["reviews"] == before


# On a terminal


def test_a_person_is_asked_one_question_after_the_other(plan, monkeypatch):
    """Enter skips, a line that cannot be kept is asked again, priorities end with Enter, and then it is completed."""
    typed(monkeypatch, "Mornings", "", "a\0b", "Less", "", "Ship it", "Rest", "", "y")
    said = plan("review", "start", "week-2")
    assert "Hours: 0 min" in said.out
    assert "1 of 5  What went well?" in said.err
    assert "NUL" in said.err
    told = plan("review", "show", "week-2", "--json").json
    assert [each["text"] for each in told["answers"]] == ["Mornings", "Less", "Ship it\nRest"]
    assert told["completed_at"] is not None


def test_who_stops_loses_nothing(plan, monkeypatch):
    """What was answered before the input ended is kept, and the way on is named; then Enter keeps what is there."""
    typed(monkeypatch, "Mornings", "Evenings")
    assert "crm review start week-2" in plan("review", "start", "week-2", code=130).err
    assert form(plan) == {1: "Mornings", 2: "Evenings"}
    typed(monkeypatch, "", "Nights", "", "", "", "n")
    assert "(so far) Mornings" in plan("review", "start", "week-2").err
    assert form(plan) == {1: "Mornings", 2: "Nights"}
    assert plan("review", "show", "week-2", "--json").json["completed_at"] is None


def test_an_empty_form_is_not_completed(plan, monkeypatch):
    """Who only presses Enter is not asked whether it is complete."""
    typed(monkeypatch, *[""] * LAST)
    assert "Nothing was written" in plan("review", "start", "week-2").err


def test_nobody_is_asked_elsewhere(plan, monkeypatch):
    """With --yes, --json or no terminal the form is shown, with how to answer."""
    typed(monkeypatch, "x")
    assert '--answer "1=TEXT"' in plan("review", "start", "week-2", "--yes").out
    assert form(plan) == {}


# Completing


def test_answers_are_enough_to_complete(plan):
    """No note is asked for then; one that is given is kept besides."""
    plan("review", "start", "week-2", "--answer", "1=Mornings")
    told = plan("review", "complete", "week-2", "--json", now=LATER).json
    assert (told["note"], told["completed_at"], told["tasks"]) == (None, LATER, [])
    plan("undo")
    assert plan("review", "complete", "week-2", "--note", "Fine", "--json").json["note"] == "Fine"


def test_a_started_review_is_not_completed_empty(plan):
    """Neither with no answer, nor with a blank note."""
    plan("review", "start", "week-2")
    assert "crm review start week-2" in plan("review", "complete", "week-2", code=2).err
    plan("review", "start", "week-2", "--answer", "1=Mornings")
    plan("review", "complete", "week-2", "--note", " ", code=2)


def test_a_completed_review_is_not_written_on(plan):
    """It is refused, and what one can do with it is named."""
    plan("review", "complete", "week-2", "--note", "Fine")
    before = document(plan)
    assert "crm review report week-2" in plan("review", "start", "week-2", code=5).err
    plan("review", "start", "week-2", "--answer", "1=x", code=5)
    assert document(plan) == before


def test_priorities_become_tasks_for_the_next_review(plan):
    """Each line one, due on its day and linked to it; bullets, boxes and doubles go; all of it is one undo."""
    plan("review", "start", "week-2", "--answer", "5=- [ ] Ship it\n2. Rest\n\n* Ship it")
    undone(plan, "review", "complete", "week-2")
    told = plan("review", "complete", "week-2", "--json", now=LATER).json
    assert [(each["title"], each["due_on"]) for each in told["tasks"]] == [
        ("Ship it", "2026-02-05"),
        ("Rest", "2026-02-05"),
    ]
    links = plan("review", "show", "month-1", "--json").json["links"]
    assert [each["task"] for each in links] == [each["uid"] for each in told["tasks"]]


def test_a_task_that_is_there_is_not_made_again(plan):
    """By its short id or its title; it keeps its own day."""
    plan("task", "add", "Ship it", "--due", "2026-01-30")
    plan("task", "add", "Rest")
    plan("review", "start", "week-2", "--answer", "5=T1\nrest\nSleep")
    assert form(plan)[LAST] == "Ship it\nrest\nSleep"
    plan("review", "complete", "week-2")
    assert [(each["title"], each["due_on"]) for each in document(plan)["tasks"]] == [
        ("Ship it", "2026-01-30"),
        ("Rest", None),
        ("Sleep", "2026-02-05"),
    ]
    assert len(plan("review", "show", "month-1", "--json").json["links"]) == 3


def test_a_priority_may_say_by_when(plan):
    """As a promise does; that day is its own, said back, and given to a task that is there; what is no day is title."""
    plan("task", "add", "Ship it", "--due", "2026-01-30")
    plan("task", "add", "Call Ann by fri")
    lines = (
        "Finish DDPG by 2026-01-23",
        "t1 by sun",
        "Read the paper by Smith",
        "Rest by 2026-01-01",
        "Call Ann by fri",
    )
    plan("review", "start", "week-2", *(word for line in lines for word in ("--answer", f"5={line}")))
    assert "by Fri 23 Jan 2026" in plan("review", "complete", "week-2", now=LATER).out
    assert [(each["title"], each["due_on"]) for each in document(plan)["tasks"]] == [
        ("Ship it", "2026-01-25"),
        ("Call Ann by fri", None),
        ("Finish DDPG", "2026-01-23"),
        ("Read the paper by Smith", "2026-02-05"),
        ("Rest by 2026-01-01", "2026-02-05"),
    ]
    plan("undo")
    assert document(plan)["tasks"][0]["due_on"] == "2026-01-30"


def test_completing_with_blanks_says_what_was_left_out(plan):
    """How many questions are blank, that nothing was made to come first, and the command; a note alone says nothing."""
    plan("review", "start", "week-2", "--answer", "1=Mornings")
    told = plan("review", "complete", "week-2")
    assert "4 of 5 questions are blank, and nothing was put first until the next review" in told.err
    assert "crm undo" in told.err
    assert "crm review start week-2" in told.err
    plan("review", "start", "month-1", "--answer", "1=a", "--answer", "6=Rest")
    assert "4 of 6 questions are blank; to" in plan("review", "complete", "month-1").err


@pytest.mark.parametrize(("answer", "code"), [("5=t9", 3), ("5=" + "\n".join("abcdefghijk"), 2)])
def test_priorities_are_few_and_real(plan, answer, code):
    """A task that is not there and more than ten are refused."""
    plan("review", "start", "week-2", "--answer", answer, code=code)


def test_priorities_are_not_for_a_review_whose_day_has_passed(plan):
    """They are for the next one that is still to come; two that differ in case only are one."""
    plan("review", "add", "Month 3", "--months", "3")
    plan("review", "start", "week-2", "--answer", "5=Rest\nrest")
    told = plan("review", "complete", "week-2", "--json", now="2026-02-10T17:00:00Z").json
    assert [(each["title"], each["due_on"]) for each in told["tasks"]] == [("Rest", "2026-04-05")]
    assert len(plan("review", "show", "month-3", "--json").json["links"]) == 1


def test_what_is_still_open_is_named_when_priorities_are_asked_for(plan, monkeypatch):
    """Tasks that were linked to this review and are not done, by their short id."""
    plan("task", "add", "Ship it")
    plan("review", "link", "week-2", "t1")
    typed(monkeypatch, "", "", "", "", "t1", "", "n")
    assert "(still open) t1 Ship it" in plan("review", "start", "week-2").err
    assert form(plan) == {LAST: "Ship it"}


def test_after_the_last_review_priorities_are_tasks_all_the_same(plan):
    """Without a day, and the command that adds a review is named."""
    plan("review", "start", "month-1", "--answer", "6=Rest")
    assert "crm review add" in plan("review", "complete", "month-1").out
    assert [(each["title"], each["due_on"]) for each in document(plan)["tasks"]] == [("Rest", None)]
    assert document(plan)["review_links"] == []


@pytest.mark.parametrize(
    ("line", "kept"),
    [("-5 degrees", "-5 degrees"), ("1.5 h a day", "1.5 h a day"), ("[x](url)", "[x](url)"), ("  * [X]  a  ", "a")],
)
def test_only_marks_of_a_list_go(line, kept):
    """A number or a link at the beginning of a line is no mark."""
    assert priorities(line) == [kept]
