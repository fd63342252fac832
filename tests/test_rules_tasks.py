"""The rules on tasks and reviews: promises, follow-ups, the checklist, and the milestones."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reminder_support import DAY, HOUR, LOS_ANGELES, MONDAY, World
from rules_support import ZONES, commands, is_one_line, planned, run_each

from crm import models as m
from crm.models.words import Horizon, Owner, TaskKind
from crm.store import records
from reminders import rules

TODAY = date(2026, 1, 5)
SUNDAY = date(2026, 1, 11)


@pytest.fixture
def world(empty_database, tmp_path):
    return World.copy(empty_database, tmp_path)


def item(world, title, horizon=Horizon.THIS_WEEK, due_on=SUNDAY, **values):
    """An item of the checklist."""
    return world.task(title, due_on, kind=TaskKind.CHECKLIST, horizon=horizon.value, **values)


# Which rule speaks, and when


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        (TaskKind.FOLLOW_UP, "follow_up"),
        (TaskKind.PROMISE, "promise"),
        (TaskKind.OTHER, "follow_up"),
        (TaskKind.CHECKLIST, "checklist"),
    ],
)
def test_each_kind_of_task_has_one_rule(world, kind, rule):
    """A dated open task is asked for by exactly one rule; without a day, or done, by none."""
    task = world.task("Do it", TODAY, kind=kind)
    world.task("Some day", None, kind=kind)
    world.task("Done", TODAY, kind=kind, done_at=MONDAY)
    with world.reading() as session:
        found = rules.wanted(session, now=MONDAY, tz=LOS_ANGELES, given={})
    assert [(each.rule, each.subject_uid) for each in found.values()] == [(rule, task.uid)]


def test_an_old_task_still_asks(world):
    """A task that was due years ago is asked for as long as it is open."""
    world.task("Write to Jane Roe", date(2020, 2, 29))
    (found,) = planned(world, "follow_up")
    assert found.local_on == date(2020, 2, 29)
    assert found.expires_at is None


@settings(max_examples=15)
@given(
    day=st.dates(date(2024, 1, 1), date(2030, 12, 31)),
    zone=st.sampled_from(ZONES),
    hour=st.integers(0, 23),
    lead_days=st.integers(0, 30),
)
def test_a_task_is_said_once_at_the_chosen_time_in_every_zone(
    empty_database, tmp_path_factory, day, zone, hour, lead_days
):
    """The key is the task's and its day's alone; the instant is that wall time, or just after it in a DST gap."""
    world = World.copy(empty_database, tmp_path_factory.mktemp("world"))
    task = world.task("Write to Jane Roe", day)
    late, tz = datetime(2031, 1, 3, tzinfo=UTC), ZoneInfo(zone)
    (found,) = planned(world, "follow_up", late, tz, at=time(hour), lead_days=lead_days)
    assert found.key == f"follow_up:{task.uid}:{day}"
    local = found.due_at.astimezone(tz)
    assert local.date() == found.local_on == day - lead_days * DAY
    assert local.hour in {hour, hour + 1}


@pytest.mark.parametrize("rule", ["follow_up", "promise", "checklist"])
def test_days_of_notice(world, rule):
    """So many days before, at eight, and the title tells the day; till then nothing is planned."""
    kind = {"follow_up": TaskKind.FOLLOW_UP, "promise": TaskKind.PROMISE, "checklist": TaskKind.CHECKLIST}[rule]
    world.task("Send the repo", date(2026, 1, 9), kind=kind)
    (found,) = planned(world, rule, MONDAY, lead_days=3)
    assert found.title == "Send the repo, by Fri 9 Jan 2026"
    assert found.due_at == datetime(2026, 1, 6, 16, tzinfo=UTC)
    assert planned(world, rule, MONDAY - 2 * DAY, lead_days=3) == []
    (on_its_day,) = planned(world, rule, MONDAY + 4 * DAY, lead_days=3)
    assert on_its_day == found


def test_notice_that_is_past_at_first_sight_is_given_at_once_and_once(world):
    """Added on Monday for Tuesday, with three days of notice: said on Monday, and not again on Tuesday."""
    world.given["lead_days"] = 3
    world.task("Send the repo", TODAY + DAY)
    for now in (MONDAY, MONDAY + HOUR, MONDAY + DAY, MONDAY + 2 * DAY):
        world.tick(now)
    assert world.console.titles() == ["Send the repo, by Tue 6 Jan 2026"]


def test_what_is_put_off_is_left_alone_until_its_day(world):
    """Notice is of a day that was set for something; of a task that was put off nobody wants to hear before."""
    world.task("Send the repo", TODAY, snoozed_until_on=date(2026, 1, 9))
    (found,) = planned(world, "follow_up", MONDAY + 3 * DAY, lead_days=3)
    assert (found.title, found.local_on) == ("Send the repo", date(2026, 1, 9))


# What they say


def test_a_promise_says_whose_it_is(world):
    """What I promised is to be done; what was promised to me is told as theirs."""
    number = world.person("Jane Roe").id
    world.task("Send the repo", TODAY, kind=TaskKind.PROMISE, contact_id=number)
    world.task("Introduce me", TODAY, kind=TaskKind.PROMISE, contact_id=number, owner=Owner.THEM.value)
    world.task("Lend me a book", TODAY, kind=TaskKind.PROMISE, owner=Owner.THEM.value)
    mine, theirs, somebodys = planned(world, "promise")
    assert mine.title == "Send the repo (Jane Roe)"
    assert mine.body.startswith("You promised Jane Roe this by Mon 5 Jan 2026.\nDone: crm done t1\n")
    assert theirs.title == "Jane Roe promised you: Introduce me"
    assert theirs.body.startswith("Jane Roe promised you this by Mon 5 Jan 2026.\nOnce they have: crm done t2\n")
    assert somebodys.title == "Promised to you: Lend me a book"


@pytest.mark.parametrize("title", ["Jane sends me the slides", "The slides that jane roe showed"])
def test_a_promise_names_them_once(world, title):
    """Where the words of a promise say whose it is, the name is not put before them once more."""
    values = {"contact_id": world.person("Jane Roe").id, "owner": Owner.THEM.value}
    world.task(title, TODAY, kind=TaskKind.PROMISE, **values)
    (found,) = planned(world, "promise")
    assert found.title == f"Promised to you: {title}"


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Write again", "Write again (Jane Roe)"),
        ("Write to Jane", "Write to Jane"),
        ("Follow up with JANE ROE", "Follow up with JANE ROE"),
        ("Plan a janitor's day", "Plan a janitor's day (Jane Roe)"),
    ],
)
def test_a_follow_up_names_whom_it_is_with_once(world, title, said):
    """The name is added where the words do not have it."""
    world.task(title, TODAY, contact_id=world.person("Jane Roe").id)
    (found,) = planned(world, "follow_up")
    assert found.title == said
    assert found.body.startswith("With Jane Roe, by Mon 5 Jan 2026.")


@pytest.mark.parametrize("rule", ["follow_up", "promise", "checklist"])
def test_the_commands_of_a_task_work(crm, home, rule):
    """`done` and `snooze` as they stand in the text end it or put it off."""
    world = World.at(home)
    kind = {"follow_up": TaskKind.OTHER, "promise": TaskKind.PROMISE, "checklist": TaskKind.CHECKLIST}[rule]
    world.task("Send the repo", TODAY, kind=kind)
    (found,) = planned(world, rule)
    assert run_each(crm, found) == ["crm done t1", "crm snooze t1 'in 3 days'"]
    for command in (("done", "t1"), ("snooze", "t1", "in 3 days")):
        crm(*command)
        assert planned(world, rule) == []
        crm("undo")
        assert planned(world, rule) == [found]


# The checklist


def test_a_horizon_is_said_as_one(world):
    """Three items of one horizon are one reminder; those of the next have another, and those before the start none."""
    for title in ("Choose a project", "Find a partner", "Write to one person"):
        item(world, title)
    item(world, "Look back", Horizon.NEXT_TWO_WEEKS, date(2026, 1, 18))
    item(world, "Have the hours", Horizon.BEFORE_START, None)
    first, second = planned(world, "checklist", MONDAY + 12 * DAY)
    assert first.key == "checklist:this-week:2026-01-11"
    assert first.title == "Checklist: 3 items by Sun 11 Jan 2026"
    assert first.body.splitlines()[:3] == ["t1 Choose a project", "t2 Find a partner", "t3 Write to one person"]
    assert first.due_at == datetime(2026, 1, 11, 16, tzinfo=UTC)
    assert (second.key, second.title) == ("checklist:next-two-weeks:2026-01-18", "Look back")


def test_the_text_follows_what_is_ticked(world):
    """The last one left is named; with all ticked nothing is said, and undo brings it back as it was."""
    one, two = item(world, "Choose a project"), item(world, "Find a partner")
    sunday = MONDAY + 6 * DAY
    (both,) = planned(world, "checklist", sunday)
    world.change(one, done_at=MONDAY)
    (left,) = planned(world, "checklist", sunday)
    assert (left.key, left.title) == (both.key, "Find a partner")
    world.change(two, done_at=MONDAY)
    assert planned(world, "checklist", sunday) == []
    world.undo(MONDAY + HOUR)
    assert planned(world, "checklist", sunday) == [left]


def test_a_horizon_is_said_once_whatever_is_ticked_afterwards(world):
    """Ticking after it was said, and taking that back, says nothing new."""
    one = item(world, "Choose a project")
    item(world, "Find a partner")
    world.tick(MONDAY + 6 * DAY)
    world.change(one, now=MONDAY + 6 * DAY + HOUR, done_at=MONDAY)
    world.tick(MONDAY + 6 * DAY + 2 * HOUR)
    world.undo(MONDAY + 6 * DAY + 3 * HOUR)
    world.tick(MONDAY + 7 * DAY)
    assert world.console.titles() == ["Checklist: 2 items by Sun 11 Jan 2026"]


def test_what_stands_alone_is_said_alone(world):
    """An item that was put off comes on its own day, and one about somebody is theirs."""
    item(world, "Choose a project")
    item(world, "Find a partner")
    item(world, "Read a book", snoozed_until_on=date(2026, 1, 14))
    jane = world.person("Jane Roe")
    item(world, "Ask Jane", contact_id=jane.id)
    found = planned(world, "checklist", MONDAY + 9 * DAY)
    assert {(each.title, each.local_on) for each in found} == {
        ("Checklist: 2 items by Sun 11 Jan 2026", SUNDAY),
        ("Read a book", date(2026, 1, 14)),
        ("Ask Jane", SUNDAY),
    }


def test_a_long_checklist_is_cut_and_says_how_to_see_all(world):
    """Of fifty long items ten are told, each on a line."""
    with world.writing() as session:
        for number in range(50):
            values = {"kind": "checklist", "horizon": "this-week", "due_on": SUNDAY}
            records.add(session, m.Task(title=f"{number}\n" + "long " * 2000, **values))
    (found,) = planned(world, "checklist", MONDAY + 6 * DAY)
    assert found.title == "Checklist: 50 items by Sun 11 Jan 2026"
    assert len(found.body.splitlines()) == 14
    assert "and 40 more: crm task list --kind checklist" in found.body
    assert all(is_one_line(each, 160) for each in found.body.splitlines())


def test_the_commands_of_a_horizon_work(crm, home):
    """One can be ticked, one put off, and all be seen."""
    world = World.at(home)
    item(world, "Choose a project")
    item(world, "Find a partner")
    (found,) = planned(world, "checklist", MONDAY + 6 * DAY)
    assert run_each(crm, found) == ["crm done t1", "crm snooze t1 'in 3 days'", "crm task list --kind checklist"]


# Reviews


def test_a_review_is_announced_due_and_overdue(world):
    """Three days ahead, on the day, and once after it; at each time only the latest is left to say, for good."""
    review = world.review("Week 2", date(2026, 1, 19))
    ordinals = {}
    for day in range(14, 25):
        found = planned(world, "review", datetime(2026, 1, day, 17, tzinfo=UTC), ahead=timedelta(0))
        ordinals[day] = [each.key.removeprefix(f"review:{review.uid}:2026-01-19:") for each in found]
    assert [ordinals[day] for day in (14, 15)] == [[], []]
    assert [ordinals[day] for day in (16, 17, 18)] == [["ahead"]] * 3
    assert ordinals[19] == ["due"]
    assert [ordinals[day] for day in range(20, 25)] == [["overdue"]] * 5
    (years_later,) = planned(world, "review", datetime(2029, 1, 1, tzinfo=UTC))
    assert years_later.expires_at is None


def test_days_of_notice_of_a_review(world):
    """As many as were asked for; with none, the day itself comes first; overdue as late as was asked for."""
    world.review("Week 2", date(2026, 1, 12))
    (ahead,) = planned(world, "review", lead_days=7)
    assert (ahead.key.rpartition(":")[2], ahead.local_on) == ("ahead", TODAY)
    found = planned(world, "review", MONDAY + 6 * DAY, lead_days=0, overdue_after_days=2, ahead=4 * DAY)
    assert [(each.key.rpartition(":")[2], each.local_on) for each in found] == [
        ("due", date(2026, 1, 12)),
        ("overdue", date(2026, 1, 14)),
    ]


def test_a_review_moved_is_announced_for_its_new_day(world):
    """The day that it was moved to counts, and makes new occurrences."""
    review = world.review("Week 2", date(2026, 1, 19))
    world.change(review, scheduled_on=date(2026, 1, 25))
    assert planned(world, "review", datetime(2026, 1, 19, 17, tzinfo=UTC)) == []
    (found,) = planned(world, "review", datetime(2026, 1, 22, 17, tzinfo=UTC))
    assert found.title == "Coming up: review Week 2 on Sun 25 Jan 2026"


def test_a_review_that_is_complete_or_undated_is_silent(world):
    """Nothing is said of a review that is done, or that has no day yet."""
    world.change(world.review("Week 2", TODAY), completed_at=MONDAY)
    world.review("Month 1", None)
    assert planned(world, "review") == []


def test_a_review_ahead_says_whom_one_has_not_talked_with(crm, home):
    """Of those linked to it; a talk since then takes them off, and three are named."""
    world = World.at(home)
    world.review("Week 2", date(2026, 1, 8))
    for name in ("Jane Roe", "Kim Lee", "Ana Diaz", "Sam Poe", "Uma Orr"):
        crm("contact", "add", name)
    crm("review", "link", "week-2", "c1", "c2")
    crm("log-contact", "c1", "--kind", "call", now="2026-01-05T18:00:00Z")
    ahead, due = planned(world, "review", ahead=4 * DAY)[:2]
    assert "\nStill to talk to: Kim Lee\n" in ahead.body
    assert "talk to" not in due.body
    crm("review", "link", "week-2", "c3", "c4", "c5")
    ahead = planned(world, "review")[0]
    assert "Still to talk to: Kim Lee, Ana Diaz, Sam Poe and 1 more: crm review show week-2" in ahead.body


@pytest.mark.parametrize("lead_days", [0, 3])
def test_the_commands_of_a_review_work(crm, home, lead_days):
    """Its form can be filled, and it can be completed and moved."""
    world = World.at(home)
    world.review("Week 2", TODAY)
    found = planned(world, "review", lead_days=lead_days)[0]
    assert len(run_each(crm, found)) == 3
    for command in commands(found):
        assert "week-2" in command


def test_hostile_words_stay_in_bounds(world):
    """A title is a line, and a review's text a paragraph, however long."""
    world.task("Write\r\n\x1b[31m" + "x" * 10_000, TODAY, kind=TaskKind.OTHER)
    world.change(world.review("Week 2 " + "y" * 10_000, TODAY), text="z" * 10_000)
    (task,), (review, *_) = planned(world, "follow_up"), planned(world, "review")
    assert is_one_line(task.title, 200)
    assert is_one_line(review.title, 200)
    assert review.body.splitlines()[0] == "z" * 399 + "…"
