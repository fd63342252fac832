"""What arrives together: the morning's digest, what is urgent, and what fell due while nothing ran."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reminder_support import DAY, HOUR, MONDAY, PowerCut, World

from crm.models.words import DeliveryState, TaskKind
from crm.store import daemons
from crm.store.outbox import Outgoing
from reminders import rules
from reminders.delivery import LEASE
from reminders.grouping import LATE, MOST_ALONE, groups
from reminders.headings import OTHER, heading
from reminders.message import MOST_ITEMS_TOLD
from reminders.timing import Timing

TODAY = date(2026, 1, 5)
MORNING = datetime(2026, 1, 6, 16, tzinfo=UTC)  # 8:00 in Los Angeles, the day after


@pytest.fixture
def world(empty_database, tmp_path):
    return World.copy(empty_database, tmp_path)


def tasks(world, count, day=TODAY + DAY):
    return [world.task(f"Task {number}", day) for number in range(count)]


def test_a_mornings_reminders_are_one_message(world):
    """Three reminders of 8:00 are one message; its title tells the day and how many, its body each with its text."""
    tasks(world, 3)
    world.tick()
    world.tick(MORNING)
    (message,) = world.console.sent
    assert message.title == "Tue 6 Jan 2026: 3 reminders"
    assert [item.title for item in message.items] == ["Task 0", "Task 1", "Task 2"]
    assert [line for line in message.body.splitlines() if line.startswith("- ")] == ["- Task 0", "- Task 1", "- Task 2"]
    assert message.body.count("crm done t") == 3
    assert sorted(world.states()) == ["coalesced", "coalesced", "completed"]


def test_one_by_itself_keeps_its_title(world):
    """A morning with one reminder has that reminder's own words."""
    tasks(world, 1)
    world.tick()
    world.tick(MORNING)
    assert [message.title for message in world.console.sent] == ["Task 0"]


@pytest.mark.parametrize(("count", "messages"), [(MOST_ALONE, MOST_ALONE), (MOST_ALONE + 1, 1)])
def test_without_a_digest_a_few_come_one_by_one(world, count, messages):
    """With the digest off, five reminders of 8:00 are five messages; six are still one."""
    world.timing = Timing(digest=False)
    tasks(world, count)
    world.tick()
    world.tick(MORNING)
    assert len(world.console.sent) == messages
    assert world.console.titles() == [f"Task {number}" for number in range(count)]


@pytest.mark.parametrize("digest", [True, False])
def test_after_any_downtime_there_is_one_message(world, digest):
    """However long nothing ran, what fell due meanwhile is one message, and its title says so."""
    world.timing = Timing(digest=digest)
    for number in range(4):
        world.task(f"Task {number}", TODAY + (number + 1) * DAY)
    world.tick()
    world.tick(MONDAY + 200 * DAY)
    (message,) = world.console.sent
    assert message.title == "Fri 24 Jul 2026: catching up on 4 reminders"


def test_nothing_is_caught_up_on_where_nothing_was_off(world):
    """What is put on the list with a day that is past, at first and later, is late by nobody's absence."""
    for now, title in ((MONDAY, "Mon 5 Jan 2026: 3 reminders"), (MONDAY + HOUR, "Mon 5 Jan 2026: 3 reminders")):
        tasks(world, 3, TODAY - 5 * DAY)
        world.tick(now)
        assert world.console.sent.pop().title == title


def test_a_channel_that_was_away_is_not_caught_up_with(world):
    """While turns go on and a channel fails, what is late is the channel's doing."""
    tasks(world, 3, TODAY)
    world.console.refuse(3)
    for now in (MONDAY, *(MONDAY + timedelta(minutes=minutes) for minutes in (2, 8, 45))):
        world.tick(now)
    assert [message.title for message in world.console.sent] == ["Mon 5 Jan 2026: 3 reminders"]


def test_idle_turns_of_a_daemon_tell_that_it_was_on(world):
    """A daemon that turned a minute ago has missed nothing, though nothing was said for weeks."""
    tasks(world, 1, TODAY)
    world.tick()
    later = MONDAY + 20 * DAY
    with world.writing(now=MONDAY) as session:
        number = daemons.started(session, host="home", pid=1, now=MONDAY, gone=())
        daemons.note(session, number, last_tick_at=later - timedelta(minutes=1))
    tasks(world, 2, TODAY + 3 * DAY)
    world.tick(later)
    assert world.console.sent[-1].title == "Sun 25 Jan 2026: 2 reminders"


def test_a_digest_has_its_kinds_in_a_fixed_order(world):
    """Under headings, chats and promises before reviews and the checklist, whatever was due first."""
    world.task("Choose a project", TODAY - 2 * DAY, kind=TaskKind.CHECKLIST)
    world.review("Week 2", TODAY - DAY)
    world.task("Write to Jane Roe", TODAY)
    world.task("Send the slides", TODAY, kind=TaskKind.PROMISE)
    world.task("Send the repo", TODAY - DAY, kind=TaskKind.PROMISE)
    world.tick()
    (message,) = world.console.sent
    told = [line for line in message.body.splitlines() if not line.startswith("  ")]
    assert told == [
        *("Promises", "- Send the repo", "- Send the slides", ""),
        *("Follow-ups", "- Write to Jane Roe", ""),
        *("Reviews", "- Overdue: review Week 2 was due Sun 4 Jan 2026", ""),
        *("Checklist", "- Choose a project"),
    ]
    assert [item.title for item in message.items] == [line[2:] for line in told if line.startswith("- ")]


def test_what_is_due_longest_is_told_of_very_many(world):
    """Of more than are told one by one the longest due are, whatever their kind, and how many others there are."""
    world.task("Choose a project", TODAY - DAY, kind=TaskKind.CHECKLIST)
    tasks(world, MOST_ITEMS_TOLD + 4, TODAY)
    world.tick()
    (message,) = world.console.sent
    assert message.body.endswith("\n\nand 5 more; see: crm reminder list")
    assert "Choose a project" in message.body
    assert len(message.items) == MOST_ITEMS_TOLD + 5


@pytest.mark.parametrize("rule", rules.names())
def test_every_rule_has_a_heading(rule):
    """Nothing that this program says stands under a heading for the rest."""
    assert heading(rule) != OTHER


def test_todays_are_told_with_what_was_missed(world):
    """What is late and what is due now are one message; the title tells how many are late."""
    for number in range(3):
        world.task(f"Task {number}", TODAY + (number + 1) * DAY)
    world.tick()
    world.tick(MORNING + 2 * DAY)
    (message,) = world.console.sent
    assert message.title == "Thu 8 Jan 2026: 3 reminders, catching up on 2"


def test_what_is_urgent_breaks_out(world):
    """A chat's announcement goes by itself at its own time, on a day off too; the rest is the morning's digest."""
    world.timing = Timing(working=frozenset({0, 1, 2, 3, 4}))
    saturday = datetime(2026, 1, 10, 18, tzinfo=UTC)
    tasks(world, 2, date(2026, 1, 12))
    world.chat(saturday)
    world.tick(MONDAY)
    monday = datetime(2026, 1, 12, 16, tzinfo=UTC)
    for now in (saturday - 2 * HOUR, saturday - HOUR, saturday + 2 * HOUR, monday):
        world.tick(now)
    sent = [(message.at, len(message.items)) for message in world.console.sent]
    (soon,) = [message for message in world.console.sent if ":soon-" in message.key]
    assert (soon.at, len(soon.items)) == (saturday - HOUR, 1)
    assert (monday, 3) in sent  # two tasks, and how the chat was


def test_what_is_put_off_while_a_digest_is_repeated_is_not_lost(world):
    """A digest whose sender died is repeated as it was; one of it that was put off meanwhile is said when asked for."""
    tasks(world, 3, TODAY)
    world.console.accepts_then_fails = True
    world.console.faults.append(PowerCut())
    with pytest.raises(PowerCut):
        world.tick()
    first = world.reminders()[0]
    world.change(first, snoozed_until_at=MONDAY + DAY)
    for now in (MONDAY + 2 * LEASE, MONDAY + HOUR, MONDAY + DAY):
        world.tick(now)
    assert world.console.titles().count(first.title) == 2
    assert {title: world.console.titles().count(title) for title in ("Task 1", "Task 2")} == {"Task 1": 2, "Task 2": 2}
    assert set(world.states()) <= {DeliveryState.COMPLETED, DeliveryState.COALESCED}


def test_a_refused_digest_comes_as_one_again(world):
    """A digest that a channel could not take is one message again when it is tried again."""
    tasks(world, 4, TODAY)
    world.console.refuse()
    world.tick()
    assert set(world.states()) == {DeliveryState.RETRYABLE}
    world.tick(MONDAY + timedelta(minutes=2))
    (message,) = world.console.sent
    assert len(message.items) == 4


def test_the_setting_turns_the_digest_off(crm, home):
    """`reminders.digest = false` is heeded by `crm reminder tick`."""
    (home / "config.toml").write_text("timezone = 'America/Los_Angeles'\n[reminders]\ndigest = false\n")
    for number in range(2):
        crm("task", "add", f"Task {number}", "--due", "2026-01-06", now="2026-01-05T17:00:00Z")
    crm("reminder", "tick", now="2026-01-05T17:00:00Z")
    said = crm("reminder", "tick", now="2026-01-06T16:00:00Z").out
    assert "2 reminders\n" not in said
    assert "coalesced" not in [each["state"] for each in crm("reminder", "history", "--json").json["items"]]


# The grouping itself


def outgoing(number, channel, minutes_late, urgent, message):
    return Outgoing(
        id=number,
        channel=channel,
        message_id=f"m{number}",
        coalesced_into=message,
        not_before_at=MONDAY - timedelta(minutes=minutes_late),
        attempt=0,
        max_attempts=30,
        lease_owner=None,
        lease_until_at=None,
        reminder_id=number,
        key=str(number),
        rule="follow_up",
        title="Write",
        urgent=urgent,
        snoozed_until_at=None,
    )


WAITING = st.lists(
    st.tuples(st.sampled_from(["email", "file"]), st.integers(0, 60), st.booleans(), st.none() | st.sampled_from("ab")),
    max_size=20,
).map(lambda rows: [outgoing(number, *row) for number, row in enumerate(rows)])


@given(WAITING, st.booleans())
def test_each_delivery_is_in_one_group(dues, digest):
    """Every delivery goes out once; a group is for one channel, and a repeat is not mixed with anything else."""
    found = list(groups(dues, now=MONDAY, digest=digest))
    assert sorted(each.id for group in found for each in group) == list(range(len(dues)))
    for group in found:
        assert len({each.channel for each in group}) == len({each.coalesced_into for each in group}) == 1


@given(WAITING, st.booleans())
def test_groups_are_few_and_urgent_ones_alone(dues, digest):
    """A channel has at most six messages besides repeats, with a digest five urgent ones and one; what is urgent and
    not late is alone unless there are too many such."""
    found = list(groups(dues, now=MONDAY, digest=digest))
    for channel in ("email", "file"):
        fresh = [group for group in found if group[0].channel == channel and group[0].coalesced_into is None]
        urgent = [each for group in fresh for each in group if each.urgent and each.not_before_at >= MONDAY - LATE]
        assert len(fresh) <= 2 * MOST_ALONE
        if len(urgent) <= MOST_ALONE:
            assert all([each] in fresh for each in urgent)
            assert not digest or len(fresh) <= len(urgent) + 1
