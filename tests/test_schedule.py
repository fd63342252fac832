"""Planning a chat: who and when in one breath, unquoted."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outreach_support import ZONES, contact, document, undone

from crm.actions.phrases import who_and_when
from crm.dates import parse_when
from crm.errors import BadValueError

NOW = datetime(2026, 1, 5, 17, tzinfo=UTC)
PACIFIC = ZoneInfo("America/Los_Angeles")

name = st.sampled_from(["jane", "roe", "Kim", "@partners", "c4", "April", "May", "Sun", "de", "la"])
names = st.lists(name, min_size=1, max_size=3)
times = st.sampled_from(
    ["fri 14:30", "tomorrow 9:00", "tomorrow at noon", "2026-02-03 10:00", "3 feb 9am", "in 2 hours", "next tue 8:15"]
)


@pytest.fixture
def people(prepared):
    """Jane, Kim, and two people whose names are also times."""
    return prepared(*(f"contact add '{name}'" for name in ("Jane Roe", "Kim Lee", "May Chen", "Sun Park")))


@given(names, times)
def test_the_longest_ending_that_is_a_time_is_when(who, when):
    """Whatever the names are, the time behind them is read, and the names are left as they were typed."""
    split = who_and_when([*who, *when.split()], now=NOW, tz=PACIFIC)
    assert list(split.who) == who
    assert split.when == parse_when(when, now=NOW, tz=PACIFIC)


@given(st.lists(st.text(min_size=1, max_size=8), max_size=6))
def test_words_of_any_kind_are_read_or_refused(words):
    """No words crash the reading: it ends in a split with somebody in it, or in a clear refusal."""
    try:
        split = who_and_when(words, now=NOW, tz=PACIFIC)
    except BadValueError:
        return
    assert split.who
    assert list(split.who) == words[: len(split.who)]


@pytest.mark.parametrize(
    ("words", "names", "starts_at"),
    [
        ("jane fri 14:30", ["Jane Roe"], "2026-01-09T22:30:00Z"),
        ("jane roe kim lee tomorrow at 9am", ["Jane Roe", "Kim Lee"], "2026-01-06T17:00:00Z"),
        ("may chen may 5 10:00", ["May Chen"], "2026-05-05T17:00:00Z"),
        ("sun park sun 10:00", ["Sun Park"], "2026-01-11T18:00:00Z"),
        ("c1 in 2 hours", ["Jane Roe"], "2026-01-05T19:00:00Z"),
        ("jane 2026-03-08 02:30", ["Jane Roe"], "2026-03-08T10:30:00Z"),
    ],
)
def test_a_chat_is_planned(people, words, names, starts_at):
    """The chat is planned with those named at the time named; a time that the clock skips moves forward."""
    told = people("schedule", *words.split(), "--kind", "video", "--duration", "30m", "--place", "Luna", "--json").json
    it = told["interaction"]
    assert (it["state"], it["kind"], it["minutes"], it["place"]) == ("planned", "video", 30, "Luna")
    assert it["starts_at"] == starts_at
    assert [each["name"] for each in told["contacts"]] == names
    assert {each["stage"] for each in told["contacts"]} == {"scheduled"}
    assert told["warnings"] == []


def test_names_and_times_may_be_quoted(people):
    """Quotation marks change nothing."""
    told = people("schedule", "Jane Roe", "next tue 14:30", "--json").json
    assert told["interaction"]["starts_at"] == "2026-01-13T22:30:00Z"


@pytest.mark.parametrize("zone", ZONES)
def test_the_time_is_the_persons_wall_time(people, monkeypatch, zone):
    """Friday 14:30 is meant where the person is, and is said back with its weekday."""
    monkeypatch.setenv("CRM_TIMEZONE", zone)
    expected = {
        "America/Los_Angeles": "2026-01-09T22:30:00Z",
        "Pacific/Apia": "2026-01-09T01:30:00Z",
        "Asia/Kathmandu": "2026-01-09T08:45:00Z",
    }[zone]
    assert people("schedule", "jane", "fri", "14:30", "--json").json["interaction"]["starts_at"] == expected
    assert "Fri 9 Jan 2026 14:30" in people("schedule", "kim", "fri", "14:30").out


def test_the_stage_does_not_go_back(people):
    """Somebody met stays met when the next chat is planned."""
    people("log-contact", "jane", "--kind", "coffee")
    people("schedule", "jane", "fri", "14:30")
    assert contact(people, "Jane Roe")["stage"] == "met"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("jane fri", 2, "what time on Fri 9 Jan 2026"),
        ("jane tomorrow", 2, "what time"),
        ("jane 2026-01-05 8:59", 2, "crm log-contact"),
        ("jane yesterday 9:00", 2, "has passed"),
        ("jane yesterday", 2, "Sun 4 Jan 2026 has passed"),
        ("jane roe last fri", 2, "crm log-contact jane roe --at 'last fri'"),
        ("jane fri 14:30 --kind cofee", 2, "did you mean coffee?"),
        ("jane", 2, "crm schedule"),
        ("jane kim", 2, "crm schedule"),
        ("jane 1/2 10:00", 2, "1 feb or 2 jan"),
        ("jane 2026-02-30 10:00", 2, "30 February"),
        ("jane feb 30 10:00", 2, "30 February"),
        ("jane fri 5 jan 10:00", 2, "no Friday"),
        ("nobody fri 10:00", 3, "nobody"),
        ("fri 10:00", 3, "fri"),
        ("@nobody fri 10:00", 3, "@nobody"),
    ],
)
def test_what_cannot_be_planned_is_said_and_changes_nothing(people, words, code, said):
    """The message names what is wrong, the time where the time is, and the database is as it was."""
    before = document(people)
    assert said in people("schedule", *words.split(), code=code).err
    assert document(people) == before


def test_a_chat_at_the_same_time_is_only_warned_of(people):
    """Overlapping chats are planned all the same; the other one is named."""
    people("schedule", "kim", "fri", "14:00", "--kind", "coffee", "--duration", "45m")
    told = people("schedule", "jane", "fri", "14:30", "--json").json
    assert "coffee with Kim Lee, Fri 9 Jan 2026 14:00" in told["warnings"][0]
    assert len(document(people)["interactions"]) == 2


@pytest.mark.parametrize("when", ["fri 14:45", "fri 13:29"])
def test_a_chat_before_or_after_is_no_clash(people, when):
    """Chats that touch no minute of each other are planned without a word; one without a length takes an hour."""
    people("schedule", "kim", "fri", "14:00", "--duration", "45m")
    told = people("schedule", "jane", *when.split(), "--duration", "31m", "--json").json
    assert told["warnings"] == []


def test_a_second_chat_with_the_same_person_is_pointed_out(people):
    """Perhaps the first one was to be moved: it is named, and how to move it."""
    people("schedule", "jane", "fri", "14:00")
    told = people("schedule", "jane", "kim", "sat", "14:00", "--json").json
    assert "crm interaction edit" in told["warnings"][0]


@pytest.mark.parametrize("kind", [["--kind", "coffee"], []])
def test_the_same_chat_twice_is_planned_and_said(people, kind):
    """The one that is there already is named once, and how to take the second back."""
    people("schedule", "jane", "fri", "14:30", "--kind", "coffee")
    (warning,) = people("schedule", "jane", "fri", "14:30", *kind, "--json").json["warnings"]
    assert "planned already: i1 coffee with Jane Roe" in warning
    assert "crm undo" in warning
    assert len(document(people)["interactions"]) == 2
    people("undo")
    assert len(document(people)["interactions"]) == 1


def test_a_source_keeps_its_stage(people):
    """A chat with a source is planned with a remark on how to make a person of it."""
    people("contact", "add", "Ray Fu", "--kind", "source")
    told = people("schedule", "ray", "jane", "fri", "14:30", "--json").json
    assert told["warnings"] == [
        "Ray Fu is noted as a source; to make them a person: crm contact edit ray --kind person"
    ]
    assert [each["stage"] for each in told["contacts"]] == ["to-contact", "scheduled"]


def test_planning_can_be_taken_back(people):
    """After undo nothing is left of it, the stage included."""
    undone(people, "schedule", "jane", "kim", "fri", "14:30", "--note", "about tools")


def test_what_comes_next_is_said(people):
    """The screen names the commands before and after the chat."""
    out = people("schedule", "jane", "kim", "fri", "14:30", "--kind", "coffee", "--duration", "30m").out
    assert "Planned coffee with Jane Roe" in out
    assert "crm prep jane" in out
    assert 'After it: crm log-contact jane kim --kind coffee --duration 30m --note "..."' in out


def test_a_chat_of_no_kind_is_called_a_chat(people):
    """The word `other` is for options only: the screens, the day and the history say chat."""
    assert "Planned chat with Jane Roe" in people("schedule", "jane", "tomorrow", "14:30").out
    assert "chat with Jane Roe" in people("today").out
    for words in (["today"], ["interaction", "list"], ["history"], ["prep", "jane"], ["interaction", "show", "i1"]):
        assert "other" not in people(*words).out


def test_another_chat_with_them_is_named_by_its_id(people):
    """The command that moves it says which one."""
    people("schedule", "jane", "fri", "14:30")
    told = people("schedule", "jane", "next", "tue", "9:00", "--json").json
    assert "(move it: crm interaction edit i1 --at WHEN)" in told["warnings"][0]
