"""What is foreseen: the reminders to come, if nothing changes till then."""

from datetime import date, timedelta

import pytest
from reminder_support import DAY, HOUR, LOS_ANGELES, MONDAY, World, days

from reminders.preview import preview
from reminders.timing import Timing

TODAY = date(2026, 1, 5)


@pytest.fixture
def world(empty_database, tmp_path):
    return World.copy(empty_database, tmp_path)


def foreseen(world, now, until):
    with world.reading() as session:
        return preview(session, now=now, until=until, tz=LOS_ANGELES, given=world.options, timing=world.timing)


@pytest.mark.parametrize("turns_before", [0, 1])
def test_the_preview_is_what_then_happens(world, turns_before):
    """Nobody does anything for three weeks: what was foreseen is what is said, each at its time."""
    world.filled()
    start = MONDAY
    for now in days(start, turns_before):
        world.tick(now)
    expected = {each.key: each.say_at for each in foreseen(world, start, start + 21 * DAY)}
    assert len(expected) > 8
    turns = {at - early for at in expected.values() for early in (timedelta(0), timedelta(seconds=1))}
    happened = {}
    for now in sorted({*days(start, 21), *(at for at in turns if at >= start)}):
        before = len(world.console.sent)
        world.tick(now)
        happened |= {item.key: now for message in world.console.sent[before:] for item in message.items}
    assert {key: at for key, at in happened.items() if "hours_pace" not in key} == expected


def test_the_preview_knows_what_was_said_done_and_put_off(world):
    """What was said is not foreseen, nor what is done; what was put off stands at its new time."""
    world.task("Said", TODAY)
    world.tick()
    world.task("Done", TODAY + DAY)
    world.task("Put off", TODAY + DAY)
    world.tick(MONDAY + HOUR)
    done, put_off = world.reminders()[1:]
    world.change(done, state="done")
    world.change(put_off, snoozed_until_at=MONDAY + 3 * DAY)
    found = foreseen(world, MONDAY + 2 * HOUR, MONDAY + 30 * DAY)
    assert [(each.title, each.say_at) for each in found] == [("Put off", MONDAY + 3 * DAY)]
    world.change(world.reminders()[0], snoozed_until_at=MONDAY + 4 * DAY)
    found = foreseen(world, MONDAY + 2 * HOUR, MONDAY + 30 * DAY)
    assert [each.title for each in found] == ["Put off", "Said"]


def test_stages_that_are_said_together_are_one_line(world):
    """On a Saturday, with Friday's word on a review unsaid and its day on Monday: only that it is due will be said."""
    world.timing = Timing(working=frozenset(range(5)))
    world.given["review.lead_days"] = 3
    world.review("Week 2", TODAY + 7 * DAY)
    saturday = MONDAY + 5 * DAY
    found = foreseen(world, saturday, saturday + 2 * DAY + HOUR)
    assert [each.title for each in found] == ["Review Week 2 is due Mon 12 Jan 2026"]
    for now in (saturday, saturday + 2 * DAY):
        world.tick(now)
    assert world.console.titles() == [each.title for each in found]


def test_the_preview_writes_nothing(world):
    """The database is the same to the byte."""
    world.filled()
    before = world.contents()
    assert foreseen(world, MONDAY, MONDAY + 100 * DAY)
    assert world.contents() == before
