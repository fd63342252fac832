"""The time log entry by entry: listed, changed and removed; what a chat brought is changed with the chat."""

import pytest
from plan_support import Typed, document, undone

SET_UP = (
    "hours add 'Building projects' --role projects",
    "hours add 'Reading/research' --role reading",
    "hours add 'Community/networking' --role networking",
    "log-hours 1h30 reading --at '2026-01-03 10:00' --note 'two papers'",
    "log-hours 2h projects --at '2026-01-04 23:30'",
)


@pytest.fixture
def logged(prepared):
    """Three activities, and two entries on Saturday and late on Sunday: e1 and e2."""
    return prepared(*SET_UP)


@pytest.fixture
def chatted(prepared):
    """The same, and a coffee on Monday that brought e3."""
    return prepared(*SET_UP, "contact add 'Jane Roe'", "log-contact 'Jane Roe' --kind coffee --duration 45m --at 8:00")


def refs(crm, *arguments):
    """The short ids that are listed."""
    return [each["ref"] for each in crm("hours", "entries", *arguments, "--json").json["items"]]


def test_the_list_has_the_newest_last(logged):
    """In the order they began, whenever they were written down, and with all of their time."""
    logged("log-hours", "1h", "projects", "--at", "2026-01-01 9:00")
    assert refs(logged) == ["e3", "e1", "e2"]
    assert logged("hours", "entries", "--json").json["minutes"] == 270
    printed = logged("hours", "entries").out
    assert "Sat 3 Jan 2026 10:00" in printed
    assert "two papers" in printed
    assert "3 entries, 4 h 30 min in all." in printed


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ((), ["e1", "e2"]),
        (("reading",), ["e1"]),
        (("building", "projects"), ["e2"]),
        (("--from", "2026-01-04"), ["e2"]),
        (("--to", "2026-01-03"), ["e1"]),
        (("--from", "2026-01-04", "--to", "2026-01-04"), ["e2"]),
        (("--from", "2026-01-05"), []),
        (("reading", "--from", "2026-01-04"), []),
    ],
)
def test_the_list_is_narrowed_by_activity_and_days(logged, arguments, found):
    """An entry belongs to the local day it began on, and both days given are included."""
    assert refs(logged, *arguments) == found


def test_days_the_wrong_way_round_are_refused(logged):
    """No list is empty only because its days were swapped."""
    assert "--from" in logged("hours", "entries", "--from", "2026-01-04", "--to", "2026-01-03", code=2).err


def test_an_empty_list_says_what_to_type(crm, logged):
    """Where nothing is logged, the next command is named."""
    assert "crm log-hours" in crm("hours", "entries", "--from", "2026-01-05").out


def test_a_long_list_is_cut_and_says_so(logged, tmp_path):
    """The last thirty are shown, with how to see all; a script gets them all."""
    lines = [f"{day},2025-12-{day:02} 09:00:00,2025-12-{day:02} 09:15:00,reading,\n" for day in range(1, 32)]
    (tmp_path / "log.csv").write_text("id,start,stop,project,tags\n" + "".join(lines))
    logged("hours", "import", str(tmp_path / "log.csv"))
    printed = logged("hours", "entries").out
    assert "The last 30 of 33; all of them: --all" in printed
    assert len([line for line in printed.splitlines() if line.startswith("e")]) == 30
    assert "Sun 4 Jan 2026 23:30" in printed
    assert "--all" not in logged("hours", "entries", "--all").out
    assert len(refs(logged)) == 33


@pytest.mark.parametrize("columns", ["40", "80", "120"])
def test_the_list_fits(logged, monkeypatch, columns):
    """No line is wider than the terminal, whatever a note holds."""
    monkeypatch.setenv("COLUMNS", columns)
    logged("log-hours", "15m", "reading", "--note", "[bold]\x1b[31m\u202e" + "very long " * 100)
    printed = logged("hours", "entries").out
    assert max(map(len, printed.splitlines())) <= int(columns)
    assert not {"\x1b", "\u202e"} & set(printed)


@pytest.mark.parametrize(
    ("arguments", "change"),
    [
        (("--duration", "2h"), {"minutes": 120}),
        (("--at", "2026-01-02 9:00"), {"started_at": "2026-01-02T17:00:00Z"}),
        (("--at", "fri"), {"started_at": "2026-01-02T18:00:00Z"}),
        (("--note", "three papers"), {"note": "three papers"}),
        (("--note", ""), {"note": None}),
    ],
)
def test_an_entry_is_changed(logged, arguments, change):
    """What is given changes, a day alone keeps the time of day, and the rest stays as it was."""
    (before,) = logged("hours", "entries", "reading", "--json").json["items"]
    after = logged("hours", "edit", "e1", *arguments, "--json").json
    moving = {"revision": before["revision"] + 1, "updated_at": after["updated_at"]}
    assert after == before | change | moving


def test_an_entry_moves_to_another_activity(logged):
    """What was logged on the wrong activity is put right, and the new one is said back."""
    assert "e1 is now 1 h 30 min of Building projects from Sat 3 Jan 2026 10:00." in (
        logged("hours", "edit", "e1", "--activity", "projects").out
    )
    assert refs(logged, "projects") == ["e1", "e2"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("e1",), 2),
        (("e1", "--duration", "2"), 2),
        (("e1", "--at", "2026-01-06 9:00"), 2),
        (("e1", "--note", "a\0b"), 2),
        (("e1", "--activity", "cooking"), 3),
        (("e99", "--note", "x"), 3),
        (("t1", "--note", "x"), 3),
    ],
)
def test_a_bad_change_changes_nothing(logged, arguments, code):
    """Nothing to change, a start to come, or what is not there: the log stays as it was."""
    before = document(logged)
    logged("hours", "edit", *arguments, code=code)
    assert document(logged) == before


def test_an_entry_is_removed(logged):
    """It is gone from the list, what it was is said back, and undo brings it back."""
    assert "Removed e1: 1 h 30 min of Reading/research from Sat 3 Jan 2026 10:00." in (
        logged("hours", "remove", "e1").out
    )
    assert refs(logged) == ["e2"]
    logged("undo")
    assert refs(logged) == ["e1", "e2"]


def test_a_person_is_asked_before_an_entry_goes(logged, monkeypatch):
    """On a terminal a no keeps it."""
    monkeypatch.setattr("sys.stdin", Typed("n\n"))
    assert "1 h 30 min of Reading/research" in logged("hours", "remove", "e1", code=130).err
    assert refs(logged) == ["e1", "e2"]


@pytest.mark.parametrize("command", [("edit", "e3", "--duration", "1h"), ("remove", "e3")])
def test_the_time_of_a_chat_is_changed_with_the_chat(chatted, command):
    """An entry that a logged chat brought is refused, and the commands for the chat are named."""
    before = document(chatted)
    error = chatted("hours", *command, "--json", code=5).error
    assert "crm interaction edit i1 --duration" in error["message"]
    assert "crm interaction remove i1" in error["message"]
    assert document(chatted) == before
    assert "chat i1" in chatted("hours", "entries").out
    chatted("interaction", "edit", "i1", "--duration", "1h")
    assert chatted("hours", "entries", "networking", "--json").json["minutes"] == 60


@pytest.mark.parametrize("command", [("edit", "e3", "--duration", "1h"), ("remove", "e3")])
def test_a_running_timer_is_stopped_first(logged, command):
    """What is being timed is no entry to mend yet."""
    logged("timer", "start", "reading")
    assert "crm timer stop" in logged("hours", *command, code=5).err
    assert "runs, 45 min" in logged("hours", "entries", now="2026-01-05T17:45:00Z").out


@pytest.mark.parametrize(
    "command", [("hours", "edit", "e1", "--duration", "2h", "--at", "fri", "--note", ""), ("hours", "remove", "e2")]
)
def test_mending_can_be_undone(logged, command):
    """Undo brings the log back to what it was."""
    undone(logged, *command)


def test_shares_that_do_not_add_up_are_told_where_they_are_set(logged):
    """Setting a share says what all of them come to, until it is 100 %."""
    assert "60 %, not 100 %" in logged("hours", "target", "projects", "6", "--share", "60").err
    assert logged("hours", "target", "reading", "4", "--share", "40").err == ""
