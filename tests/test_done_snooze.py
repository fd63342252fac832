"""Finishing tasks and reminders, and putting them off."""

from datetime import UTC, date, datetime

import pytest
from database_support import engine_of

from crm.models import Reminder, Task
from crm.store import records
from crm.store.engine import writing

NOW = datetime(2026, 1, 5, 17, tzinfo=UTC)


@pytest.fixture
def settle(crm, home):
    """A task t1, and reminders r1 of it and r2 of something else."""
    crm("task", "add", "Sing", "--due", "today")
    with writing(engine_of(home), now=NOW, name="plan", actor="daemon") as session:
        task = records.by_ref(session, Task, "t1")
        for key, table, uid in (("task:1", "task", task.uid), ("pace", None, None)):
            made = Reminder(key=key, rule="r", title=f"About {key}", local_on=date(2026, 1, 5), due_at=NOW)
            made.subject_table, made.subject_uid = table, uid
            records.add(session, made)
    return crm


def items(answer):
    return answer.json["items"]


def test_a_task_and_a_reminder_are_done_at_once(settle):
    """Each id is marked as done, in the order given, and told back."""
    task, reminder = items(settle("done", "T1", "r2", "--json"))
    assert (task["ref"], task["done_at"]) == ("t1", "2026-01-05T17:00:00Z")
    assert (reminder["ref"], reminder["state"]) == ("r2", "done")
    assert settle("task", "list", "--json").json["items"] == []


def test_what_is_done_stays_so(settle):
    """Done again says so, keeps the first time, and exits 0; the same id twice counts once."""
    settle("done", "t1", "t1", "r1")
    written = settle("history", "--json").json
    again = settle("done", "t1", "r1", now="2026-01-06T17:00:00Z")
    assert again.out.count("Done already:") == 2
    assert items(settle("done", "t1", "--json"))[0]["done_at"] == "2026-01-05T17:00:00Z"
    assert settle("history", "--json").json == written


def test_a_reminder_says_that_its_task_is_still_open(settle):
    """Finishing the reminder does not finish what it is about, and the command that does is named."""
    assert "crm done t1" in settle("done", "r1").err
    assert settle("done", "t1", "r1").err == ""


@pytest.mark.parametrize("command", ["done", "snooze"])
@pytest.mark.parametrize(
    ("which", "code"), [("1", 2), ("007", 2), ("t9", 3), ("r9", 3), ("c1", 3), ("x", 3), ("\udcff", 2)]
)
def test_what_names_no_task_or_reminder_changes_nothing(settle, command, which, code):
    """A bare number could be either; an unknown id among known ones stops the whole command."""
    refusal = settle(command, which, code=code).err
    assert len(refusal.splitlines()) == 1
    settle("done", "t1", which, code=code)
    assert settle("task", "list", "--json").json["items"][0]["done_at"] is None


def test_a_bare_number_is_answered_with_both_ids(settle):
    """The message says what to type instead."""
    message = settle("done", "5", "--json", code=2).error["message"]
    assert "t5" in message
    assert "r5" in message


@pytest.mark.parametrize(
    ("when", "day"),
    [
        ((), "2026-01-06"),
        (("fri",), "2026-01-09"),
        (("next", "tue"), "2026-01-13"),
        (("in", "2", "weeks"), "2026-01-19"),
    ],
)
def test_a_task_is_put_off_until_a_day(settle, when, day):
    """The day needs no quotation marks, is tomorrow when none is given, and leaves the due day as it was."""
    told = settle("snooze", "t1", *when, "--json").json
    assert (told["snoozed_until_on"], told["due_on"]) == (day, "2026-01-05")


@pytest.mark.parametrize(
    ("when", "at"),
    [
        ((), "2026-01-06T16:00:00Z"),
        (("fri",), "2026-01-09T16:00:00Z"),
        (("fri", "14:30"), "2026-01-09T22:30:00Z"),
        (("in", "2", "hours"), "2026-01-05T19:00:00Z"),
        (("today", "18:00"), "2026-01-06T02:00:00Z"),
    ],
)
def test_a_reminder_is_put_off_until_a_time(settle, when, at):
    """A day without a time of day means the hour at which reminders come."""
    assert settle("snooze", "r2", *when, "--json").json["snoozed_until_at"] == at


def test_the_hour_of_reminders_is_the_persons_own(settle, home):
    """reminders.at in config.toml decides at what time a day begins for reminders."""
    (home / "config.toml").write_text('[reminders]\nat = "06:15"\n')
    assert settle("snooze", "r2", "fri", "--json").json["snoozed_until_at"] == "2026-01-09T14:15:00Z"


def test_the_day_is_said_back_with_its_weekday(settle):
    """A person sees what was understood."""
    assert "Tue 13 Jan 2026" in settle("snooze", "t1", "next", "tue").out
    assert "Tue 13 Jan 2026 08:00" in settle("snooze", "r2", "next", "tue").out


@pytest.mark.parametrize("which", ["t1", "r2"])
@pytest.mark.parametrize("when", ["today", "yesterday", "2026-01-02", "3 days ago", "someday", "1/2/2027"])
def test_what_is_not_later_is_refused(settle, which, when):
    """A past day, today and what is no day end with exit 2 and change nothing."""
    assert len(settle("snooze", which, when, code=2).err.splitlines()) == 1
    assert settle("task", "show", "t1", "--json").json["snoozed_until_on"] is None


def test_a_task_takes_no_time_of_day(settle):
    """Tasks are due on days; the message names the day."""
    assert "Fri 9 Jan 2026" in settle("snooze", "t1", "fri 14:30", code=2).err


@pytest.mark.parametrize("which", ["t1", "r2"])
def test_what_is_done_is_not_put_off(settle, which):
    """Exit 5, and the way round for a task."""
    settle("done", which)
    refusal = settle("snooze", which, "fri", code=5).err
    assert "already" in refusal
    if which == "t1":
        assert "crm task edit t1 --reopen" in refusal
        settle("task", "edit", "t1", "--reopen")
        settle("snooze", "t1", "fri")
