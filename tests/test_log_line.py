"""One quoted line records a whole chat: it is said back, and nothing in it is guessed."""

import sys
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outreach_support import document, undone
from plan_support import Typed

from crm.actions.line import read_line
from crm.errors import BadValueError

NOW = datetime(2026, 1, 5, 17, tzinfo=UTC)
TZ = ZoneInfo("America/Los_Angeles")
WORDS = ["yesterday", "45m", "coffee", "w/", "with", "from", "jane", "and", "kim", ",", "fri", "14:30", "at", "q1", ";"]
WORDS += [
    "q1:",
    "next:",
    "note:",
    "by",
    "in",
    "2",
    "weeks",
    "1h30",
    "private:",
    "follow-up:",
    "tell her",
    ":",
    "9",
    "&",
]


@pytest.fixture
def people(prepared):
    """Jane and Kim, of whom Jane is in @partners; q1 is for anybody, q2 for @partners; networking has hours."""
    return prepared(
        "contact add 'Jane Roe' --tag partners",
        "contact add 'Kim Lee'",
        "contact add 'May Day'",
        "hours add Networking --role networking",
        "question add 'What would you learn first?'",
        "question add 'What would you skip?' --for @partners",
    )


def test_one_line_records_everything(people):
    """Time, length, kind, people, an answer by whom the question is for, a dated promise, hours; and it says so."""
    line = "yesterday 45m coffee w/ Jane and Kim; q2: learn system design; next: send repo fri"
    result = people("log-contact", line)
    assert "read as: coffee with Jane Roe, Kim Lee, Sun 4 Jan 2026, 45 min" in result.err
    assert "q2 (What would you skip?), answered by Jane Roe: learn system design" in result.err
    assert "you promised: send repo, by Fri 9 Jan 2026" in result.err
    told = document(people)
    (talk,) = told["interactions"]
    jane, kim = (each["uid"] for each in told["contacts"][:2])
    assert (talk["kind"], talk["minutes"], talk["contacts"]) == ("coffee", 45, [jane, kim])
    assert [(each["contact"], each["text"]) for each in told["answers"]] == [(jane, "learn system design")]
    assert [(each["kind"], each["title"], each["due_on"]) for each in told["tasks"]] == [
        ("promise", "send repo", "2026-01-09")
    ]
    assert [each["minutes"] for each in told["time_entries"]] == [45]


@pytest.mark.parametrize(
    ("line", "facts"),
    [
        ("called Jane 20m", {"kind": "call", "minutes": 20, "direction": "out"}),
        ("coffee jane roe yesterday", {"kind": "coffee", "starts_at": "2026-01-04T20:00:00Z"}),
        ("email from Jane yesterday 18:00", {"kind": "email", "direction": "in", "starts_at": "2026-01-05T02:00:00Z"}),
        ("linkedin to jane", {"kind": "linkedin", "direction": "out"}),
        ("w/jane zoom 1 h 30 min", {"kind": "video", "minutes": 90}),
        ("zoom w/ jane fri 9:30 1h30", {"kind": "video", "minutes": 90, "starts_at": "2026-01-02T17:30:00Z"}),
        ("had a coffee with May yesterday at Cafe Luna", {"kind": "coffee", "place": "Cafe Luna"}),
        ("mock interview with jane 1h", {"kind": "mock-interview", "minutes": 60}),
        (
            "coffee with jane; talked about: kafka; note: bring the book",
            {"note": "talked about: kafka; bring the book"},
        ),
        ("text to jane; place: the lab", {"kind": "message", "place": "the lab"}),
        ("linkedin message to jane", {"kind": "linkedin", "direction": "out"}),
        ("phone call w/ jane", {"kind": "call"}),
        ("yesterday: 1h call with Jane", {"kind": "call", "minutes": 60}),
        ("45m coffee at Blue Bottle w/ jane", {"kind": "coffee", "place": "Blue Bottle", "minutes": 45}),
        ("met jane for coffee", {"kind": "coffee"}),
        ("Yesterday, I had coffee with Jane for 45 minutes", {"kind": "coffee", "minutes": 45}),
    ],
)
def test_a_line_says_what_it_says(people, line, facts):
    """Kinds in everyday words, `from` for the other side, a place behind `at`, other parts as notes."""
    told = people("log-contact", line, "--json").json["interaction"]
    assert {name: told[name] for name in facts} == facts


def test_a_day_alone_behind_next_is_a_follow_up(people):
    """With something before the day it is a promise; `by` may stand between."""
    told = people("log-contact", "call w/ jane; next: in 2 weeks; next: read it by 3 feb", "--json").json["tasks"]
    assert [(each["kind"], each["title"], each["due_on"]) for each in told] == [
        ("follow-up", "Follow up with Jane Roe", "2026-01-19"),
        ("promise", "read it", "2026-02-03"),
    ]


def test_an_answer_belongs_to_whom_the_line_names(people):
    """A name behind the question's id says whose it is; nobody else's answer is written."""
    people("log-contact", "coffee w/ jane and kim; q1 kim: calculus")
    told = document(people)
    (answer,) = told["answers"]
    assert answer["contact"] == told["contacts"][1]["uid"]
    people("log-contact", "coffee w/ jane; q1 kim: calculus", code=2)


def test_an_answer_that_nobody_is_named_for_stands_for_all(people):
    """A question for anybody, answered among several: it is kept for each, and a remark says so."""
    told = people("log-contact", "coffee w/ jane and kim; q1: calculus", "--json").json
    assert len(told["answers"]) == 2
    assert any("stands for Jane Roe and Kim Lee alike" in each for each in told["warnings"])


def test_options_and_line_go_together(people):
    """What the line leaves open an option may say; saying it twice is refused."""
    assert people("log-contact", "coffee w/ jane", "--place", "Luna", "--json").json["interaction"]["place"] == "Luna"
    assert "both say: kind" in people("log-contact", "coffee w/ jane", "--kind", "call", code=2).err


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("yesterday 45m coffee", 2, "does not say with whom"),
        ("coffee w/ jane 5", 2, "5h or 5m"),
        ("20m call w/ jane 30m", 2, "a second duration"),
        ("lunhc w/ jane", 2, 'cannot read "lunhc"'),
        ("coffee w/ nobody", 3, "nobody is called"),
        ("coffee w/ jane; q9: x", 3, "q9"),
        ("coffee w/ jane; q1:", 2, "no answer behind the colon"),
        ("coffee w/ jane; next: send it", 2, "does not say by when"),
        ("coffee w/ jane; q1: sums, q2 jane: signs", 2, "put a semicolon before it"),
        ("coffee w/ jane; next: send it yesterday", 2, "has passed"),
        ("coffee w/ jane; note: a; private: b", 2, "not both"),
        ("coffee w/ jane tomorrow 9:00", 2, "still to come"),
        ("coffee w/ jane; next:", 2, "nothing behind"),
        ("coffee w/ jane; " + "x" * 6000, 2, "longer than"),
        ("Jane Doh", 3, "nobody is called"),
    ],
)
def test_what_cannot_be_read_is_said_and_nothing_written(people, line, code, said):
    """The message names the part, and the database is as it was."""
    before = document(people)
    result = people("log-contact", line, code=code)
    assert said in result.err
    assert document(people) == before


def test_an_ambiguous_name_in_a_line_is_never_guessed(people):
    """Two Janes: exit 4 with both, and nothing is written."""
    people("contact", "add", "Jane Poe")
    before = document(people)
    assert len(people("log-contact", "coffee w/ jane", "--json", code=4).error["candidates"]) == 2
    assert document(people) == before


def test_two_names_in_one_argument_are_two_people(people):
    """Quoted together or not, `and` and commas part them."""
    told = people("log-contact", "Jane Roe and Kim", "--kind", "coffee", "--json").json
    assert [each["name"] for each in told["contacts"]] == ["Jane Roe", "Kim Lee"]


def test_an_answer_to_a_message_is_no_double_of_it(people):
    """Out and in within a minute are two."""
    people("log-contact", "jane", "--kind", "message")
    told = people("log-contact", "jane", "--kind", "message", "--direction", "in", "--json").json
    assert not any("double" in each for each in told["warnings"])


def test_a_name_that_looks_like_a_line_is_a_name(people):
    """Somebody called so is meant, not a message with nobody."""
    people("contact", "add", "Coffee with Ann")
    told = people("log-contact", "Coffee with Ann", "--json").json
    assert [each["name"] for each in told["contacts"]] == ["Coffee with Ann"]
    assert told["interaction"]["kind"] == "other"


def test_on_a_terminal_the_reading_is_confirmed(people, monkeypatch):
    """A no writes nothing; whose answer it was is asked."""
    before = document(people)
    monkeypatch.setattr(sys, "stdin", Typed("n\n"))
    people("log-contact", "coffee w/ jane", code=130)
    assert document(people) == before
    monkeypatch.setattr(sys, "stdin", Typed("2\ny\n"))
    people("log-contact", "coffee w/ jane and kim; q1: calculus")
    told = document(people)
    assert [each["contact"] for each in told["answers"]] == [told["contacts"][1]["uid"]]


def test_undo_takes_the_whole_line_back(people):
    """Talk, answer, promise and hours in one step."""
    undone(people, "log-contact", "45m coffee w/ jane; q1: x; next: send it fri; next: in 3 weeks")


def test_hostile_text_in_a_line_is_harmless(people):
    """Escapes and markup come back as text, on the screen without effect and in the document exactly."""
    note = "\x1b[31mred [bold]x[/] \u202e"
    result = people("log-contact", f"coffee w/ jane; note: {note}")
    assert "\x1b[31m" not in result.err + result.out
    assert "\u202e" not in result.err + result.out
    assert document(people)["interactions"][0]["note"] == note.strip()


@given(st.lists(st.sampled_from(WORDS) | st.text(max_size=8), max_size=14).map(" ".join))
def test_any_line_is_read_or_refused(text):
    """Whatever is typed gives names and facts, or one clear refusal."""
    try:
        line = read_line(text, now=NOW, tz=TZ)
    except BadValueError:
        return
    assert line.who
    assert all(line.who)
