"""The outbox: who has a delivery, what it remembers, and what a killed process leaves."""

import signal
import subprocess
import sys
import textwrap
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reminder_support import DAY, HOUR, MONDAY, Recorder, World

from crm.models.words import DeliveryState
from crm.store import outbox
from reminders import backoff, planner, rules
from reminders.delivery import LEASE
from reminders.message import message_id

TODAY = date(2026, 1, 5)


@pytest.fixture
def world(empty_database, tmp_path):
    return World.copy(empty_database, tmp_path)


@pytest.fixture
def planned(world):
    """A world with one delivery that is due and not sent yet."""
    world.task("Write to Jane Roe", TODAY)
    planner.plan(world.engine, world.terms(), now=MONDAY)
    return world


def claim(world, owner, now=MONDAY):
    with world.writing() as session:
        due = outbox.due(session, ["console"], now=now)
        lease = {"lease_until_at": now + LEASE, "message_id": "m"}
        return due, outbox.claim(session, due, owner=owner, now=now, **lease) if due else None


def settle(world, due, owner):
    with world.writing() as session:
        values = {"state": DeliveryState.COMPLETED.value}
        return outbox.settle(session, due, owner=owner, values=values, detail="", now=MONDAY)


def test_a_claimed_delivery_is_nobody_elses(planned):
    """A second sender finds nothing due, and a claim on what it saw before fails."""
    with planned.reading() as session:
        seen = outbox.due(session, ["console"], now=MONDAY)
    assert claim(planned, "first")[1] is True
    assert claim(planned, "second") == ([], None)
    with planned.writing() as session:
        late = {"lease_until_at": MONDAY + LEASE, "message_id": "m"}
        assert outbox.claim(session, seen, owner="second", now=MONDAY, **late) is False
        session.rollback()
    (delivery,) = planned.deliveries()
    assert (delivery.lease_owner, delivery.attempt) == ("first", 1)


def test_only_the_owner_records_what_came_of_it(planned):
    """A sender whose claim was taken over cannot record anything, and the one who has it can, once."""
    due, _ = claim(planned, "first")
    assert settle(planned, due, "second") is False
    assert settle(planned, due, "first") is True
    assert settle(planned, due, "first") is False
    assert planned.states() == [DeliveryState.COMPLETED]
    assert [(each.owner, each.outcome) for each in planned.attempts()] == [("first", "completed")]


def test_every_change_raises_the_revision(planned):
    """Planned, claimed, settled: revisions 1, 2, 3, with the time of the change."""
    revisions = [planned.deliveries()[0].revision]
    due, _ = claim(planned, "first")
    revisions.append(planned.deliveries()[0].revision)
    settle(planned, due, "first")
    revisions.append(planned.deliveries()[0].revision)
    assert revisions == [1, 2, 3]


def test_planning_the_same_twice_adds_nothing(planned):
    """A key that is there already is left as it is, even if the planner did not see it."""
    (reminder,), (delivery,) = planned.reminders(), planned.deliveries()
    row = {name: getattr(reminder, name) for name in ("key", "rule", "local_on", "due_at", "body")}
    with planned.writing() as session:
        outbox.add_reminders(session, [row | {"title": "Another"}], now=MONDAY)
        again = {"reminder_id": reminder.id, "channel": "console", "not_before_at": MONDAY, "message_id": "other"}
        outbox.add_deliveries(session, [again], now=MONDAY)
    assert [each.title for each in planned.reminders()] == ["Write to Jane Roe"]
    assert [each.message_id for each in planned.deliveries()] == [delivery.message_id]


def test_the_daemons_writes_are_not_a_persons(planned):
    """Nothing that planning and sending wrote is in the journal: undo takes back the person's own last command."""
    planned.tick()
    planned.undo(MONDAY)
    with planned.reading() as session:
        assert outbox.counts(session) == {"completed": 1}
    assert [each.title for each in planned.reminders()] == ["Write to Jane Roe"]


def test_planning_comes_to_rest(world):
    """After one turn the rules and the outbox agree: the next planning counts nothing."""
    world.filled()
    for now in (MONDAY, MONDAY + 3 * DAY, MONDAY + 9 * DAY):
        terms = world.terms(console=Recorder(), file=Recorder())
        assert planner.plan(world.engine, terms, now=now).count > 0
        assert planner.plan(world.engine, terms, now=now) == planner.Planned()


def test_a_rule_that_is_gone_leaves_nothing_behind(planned, monkeypatch):
    """What no rule asks for any more is cancelled."""
    monkeypatch.setattr(rules, "names", list)
    planned.tick()
    assert planned.console.sent == []
    assert planned.states() == [DeliveryState.CANCELLED]


def test_a_new_channel_gets_what_is_open(planned):
    """A channel that is added later is told what still asks for something."""
    planned.tick()
    later = type(planned.console)()
    planned.tick(MONDAY + DAY, console=planned.console, file=later)
    assert later.titles() == planned.console.titles() == ["Write to Jane Roe"]


@pytest.mark.parametrize("accepted", [True, False])
def test_kill_9_while_sending_loses_nothing(planned, tmp_path, accepted):
    """A process killed with SIGKILL inside the channel: sent after the lease, with the id that the victim had."""
    taken = tmp_path / "taken"
    script = f"""
        import os, signal
        from pathlib import Path
        from reminder_support import MONDAY, World
        def channel(message):
            Path({str(taken)!r}).write_text(message.message_id)
            os.kill(os.getpid(), signal.SIGKILL)
        World({planned.url!r}).tick(MONDAY, console=channel)
    """
    victim = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], check=False, cwd=__file__.rpartition("/")[0]
    )
    assert victim.returncode == -signal.SIGKILL
    assert planned.states() == [DeliveryState.EXECUTING]
    planned.tick(MONDAY + LEASE - timedelta(seconds=1))
    assert planned.console.sent == []
    planned.tick(MONDAY + LEASE + timedelta(minutes=1))
    assert planned.console.ids() == [taken.read_text()]
    assert planned.states() == [DeliveryState.COMPLETED]


# Ids and waiting times


def test_message_ids_tell_reminders_channels_and_snoozes_apart():
    """The id depends on key, channel and the time it was put off to, and on nothing else."""
    ids = {
        message_id(key, channel, snoozed)
        for key in ("a", "b")
        for channel in ("console", "file")
        for snoozed in (None, MONDAY, MONDAY + HOUR)
    }
    assert len(ids) == 12
    same_instant = MONDAY.astimezone(ZoneInfo("Asia/Kathmandu")).astimezone(MONDAY.tzinfo)
    assert message_id("a", "file", same_instant) == message_id("a", "file", MONDAY)
    assert message_id("a", "file", None) == message_id("a", "file", None)


@given(st.integers(1, 100), st.text(max_size=20))
def test_waits_grow_and_end_at_six_hours(tries, key):
    """Each wait is at least the one before it, and at most six hours and a tenth; the same history waits the same."""
    waited = backoff.wait(tries, key)
    assert timedelta(minutes=1) <= waited <= timedelta(hours=6.6)
    assert waited == backoff.wait(tries, key)
    assert backoff.wait(tries + 1, key) >= waited or tries >= len(backoff.FIRST_WAITS) + 1


def test_waits_differ_between_messages():
    """A hundred messages that failed together do not all come back in the same second."""
    assert len({backoff.wait(5, str(number)) for number in range(100)}) > 50


def test_instants_are_told_in_utc(planned):
    """What comes out of the outbox is aware UTC."""
    (delivery,) = planned.deliveries()
    assert delivery.not_before_at == datetime(2026, 1, 5, 16, tzinfo=MONDAY.tzinfo)
    assert delivery.not_before_at.utcoffset() == timedelta(0)
