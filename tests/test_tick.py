"""One turn of the daemon: nothing is lost, and nothing is said twice."""

import os
from datetime import UTC, date, datetime, time, timedelta
from threading import Barrier, Thread
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reminder_support import DAY, HOUR, LOS_ANGELES, MONDAY, PowerCut, Recorder, World, days
from sqlalchemy import event

from crm.models import Task
from crm.models.words import DeliveryState, ReminderState
from reminders import planner, rules
from reminders.delivery import LEASE
from reminders.tick import tick
from reminders.timing import Timing

TODAY = date(2026, 1, 5)
MOST_STATEMENTS = 80  # of an idle turn with all rules


@pytest.fixture
def world(empty_database, tmp_path):
    return World.copy(empty_database, tmp_path)


def test_what_is_due_is_said_with_what_to_type(world):
    """A follow-up of today is sent, and the message says how to finish and how to put it off."""
    task = world.task("Write to Jane Roe", TODAY)
    report = world.tick()
    assert report.planned == 1
    (done,) = report.deliveries
    assert (done.rule, done.title, done.channel, done.state) == (
        "follow_up",
        "Write to Jane Roe",
        "console",
        "completed",
    )
    (message,) = world.console.sent
    assert message.key == done.key == f"follow_up:{task.uid}:2026-01-05"
    assert f"crm done {task.ref}" in message.body
    assert f"crm snooze {task.ref}" in message.body


def test_a_second_turn_says_nothing(world):
    """Turning again changes nothing: no reminder, no delivery, no write at all."""
    world.filled().tick()
    before = [each.model_dump() for each in (*world.reminders(), *world.deliveries())]
    report = world.tick()
    assert (report.planned, report.deliveries) == (0, ())
    assert [each.model_dump() for each in (*world.reminders(), *world.deliveries())] == before


def test_what_is_not_due_yet_waits(world):
    """A reminder is planned ahead, and sent when its time has come."""
    world.task("Write to Jane Roe", TODAY + DAY)
    assert world.tick().planned == 1
    assert world.console.sent == []
    world.tick(datetime(2026, 1, 6, 15, 59, 59, tzinfo=UTC))
    assert world.console.sent == []
    world.tick(datetime(2026, 1, 6, 16, tzinfo=UTC))  # 8:00 in Los Angeles
    assert world.console.titles() == ["Write to Jane Roe"]


def test_an_idle_turn_asks_little_and_locks_nothing(world):
    """With nothing to do, the number of queries does not grow with what is planned, and no write is begun."""
    world.filled()
    world.tick()
    statements = []
    event.listen(world.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    world.tick()
    few = len(statements)
    assert "BEGIN IMMEDIATE" not in statements
    assert not any(each.split()[0] in {"INSERT", "UPDATE", "DELETE"} for each in statements)
    for number in range(60):
        world.task(f"Task {number}", TODAY)
    world.tick()
    statements.clear()
    world.tick()
    assert len(statements) == few <= MOST_STATEMENTS


# Clocks and zones


def test_a_clock_set_back_a_day_says_nothing_twice(world):
    """The turns of a day that comes twice send each reminder once, of every rule."""
    world.filled()
    for now in (*days(MONDAY, 8), *days(MONDAY + DAY, 8), *days(MONDAY, 20)):
        world.tick(now)
    said = [item.key for message in world.console.sent for item in message.items]
    assert len(said) == len(set(said))
    assert {each.split(":")[0] for each in said} == set(rules.names())


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "Pacific/Apia"])
def test_moving_to_another_zone_says_nothing_twice(world, zone):
    """Half-way through each day the person is elsewhere; each reminder is sent once all the same."""
    world.filled()
    for now in days(MONDAY, 40, timedelta(hours=12)):
        world.tick(now, tz=ZoneInfo(zone) if now.hour < 12 else LOS_ANGELES)
    said = [item.key for message in world.console.sent for item in message.items]
    assert len(said) == len(set(said))
    chat = [each for each in said if "upcoming_chat" in each]
    assert len(chat) <= 3


@pytest.mark.parametrize(
    ("day", "at", "due_at"),
    [
        (date(2026, 3, 8), time(2, 30), datetime(2026, 3, 8, 10, 30, tzinfo=UTC)),  # skipped: 3:30 PDT
        (date(2026, 11, 1), time(1, 30), datetime(2026, 11, 1, 8, 30, tzinfo=UTC)),  # twice: the first
        (date(2026, 11, 1), time(8), datetime(2026, 11, 1, 16, tzinfo=UTC)),
    ],
)
def test_a_day_of_clock_change_has_each_reminder_once(world, day, at, due_at):
    """A wall time that is skipped moves forward, and one that comes twice counts the first time."""
    world.given = {"at": at}
    world.task("Write to Jane Roe", day)
    for now in days(due_at - 5 * HOUR, 60, timedelta(minutes=15)):
        sent_before = len(world.console.sent)
        world.tick(now)
        if len(world.console.sent) > sent_before:
            assert now == due_at
    assert len(world.console.sent) == 1


@given(
    turns=st.lists(
        st.tuples(st.integers(0, 14 * 24), st.sampled_from(["America/Los_Angeles", "Pacific/Apia", "Asia/Kathmandu"])),
        max_size=12,
    )
)
@settings(max_examples=100 if os.environ.get("CRM_SOAK") else 5)
def test_whatever_the_turns_nothing_is_said_twice_or_lost(empty_database, tmp_path_factory, turns):
    """Turns at any hours in any order and zone; after a last one nothing that is open is unsaid, or was said twice."""
    world = World.copy(empty_database, tmp_path_factory.mktemp("world"))
    world.filled()
    for hours, zone in turns:
        world.tick(MONDAY + hours * HOUR, tz=ZoneInfo(zone))
    world.tick(MONDAY + 30 * DAY)
    said = [item.key for message in world.console.sent for item in message.items]
    assert len(said) == len(set(said))
    assert {"Write to Jane Roe", "Send the repo", "Choose a project"} <= set(world.console.titles())
    assert any(title.startswith("How did it go? Coffee with Kim Poe and Ana Lee") for title in world.console.titles())


# What a person does meanwhile


def test_what_is_done_before_its_time_is_not_said(world):
    """A task that is finished before the reminder was sent: the reminder and its delivery are cancelled."""
    task = world.task("Write to Jane Roe", TODAY + DAY)
    world.tick()
    world.change(task, done_at=MONDAY)
    world.tick(MONDAY + 2 * DAY)
    assert world.console.sent == []
    assert [each.state for each in world.reminders()] == [ReminderState.CANCELLED]
    assert world.states() == [DeliveryState.CANCELLED]


def test_an_undone_task_is_not_said(world):
    """After `crm undo` of the command that made the task, its unsent reminder is cancelled."""
    world.task("Write to Jane Roe", TODAY + DAY)
    world.tick()
    world.undo(MONDAY)
    world.tick(MONDAY + 2 * DAY)
    assert world.console.sent == []
    assert world.states() == [DeliveryState.CANCELLED]


def test_a_reminder_comes_back_when_the_task_is_open_again(world):
    """Done and undone before the time: said once, when it is due."""
    task = world.task("Write to Jane Roe", TODAY + DAY)
    world.tick()
    world.change(task, done_at=MONDAY)
    world.tick(MONDAY + HOUR)
    world.undo(MONDAY + 2 * HOUR)
    assert world.tick(MONDAY + 2 * HOUR).planned == 1
    world.tick(MONDAY + DAY)
    world.tick(MONDAY + 2 * DAY)
    assert world.console.titles() == ["Write to Jane Roe"]
    assert len(world.reminders()) == 1


def test_what_was_said_stays_said_when_the_task_is_open_again(world):
    """Done and undone after it was said: not said again, but it asks again."""
    task = world.task("Write to Jane Roe", TODAY)
    world.tick()
    world.change(task, done_at=MONDAY)
    world.tick(MONDAY + HOUR)
    assert [each.state for each in world.reminders()] == [ReminderState.CANCELLED]
    world.undo(MONDAY + 2 * HOUR)
    world.tick(MONDAY + 3 * HOUR)
    assert [each.state for each in world.reminders()] == [ReminderState.OPEN]
    assert len(world.console.sent) == 1


def test_a_reminder_marked_done_is_not_said(world):
    """What the person marked done stays unsaid though the task is open; undoing that brings it back."""
    world.task("Write to Jane Roe", TODAY + DAY)
    world.tick()
    (reminder,) = world.reminders()
    world.change(reminder, state=ReminderState.DONE.value)
    world.tick(MONDAY + 2 * DAY)
    assert world.console.sent == []
    assert world.states() == [DeliveryState.CANCELLED]
    world.undo(MONDAY + 2 * DAY)
    world.tick(MONDAY + 2 * DAY)
    assert world.console.titles() == ["Write to Jane Roe"]


def test_new_words_are_said_and_old_ones_kept(world):
    """A title changed before sending is the one that is sent; changed afterwards, the record stays as it was said."""
    task = world.task("Write to Jane", TODAY + DAY)
    world.tick()
    world.change(task, title="Write to Jane Roe")
    world.tick(MONDAY + HOUR)
    (reminder,) = world.reminders()
    assert (reminder.title, reminder.revision) == ("Write to Jane Roe", 2)
    world.tick(MONDAY + DAY)
    world.change(task, title="Forget it")
    world.tick(MONDAY + DAY + HOUR)
    assert world.console.titles() == ["Write to Jane Roe"]
    assert world.reminders()[0].title == "Write to Jane Roe"


def test_a_task_put_off_is_said_on_its_new_day_only(world):
    """Moving the day makes another occurrence; the old one is cancelled unsaid."""
    task = world.task("Write to Jane Roe", TODAY + DAY)
    world.tick()
    world.change(task, snoozed_until_on=TODAY + 3 * DAY)
    for now in days(MONDAY, 6):
        world.tick(now)
    assert [message.at.date() for message in world.console.sent] == [TODAY + 3 * DAY]
    assert sorted(each.state for each in world.reminders()) == [ReminderState.CANCELLED, ReminderState.OPEN]


# Snoozing a reminder


def snooze(world, until_at, now=MONDAY):
    (reminder,) = world.reminders()
    world.change(reminder, now, snoozed_until_at=until_at)


def test_a_snoozed_reminder_waits(world):
    """Put off before it was said: said once, at the chosen time."""
    world.task("Write to Jane Roe", TODAY + DAY)
    world.tick()
    snooze(world, MONDAY + 2 * DAY)
    world.tick(MONDAY + DAY)
    assert world.console.sent == []
    for now in days(MONDAY + 2 * DAY, 3):
        world.tick(now)
    assert len(world.console.sent) == 1


def test_a_said_reminder_that_is_snoozed_is_said_again_then(world):
    """Each putting off of a said reminder gives one more message, on each channel, with an id of its own."""
    other = Recorder()
    both = {"console": world.console, "file": other}
    world.task("Write to Jane Roe", TODAY)
    world.tick(**both)
    for number, until_at in enumerate((MONDAY + 2 * HOUR, MONDAY + 5 * HOUR), start=1):
        snooze(world, until_at, until_at - HOUR)
        for now in (until_at - HOUR, until_at - timedelta(seconds=1)):
            world.tick(now, **both)
        assert len(world.console.sent) == number
        for now in (until_at, until_at + HOUR):
            world.tick(now, **both)
    for channel in both.values():
        assert len(set(channel.ids())) == len(channel.sent) == 3
    assert not set(world.console.ids()) & set(other.ids())


def test_taking_a_snooze_back_before_its_time_says_nothing_more(world):
    """Said, put off, and that undone: it stays said."""
    world.task("Write to Jane Roe", TODAY)
    world.tick()
    snooze(world, MONDAY + 3 * HOUR)
    world.tick(MONDAY + HOUR)
    assert world.states() == [DeliveryState.SCHEDULED]
    world.undo(MONDAY + 2 * HOUR)
    for now in days(MONDAY + 2 * HOUR, 5):
        world.tick(now)
    assert len(world.console.sent) == 1
    assert world.states() == [DeliveryState.COMPLETED]


@pytest.mark.parametrize("undone_after", [HOUR, 4 * HOUR], ids=["before the second time", "after the second time"])
def test_taking_the_second_of_two_snoozes_back_says_nothing_more(world, undone_after):
    """The first had its message already: what is said once at a chosen time is not said again for it."""
    world.task("Write to Jane Roe", TODAY)
    world.tick()
    snooze(world, MONDAY + HOUR)
    world.tick(MONDAY + HOUR)
    second = MONDAY + 2 * HOUR
    snooze(world, second + 2 * HOUR, second)
    for hours in range(int(undone_after / HOUR)):
        world.tick(second + hours * HOUR)
    said = len(world.console.sent)
    world.undo(second + undone_after)
    for now in days(second + undone_after, 5):
        world.tick(now)
    assert len(world.console.sent) == said
    assert world.states() == [DeliveryState.COMPLETED]


def test_taking_a_snooze_back_before_it_was_ever_said_says_it_when_due(world):
    """Put off unsaid, and that undone: said at its own time."""
    world.task("Write to Jane Roe", TODAY + DAY)
    world.tick()
    snooze(world, MONDAY + 9 * DAY)
    world.tick(MONDAY + HOUR)
    world.undo(MONDAY + 2 * HOUR)
    for now in days(MONDAY + DAY, 12):
        world.tick(now)
    assert [message.at.date() for message in world.console.sent] == [TODAY + DAY]


def test_a_snooze_survives_a_mistaken_done(world):
    """Said, put off, task done, and that undone: still said at the chosen time."""
    task = world.task("Write to Jane Roe", TODAY)
    world.tick()
    snooze(world, MONDAY + DAY)
    world.tick(MONDAY + HOUR)
    world.change(task, done_at=MONDAY)
    world.tick(MONDAY + 2 * HOUR)
    world.undo(MONDAY + 3 * HOUR)
    for now in days(MONDAY + 3 * HOUR, 4):
        world.tick(now)
    assert len(world.console.sent) == 2


def test_a_reminder_snoozed_while_it_is_being_sent_is_said_again_then(world):
    """The sender finishes what it does, whatever is planned meanwhile; the snooze gives one more message."""
    world.task("Write to Jane Roe", TODAY)
    states = []

    def channel(message):
        if not world.console.sent:
            snooze(world, MONDAY + HOUR)
            planner.plan(world.engine, world.terms(), now=MONDAY)
            states.extend(world.states())
        world.console(message)

    for now in (MONDAY, MONDAY + HOUR / 2, MONDAY + HOUR, MONDAY + DAY):
        world.tick(now, console=channel)
    assert states == [DeliveryState.EXECUTING]
    assert [message.at for message in world.console.sent] == [MONDAY, MONDAY + HOUR]


# Several at once


def test_what_fell_due_while_the_machine_was_off_is_one_message(world):
    """Three days of reminders arrive as one message; each delivery says which message told it."""
    world.filled()
    world.tick()
    world.tick(datetime(2026, 1, 9, 17, tzinfo=UTC))
    (message,) = world.console.sent
    assert {item.key.split(":")[0] for item in message.items} >= {"follow_up", "promise", "introduction"}
    assert message.title == f"Fri 9 Jan 2026: catching up on {len(message.items)} reminders"
    for item in message.items:
        assert item.title in message.body
    told = [each for each in world.deliveries() if each.state == DeliveryState.COALESCED]
    assert len(told) == len(message.items) - 1
    assert {each.coalesced_into for each in told} == {message.message_id}
    (carrier,) = [each for each in world.deliveries() if each.state == DeliveryState.COMPLETED]
    assert (carrier.message_id, carrier.coalesced_into) == (message.message_id, None)
    assert all(each.sent_at == datetime(2026, 1, 9, 17, tzinfo=UTC) for each in (*told, carrier))


def test_a_thousand_at_once_are_one_short_message(world):
    """The message lists the first twenty and says how many more there are; all are accounted for."""
    with world.writing() as session:
        session.add_all(Task(title=f"Task {number}", due_on=TODAY) for number in range(1000))
    report = world.tick()
    (message,) = world.console.sent
    assert len(message.items) == len(report.deliveries) == 1000
    assert message.body.endswith("and 980 more; see: crm reminder list")
    assert len(message.body.splitlines()) < 100
    assert set(world.states()) == {DeliveryState.COMPLETED, DeliveryState.COALESCED}


# Failures


def test_a_failed_delivery_is_tried_again_later_and_later(world):
    """After 1 min, 5 min, 30 min, 2 h, then every 6 h, and a tenth more at most; each try is on record."""
    world.task("Write to Jane Roe", TODAY)
    world.console.refuse(7)
    now = MONDAY
    for minutes in (1, 5, 30, 120, 360, 360, 360):
        (done,) = world.tick(now).deliveries
        assert (done.state, done.error) == (DeliveryState.RETRYABLE, "the line is busy")
        (delivery,) = world.deliveries()
        waited = delivery.not_before_at - now
        assert timedelta(minutes=minutes) <= waited <= timedelta(minutes=minutes) * 1.1
        assert world.tick(delivery.not_before_at - timedelta(seconds=1)).deliveries == ()
        now = delivery.not_before_at
    (done,) = world.tick(now).deliveries
    assert done.state == DeliveryState.COMPLETED
    assert [each.outcome for each in world.attempts()] == ["retryable"] * 7 + ["completed"]
    assert [each.number for each in world.attempts()] == list(range(1, 9))
    (delivery,) = world.deliveries()
    assert (delivery.error, delivery.error_class, delivery.lease_owner) == (None, None, None)


def test_a_delivery_that_cannot_succeed_is_given_up_at_once(world):
    """A permanent refusal: discarded, with the reason, and the report says that it failed."""
    world.task("Write to Jane Roe", TODAY)
    world.console.refuse(permanent=True)
    report = world.tick()
    assert report.failed
    (delivery,) = world.deliveries()
    assert (delivery.state, delivery.error) == (DeliveryState.DISCARDED, "the line is busy")
    assert world.tick(MONDAY + DAY).deliveries == ()


def test_a_delivery_is_given_up_after_thirty_tries(world):
    """Then it is discarded, visibly, and not tried again; a snooze asks for it anew."""
    world.task("Write to Jane Roe", TODAY)
    world.console.refuse(30)
    reports = [world.tick(now) for now in days(MONDAY, 40)]
    assert [report.failed for report in reports].index(True) == 29
    assert world.states() == [DeliveryState.DISCARDED]
    assert world.console.sent == []
    snooze(world, MONDAY + 41 * DAY, MONDAY + 40 * DAY)
    world.console.refuse()
    (done,) = world.tick(MONDAY + 41 * DAY).deliveries
    assert done.state == DeliveryState.RETRYABLE
    world.tick(MONDAY + 41 * DAY + timedelta(minutes=2))
    assert world.console.titles() == ["Write to Jane Roe"]


def test_a_fault_of_a_channel_ends_one_delivery_only(world):
    """Whatever a channel raises over one message, the others are sent in the same turn."""
    world.timing = Timing(digest=False)
    world.task("Write to Jane Roe", TODAY)
    world.task("Write to Kim Poe", TODAY + DAY)
    world.tick()
    world.task("Write to Ana Lee", TODAY + DAY)
    world.console.faults.append(ZeroDivisionError("oops"))
    world.tick(datetime(2026, 1, 6, 16, tzinfo=UTC))
    assert world.console.titles()[1:] == ["Write to Ana Lee"]
    failed = [each for each in world.deliveries() if each.state == DeliveryState.RETRYABLE]
    assert [(each.error_class, each.error) for each in failed] == [("ZeroDivisionError", "oops")]


def test_a_message_that_may_have_been_accepted_is_repeated_as_it_was(world):
    """A channel that takes a message of several and then breaks down: the repeat has the same id and items."""
    for number in range(6):
        world.task(f"Task {number}", TODAY)
    world.console.accepts_then_fails = True
    world.console.faults.append(ZeroDivisionError("oops"))
    world.tick()
    world.task("New", TODAY - DAY)
    world.tick(MONDAY + HOUR)
    first, *others = world.console.sent
    again = next(each for each in others if each.message_id == first.message_id)
    assert again.items == first.items
    assert sorted(each.title for each in others if each is not again) == ["New"]


def test_channels_fail_each_for_itself(world):
    """What one channel refuses goes out on the other at once, and once only."""
    other = Recorder()
    world.task("Write to Jane Roe", TODAY)
    world.console.refuse()
    for now in (MONDAY, MONDAY + HOUR, MONDAY + 2 * HOUR):
        world.tick(now, console=world.console, file=other)
    assert len(world.console.sent) == len(other.sent) == 1


def test_a_turn_sends_on_its_own_channels_only(world):
    """What the daemon is to put into its file is not sent by a turn on the console, and the other way round."""
    other = Recorder()
    world.task("Write to Jane Roe", TODAY)
    world.tick(file=other)
    world.tick()
    world.tick(file=other)
    assert len(world.console.sent) == len(other.sent) == 1


def test_a_reminder_that_is_too_late_expires_visibly(world):
    """The hours' pace is worth nothing after its week: expired, and told so in the report, never sent."""
    world.target(600)
    world.console.refuse(20)
    wednesday = datetime(2026, 1, 7, 16, tzinfo=UTC)
    world.tick(wednesday)
    assert world.states() == [DeliveryState.RETRYABLE]
    (done,) = world.tick(datetime(2026, 1, 12, 8, tzinfo=UTC)).deliveries
    assert (done.rule, done.state) == ("hours_pace", DeliveryState.EXPIRED)
    assert world.console.sent == []
    assert world.states()[:1] == [DeliveryState.EXPIRED]


def test_one_that_was_missed_altogether_is_on_record(world):
    """A week in which the machine was off leaves an expired pace reminder; what is open is said."""
    world.filled()
    world.tick()
    report = world.tick(datetime(2026, 1, 12, 17, tzinfo=UTC))
    states = {each.rule: each.state for each in report.deliveries}
    assert states["hours_pace"] == DeliveryState.EXPIRED
    assert "Send the repo" in world.console.titles()


# Dying


@pytest.mark.parametrize("accepted", [False, True])
def test_a_crash_while_sending_is_made_up_for_under_the_same_id(world, accepted):
    """The process dies between claim and record: after the lease it is sent with the same id, and not before."""
    world.task("Write to Jane Roe", TODAY)
    world.console.accepts_then_fails = accepted
    world.console.faults.append(PowerCut())
    with pytest.raises(PowerCut):
        world.tick()
    (delivery,) = world.deliveries()
    assert (delivery.state, delivery.attempt) == (DeliveryState.EXECUTING, 1)
    world.tick(MONDAY + LEASE - timedelta(seconds=1))
    assert len(world.console.sent) == accepted
    for now in (MONDAY + LEASE + timedelta(minutes=1), MONDAY + HOUR):
        world.tick(now)
    assert world.console.ids() == [delivery.message_id] * (1 + accepted)
    assert world.states() == [DeliveryState.COMPLETED]
    assert [each.outcome for each in world.attempts()] == ["retryable", "completed"]


@pytest.mark.parametrize("accepted", [False, True])
def test_a_crash_while_sending_several_repeats_that_message(world, accepted):
    """Of a message of several the repeat has the same id and items, though more has fallen due meanwhile."""
    for number in range(7):
        world.task(f"Task {number}", TODAY)
    world.console.accepts_then_fails = accepted
    world.console.faults.append(PowerCut())
    with pytest.raises(PowerCut):
        world.tick()
    for number in range(8):
        world.task(f"New {number}", TODAY)
    later = MONDAY + LEASE + timedelta(minutes=1)
    world.tick(later)
    world.tick(later)
    again = next(each for each in world.console.sent if each.items[0].title == "Task 0" and each.at == later)
    assert [item.title for item in again.items] == [f"Task {number}" for number in range(7)]
    if accepted:
        assert again.message_id == world.console.sent[0].message_id
    assert sorted(set(world.console.titles())) == sorted(
        [*(f"Task {number}" for number in range(7)), *(f"New {number}" for number in range(8))]
    )
    assert set(world.states()) == {DeliveryState.COMPLETED, DeliveryState.COALESCED}


def test_a_message_that_kills_its_sender_is_given_up(world):
    """Tries are counted before they are made: one that always brings the process down waits for the person."""
    world.task("Write to Jane Roe", TODAY)
    world.console.faults = [PowerCut() for _ in range(100)]
    report, crashes = world.tick(MONDAY - DAY), 0
    for now in days(MONDAY, 40):
        try:
            report = world.tick(now)
        except PowerCut:
            crashes += 1
        if report.count(DeliveryState.UNKNOWN):
            break
    assert crashes == 31  # thirty, and once more since it may have been accepted
    assert world.states() == [DeliveryState.UNKNOWN]


def test_what_was_lost_with_a_done_task_is_not_sent(world):
    """The process dies while sending, and the task is done before the lease ends: cancelled."""
    task = world.task("Write to Jane Roe", TODAY)
    world.console.faults.append(PowerCut())
    with pytest.raises(PowerCut):
        world.tick()
    world.change(task, done_at=MONDAY)
    world.tick(MONDAY + HOUR)
    assert world.console.sent == []
    assert world.states() == [DeliveryState.CANCELLED]


def test_a_stop_is_heeded_between_two_messages(world):
    """Once asked to stop, no other message is begun; what is left waits for the next turn."""
    world.timing = Timing(digest=False)
    for number in range(3):
        world.task(f"Task {number}", TODAY + DAY)
    world.tick()
    now = datetime(2026, 1, 6, 16, tzinfo=UTC)
    tick(world.engine, world.terms(), now=now, stop=lambda: bool(world.console.sent))
    assert world.console.titles() == ["Task 0"]
    world.tick(now)
    assert world.console.titles() == ["Task 0", "Task 1", "Task 2"]


def test_two_at_once_send_nothing_twice(world):
    """Four turns at the same moment on one database send each of twelve messages once."""
    for number in range(12):
        world.task(f"Task {number}", TODAY + number * DAY)
    barrier, faults = Barrier(4), []

    def turns() -> None:
        own = World(world.url, console=world.console)
        try:
            for now in days(MONDAY, 12):
                barrier.wait(timeout=60)
                own.tick(now)
        except Exception as fault:  # noqa: BLE001 - a thread's fault is told below
            faults.append(fault)
            barrier.abort()

    threads = [Thread(target=turns) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert sorted(world.console.titles()) == sorted(f"Task {number}" for number in range(12))
    assert len(world.console.sent) == 12
    assert set(world.states()) == {DeliveryState.COMPLETED}
