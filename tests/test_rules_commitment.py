"""The rule on commitments: said when the last day comes on which once a day still suffices."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from reminder_support import DAY, HOUR, MONDAY, World
from rules_support import is_one_line, planned, run_each

from crm import models as m
from crm.models.words import DeliveryState
from reminders import rules

MORNING = datetime(2026, 1, 5, 16, tzinfo=UTC)  # 8:00 in Los Angeles
SATURDAY, SUNDAY = MORNING + 5 * DAY, MORNING + 6 * DAY


@pytest.fixture
def world(empty_database, tmp_path):
    """An empty one, in which no other rule speaks."""
    made = World.copy(empty_database, tmp_path)
    made.given |= {f"{name}.enabled": False for name in rules.names() if name != "commitment"}
    return made


def mark(world, commitment, at, skip=None):
    with world.writing("check-in", at) as session:
        session.add(m.CheckIn(commitment_id=commitment.id, done_at=at, skip_reason=skip))


def due(world, now, **options):
    """What has fallen due: its title, by its key."""
    return {each.key: each.title for each in planned(world, "commitment", now, ahead=timedelta(0), **options)}


def test_the_last_day_is_spoken_of_in_the_morning(world):
    """Of twice a week, nothing done by Saturday 8:00: today at the latest; it expires with the week."""
    posting = world.commitment("Post on LinkedIn", 2)
    assert due(world, SATURDAY - timedelta(seconds=1)) == {}
    (found,) = planned(world, "commitment", SATURDAY)
    assert found.key == f"commitment:{posting.uid}:2026-01-05:2"
    assert found.title == "Post on LinkedIn: 0 of 2 this week, today at the latest"
    assert (found.due_at, found.local_on) == (SATURDAY, date(2026, 1, 10))
    assert found.expires_at == datetime(2026, 1, 12, 8, tzinfo=UTC)


def test_a_check_in_puts_it_off_to_the_next_day_that_matters(world):
    """One done on Saturday: the other is spoken of on Sunday morning; once it is kept, nothing is."""
    posting = world.commitment("Post on LinkedIn", 2)
    mark(world, posting, SATURDAY + 2 * HOUR)
    assert due(world, SATURDAY + 3 * HOUR) == {}
    assert due(world, SUNDAY) == {
        f"commitment:{posting.uid}:2026-01-05:1": "Post on LinkedIn: 1 of 2 this week, today at the latest"
    }
    mark(world, posting, SUNDAY + HOUR)
    assert due(world, SUNDAY + 2 * HOUR) == {}


def test_who_has_just_acted_is_not_asked_for_more_at_once(world):
    """Of two that were left for Sunday one is done: the other is not asked for in the same breath."""
    posting = world.commitment("Post on LinkedIn", 2)
    assert due(world, SUNDAY) == {
        f"commitment:{posting.uid}:2026-01-05:2": "Post on LinkedIn: 0 of 2 this week, two more today"
    }
    mark(world, posting, SUNDAY + HOUR)
    assert due(world, SUNDAY + 2 * HOUR) == {}


def test_a_skip_counts_as_one(world):
    """A skip with its reason leaves one less to do."""
    mark(world, world.commitment("Post on LinkedIn", 1), MONDAY, skip="was ill")
    assert due(world, SUNDAY) == {}


def test_a_daily_one_is_spoken_of_in_the_evening(world):
    """At 18:00, or when the person says; once a day, however much is left."""
    reading = world.commitment("Read", 2, "day")
    evening = datetime(2026, 1, 6, 2, tzinfo=UTC)
    assert due(world, evening - timedelta(seconds=1)) == {}
    assert due(world, evening) == {f"commitment:{reading.uid}:2026-01-05": "Read: 0 of 2 today, two more to do"}
    mark(world, reading, evening + HOUR)
    assert due(world, evening + 2 * HOUR) == {
        f"commitment:{reading.uid}:2026-01-05": "Read: 1 of 2 today, one more to do"
    }
    assert due(world, evening + HOUR, evening="21:30") == {}


def test_who_takes_it_on_at_night_is_not_told_that_day(world):
    """A daily one that was made at 19:00 is spoken of on the next evening."""
    evening = datetime(2026, 1, 6, 2, tzinfo=UTC)
    world.commitment("Read", 1, "day", now=evening + HOUR)
    assert due(world, evening + 2 * HOUR) == {}
    assert len(due(world, evening + DAY)) == 1


def test_the_week_begins_when_the_person_says(world):
    """Weeks from Sunday on end on Saturday."""
    posting = world.commitment("Post on LinkedIn", 1, now=MONDAY - DAY)
    assert list(due(world, SATURDAY, week_starts_on="sunday")) == [f"commitment:{posting.uid}:2026-01-04:1"]


def test_a_month_is_spoken_of_near_its_end(world):
    """Three times a month, none done: on the third day before its end."""
    world.commitment("Coffee", 3, "month", now=MONDAY - 10 * DAY)
    assert due(world, datetime(2026, 1, 29, 15, 59, tzinfo=UTC)) == {}
    assert len(due(world, datetime(2026, 1, 29, 16, tzinfo=UTC))) == 1


def test_a_part_of_a_week_is_let_be(world):
    """Who accepts on Wednesday is not told of that week; the next one counts."""
    world.commitment("Post on LinkedIn", 1, now=MONDAY + 2 * DAY)
    assert due(world, SUNDAY) == {}
    assert len(due(world, SUNDAY + 7 * DAY)) == 1


def test_what_is_not_accepted_is_not_spoken_of(world):
    """Proposed and ended ones are silent."""
    posting = world.commitment("Post on LinkedIn", 1)
    for state in ("proposed", "ended"):
        world.change(posting, state=state)
        assert due(world, SUNDAY) == {}


def test_the_morning_is_when_the_person_says(world):
    """`reminders.at` counts for weeks and months."""
    world.commitment("Post on LinkedIn", 1)
    assert due(world, SUNDAY, at=time(9, 30)) == {}
    assert len(due(world, SUNDAY + 2 * HOUR, at=time(9, 30))) == 1


def test_a_check_in_cancels_what_waits(world):
    """It could not be sent on Sunday morning; then the post is made, and nothing is sent any more."""
    posting = world.commitment("Post on LinkedIn", 1)
    world.console.refuse(1)
    world.tick(SUNDAY)
    mark(world, posting, SUNDAY + HOUR)
    world.tick(SUNDAY + 2 * HOUR)
    assert world.console.titles() == []
    assert world.states() == [DeliveryState.CANCELLED]


def test_a_day_that_was_slept_through_expires_visibly(world):
    """The machine was off on Sunday: on Monday that week's reminder is told as expired, not sent."""
    world.commitment("Post on LinkedIn", 1)
    world.tick(SUNDAY + DAY)
    assert world.console.titles() == []
    assert world.states() == [DeliveryState.EXPIRED]


def test_its_commands_can_be_copied(crm, home):
    """Each command that it offers runs as it stands."""
    crm("commitment", "add", "Post on LinkedIn", "1/week", "--accept")
    (found,) = planned(World.at(home), "commitment", SUNDAY)
    assert run_each(crm, found) == ["crm check-in m1", "crm check-in m1 --skip REASON"]


def test_a_long_title_stays_a_line(world):
    """A title of ten thousand letters, with line ends in it, is cut."""
    world.commitment("Post\r\n" * 2000, 1)
    (found,) = planned(world, "commitment", SUNDAY)
    assert is_one_line(found.title, 200)
