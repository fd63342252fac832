"""The rules on the week as a whole: how it stands on its last evening, and its account on the next morning."""

import shlex
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from reminder_support import DAY, HOUR, MONDAY, World
from rules_support import commands, is_one_line, planned
from sqlalchemy import event

from crm import models as m
from crm.models.words import TaskKind
from crm.store import records

SUNDAY_EVENING = datetime(2026, 1, 12, 2, tzinfo=UTC)  # 18:00 in Los Angeles
NEXT_MONDAY = datetime(2026, 1, 12, 16, tzinfo=UTC)  # 8:00 there
A_SECOND = timedelta(seconds=1)


@pytest.fixture
def world(empty_database, tmp_path):
    return World.copy(empty_database, tmp_path)


def worked(world, activity, minutes, at=MONDAY):
    with world.writing("log-hours", at) as session:
        records.add(session, m.TimeEntry(activity_id=activity.id, started_at=at, minutes=minutes))


def checked_in(world, commitment, at):
    with world.writing("check-in", at) as session:
        records.add(session, m.CheckIn(commitment_id=commitment.id, done_at=at))


@pytest.fixture
def busy(world):
    """Ten hours a week, of which eight are done, and two posts, of which one is."""
    activity, posts = world.target(600), world.commitment("Post on LinkedIn", 2)
    worked(world, activity, 480)
    checked_in(world, posts, MONDAY + DAY)
    return world


# How the week stands


def test_the_week_is_summed_up_on_its_last_evening(busy):
    """Before its hour only that it will come; then hours, commitments and what is still possible, till midnight."""
    (ahead,) = planned(busy, "week_summary", SUNDAY_EVENING - A_SECOND)
    assert ahead.title == "How the week till Sun 11 Jan 2026 stands"
    (found,) = planned(busy, "week_summary", SUNDAY_EVENING)
    assert found.key == ahead.key == "week_summary:2026-01-11"
    assert (found.due_at, found.expires_at) == (SUNDAY_EVENING, datetime(2026, 1, 12, 8, tzinfo=UTC))
    assert found.title == "This week: 8 h of 10 h, 0 of 1 commitments kept so far"
    assert found.body.splitlines()[:3] == [
        "Building projects: 8 h of 10 h",
        "2 h to go.",
        "Post on LinkedIn: 1 of 2 this week, today at the latest",
    ]
    assert planned(busy, "week_summary", found.expires_at) == []
    assert planned(busy, "week_summary", SUNDAY_EVENING - 2 * DAY - A_SECOND) == []


def test_a_week_with_all_done_is_told_so(busy):
    """Reached targets and kept commitments are good news, and said as such."""
    with busy.reading() as session:
        activity, posts = (records.every(session, each)[0] for each in (m.Activity, m.Commitment))
    worked(busy, activity, 180, MONDAY + DAY)
    checked_in(busy, posts, MONDAY + 2 * DAY)
    (found,) = planned(busy, "week_summary", SUNDAY_EVENING)
    assert found.title == "This week: 10 h of 10 h, 11 h in all, 1 of 1 commitments kept"
    assert "The week's targets are reached." in found.body
    assert "2 of 2 this week, kept" in found.body


def test_the_room_that_is_left_is_told_where_days_have_any(busy):
    """With room on Sunday, what is to go stands beside what there is time for."""
    with busy.writing("available") as session:
        records.add(session, m.Availability(weekday=6, minutes=90))
    (found,) = planned(busy, "week_summary", SUNDAY_EVENING)
    assert "2 h to go, 1 h 30 min of room till Sun 11 Jan 2026." in found.body


def test_the_evening_and_its_day_can_be_chosen(busy):
    """`rules.week_summary.weekday` and `.at`; a week that begins on Sunday is summed up within it."""
    (found,) = planned(busy, "week_summary", SUNDAY_EVENING - DAY, weekday="saturday", at="20:30")
    assert (found.key, found.due_at) == ("week_summary:2026-01-10", datetime(2026, 1, 11, 4, 30, tzinfo=UTC))
    assert found.expires_at == datetime(2026, 1, 12, 8, tzinfo=UTC)
    (found,) = planned(busy, "week_summary", SUNDAY_EVENING, week_starts_on="sunday", ahead=timedelta(0))
    assert found.expires_at == datetime(2026, 1, 18, 8, tzinfo=UTC)


@pytest.mark.parametrize("name", ["week_summary", "week_report"])
def test_without_targets_and_commitments_nothing_is_said(world, name):
    """Neither an activity without a target, nor a commitment that is only proposed, nor people make an account."""
    world.change(world.target(0), name="Reading")
    world.change(world.commitment("Post", 2), state="proposed")
    world.happened(MONDAY, world.person("Jane Roe"))
    assert [planned(world, name, MONDAY + day * DAY) for day in range(9)] == [[]] * 9


@pytest.mark.parametrize("name", ["week_summary", "week_report"])
def test_hours_of_the_plan_alone_are_enough(world, name):
    """The plan's hours per week are a target, from its start on."""
    with world.writing("plan", MONDAY) as session:
        records.add(session, m.Plan(weekly_hours=7, start_on=date(2026, 1, 14)))
    assert planned(world, name, NEXT_MONDAY) == []
    (found,) = planned(world, name, SUNDAY_EVENING + 7 * DAY + 14 * HOUR, ahead=7 * DAY)[:1]
    assert found.key.startswith(name)


# Its account


def test_the_account_comes_on_the_first_morning_of_the_next_week(busy):
    """Hours, people by their first names, answers, commitments, checklist and what comes; till the next account."""
    jane = busy.person("Jane Roe")
    busy.happened(MONDAY + DAY, jane, kind="coffee")
    busy.happened(MONDAY + DAY, busy.person("Kim Poe"))
    busy.happened(MONDAY + DAY, busy.person("Kim Lee"), direction="in")
    busy.task("Choose a project", None, kind=TaskKind.CHECKLIST, done_at=MONDAY + 2 * DAY)
    busy.task("Send the repo", date(2026, 1, 14), kind=TaskKind.PROMISE)
    busy.task("Write to Ana", date(2026, 1, 8))
    busy.review("Week 2", date(2026, 1, 16))
    with busy.writing("answer") as session:
        question = records.add(session, m.Question(text="What would you learn first?"))
        answer = m.Answer(question_id=question.id, contact_id=jane.id, text="Maps", asked_at=MONDAY + DAY)
        records.add(session, answer)
    (ahead,) = planned(busy, "week_report", NEXT_MONDAY - A_SECOND)[-1:]
    assert ahead.title == "The account of the week till Sun 11 Jan 2026"
    (found,) = planned(busy, "week_report", NEXT_MONDAY)
    assert found.key == ahead.key == "week_report:2026-01-12"
    assert (found.due_at, found.expires_at) == (NEXT_MONDAY, datetime(2026, 1, 19, 8, tzinfo=UTC))
    assert found.title == "Last week: 8 h of 10 h, 2 people reached, 0 of 1 commitments kept"
    assert found.body.splitlines() == [
        "Hours: 8 h of 10 h",
        "- Building projects: 8 h of 10 h",
        "People reached: 2",
        "- Talked with: Jane",
        "- Wrote to: Kim",
        "Answers gathered: 1",
        "- What would you learn first?: Jane",
        "Commitments: 0 of 1 kept",
        "- Post on LinkedIn: not kept, 1 of 2",
        "Checklist: 1 of 1 done",
        "- Done: Choose a project",
        "From Mon 12 Jan 2026 to Sun 18 Jan 2026",
        "- 1 still open from before: crm today",
        "- Review Week 2: Fri 16 Jan 2026",
        "- t2 Send the repo: Wed 14 Jan 2026",
        "As a text: crm week --report --at 2026-01-11",
    ]
    assert [each.key for each in planned(busy, "week_report", found.expires_at)] == ["week_report:2026-01-19"]


@pytest.mark.parametrize("by", ["target", "commitment"])
@pytest.mark.parametrize(("set_down", "spoken_of"), [(0, True), (3, True), (4, False), (6, False)])
def test_a_week_before_the_plan_is_not_held_against_it(world, by, set_down, spoken_of):
    """Who sets something down by Thursday hears of that week on the next Monday; otherwise of the next one."""
    (world.target if by == "target" else partial(world.commitment, "Sing"))(60, now=MONDAY + set_down * DAY)
    assert planned(world, "week_report", MONDAY + set_down * DAY + HOUR, ahead=timedelta(0)) == []
    found = [each.key for each in planned(world, "week_report", NEXT_MONDAY)]
    assert found == ["week_report:2026-01-12"] * spoken_of
    assert planned(world, "week_report", NEXT_MONDAY + 7 * DAY)


def test_streaks_are_told_as_they_stood_at_the_weeks_end(world):
    """Two whole weeks kept are two in a row; one that is missed ends them, and the best stays."""
    posts = world.commitment("Post", 1)
    for week in range(2):
        checked_in(world, posts, MONDAY + (7 * week + 1) * DAY)
    (found,) = planned(world, "week_report", NEXT_MONDAY + 7 * DAY)
    assert "- Post: kept, 1 of 1, 2 in a row" in found.body
    (found,) = planned(world, "week_report", NEXT_MONDAY + 14 * DAY)
    assert "- Post: not kept, 0 of 1, best 2" in found.body


def test_a_daily_commitment_is_told_by_its_days(world):
    """Of seven days, how many were kept; the day it was taken on counts, too, if it was kept."""
    posts = world.commitment("Sing", 1, "day")
    for day in (0, 1, 3):
        checked_in(world, posts, MONDAY + day * DAY)
    (found,) = planned(world, "week_report", NEXT_MONDAY)
    assert "- Sing: 3 of 7 days kept" in found.body


# That it is said once, and costs little


def test_both_are_said_once_with_what_is_known_then(busy):
    """The words are those of the hour at which it is said, however much is logged before and after."""
    busy.given = {"week_summary.at": "18:00"}
    with busy.reading() as session:
        activity = records.every(session, m.Activity)[0]
    for now in (SUNDAY_EVENING - DAY, SUNDAY_EVENING - HOUR):
        busy.tick(now)
    worked(busy, activity, 60, MONDAY + DAY)
    for now in (SUNDAY_EVENING, SUNDAY_EVENING + HOUR, NEXT_MONDAY, NEXT_MONDAY + HOUR, NEXT_MONDAY + 2 * DAY):
        busy.tick(now)
        worked(busy, activity, 1, MONDAY + DAY)
    said = [each for each in busy.console.titles() if each.startswith(("This week", "Last week"))]
    assert said == [
        "This week: 9 h of 10 h, 0 of 1 commitments kept so far",
        "Last week: 9 h 2 min of 10 h, 0 of 1 commitments kept",
    ]


def test_what_is_said_is_not_worked_out_again(busy):
    """On every later turn of the week the account costs one statement."""
    busy.tick(NEXT_MONDAY)
    seen = []
    event.listen(busy.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    (found,) = planned(busy, "week_report", NEXT_MONDAY + DAY)
    assert found.title.startswith("Last week: 8 h")
    assert len([each for each in seen if "FROM reminder" in each or "FROM activity" in each]) == 1


def test_the_commands_that_are_offered_work(crm, home):
    """Each can be copied to the command line as it stands."""
    world = World.at(home)
    world.target(600)
    for name, now in (("week_report", NEXT_MONDAY), ("week_summary", SUNDAY_EVENING)):
        (found,) = planned(world, name, now)
        offered = commands(found)
        assert offered
        for command in offered:
            _, *words = shlex.split(command)
            crm(*(["log-hours", "45m", "projects"] if "ACTIVITY" in words else words))


def test_many_things_stay_few_lines(world):
    """A week with very many people, tasks and commitments is told in at most forty lines, the title in one."""
    for number in range(15):
        world.commitment(f"Do {number} " + "very " * 100, 1)
    world.happened(MONDAY, *[world.person(f"Ada{number} Roe") for number in range(20)])
    for number in range(15):
        world.task(f"Task {number}", date(2026, 1, 13))
    for name, now in (("week_report", NEXT_MONDAY), ("week_summary", SUNDAY_EVENING)):
        (found,) = planned(world, name, now)
        assert is_one_line(found.title, 200)
        assert len(found.body.splitlines()) <= 40
        assert max(map(len, found.body.splitlines())) <= 250
