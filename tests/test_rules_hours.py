"""The rule on the week's hours: how far behind they are at midweek."""

from datetime import UTC, datetime, timedelta

import pytest
from reminder_support import DAY, MONDAY, World
from rules_support import planned

from crm.models import Availability, TimeEntry

WEDNESDAY = datetime(2026, 1, 7, 16, tzinfo=UTC)  # 8:00 in Los Angeles


@pytest.fixture
def world(empty_database, tmp_path):
    return World.copy(empty_database, tmp_path)


def test_the_pace_is_spoken_of_on_wednesday_when_behind(world):
    """From Wednesday 8:00 on, how much is missing; not before, and it expires with the week."""
    world.target(700)
    assert planned(world, "hours_pace", WEDNESDAY - timedelta(seconds=1)) == []
    (found,) = planned(world, "hours_pace", WEDNESDAY)
    assert found.key == "hours_pace:2026-01-07"
    assert found.title == "3.3 h behind this week's hours"
    assert found.expires_at == datetime(2026, 1, 12, 8, tzinfo=UTC)
    assert found.body.splitlines()[0] == "11.7 h to go till Sun 11 Jan 2026."


@pytest.mark.parametrize(
    ("minutes", "title", "lacks"),
    [
        (100, "3.3 h behind, 8.3 h of room by Sunday", ", more than there is room for"),
        (300, "3.3 h behind, 25 h of room by Sunday", ""),
    ],
)
def test_the_room_that_is_left_stands_beside_it(world, minutes, title, lacks):
    """As in `crm week`: by how much one is behind, and what room the rest of the week has."""
    world.target(700)
    with world.writing("available") as session:
        session.add_all(Availability(weekday=day, minutes=minutes) for day in range(7))
    (found,) = planned(world, "hours_pace", WEDNESDAY)
    assert found.title == title
    assert found.body.splitlines()[0] == f"11.7 h to go till Sun 11 Jan 2026{lacks}."


def test_who_keeps_the_pace_hears_nothing(world):
    """With the hours logged, or without a target, Wednesday is silent."""
    activity = world.target(700)
    with world.writing() as session:
        session.add(TimeEntry(activity_id=activity.id, started_at=MONDAY, minutes=200))
    assert planned(world, "hours_pace", WEDNESDAY) == []


def test_a_past_week_is_not_held_against_a_new_plan(world):
    """Who starts on Thursday is not told of Wednesday."""
    world.target(700, now=WEDNESDAY + DAY)
    assert planned(world, "hours_pace", WEDNESDAY + 2 * DAY) == []
