"""The plan: its start dates everything, its facts are kept, and its main part begins behind a gate."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_support import NOW, Typed, add_checklist, database, document, on, undone

from crm.actions.plan import start_plan, the_plan
from crm.cadence import horizon_due, review_due
from crm.models import Plan, Review, Task
from crm.store import plan, records

ITEMS = (
    ("Pick a project", "this-week"),
    ("Read one syllabus", "next-two-weeks"),
    ("Talk to one expert", "before-start"),
)


@pytest.fixture
def milestones(crm, home):
    """The four reviews and a checklist of three, not dated yet."""
    for name, *after in (
        ("Week 2", "--weeks", "2"),
        ("Month 1", "--months", "1"),
        ("Month 3", "--months", "3"),
        ("Month 6", "--months", "6"),
    ):
        crm("review", "add", name, *after)
    add_checklist(home, *ITEMS)


def due(crm):
    """The reviews' due days by name."""
    return {each["name"]: each["due_on"] for each in crm("review", "list", "--json").json["items"]}


def tasks(crm):
    """The tasks' due days by title."""
    return {each["title"]: each["due_on"] for each in crm("export", "json").json["tasks"]}


@pytest.mark.parametrize(
    ("start", "days"),
    [
        ("2026-01-05", ["2026-01-19", "2026-02-05", "2026-04-05", "2026-07-05"]),
        ("2026-01-31", ["2026-02-14", "2026-02-28", "2026-04-30", "2026-07-31"]),
        ("2027-11-30", ["2027-12-14", "2027-12-30", "2028-02-29", "2028-05-30"]),
    ],
)
def test_reviews_are_counted_from_the_start(crm, milestones, start, days):
    """Each review lies so many weeks or calendar months after the start, clamped and never chained."""
    crm("plan", "start", start)
    assert list(due(crm).values()) == days


def test_the_checklist_is_dated_from_the_start(crm, milestones):
    """`this-week` is start + 6 days, `next-two-weeks` start + 13, and what comes before the beginning has no day."""
    crm("plan", "start", "2026-01-05")
    assert list(tasks(crm).values()) == ["2026-01-11", "2026-01-18", None]


def test_the_start_is_said_back_with_its_weekday(crm, milestones):
    """A resolved day is said back, so that a misread one is seen at once."""
    printed = crm("plan", "start", "next mon").out
    assert "The plan starts Mon 12 Jan 2026." in printed
    assert "Mon 26 Jan 2026" in printed


def test_starting_again_keeps_the_same_records(crm, milestones):
    """Re-anchoring gives the same reviews and tasks new days; their revisions rise, their uids stay."""
    crm("plan", "start", "2026-01-05")
    before = crm("export", "json").json
    crm("plan", "start", "2026-02-02")
    after = crm("export", "json").json
    for kind in ("reviews", "tasks"):
        assert [each["uid"] for each in after[kind]] == [each["uid"] for each in before[kind]]
        pairs = zip(before[kind], after[kind], strict=True)
        assert all(new["revision"] == old["revision"] + (new["due_on"] != old["due_on"]) for old, new in pairs)
    assert due(crm)["Week 2"] == "2026-02-16"
    assert tasks(crm)["Pick a project"] == "2026-02-08"
    assert after["plan"]["uid"] == before["plan"]["uid"]


def test_what_was_moved_or_completed_keeps_its_days(crm, milestones):
    """A moved and a completed review stand where they stood when the plan starts anew."""
    crm("plan", "start", "2026-01-05")
    crm("review", "move", "week-2", "2026-01-21")
    crm("review", "complete", "month-1", "--note", "On the way")
    crm("plan", "start", "2026-02-02")
    found = {each["name"]: each for each in crm("review", "list", "--json").json["items"]}
    assert (found["Week 2"]["due_on"], found["Week 2"]["scheduled_on"]) == ("2026-01-19", "2026-01-21")
    assert found["Month 1"]["due_on"] == "2026-02-05"
    assert found["Month 3"]["due_on"] == "2026-05-02"


def test_a_review_moved_before_there_was_a_start_is_dated_all_the_same(crm, milestones):
    """Without a start a review has no day of its own; the start gives it one and leaves where it was moved to."""
    crm("review", "move", "week-2", "2026-01-21")
    crm("plan", "start", "2026-01-05")
    found = crm("review", "show", "week-2", "--json").json
    assert (found["due_on"], found["scheduled_on"]) == ("2026-01-19", "2026-01-21")


def test_tasks_that_are_done_or_dated_by_hand_keep_their_days(home, crm, milestones):
    """Starting anew moves only what the old start had dated and what is still open."""
    crm("plan", "start", "2026-01-05")
    with database(home) as session:
        first, second, _gate = plan.checklist(session)
        first.done_at, second.due_on = NOW, on("2026-01-09")
    crm("plan", "start", "2026-02-02")
    assert list(tasks(crm).values()) == ["2026-01-11", "2026-01-09", None]


def test_starting_on_the_same_day_changes_nothing(crm, milestones):
    """The same start again is no change: no revision rises."""
    crm("plan", "start", "2026-01-05")
    before = crm("export", "json").json
    crm("plan", "start", "2026-01-05")
    assert crm("export", "json").json == before


def test_a_start_can_be_undone(crm, milestones):
    """Undo takes the start and all that it dated back."""
    undone(crm, "plan", "start", "2026-01-05")


def test_a_second_start_can_be_undone(crm, milestones):
    """Undo of a re-anchoring brings the days of the first start back."""
    crm("plan", "start", "2026-01-05")
    undone(crm, "plan", "start", "2026-02-02")


@pytest.mark.parametrize("day", ["2026-13-01", "01/05/2026", "2062-01-05", "1962-01-05", "", "soon"])
def test_a_start_that_is_no_day_or_surely_a_slip_is_refused(crm, milestones, day):
    """What is no day, or lies decades away, is refused and changes nothing."""
    before = document(crm)
    assert crm("plan", "start", day, code=2).err.startswith("crm: ")
    assert document(crm) == before


@given(st.integers(-3000, 3000), st.integers(0, 60), st.integers(0, 40))
def test_every_date_counts_from_the_one_start(home, days, weeks, months):
    """For any start the reviews and tasks stand where cadence puts them, and a second start forgets the first."""
    start_on = NOW.date() + timedelta(days=days)
    with database(home) as session:
        review = records.add(session, Review(name="Own", offset_weeks=weeks, offset_months=months))
        task = records.add(session, Task(title="Own", kind="checklist", horizon="next-two-weeks"))
        for anchor in (NOW.date(), start_on):
            start_plan(session, anchor, today=NOW.date())
        assert the_plan(session).start_on == start_on
        assert review.due_on == review_due(start_on, weeks=weeks, months=months)
        assert task.due_on == horizon_due(start_on, "next-two-weeks")
        session.rollback()


def test_there_is_one_plan(home):
    """Asking for the plan makes its row once."""
    with database(home) as session:
        assert the_plan(session) is the_plan(session)
        assert len(records.every(session, Plan)) == 1


def test_facts_are_set_one_by_one(crm):
    """`plan set` changes what it is given and leaves the rest; hours may have decimals."""
    crm("plan", "set", "--total-hours", "400", "--months", "9", "--goal", "Build things")
    found = crm("plan", "set", "--weekly-hours", "7.5", "--deadline", "2026-12-01", "--json").json
    assert found["total_hours"] == 400
    assert found["weekly_hours"] == 7.5
    assert (found["months"], found["goal"], found["deadline_on"]) == (9, "Build things", "2026-12-01")


def test_an_empty_text_clears_a_fact(crm):
    """`--partner ""` leaves no partner."""
    crm("plan", "set", "--partner", "Robin Vale", "--goal", "Build things")
    found = crm("plan", "set", "--partner", "", "--json").json
    assert (found["partner"], found["goal"]) == (None, "Build things")


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--weekly-hours", "169"),
        ("--weekly-hours", "-1"),
        ("--months", "0"),
        ("--total-hours", "much"),
        ("--goal", "a\0b"),
    ],
)
def test_a_fact_out_of_range_is_refused(crm, options):
    """A bad value, or none at all, is refused with exit 2 and changes nothing."""
    before = document(crm)
    crm("plan", "set", *options, code=2)
    assert document(crm) == before


def test_a_deadline_lies_after_the_start(crm, milestones):
    """One before it is refused, one that is past is remarked on, and so is a start after the deadline."""
    crm("plan", "start", "2025-12-01")
    assert "crm plan start DATE" in crm("plan", "set", "--deadline", "2025-11-30", code=2).err
    assert "Sun 4 Jan 2026 has passed" in crm("plan", "set", "--deadline", "yesterday").err
    assert crm("plan", "set", "--deadline", "2026-03-01").err == ""
    assert "crm plan set --deadline DATE" in crm("plan", "start", "2026-03-02").err


def test_no_hours_clear_them(crm):
    """0 is no aim: the hours are blank then, and that is said."""
    crm("plan", "set", "--total-hours", "400", "--weekly-hours", "10")
    assert "cleared" in crm("plan", "set", "--total-hours", "0").out
    found = crm("plan", "show", "--json").json
    assert (found["total_hours"], found["weekly_hours"]) == (None, 10)


def test_setting_facts_can_be_undone(crm):
    """Undo brings the former facts back, and removes the plan that the first one made."""
    undone(crm, "plan", "set", "--goal", "Build things")
    crm("plan", "set", "--goal", "Build things")
    undone(crm, "plan", "set", "--goal", "Teach", "--months", "3")


def test_begin_names_what_is_still_open(crm, milestones):
    """The items that come before the beginning are a gate: open ones are listed, and --anyway goes round."""
    error = crm("plan", "begin", "--json", code=5).error
    assert error["candidates"] == ["t3 Talk to one expert"]
    assert "--anyway" in error["message"]
    assert crm("plan", "begin", "--anyway", "--json").json["begun_on"] == "2026-01-05"


def test_begin_passes_when_the_gate_is_done(home, crm, milestones):
    """With everything before it done, the main part begins, and keeps that day when begun again."""
    with database(home) as session:
        plan.checklist(session)[-1].done_at = NOW
    assert "began Mon 5 Jan 2026" in crm("plan", "begin").out
    assert "began Mon 5 Jan 2026" in crm("plan", "begin", now="2026-01-09T17:00:00Z").out


@pytest.mark.parametrize(("answer", "code", "begun"), [("y", 0, "2026-01-05"), ("n", 5, None)])
def test_a_person_is_asked_whether_to_begin(crm, milestones, monkeypatch, answer, code, begun):
    """On a terminal the open items are shown and the person decides."""
    monkeypatch.setattr("sys.stdin", Typed(f"{answer}\n"))
    assert "Talk to one expert" in crm("plan", "begin", code=code).out
    assert crm("plan", "show", "--json").json["begun_on"] == begun


def test_begin_can_be_undone(crm, milestones):
    """Undo takes the beginning back."""
    crm("plan", "start", "2026-01-05")
    undone(crm, "plan", "begin", "--anyway")


def test_an_empty_plan_says_what_to_type(crm):
    """With nothing set the plan is shown all the same, every value empty, and names the next command."""
    assert "crm plan start 2026-01-05" in crm("plan", "show").out
    assert set(crm("plan", "show", "--json").json.values()) == {None}


def test_the_plan_shows_its_dates_and_how_far_the_checklist_is(home, crm, milestones):
    """Start, reviews and checklist stand on one screen, each day with its weekday."""
    crm("plan", "start", "2026-01-05")
    with database(home) as session:
        plan.checklist(session)[0].done_at = NOW
    printed = crm("plan", "show").out
    for said in ("Mon 5 Jan 2026 (today)", "Mon 19 Jan 2026", "in 14 days", "1 of 3 done", "by Sun 11 Jan 2026"):
        assert said in printed
