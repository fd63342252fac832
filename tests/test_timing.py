"""When something may be said: quiet hours, working days, and clocks that change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reminder_support import DAY, HOUR, LOS_ANGELES, MONDAY, World, days

from crm.models.words import DeliveryState
from crm.settings import load
from crm.store import outbox
from reminders.timing import Timing

TODAY = date(2026, 1, 5)
BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = Timing(quiet=(time(22), time(7)))
MINUTES = st.times().map(lambda each: each.replace(second=0, microsecond=0))
TIMINGS = st.builds(
    Timing,
    quiet=st.none() | st.tuples(MINUTES, MINUTES).filter(lambda edges: edges[0] != edges[1]),
    working=st.frozensets(st.integers(0, 6), min_size=1),
    at=MINUTES,
)
ZONES = st.sampled_from(sorted(available_timezones() - {"localtime", "Factory"})).map(ZoneInfo)
INSTANTS = st.integers(0, 7 * 366 * 24 * 60).map(
    lambda minutes: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
CHANGES = st.sampled_from([datetime(2026, 3, 8, 10, tzinfo=UTC), datetime(2026, 11, 1, 9, tzinfo=UTC)])
"""When the clock is put forward and back in Los Angeles."""


@pytest.fixture
def world(empty_database, tmp_path):
    return World.copy(empty_database, tmp_path)


def is_quiet(timing: Timing, instant: datetime, tz: ZoneInfo) -> bool:
    """Whether the clock on the wall shows a time in the quiet hours."""
    if timing.quiet is None:
        return False
    shown, (first, last) = instant.astimezone(tz).time().replace(fold=0), timing.quiet
    return first <= shown < last if first < last else shown >= first or shown < last


def local(tz: ZoneInfo, *parts: int) -> datetime:
    return datetime(*parts, tzinfo=tz).astimezone(UTC)


# The instants themselves


@given(TIMINGS, INSTANTS, ZONES, st.booleans())
def test_the_allowed_instant_keeps_every_promise(timing, instant, tz, urgent):
    """It is not earlier, not in quiet hours, its own allowed instant; what is not urgent is on a working day."""
    found = timing.allowed_at(instant, tz, urgent=urgent)
    assert found >= instant
    assert not is_quiet(timing, found, tz)
    assert timing.quiet_until(found, tz) is None
    assert timing.allowed_at(found, tz, urgent=urgent) == found
    assert found - instant <= (3 if urgent else 15) * DAY
    if not urgent:
        assert found.astimezone(tz).weekday() in timing.working


@given(TIMINGS, CHANGES, st.integers(-3000, 3000), st.integers(0, 3000), st.booleans())
def test_a_later_instant_is_not_allowed_earlier(timing, change, minutes, more, urgent):
    """The order of two instants is kept, also across a change of the clock."""
    first = change + timedelta(minutes=minutes)
    second = first + timedelta(minutes=more)
    allowed = [timing.allowed_at(each, LOS_ANGELES, urgent=urgent) for each in (first, second)]
    assert allowed == sorted(allowed)


@given(TIMINGS, CHANGES, st.integers(-1500, 1500))
def test_quiet_hours_end_by_the_clock_on_the_wall(timing, change, minutes):
    """Whatever the wall shows in quiet hours is within them, and they end where it shows their end or after it."""
    instant = change + timedelta(minutes=minutes)
    until = timing.quiet_until(instant, LOS_ANGELES)
    if is_quiet(timing, instant, LOS_ANGELES):
        assert until is not None
    if until is not None:
        assert until > instant
        assert not is_quiet(timing, until, LOS_ANGELES)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ((2026, 1, 5, 21, 59), (2026, 1, 5, 21, 59)),
        ((2026, 1, 5, 22), (2026, 1, 6, 7)),
        ((2026, 1, 6, 3), (2026, 1, 6, 7)),
        ((2026, 1, 6, 7), (2026, 1, 6, 7)),
        ((2028, 2, 28, 23), (2028, 2, 29, 7)),  # a leap day
        ((2028, 2, 29, 23), (2028, 3, 1, 7)),
        ((2025, 12, 31, 23), (2026, 1, 1, 7)),
    ],
)
def test_a_night_that_spans_midnight(at, expected):
    """From 22:00 on it waits until 7:00 of the day after."""
    assert NIGHT.allowed_at(local(BERLIN, *at), BERLIN, urgent=True) == local(BERLIN, *expected)


@pytest.mark.parametrize(
    ("quiet", "at", "until"),
    [
        ((time(22), time(2, 30)), datetime(2026, 3, 8, 9, tzinfo=UTC), datetime(2026, 3, 8, 10, 30, tzinfo=UTC)),
        ((time(22), time(1, 30)), datetime(2026, 11, 1, 7, tzinfo=UTC), datetime(2026, 11, 1, 9, 30, tzinfo=UTC)),
        ((time(1, 30), time(7)), datetime(2026, 11, 1, 8, 30, tzinfo=UTC), datetime(2026, 11, 1, 15, tzinfo=UTC)),
        ((time(2, 30), time(7)), datetime(2026, 3, 8, 10, tzinfo=UTC), datetime(2026, 3, 8, 14, tzinfo=UTC)),
    ],
)
def test_an_edge_that_the_clock_skips_or_shows_twice(quiet, at, until):
    """Quiet hours are then as long as they can be meant: the later end, the earlier beginning."""
    timing = Timing(quiet=quiet)
    assert timing.quiet_until(at, LOS_ANGELES) == until
    assert timing.allowed_at(at - timedelta(seconds=1), LOS_ANGELES, urgent=True) <= until


@pytest.mark.parametrize(
    ("working", "at", "expected"),
    [
        ({0, 1, 2, 3, 4}, (2026, 1, 9, 17), (2026, 1, 9, 17)),  # Friday afternoon
        ({0, 1, 2, 3, 4}, (2026, 1, 10, 8), (2026, 1, 12, 8)),  # Saturday
        ({0, 1, 2, 3, 4}, (2026, 1, 12, 3), (2026, 1, 12, 8)),  # before Monday's morning
        ({2}, (2026, 1, 8, 8), (2026, 1, 14, 8)),
        ({0, 1, 2, 3, 4, 5, 6}, (2026, 1, 10, 8), (2026, 1, 10, 8)),
    ],
)
def test_what_is_not_urgent_waits_for_a_working_days_morning(working, at, expected):
    """What falls on a day off is said on the next working day's morning, and nothing before a morning."""
    timing = Timing(working=frozenset(working))
    assert timing.allowed_at(local(BERLIN, *at), BERLIN, urgent=False) == local(BERLIN, *expected)
    assert timing.allowed_at(local(BERLIN, *at), BERLIN, urgent=True) == local(BERLIN, *at)


def test_quiet_hours_over_the_whole_working_day_leave_its_night():
    """If nothing after the morning is left of a day, what is left before it is taken."""
    timing = Timing(quiet=(time(7), time(0)), working=frozenset({0}))
    found = timing.allowed_at(local(BERLIN, 2026, 1, 5, 9), BERLIN, urgent=False)
    assert found == local(BERLIN, 2026, 1, 12, 0)


def test_the_settings_are_understood(home, monkeypatch):
    """Quiet hours, working days, the morning and the digest come from the settings."""
    monkeypatch.setenv("CRM_HOME", str(home))
    assert Timing.from_settings(load()) == Timing()
    (home / "config.toml").write_text(
        "[reminders]\nquiet_hours = '21:30-06:45'\nworking_days = ['monday', 'sunday']\nat = '09:15'\ndigest = false\n"
    )
    expected = Timing((time(21, 30), time(6, 45)), frozenset({0, 6}), time(9, 15), digest=False)
    assert Timing.from_settings(load()) == expected


# Turns


def test_nothing_is_said_in_quiet_hours(world):
    """A turn in quiet hours plans, sends nothing and says until when; the first turn after them sends."""
    world.timing = Timing(quiet=(time(8), time(10)))
    world.task("Write to Jane Roe", TODAY)
    report = world.tick(MONDAY)  # 9:00 in Los Angeles
    assert (report.planned, report.deliveries) == (1, ())
    assert report.quiet_until == MONDAY + HOUR
    assert [each.not_before_at for each in world.deliveries()] == [MONDAY + HOUR]
    assert world.tick(MONDAY + HOUR / 2).planned == 0
    assert world.tick(MONDAY + HOUR).quiet_until is None
    assert [message.at for message in world.console.sent] == [MONDAY + HOUR]


def test_a_retry_waits_for_the_end_of_quiet_hours(world):
    """A channel that fails before the night is tried again in the morning."""
    world.timing = NIGHT
    world.task("Write to Jane Roe", TODAY)
    world.console.refuse(6)
    now = MONDAY
    for _ in range(6):
        world.tick(now)
        now = world.deliveries()[0].not_before_at
    assert now == local(LOS_ANGELES, 2026, 1, 6, 7)


def test_a_snooze_is_kept_on_a_day_off_but_not_in_quiet_hours(world):
    """The person's own word counts on any day; only the quiet hours move it."""
    world.timing = Timing(quiet=NIGHT.quiet, working=frozenset({0, 1, 2, 3, 4}))
    world.task("Write to Jane Roe", TODAY)
    world.tick()
    (reminder,) = world.reminders()
    for chosen, expected in [((10, 12), (10, 12)), ((10, 23), (11, 7))]:
        world.change(reminder, snoozed_until_at=local(LOS_ANGELES, 2026, 1, *chosen))
        world.tick()
        assert world.deliveries()[0].not_before_at == local(LOS_ANGELES, 2026, 1, *expected)


def test_what_is_overdue_on_a_day_off_waits(world):
    """A machine that starts on a Saturday says what is overdue on Monday's morning, once."""
    world.timing = Timing(working=frozenset({0, 1, 2, 3, 4}))
    world.task("Write to Jane Roe", TODAY)
    saturday = datetime(2026, 1, 10, 18, tzinfo=UTC)
    for now in days(saturday, 6, timedelta(hours=12)):
        world.tick(now)
    assert [message.at for message in world.console.sent] == [saturday + 2 * DAY]
    assert world.deliveries()[0].state == DeliveryState.COMPLETED


def test_what_is_not_yet_sent_moves_with_the_traveller(world):
    """In another zone the morning is that zone's, and the quiet hours are; what was sent stays as it was."""
    world.task("Write to Jane Roe", TODAY)
    world.task("Send the repo", TODAY + DAY)
    world.tick()
    sent, waits = world.deliveries()
    assert waits.not_before_at == local(LOS_ANGELES, 2026, 1, 6, 8)
    world.tick(tz=BERLIN)
    assert world.deliveries()[0] == sent
    assert world.deliveries()[1].not_before_at == local(BERLIN, 2026, 1, 6, 8)
    world.timing = Timing(quiet=(time(7), time(11)))
    world.tick(tz=BERLIN)
    assert world.deliveries()[1].not_before_at == local(BERLIN, 2026, 1, 6, 11)


def test_what_was_said_keeps_its_time_in_another_zone(world):
    """On one channel said, on another given up with its channel: in another zone its words and times stay as told."""
    world.task("Write to Jane Roe", TODAY)
    world.tick()
    (delivery,) = world.deliveries()
    with world.writing() as session:
        given_up = {"state": DeliveryState.CANCELLED.value, "not_before_at": MONDAY, "message_id": "gone"}
        outbox.add_deliveries(
            session, [{"reminder_id": delivery.reminder_id, "channel": "desktop", **given_up}], now=MONDAY
        )
    (before,) = world.reminders()
    for now in days(MONDAY + HOUR, 3):
        world.tick(now, tz=BERLIN)
    (after,) = world.reminders()
    assert (after.due_at, after.revision) == (before.due_at, before.revision)
    assert before.due_at == local(LOS_ANGELES, 2026, 1, 5, 8)


def test_what_expires_in_quiet_hours_ends_as_expired(world):
    """What could only be said in quiet hours is never said: it ends visibly as expired."""
    world.person("Jane Roe", birthday="1990-01-05")
    world.timing = Timing(quiet=(time(0, 1), time(0)))  # on the birthday itself, a minute at midnight is left
    world.tick()
    assert world.states() == [DeliveryState.SCHEDULED]
    report = world.tick(MONDAY + DAY)
    assert [each.state for each in report.deliveries if each.rule == "birthday"] == [DeliveryState.EXPIRED]
    assert world.console.sent == []


@pytest.mark.parametrize("day", [date(2026, 3, 8), date(2026, 11, 1), date(2028, 2, 29)])
def test_special_days_have_their_reminders_once(world, day):
    """On days of a clock change and on a leap day each reminder is said once, out of quiet hours."""
    world.timing = Timing(quiet=(time(22), time(2, 30)))
    world.given = {"at": time(1, 30)}
    world.task("Write to Jane Roe", day)
    start = datetime.combine(day, time(4), tzinfo=UTC)
    for now in days(start, 24, HOUR):
        world.tick(now)
    (message,) = world.console.sent
    assert message.at.date() == day
    assert not is_quiet(world.timing, message.at, LOS_ANGELES)


def test_the_screen_tells_of_quiet_hours(crm, home):
    """`crm reminder tick` in quiet hours says until when they last and how many reminders wait; JSON has it too."""
    (home / "config.toml").write_text("timezone = 'America/Los_Angeles'\n[reminders]\nquiet_hours = '22:00-07:00'\n")
    for number in range(3):
        crm("task", "add", f"Task {number}", "--due", "2026-01-05", now="2026-01-05T17:00:00Z")
    night = "2026-01-07T06:30:00Z"  # 22:30
    said = crm("reminder", "tick", now=night).out
    assert "Quiet hours until Wed 7 Jan 2026 07:00; 3 reminders wait." in said
    told = crm("reminder", "tick", "--json", now=night).json
    assert (told["quiet_until"], told["waiting"], told["deliveries"]) == ("2026-01-07T15:00:00Z", 3, [])
    assert "Task 0" in crm("reminder", "preview", "--until", "2026-01-07", now=night).out
    (first, *_) = crm("reminder", "preview", "--until", "2026-01-07", "--json", now=night).json["items"]
    assert first["say_at"] == "2026-01-07T16:00:00Z"  # 8:00: what is not urgent waits for the morning
    told = crm("reminder", "tick", "--json", now="2026-01-07T16:00:00Z").json
    assert (told["quiet_until"], told["waiting"], len(told["deliveries"])) == (None, 0, 3)


def test_what_expires_before_the_next_working_day_is_said_on_a_day_off(world):
    """A Saturday's birthday is said on Saturday, though only weekdays are worked on; what can wait waits for Monday."""
    world.timing = Timing(working=frozenset(range(5)), quiet=(time(22), time(9)))
    world.person("Jane Roe", birthday="1990-01-10")
    world.task("Write to Kim Poe", date(2026, 1, 9))
    said = [
        [each.title for each in world.tick(now).deliveries if each.rule in {"birthday", "follow_up"}]
        for now in days(datetime(2026, 1, 10, 18, tzinfo=UTC), 3)
    ]
    assert said == [["Birthday of Jane Roe: Sat 10 Jan 2026"], [], ["Write to Kim Poe"]]


def test_a_chat_that_begins_in_quiet_hours_is_announced_before_them(world):
    """What would be too late when quiet hours end is said before they begin, to the last that is urgent."""
    world.timing = NIGHT
    world.chat(datetime(2026, 1, 6, 14, 30, tzinfo=UTC), "Jane Roe")  # 6:30, and an hour before it is night
    for now in (MONDAY, *days(datetime(2026, 1, 6, 5, 30, tzinfo=UTC), 5, timedelta(minutes=15))):
        world.tick(now)
    sent = [message for message in world.console.sent if any("soon-1430" in item.key for item in message.items)]
    assert [f"{message.at:%a %H:%M}" for message in sent] == ["Mon 21:45"]


def test_what_expired_by_a_wrong_clock_is_said_once_it_is_right(world):
    """A clock weeks ahead lets things expire; put right, they are said at their time, and nothing is said twice."""
    world.person("Jane Roe", birthday="1990-01-07")
    world.tick(MONDAY)
    world.tick(MONDAY + 20 * DAY)
    assert "birthday" not in {each.key.partition(":")[0] for message in world.console.sent for each in message.items}
    for now in days(MONDAY + HOUR, 6, 12 * HOUR):
        world.tick(now)
    said = [each.key for message in world.console.sent for each in message.items]
    assert sum(each.startswith("birthday") for each in said) == 1
    assert len(said) == len(set(said))
