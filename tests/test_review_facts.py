"""What a review looks back on: counted from the log since the last review, and shown the same everywhere."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from database_support import engine_of
from hypothesis import given
from hypothesis import strategies as st
from plan_support import NOW, database
from sqlalchemy import event

from crm.actions.review_facts import Stretch, asked_minutes, gather
from crm.models import ActivityTarget
from crm.store import contacts, interactions, reviews
from crm.store.engine import reading

START = (
    "review add 'Week 2' --weeks 2",
    "review add 'Month 1' --months 1",
    "plan start 2026-01-05",
    "hours add Building --role projects",
    "hours add Networking --role networking",
    "hours target building 7h --from 2026-01-05",
    "contact add 'Ann Ash'",
    "contact add 'Ben Bay'",
    "question add 'What first?'",
    "task add 'Choose a project' --kind checklist",
    "commitment add 'Post on LinkedIn' 1/week --accept",
)
MIDDLE = "2026-01-12T18:00:00Z"
END = "2026-01-19T18:00:00Z"


@pytest.fixture
def plan(prepared):
    """A plan with an activity, two people, a question, a checklist and a commitment."""
    return prepared(*START)


def facts(crm, name="week-2", now=END):
    return crm("review", "show", name, "--json", now=now).json["facts"]


def test_an_empty_plan_has_empty_facts(crm):
    """Without start, targets, people or anything, nothing is divided by zero, and the screen is whole."""
    crm("review", "add", "Week 2", "--weeks", "2")
    found = facts(crm)
    assert (found["since"], found["from_at"], found["talks"]) == (None, None, 0)
    assert found["hours"] == {"minutes": 0, "target_minutes": 0, "activities": []}
    assert found["checklist"] == {"done": 0, "total": 0, "done_since": 0}
    assert [found[each] for each in ("people_reached", "answers", "commitments")] == [[], [], []]
    for words in (["show"], ["start"], ["report"], ["report", "--for-partner"]):
        assert "Hours: 0 min" in crm("review", words[0], "week-2", *words[1:]).out


def test_a_review_looks_back_to_the_plans_start(plan):
    """What was before does not count, nor what somebody else wrote."""
    plan("log-hours", "1h", "building", "--at", "2026-01-04")
    plan("log-hours", "3h", "building", "--at", "2026-01-05 9:00", now=MIDDLE)
    plan("log-contact", "ann", "--kind", "email", "--at", "2026-01-06 9:00")
    plan("log-contact", "ben", "--kind", "email", "--direction", "in", "--at", "2026-01-06 9:00")
    found = facts(plan)
    assert (found["since"], found["from_at"], found["to_at"]) == ("the plan's start", "2026-01-05T08:00:00Z", END)
    assert found["hours"]["activities"] == [
        {"name": "Building", "minutes": 180, "target_minutes": 14 * 60},
        {"name": "Networking", "minutes": 0, "target_minutes": 0},
    ]
    assert [(each["name"], each["talked"]) for each in found["people_reached"]] == [("Ann Ash", False)]


def test_everything_that_moved_is_counted(plan):
    """Talks, answers, referrals, introductions, check-ins and the checklist, as JSON and on the screen."""
    plan("log-contact", "ann", "--kind", "coffee", "--duration", "45m", "--answer", "q1=basics", now=MIDDLE)
    plan("log-contact", "ann", "--kind", "email")
    plan("referral", "ask", "ann", "--company", "Acme", "--anyway", "we talked")
    plan("intro", "ask", "ann", "--for", "an engineer", "--at", "Acme", "--anyway", "we talked")
    plan("check-in", "m1", "--at", "2026-01-07 9:00")
    plan("check-in", "m1")
    plan("check-in", "m1", "--skip", "ill")
    plan("done", "t1")
    found = facts(plan)
    assert [(each["name"], each["talked"]) for each in found["people_reached"]] == [("Ann Ash", True)]
    assert (found["talks"], found["answers"][0]["text"]) == (1, "basics")
    assert [found[each] for each in ("referrals", "introductions")] == [
        [{"ref": "f1", "state": "asked"}],
        [{"ref": "n1", "state": "asked"}],
    ]
    (promise,) = found["commitments"]
    assert {key: promise[key] for key in ("done", "skipped", "kept", "periods")} == {
        "done": 2,
        "skipped": 1,
        "kept": 2,
        "periods": 2,
    }
    assert found["checklist"] == {"done": 1, "total": 1, "done_since": 1}
    said = plan("review", "show", "week-2").out
    assert "People reached: 1, talked with 1" in said
    assert "Commitments: 2 of 2 periods kept" in said
    assert "f1 a referral at Acme" in said


def test_the_next_review_looks_back_to_the_one_completed_last(plan):
    """Also where that was late, and what it looked back on stays as it was then."""
    plan("log-hours", "2h", "building", "--at", "2026-01-20 9:00", now="2026-01-21T18:00:00Z")
    plan("review", "complete", "week-2", "--note", "Fine")
    plan("log-hours", "1h", "building", now="2026-01-22T18:00:00Z")
    later = facts(plan, "month-1", now="2026-02-05T18:00:00Z")
    assert (later["since"], later["from_at"], later["hours"]["minutes"]) == ("Week 2", "2026-01-21T18:00:00Z", 60)
    assert later["hours"]["target_minutes"] == 15 * 60
    before = facts(plan, now="2026-02-05T18:00:00Z")
    assert (before["since"], before["to_at"]) == ("the plan's start", "2026-01-21T18:00:00Z")
    assert (before["hours"]["minutes"], before["hours"]["target_minutes"]) == (120, 16 * 60)
    assert before["gaps_count"] == 0


def test_two_reviews_completed_at_once_look_back_in_turn(plan):
    """The first to the plan's start, the second to the first; what was at that instant counts once, for the first."""
    plan("log-contact", "ann", "--kind", "call", now=END)
    for name in ("week-2", "month-1"):
        plan("review", "complete", name, "--note", "Fine", now=END)
    found = [facts(plan, name) for name in ("week-2", "month-1")]
    assert [(each["since"], each["talks"]) for each in found] == [("the plan's start", 1), ("Week 2", 0)]


def test_the_plans_hours_are_the_target_where_no_activity_has_one(prepared):
    """Two weeks of ten hours; before the start there is no target."""
    crm = prepared("review add 'Week 2' --weeks 2", "plan set --weekly-hours 10")
    assert facts(crm)["hours"]["target_minutes"] == 0
    crm("plan", "start", "2026-01-05")
    assert facts(crm)["hours"]["target_minutes"] == 2 * 600


@given(
    st.lists(st.tuples(st.integers(-20, 40), st.integers(0, 900)), max_size=4, unique_by=lambda each: each[0]),
    st.none() | st.integers(0, 30),
    st.integers(0, 30),
)
def test_targets_count_day_by_day(dated, first, days):
    """The sum over the days of the stretch of a seventh of what was in force on each."""
    start = date(2026, 1, 5)
    targets = [ActivityTarget(activity_id=1, from_on=start + timedelta(at), weekly_minutes=size) for at, size in dated]
    to_on = start + timedelta((first or 0) + days)
    from_on = None if first is None else start + timedelta(first)
    begin = from_on or start - timedelta(20)
    asked = 0
    for number in range((to_on - begin).days):
        past = [each for each in targets if each.from_on <= begin + timedelta(number)]
        asked += max(past, key=lambda each: each.from_on).weekly_minutes if past else 0
    stretch = Stretch(None, None, datetime(2026, 3, 1, tzinfo=UTC), from_on, to_on)
    assert abs(asked_minutes(targets, 0, stretch) - asked / 7) <= 0.5


def statements(home):
    """How many statements the facts take."""
    seen, engine = [], engine_of(home)
    event.listen(engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    at = datetime.fromisoformat(END)
    with reading(engine) as session:
        gather(session, reviews.review(session, "week-2"), now=at, tz=ZoneInfo("UTC"), week_starts_on="monday")
    return len(seen)


def test_many_things_cost_no_more_queries_and_are_cut(plan, home):
    """Fifty people more, and as many statements; long lists say how to see all of them."""
    few = statements(home)
    with database(home) as session:
        crowd = [contacts.add_contact(session, f"Ada No{number} \x1b[31mRoe") for number in range(50)]
        interactions.add(session, crowd, starts_at=NOW + timedelta(days=1), state="happened", kind="event")
    assert statements(home) == few
    assert few < 40
    said = plan("review", "show", "week-2", now=END).out
    assert "and 40 more: crm interaction list" in said
    assert "\x1b" not in said
    assert "and 40 more\n" in plan("review", "report", "week-2", "--for-partner").out
