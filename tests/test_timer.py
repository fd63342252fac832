"""The timer: one at a time, kept in the database, and never believed when it ran through the night."""

import pytest
from plan_support import Typed, document, undone

START = "2026-01-05T17:00:00Z"


@pytest.fixture
def activities(crm):
    """Two activities."""
    crm("hours", "add", "Building projects", "--role", "projects")
    crm("hours", "add", "Reading/research", "--role", "reading")


def entry(crm):
    """The only time entry."""
    (found,) = crm("export", "json").json["time_entries"]
    return found


def test_a_timer_logs_what_it_ran(crm, activities):
    """From start to stop, in whole minutes, on the activity named."""
    assert crm("timer", "start", "reading", "--json").json["running"] is True
    told = crm("timer", "stop", "--note", "two papers", "--json", now="2026-01-05T18:30:59Z").json
    assert (told["started_at"], told["minutes"], told["note"]) == (START, 90, "two papers")
    assert told["running"] is False


def test_the_timer_survives_the_program(crm, activities):
    """It lies in the database: a later command sees it run, across a reboot too."""
    crm("timer", "start", "reading")
    assert entry(crm)["running"] is True
    status = crm("timer", "status", "--json", now="2026-01-05T17:45:00Z").json
    assert (status["running"], status["minutes"]) == (True, 45)
    assert "Reading/research since Mon 5 Jan 2026 09:00, 45 min so far" in crm("timer", "status").out


def test_only_one_timer_runs(crm, activities):
    """A second start is refused, naming the one that runs and how to stop it."""
    crm("timer", "start", "reading")
    error = crm("timer", "start", "projects", "--json", code=5).error
    assert "Reading/research" in error["message"]
    assert "crm timer stop" in error["message"]
    assert len(crm("export", "json").json["time_entries"]) == 1


def test_without_a_timer_there_is_nothing_to_stop(crm, activities):
    """Stopping nothing is exit 3; the status says what to type."""
    assert "crm timer start" in crm("timer", "stop", code=3).err
    assert "crm timer start" in crm("timer", "status").out
    assert crm("timer", "status", "--json").json == {"running": False, "minutes": 0, "entry": None}


def test_a_stopped_timer_may_be_started_again(crm, activities):
    """After a stop the next timer may run."""
    crm("timer", "start", "reading")
    crm("timer", "stop", now="2026-01-05T17:10:00Z")
    assert crm("timer", "start", "projects", "--json").json["running"] is True


def test_even_a_moment_counts_a_minute(crm, activities):
    """A timer stopped at once logs one minute: an entry is never empty."""
    crm("timer", "start", "reading")
    assert crm("timer", "stop", "--json", now="2026-01-05T17:00:05Z").json["minutes"] == 1


@pytest.mark.parametrize(("stop", "minutes"), [("2026-01-06T05:00:00Z", 720), ("2026-01-06T04:59:00Z", 719)])
def test_up_to_twelve_hours_are_believed(crm, activities, stop, minutes):
    """A long day is possible."""
    crm("timer", "start", "reading")
    assert crm("timer", "stop", "--json", now=stop).json["minutes"] == minutes


@pytest.mark.parametrize(
    ("start", "stop"),
    [
        (START, "2026-01-06T05:01:00Z"),
        (START, "2026-01-06T17:00:00Z"),
        (START, "2026-01-05T16:00:00Z"),
        ("2026-01-06T06:00:00Z", "2026-01-06T15:00:00Z"),
        ("2026-01-06T10:00:00Z", "2026-01-06T13:00:00Z"),
    ],
)
def test_a_night_long_timer_has_to_be_told(crm, activities, start, stop):
    """More than 12 hours, all of 2:00 to 5:00, or a clock set back: exit 2 names --duration, and the timer runs on."""
    crm("timer", "start", "reading", now=start)
    before = document(crm)
    assert "crm timer stop --duration 2h" in crm("timer", "stop", code=2, now=stop).err
    assert document(crm) == before
    assert crm("timer", "stop", "--duration", "2h", "--json").json["minutes"] == 120


def test_a_person_is_asked_how_long_it_was(crm, activities, monkeypatch):
    """On a terminal a night-long timer asks, and asks again until it is told a duration."""
    crm("timer", "start", "reading")
    monkeypatch.setattr("sys.stdin", Typed("2\n2h30\n"))
    stopped = crm("timer", "stop", now="2026-01-06T17:00:00Z")
    assert "Reading/research is timed since Mon 5 Jan 2026 09:00, 24 h. How long was it really?" in stopped.err
    assert "2h or 2m" in stopped.err
    assert entry(crm)["minutes"] == 150


@pytest.mark.parametrize(
    ("start", "stop"),
    [("2026-01-06T06:00:00Z", "2026-01-06T12:59:00Z"), ("2026-01-06T10:01:00Z", "2026-01-06T19:00:00Z")],
)
def test_late_and_early_work_is_believed(crm, activities, start, stop):
    """Somebody who stops before 5:00, or begins after 2:00, was awake."""
    crm("timer", "start", "reading", now=start)
    crm("timer", "stop", now=stop)


def test_the_next_timer_asks_about_a_forgotten_one(crm, activities, monkeypatch):
    """On a terminal a start settles the timer that ran through the night and then begins."""
    crm("timer", "start", "reading")
    monkeypatch.setattr("sys.stdin", Typed("2h\n"))
    printed = crm("timer", "start", "projects", now="2026-01-06T17:00:00Z").out
    assert "Logged 2 h of Reading/research" in printed
    assert "Timing Building projects since Tue 6 Jan 2026 09:00." in printed


def test_a_forgotten_timer_may_run_on(crm, activities, monkeypatch):
    """Enter alone at the status changes nothing; an answer logs it."""
    crm("timer", "start", "reading")
    monkeypatch.setattr("sys.stdin", Typed("\n"))
    assert "Can that be?" in crm("timer", "status", now="2026-01-06T17:00:00Z").out
    monkeypatch.setattr("sys.stdin", Typed("45m\n"))
    assert "No timer runs" in crm("timer", "status").out
    assert entry(crm)["minutes"] == 45


def test_a_script_is_told_how_to_settle_a_forgotten_timer(crm, activities):
    """Nobody is asked where nobody can answer: the start is refused, and the way out is named."""
    crm("timer", "start", "reading")
    assert "--duration" in crm("timer", "start", "projects", code=5, now="2026-01-06T17:00:00Z").err
    assert "Can that be?" in crm("week").out


def test_nobody_is_asked_about_a_plausible_time(crm, activities, monkeypatch):
    """Within 12 hours a terminal is asked nothing."""
    crm("timer", "start", "reading")
    monkeypatch.setattr("sys.stdin", Typed(""))
    crm("timer", "stop", now="2026-01-05T18:00:00Z")
    assert entry(crm)["minutes"] == 60


@pytest.mark.parametrize("duration", ["2", "0m", "25h", "long", ""])
def test_a_bad_duration_is_refused(crm, activities, duration):
    """--duration follows the grammar of durations; the timer runs on."""
    crm("timer", "start", "reading")
    crm("timer", "stop", "--duration", duration, code=2)
    assert entry(crm)["running"] is True


def test_the_status_doubts_a_forgotten_timer(crm, activities):
    """A timer that ran through the night is shown with the way to set it right."""
    crm("timer", "start", "reading")
    assert "crm timer stop --duration" in crm("timer", "status", now="2026-01-07T17:00:00Z").out


def test_time_runs_through_a_change_of_the_clocks(crm, activities):
    """An hour is an hour: across the spring change, 1:30 to 3:30 on the wall is 60 minutes."""
    crm("timer", "start", "reading", now="2026-03-08T09:30:00Z")
    assert crm("timer", "stop", "--json", now="2026-03-08T10:30:00Z").json["minutes"] == 60


def test_start_and_stop_can_be_undone(crm, activities):
    """Undo of a stop lets the timer run again, undo of a start removes it."""
    undone(crm, "timer", "start", "reading")
    crm("timer", "start", "reading")
    undone(crm, "timer", "stop", "--note", "two papers", now="2026-01-05T18:00:00Z")
    assert entry(crm)["running"] is True
