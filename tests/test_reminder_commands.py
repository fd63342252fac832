"""`crm reminder`: what a person types and a script reads."""

import re
from datetime import date, timedelta

import database_support
import pytest
from reminder_support import DAY, MONDAY, World

from crm.errors import DeliveryError
from crm.models.words import TaskKind
from crm.settings import load
from reminders import channels
from reminders.channels import console
from reminders.orders import Orders

HOSTILE = "Kim \x1b[31mPoe\x1b[0m [bold]x[/bold] \u202e\n\u2028"


@pytest.fixture
def world(home):
    return World.at(home)


@pytest.fixture
def refusing(monkeypatch):
    """The console channel refuses for good."""

    def refuse(message, options):
        raise DeliveryError("nobody is there", permanent=True)

    monkeypatch.setattr(console, "send", refuse)


def instant(moment):
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def test_tick_prints_what_is_due_and_what_comes_next(crm, world):
    """The reminder itself, how many were sent, and when the next one is due."""
    world.filled()
    world.task("Call Ana Lee", date(2026, 1, 5))
    out = crm("reminder", "tick").out
    lines = [line.strip(" -") for line in out.splitlines()]
    assert lines[lines.index("Call Ana Lee") + 1] == "To be done by Mon 5 Jan 2026."
    assert re.search(r"^\d reminders? sent on console\.", out, re.MULTILINE)
    assert "Next: Tue 6 Jan 2026 08:00" in out
    again = crm("reminder", "tick").out
    assert "Nothing is due." in again
    assert "Call Ana Lee" not in again


def test_tick_tells_scripts_what_it_did(crm, world):
    """The JSON has the keys that scripts rely on, and nothing else is on standard output."""
    task = world.task("Write to Jane Roe", date(2026, 1, 5))
    result = crm("reminder", "tick", "--json")
    delivery = {
        "key": f"follow_up:{task.uid}:2026-01-05",
        "rule": "follow_up",
        "title": "Write to Jane Roe",
        "channel": "console",
        "state": "completed",
    }
    assert result.json == {"planned": 1, "quiet_until": None, "waiting": 0, "deliveries": [delivery]}
    assert "Write to Jane Roe" in result.err
    assert crm("reminder", "tick", "--json").json == {"planned": 0, "quiet_until": None, "waiting": 0, "deliveries": []}


def test_tick_ends_with_1_when_a_delivery_failed_for_good(crm, world, refusing):
    """Exit 1 once, with the reason on the screen; the failure is on record and not tried again."""
    world.task("Write to Jane Roe", date(2026, 1, 5))
    out = crm("reminder", "tick", code=1).out
    assert "discarded" in out
    assert "nobody is there" in out
    assert "Nothing is due." in crm("reminder", "tick").out
    assert "nobody is there" in crm("reminder", "history").out
    assert "console: discarded" in crm("reminder", "list").out


def test_tick_uses_the_channels_that_are_configured(crm, world, home):
    """With the file alone nothing is printed but the account; without any channel nothing is sent."""
    world.task("Write to Jane Roe", date(2026, 1, 5))
    (home / "config.toml").write_text('[reminders]\nchannels = ["file"]\n')
    assert "1 reminder sent on file." in crm("reminder", "tick").out
    assert "Write to Jane Roe" in (home / "reminders.log").read_text()
    (home / "config.toml").write_text('[reminders]\nchannels = ["pigeon"]\n')
    assert "console, desktop" in crm("reminder", "tick", code=78).err


def test_tick_speaks_at_the_time_of_day_that_is_configured(crm, world, home):
    """A reminder set to 18:00 waits until then."""
    world.task("Write to Jane Roe", date(2026, 1, 5))
    (home / "config.toml").write_text('[reminders]\nat = "18:00"\n')
    assert "Next: Mon 5 Jan 2026 18:00" in crm("reminder", "tick").out
    assert "1 reminder sent" in crm("reminder", "tick", now="2026-01-06T02:00:00Z").out


def test_list_shows_what_is_open_and_where_it_was_said(crm, world):
    """Sent and waiting ones by their time, with the ids that `done` and `snooze` take."""
    world.task("Write to Jane Roe", date(2026, 1, 5))
    world.task("Send the repo", date(2026, 1, 6))
    crm("reminder", "tick")
    out = crm("reminder", "list").out
    assert re.search(r"r1 +Mon 5 Jan 2026 08:00 +Write to Jane Roe +console", out)
    assert re.search(r"r2 +Tue 6 Jan 2026 08:00 +Send the repo +not yet", out)
    items = crm("reminder", "list", "--json").json["items"]
    assert [(each["id"], each["ref"], each["due_at"]) for each in items] == [
        (1, "r1", "2026-01-05T16:00:00Z"),
        (2, "r2", "2026-01-06T16:00:00Z"),
    ]
    assert [each["deliveries"] for each in items] == [
        [{"channel": "console", "state": "completed"}],
        [{"channel": "console", "state": "scheduled"}],
    ]


def test_list_leaves_out_what_asks_for_nothing_any_more(crm, world):
    """Done, cancelled and expired reminders are not open."""
    done, other = world.task("Write to Jane Roe", date(2026, 1, 5)), world.task("Send it", date(2026, 1, 5))
    world.target(600)
    wednesday = instant(MONDAY + 2 * DAY)
    crm("reminder", "tick", now=wednesday)
    assert [each["rule"] for each in crm("reminder", "list", "--json").json["items"]].count("hours_pace") == 1
    world.change(done, done_at=MONDAY)
    world.change(next(each for each in world.reminders() if each.subject_uid == other.uid), state="done")
    crm("reminder", "tick", now=instant(MONDAY + 7 * DAY))
    rules = {each["rule"] for each in crm("reminder", "list", "--json").json["items"]}
    assert not rules & {"follow_up", "hours_pace"}


def test_list_says_when_nothing_is_open(crm):
    """An empty list tells how to see what is to come."""
    assert crm("reminder", "list", "--json").json == {"items": []}
    assert "No reminder is open" in crm("reminder", "list").out


def test_list_of_a_thousand_is_cut_and_says_how_to_see_all(crm, world):
    """Fifty rows and a hint on a terminal; all of them with --all and in JSON."""
    with world.writing() as session:
        from crm.models import Task

        session.add_all(Task(title=f"Task {number}", due_on=date(2026, 1, 5)) for number in range(1000))
    crm("reminder", "tick")
    out = crm("reminder", "list").out
    assert out.count("Task ") == 50
    assert "and 950 more: crm reminder list --all" in out
    assert crm("reminder", "list", "--all").out.count("Task ") == 1000
    assert len(crm("reminder", "list", "--json").json["items"]) == 1000


def test_preview_says_what_is_to_come_and_writes_nothing(crm, world, home):
    """Overdue things now, the others at their time, until the end of the day that was named."""
    world.task("Write to Jane Roe", date(2026, 1, 2))
    world.task("Send the repo", date(2026, 1, 9))
    world.task("Too late for this", date(2026, 1, 10))
    before = world.contents()
    out = crm("reminder", "preview", "--until", "fri").out
    assert re.search(r"now +Write to Jane Roe", out)
    assert re.search(r"Fri 9 Jan 2026 08:00 +Send the repo", out)
    assert "Too late" not in out
    items = crm("reminder", "preview", "--until", "2026-01-09", "--json").json["items"]
    assert [(each["title"], each["say_at"]) for each in items] == [
        ("Write to Jane Roe", "2026-01-05T17:00:00Z"),
        ("Send the repo", "2026-01-09T16:00:00Z"),
    ]
    assert world.contents() == before
    assert "Nothing would be said" in crm("reminder", "preview", "--until", "today", now="2025-12-01T17:00:00Z").out


@pytest.mark.parametrize("until", ["2026-01-04", "yesterday", "nonsense", "01/02/2026"])
def test_preview_refuses_a_day_that_is_past_or_none(crm, until):
    """Exit 2 and one or two lines."""
    error = crm("reminder", "preview", "--until", until, code=2).err
    assert 1 <= len(error.splitlines()) <= 2


def test_history_tells_what_became_of_each_delivery(crm, world):
    """The latest first, with its state; what only waits is not history."""
    world.task("Write to Jane Roe", date(2026, 1, 5))
    world.task("Send the repo", date(2026, 1, 6))
    assert "Nothing has been sent yet" in crm("reminder", "history").out
    crm("reminder", "tick")
    out = crm("reminder", "history").out
    assert re.search(r"Mon 5 Jan 2026 09:00 +Write to Jane Roe +console +completed", out)
    assert "Send the repo" not in out
    crm("reminder", "tick", now="2026-01-06T17:00:00Z")
    items = crm("reminder", "history", "--json").json["items"]
    assert [each["title"] for each in items] == ["Send the repo", "Write to Jane Roe"]
    assert items[1]["sent_at"] == "2026-01-05T17:00:00Z"
    assert [each["outcome"] for each in items[1]["attempts"]] == ["completed"]
    assert len(crm("reminder", "history", "-n", "1", "--json").json["items"]) == 1


def test_test_sends_a_message_on_one_channel(crm, home):
    """A test message on each channel; it leaves no trace in the outbox."""
    assert "This is a test" in crm("reminder", "test", "console").out
    result = crm("reminder", "test", "file", "--json").json
    assert result["channel"] == "file"
    assert f"id {result['message_id']}" in (home / "reminders.log").read_text()
    assert crm("reminder", "history", "--json").json == {"items": []}


def test_test_of_an_unknown_channel_names_the_known_ones(crm):
    """Exit 3 with the candidates."""
    assert crm("reminder", "test", "pigeon", "--json", code=3).error["candidates"] == channels.names()


def test_test_tells_why_a_channel_fails(crm, refusing):
    """Exit 1 with the channel's own reason."""
    assert "nobody is there" in crm("reminder", "test", "console", code=1).err


@pytest.mark.parametrize("arguments", [["tick"], ["list"], ["history"], ["preview", "--until", "tomorrow"]])
def test_hostile_text_is_shown_and_not_obeyed(crm, world, arguments):
    """On every screen escapes are visible text; in JSON the text is what was typed, on one line as titles are."""
    world.task(HOSTILE, date(2026, 1, 5))
    if arguments[0] not in {"tick", "preview"}:
        crm("reminder", "tick")
    if arguments[0] != "tick":
        told = crm("reminder", *arguments, "--json").json["items"]
        assert [each["title"] for each in told] == [" ".join(HOSTILE.split())]
    out = crm("reminder", *arguments).out
    assert not {"\x1b", "\u202e", "\u2028"} & set(out)
    assert "[bold]x[/bold]" in out


@pytest.mark.parametrize("columns", [40, 80, 120])
@pytest.mark.parametrize("arguments", [["tick"], ["list"], ["history"], ["preview", "--until", "in 2 weeks"]])
def test_screens_fit_their_terminal(crm, world, monkeypatch, columns, arguments):
    """No line is wider than the terminal, with long titles too."""
    monkeypatch.setenv("COLUMNS", str(columns))
    world.filled()
    world.task("A very long title " * 30, date(2026, 1, 2), kind=TaskKind.OTHER)
    if arguments[0] in {"list", "history"}:
        crm("reminder", "tick")
    assert max(map(len, crm("reminder", *arguments).out.splitlines())) <= columns


def test_done_and_snooze_are_heard(crm, world):
    """`crm snooze r1` puts a said reminder off, `crm done r1` ends it, and `crm undo` brings it back."""
    world.task("Write to Jane Roe", date(2026, 1, 5))
    crm("reminder", "tick")
    crm("snooze", "r1", "tomorrow 10:00")
    assert "Tue 6 Jan 2026 10:00" in crm("reminder", "list").out
    assert "Nothing is due" in crm("reminder", "tick").out
    assert "1 reminder sent" in crm("reminder", "tick", now="2026-01-06T18:00:00Z").out
    crm("done", "r1")
    assert crm("reminder", "list", "--json").json == {"items": []}
    crm("undo")
    assert [each["ref"] for each in crm("reminder", "list", "--json").json["items"]] == ["r1"]
    assert "Nothing is due" in crm("reminder", "tick", now=instant(MONDAY + timedelta(days=2))).out


def test_reminders_survive_export_and_import(crm, world, home, tmp_path, empty_database):
    """An exported outbox in another home says nothing twice, and goes on where it was."""
    world.task("Write to Jane Roe", date(2026, 1, 5))
    world.task("Send the repo", date(2026, 1, 6))
    crm("reminder", "tick")
    crm("export", "json", "-o", str(tmp_path / "all.json"))
    database_support.begin_anew(empty_database, home)
    crm("import", str(tmp_path / "all.json"))
    assert "Nothing is due" in crm("reminder", "tick").out
    crm("reminder", "tick", now="2026-01-06T17:00:00Z")
    items = crm("reminder", "history", "--json").json["items"]
    assert [each["title"] for each in items] == ["Send the repo", "Write to Jane Roe"]


def test_the_list_knows_what_was_done_and_undone_since_the_last_turn(crm):
    """A task that is done leaves the list at once, without another tick, and comes back with `crm undo`."""
    crm("task", "add", "Send the repository", "--due", "today")
    crm("reminder", "tick")
    assert "Send the repository" in crm("reminder", "list").out
    crm("done", "t1")
    assert crm("reminder", "list", "--json").json["items"] == []
    crm("undo")
    assert len(crm("reminder", "list", "--json").json["items"]) == 1


def test_without_any_channel_it_is_said_that_nothing_is_said(crm, world, home):
    """`tick`, `daemon status` and `doctor` name the empty list and the command that fills it; none of them fails."""
    world.task("Write to Jane Roe", date(2026, 1, 5))
    (home / "config.toml").write_text("[reminders]\nchannels = []\n[daemon]\nchannels = []\n")
    (home / "config.toml").chmod(0o600)
    by_hand = "reminders.channels is empty, so `crm reminder tick` says nothing; choose: crm config set"
    told = crm("reminder", "tick", "--json")
    assert (told.json["planned"], told.json["deliveries"], by_hand in told.err) == (1, [], True)
    remarks = crm("daemon", "status", "--json", code=1).json["remarks"]
    assert [each.split(" is empty")[0] for each in remarks] == ["reminders.channels", "daemon.channels"]
    assert " ".join(remarks) in " ".join(crm("daemon", "status", code=1).out.split())
    found = {
        each["remedy"]: each["ok"] for each in crm("doctor", "--json").json["items"] if each["check"] == "channels"
    }
    assert found == dict.fromkeys(remarks, True)
    assert Orders.from_settings(load()).remarks == (remarks[1],)
    crm("config", "set", "reminders.channels", "console")
    assert by_hand not in crm("reminder", "tick").err
    assert world.deliveries()[0].state == "completed"


def test_what_expired_day_after_day_is_told_once(crm):
    """With how many times, not in so many equal lines."""
    crm("commitment", "add", "Write notes", "1/day", "--accept")
    for day in ("05", "07", "09", "11"):
        printed = crm("reminder", "tick", now=f"2026-01-{day}T20:00:00Z").out
    assert printed.count("Write notes") == 1
    assert "still to do (2 times)" in printed
