"""The rule on reviews that wait to be written."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from reminder_support import DAY, HOUR, MONDAY, World
from rules_support import commands, planned, run_each

from crm import models as m

NINETEENTH = date(2026, 1, 19)
TWENTY_FIRST = datetime(2026, 1, 21, 16, tzinfo=UTC)  # 8:00 in Los Angeles


@pytest.fixture
def world(empty_database, tmp_path):
    return World.copy(empty_database, tmp_path)


def said(world, now, **options):
    """The titles of what is due by then."""
    return [each.title for each in planned(world, "review_form", now, ahead=timedelta(0), **options)]


def test_a_review_whose_day_has_passed_waits_to_be_written(world):
    """Two days after it, at the time of all reminders, and not before; the rule on reviews had its say till then."""
    world.review("Week 2", NINETEENTH)
    assert said(world, TWENTY_FIRST - timedelta(seconds=1)) == []
    assert said(world, TWENTY_FIRST) == ["Write review Week 2, due Mon 19 Jan 2026"]
    assert [each.due_at for each in planned(world, "review", TWENTY_FIRST, ahead=timedelta(0))] == [TWENTY_FIRST - DAY]


def test_a_form_that_was_left_is_spoken_of(world):
    """Two days after it was started, whether or not its day is known."""
    world.review("Week 2", None, started_at=MONDAY)
    assert said(world, MONDAY + DAY + 22 * HOUR) == []
    assert said(world, MONDAY + 2 * DAY) == ["Go on with review Week 2, started Mon 5 Jan 2026"]


@pytest.mark.parametrize("started_on", [17, 18, 19])
def test_what_the_rule_on_reviews_says_is_not_doubled(world, started_on):
    """Of a form that was left just before or on the review's day, that rule speaks first."""
    world.review("Week 2", NINETEENTH, started_at=datetime(2026, 1, started_on, 17, tzinfo=UTC))
    assert said(world, TWENTY_FIRST - timedelta(seconds=1)) == []
    assert len(said(world, TWENTY_FIRST)) == 1


@pytest.mark.parametrize(
    "values", [{"completed_at": MONDAY}, {"due_on": date(2026, 2, 5)}, {"scheduled_on": date(2026, 1, 23)}]
)
def test_what_is_completed_or_moved_waits_no_more(world, values):
    """Completed, or put off to a day that is to come."""
    found = world.review("Week 2", NINETEENTH)
    world.change(found, **values)
    assert said(world, TWENTY_FIRST) == []


def test_the_days_are_a_setting(world):
    """`rules.review_form.after_days` says after how many."""
    world.review("Week 2", NINETEENTH)
    assert said(world, TWENTY_FIRST, after_days=5) == []
    assert len(said(world, TWENTY_FIRST + 3 * DAY, after_days=5)) == 1


def test_moving_to_another_zone_is_no_other_occurrence(world):
    """A start late in the evening is another day elsewhere, and the same key."""
    world.review("Week 2", None, started_at=datetime(2026, 1, 6, 7, tzinfo=UTC))
    zones = [ZoneInfo(each) for each in ("America/Los_Angeles", "Asia/Kathmandu", "Pacific/Apia")]
    keys = {each.key for tz in zones for each in planned(world, "review_form", MONDAY + 4 * DAY, tz)}
    assert len(keys) == 1


def test_it_is_said_once_and_ends_with_the_review(world):
    """Turn after turn it is one message; completing the review settles it."""
    found = world.review("Week 2", NINETEENTH)
    world.given["review.enabled"] = False
    for hours in range(0, 72, 18):
        world.tick(TWENTY_FIRST + hours * HOUR)
    assert world.console.titles() == ["Write review Week 2, due Mon 19 Jan 2026"]
    world.change(found, completed_at=TWENTY_FIRST)
    world.tick(TWENTY_FIRST + 5 * DAY)
    assert [each.state for each in world.reminders()] == ["cancelled"]


def test_its_commands_can_be_typed(crm, home):
    """Each of the commands that it names does what it says."""
    world = World.at(home)
    world.review("Week 2", NINETEENTH)
    (found,) = planned(world, "review_form", TWENTY_FIRST)
    assert run_each(crm, found) == commands(found)
    assert len(commands(found)) == 2
    with world.reading() as session:
        assert session.get_one(m.Review, 1).completed_at is None
