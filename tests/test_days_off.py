"""What is due on a day off is said on the last working day before it, never after it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reminder_support import DAY, HOUR, MONDAY, World, days
from rules_support import planned

from crm.models.words import Horizon, TaskKind
from reminders.days_off import EVERY_DAY, reach, worked_on
from reminders.timing import Timing

WEEKDAYS = frozenset(range(5))
SATURDAY = date(2026, 1, 10)
FRIDAY = datetime(2026, 1, 9, 16, tzinfo=UTC)  # 8:00 in Los Angeles
WORKING = st.frozensets(st.integers(0, 6), min_size=1)
DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))


@pytest.fixture
def world(empty_database, tmp_path):
    found = World.copy(empty_database, tmp_path)
    found.timing = Timing(working=WEEKDAYS)
    return found


def said(world, *turns):
    """What is said at each of the turns."""
    found = []
    for now in turns:
        before = len(world.console.sent)
        world.tick(now)
        found.append([item.title for message in world.console.sent[before:] for item in message.items])
    return found


@given(DAYS, WORKING)
def test_the_working_day_is_the_last_one_before(day, working):
    """It is worked on, no later than the day, and no working day lies between; it is the day itself if that is one."""
    found = worked_on(day, working)
    assert found.weekday() in working
    assert not [each for each in range(1, (day - found).days + 1) if (found + each * DAY).weekday() in working]


@given(DAYS, WORKING)
def test_the_reach_of_a_day_is_all_that_is_said_by_then(day, working):
    """Everything up to the reach is said on the day or before it, and what is one day later is said later."""
    last = reach(day, working)
    assert worked_on(last, working) <= day < worked_on(last + DAY, working)


@pytest.mark.parametrize(
    ("kind", "due_on"),
    [(TaskKind.FOLLOW_UP, SATURDAY), (TaskKind.PROMISE, SATURDAY + DAY), (TaskKind.CHECKLIST, SATURDAY)],
)
def test_a_weekends_task_is_said_on_friday(world, kind, due_on):
    """Due on Saturday or Sunday: said on Friday's morning with its day in the title, and not again."""
    world.task("Send the repo", due_on, kind=kind)
    title = f"Send the repo, by {due_on:%a} {due_on.day} Jan 2026"
    assert said(world, FRIDAY - DAY, FRIDAY, *days(FRIDAY + DAY, 3)) == [[], [title], [], [], []]


def test_the_items_of_a_horizon_are_said_together_on_friday(world):
    """The checklist of a week that ends on Sunday comes on Friday, as one reminder."""
    for title in ("Choose a project", "Write the list"):
        world.task(title, SATURDAY + DAY, kind=TaskKind.CHECKLIST, horizon=Horizon.THIS_WEEK.value)
    assert said(world, MONDAY, FRIDAY, FRIDAY + 3 * DAY) == [[], ["Checklist: 2 items by Sun 11 Jan 2026"], []]


def test_notice_is_given_on_a_working_day(world):
    """Notice that would be given on a Sunday is given on Friday."""
    world.given["lead_days"] = 2
    world.task("Send the repo", date(2026, 1, 13))
    assert said(world, FRIDAY - DAY, FRIDAY, FRIDAY + 3 * DAY) == [[], ["Send the repo, by Tue 13 Jan 2026"], []]


def test_a_review_is_announced_and_due_on_working_days(world):
    """Announced for a Saturday, due on a Sunday: said on the Fridays before; that it is overdue comes after."""
    world.given |= dict.fromkeys(("review_form.enabled", "week_report.enabled", "week_summary.enabled"), False)
    world.review("Week 2", date(2026, 1, 13))
    world.review("Month 1", date(2026, 1, 18))
    coming = "Coming up: review {} on {}"
    assert said(world, FRIDAY - DAY, FRIDAY, FRIDAY + DAY) == [[], [coming.format("Week 2", "Tue 13 Jan 2026")], []]
    thursday = FRIDAY + 6 * DAY
    assert said(world, thursday)[0][-1] == coming.format("Month 1", "Sun 18 Jan 2026")
    due, overdue = "Review Month 1 is due Sun 18 Jan 2026", "Overdue: review Month 1 was due Sun 18 Jan 2026"
    assert said(world, FRIDAY + 7 * DAY, FRIDAY + 9 * DAY, FRIDAY + 10 * DAY) == [[due], [], [overdue]]


def test_two_words_on_a_review_that_fall_on_one_day_are_one(world):
    """Announced for Saturday and due on Sunday, both would be said on Friday: only that it is due is."""
    world.given["review.lead_days"] = 1
    world.review("Week 2", SATURDAY + DAY)
    assert said(world, MONDAY, FRIDAY, FRIDAY + DAY) == [[], ["Review Week 2 is due Sun 11 Jan 2026"], []]


def test_an_introduction_that_is_wanted_by_a_day_off(world):
    """It is to be asked for, or news of it, on Friday; thanks that are due on a Saturday are said on Monday."""
    world.introduction("asked", due_on=SATURDAY)
    world.introduction("made", moved_at=FRIDAY)
    asked, thanks = (
        f"{words} an introduction to a data engineer" for words in ("from Mia Orr about", "Thank Mia Orr for")
    )
    assert said(world, MONDAY, FRIDAY, FRIDAY + 3 * DAY) == [[], [f"Any news {asked}?"], [thanks]]


def test_a_birthdays_notice_is_given_before_and_its_wish_on_the_day(world):
    """Two days ahead of a Monday is Friday; on the day itself it is said even where that is a day off."""
    world.person("Jane Roe", birthday="1990-01-12")
    world.person("Kim Poe", birthday="1990-01-10")
    found = planned(world, "birthday", FRIDAY, lead_days=2, working_days=WEEKDAYS, ahead=timedelta(0))
    assert {each.title: each.due_at for each in found}["Birthday of Jane Roe: Mon 12 Jan 2026"] == FRIDAY
    world.given["stay_in_touch.enabled"] = False
    assert said(world, FRIDAY, FRIDAY + DAY) == [[], ["Birthday of Kim Poe: Sat 10 Jan 2026"]]


def test_what_came_up_too_late_for_friday_is_said_on_its_own_day(world):
    """On Saturday a task is set for Sunday: it is said on Sunday's morning, though that is a day off."""
    world.task("Send the repo", SATURDAY + DAY)
    saturday = FRIDAY + DAY + 2 * HOUR
    title = "Send the repo, by Sun 11 Jan 2026"
    assert said(world, saturday, FRIDAY + 2 * DAY - HOUR, FRIDAY + 2 * DAY, FRIDAY + 3 * DAY) == [[], [], [title], []]


def test_what_is_overdue_is_not_said_on_a_day_off(world):
    """A machine that was off from Friday to Sunday says on Monday what was due on Saturday."""
    world.task("Send the repo", SATURDAY)
    world.task("Write to Jane Roe", date(2026, 1, 7))
    world.tick(MONDAY)
    assert [len(each) for each in said(world, FRIDAY + 2 * DAY, FRIDAY + 3 * DAY)] == [0, 2]


def test_what_was_put_off_is_left_alone_until_its_day(world):
    """A task that was put off until a Saturday is not said on Friday."""
    world.task("Send the repo", MONDAY.date(), snoozed_until_on=SATURDAY)
    assert said(world, MONDAY, FRIDAY, FRIDAY + 3 * DAY) == [[], [], ["Send the repo"]]


def test_the_setting_decides_and_the_preview_tells(crm, home):
    """With `reminders.working_days` what is due on Sunday is foreseen and sent on Friday; without it, on Sunday."""
    now = "2026-01-05T17:00:00Z"
    crm("task", "add", "Send the repo", "--due", "2026-01-11", now=now)

    def foreseen():
        (found,) = crm("reminder", "preview", "--until", "2026-01-31", "--json", now=now).json["items"]
        return found["say_at"]

    assert foreseen() == "2026-01-11T16:00:00Z"
    crm("config", "set", "reminders.working_days", "monday,tuesday,wednesday,thursday,friday")
    assert foreseen() == "2026-01-09T16:00:00Z"
    told = crm("reminder", "tick", "--json", now="2026-01-09T16:00:00Z").json["deliveries"]
    assert [(each["title"], each["state"]) for each in told] == [("Send the repo, by Sun 11 Jan 2026", "completed")]


def test_every_day_is_worked_on_by_default(world):
    """Without days off nothing is moved."""
    assert [worked_on(SATURDAY, EVERY_DAY), reach(SATURDAY, EVERY_DAY)] == [SATURDAY, SATURDAY]
