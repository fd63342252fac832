"""Whatever people are called and write comes back exactly, and breaks no screen, no JSON and no calendar."""

import re
import shlex
import unicodedata

import icalendar
import pytest

HOSTILE = {
    "line ends": "Ann\r\nEND:VEVENT\nBob",
    "escapes": "\x1b[31mred\x1b]8;;http://x\x1b\\link\x07 \x9b2J",
    "markup": "[bold red]Ann[/bold red] [link=x] :smile:",
    "emoji": "👩‍👩‍👧 Zoë 🇧🇷",
    "right to left": "שרה \u202eevil\u202c علي",
    "long": "x" * 5000 + " " + "é" * 4999,
    "sql": "Robert'); DROP TABLE contact;-- \" ` %s {0}",
    "html": "<script>alert('&amp;')</script>",
    "separators": "a\u2028b\u2029c\u0085d",
    "wide": "山田太郎" * 20,
}
WEEKS = 9
"""So many of a commitment stand in its calendar."""

SCREENS = (
    ["today"],
    ["next", "-n", "20"],
    ["prep", "c1"],
    ["contact", "list"],
    ["contact", "show", "c1"],
    ["organization", "list"],
    ["tag", "list"],
    ["question", "list"],
    ["question", "answers", "q1"],
    ["task", "list"],
    ["interaction", "list"],
    ["interaction", "show", "i1"],
    ["commitment", "list"],
    ["commitment", "show", "m1"],
    ["commitment", "check-ins", "m1"],
    ["hours", "entries"],
    ["review", "list"],
    ["review", "show", "week-2"],
    ["review", "start", "week-2"],
    ["plan", "show"],
    ["week"],
    ["gaps", "--all"],
    ["history"],
    ["reminder", "list"],
    ["reminder", "preview", "--until", "in 2 weeks"],
    ["calendar", "list"],
)


@pytest.fixture(params=HOSTILE.values(), ids=HOSTILE.keys())
def text(request):
    """One hostile text."""
    return request.param


@pytest.fixture
def written(prepared, text):
    """A home in which every field that takes text holds the hostile one."""
    about = ["--organization", text, "--title", text, "--context", text, "--how-to-reach", text]
    commands = [
        ["plan", "start", "2026-01-05"],
        ["plan", "set", "--goal", text, "--partner", text],
        ["contact", "add", text, *about],
        ["contact", "add", "Kim Lee", "--note", text, "--alias", text, "--same-name"],
        ["question", "add", text, "--for", "c1"],
        ["hours", "add", text, "--role", "networking"],
        ["hours", "target", "h1", "5h"],
        ["commitment", "add", text, "2/week", "--accept"],
        ["check-in", "m1", "--note", text],
        ["review", "add", "Week 2", "--weeks", "2", "--text", text],
        ["review", "start", "week-2", "--answer", f"1={text}"],
        ["review", "link", "week-2", "c1"],
        ["log-hours", "45m", "h1", "--at", "today 8:00", "--note", text],
        ["log-contact", "c1", "--kind", "call", "--duration", "30m", "--note", text, "--answer", f"q1={text}"],
        ["task", "add", text, "--due", "today", "--for", "c1"],
        ["schedule", "c1", "tomorrow", "14:30", "--place", text, "--note", text],
    ]
    return prepared(*map(shlex.join, commands))


def test_it_comes_back_exactly(written, text):
    """Each field holds the text to the letter, and an export into another home is the same."""
    document = written("export", "json").json
    contact, other = document["contacts"]
    assert [contact[key] for key in ("name", "organization", "title", "context", "how_to_reach")] == [text] * 5
    assert (other["notes"], other["aliases"]) == (text, [text])
    assert document["plan"]["goal"] == document["questions"][0]["text"] == document["answers"][0]["text"] == text
    assert document["interactions"][0]["note"] == document["check_ins"][0]["note"] == text
    assert document["tasks"][0]["title"] == document["commitments"][0]["title"] == text


@pytest.mark.parametrize("columns", ["40"])
def test_it_breaks_no_screen(written, columns, monkeypatch):
    """No screen lets a control character through, is wider than the terminal, or fails."""
    monkeypatch.setenv("COLUMNS", columns)
    for screen in SCREENS:
        shown = written(*screen).out
        assert not [c for c in shown if c != "\n" and unicodedata.category(c) == "Cc"], screen
        assert not re.search("[\u2028\u2029\u202a-\u202e\u2066-\u2069]", shown), screen


def test_it_breaks_no_reminder_and_no_calendar(written, home):
    """The tick says it in lines of its own, and every calendar parses with as many events as there should be."""
    told = written("reminder", "tick").out
    assert "\x1b" not in told
    written("calendar", "export")
    calendar = icalendar.Calendar.from_ical((home / "calendars" / "all.ics").read_bytes())
    raw = (home / "calendars" / "all.ics").read_bytes()
    assert len(calendar.walk("VEVENT")) == raw.count(b"END:VEVENT\r\n") == 1 + 1 + WEEKS
    assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", raw)
