"""Tasks: adding, listing by day, changing."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.models import Task
from crm.models.words import Horizon
from crm.render.tasks import ORDER, group
from crm.store.tasks import Todo

TODAY = date(2026, 1, 5)
DAYS = st.none() | st.dates(date(2025, 12, 1), date(2026, 2, 1))


def test_a_task_is_added_and_its_day_said_back(crm):
    """What was said is told under its stable keys, and the day with its weekday."""
    uid = crm("contact", "add", "Rosa Lind", "--json").json["uid"]
    options = ("--due", "fri", "--for", "rosa", "--kind", "promise", "--owner", "them", "--note", "twice")
    told = crm("task", "add", "Send", "the songs", *options, "--json").json
    assert (told["id"], told["ref"], told["title"]) == (1, "t1", "Send the songs")
    assert (told["kind"], told["owner"], told["note"]) == ("promise", "them", "twice")
    assert (told["due_on"], told["contact"], told["done_at"]) == ("2026-01-09", uid, None)
    assert "Fri 9 Jan 2026" in crm("task", "add", "Sing", "--due", "fri").out
    assert crm("task", "add", "Sing", "--json").json["kind"] == "other"


def test_tasks_come_by_day_and_those_without_one_last(crm):
    """The list is in the order of the days to which things are due or were put off; done ones come with --all."""
    for title, due in (
        ("No day", ""),
        ("Later", "3 feb"),
        ("Late", "2026-01-02"),
        ("Today", "today"),
        ("Put off", "today"),
    ):
        crm("task", "add", title, *(["--due", due] if due else []))
    crm("snooze", "t5", "fri")
    crm("done", "t2")
    titles = [each["title"] for each in crm("task", "list", "--json").json["items"]]
    assert titles == ["Late", "Today", "Put off", "No day"]
    assert len(crm("task", "list", "--all", "--json").json["items"]) == 5


def test_the_screen_groups_by_what_is_urgent(crm):
    """Overdue, due today, later, without a day, done: in that order, each with its count."""
    for title, due in (("No day", ""), ("Later", "3 feb"), ("Late", "2026-01-02"), ("Today", "today"), ("Ready", "")):
        crm("task", "add", title, *(["--due", due] if due else []))
    crm("done", "t5")
    shown = crm("task", "list", "--all").out
    places = [shown.index(each) for each in ("Overdue  1", "Due today  1", "Later  1", "Without a day  1", "Done  1")]
    assert places == sorted(places)
    assert "Fri 2 Jan 2026, 3 days late" in shown
    assert "Done" not in crm("task", "list").out.splitlines()[0]


@given(due=DAYS, snoozed=DAYS, horizon=st.none() | st.sampled_from(Horizon), done=st.booleans())
def test_every_task_stands_under_one_known_heading(due, snoozed, horizon, done):
    """Whatever a task's days are, it is listed; what is put off to a later day is not overdue."""
    task = Task(title="x", due_on=due, snoozed_until_on=snoozed, horizon=horizon and horizon.value)
    task.done_at = datetime(2026, 1, 4, tzinfo=UTC) if done else None
    heading = group(Todo(task, None), TODAY)
    assert heading in ORDER
    assert (heading == "Done") == done
    if heading == "Overdue":
        assert (snoozed or due) < TODAY


def test_a_long_group_is_cut_short(crm):
    """Of many tasks the first are shown, with how many more; --all shows all."""
    for number in range(43):
        crm("task", "add", f"Thing{number}")
    shown = crm("task", "list").out
    assert "Thing39" in shown
    assert "Thing40" not in shown
    assert "and 3 more" in shown
    assert "Thing42" in crm("task", "list", "--all").out


def test_tasks_are_listed_by_kind(crm):
    """--kind keeps one kind."""
    crm("task", "add", "One", "--kind", "follow-up")
    crm("task", "add", "Two")
    assert [each["title"] for each in crm("task", "list", "--kind", "follow-up", "--json").json["items"]] == ["One"]


def test_a_task_is_changed_and_its_fields_cleared(crm):
    """Each option changes one thing; an empty text clears the day, the person and the note."""
    crm("contact", "add", "Rosa")
    crm("task", "add", "Sing", "--due", "fri", "--for", "rosa", "--note", "loud")
    told = crm("task", "edit", "t1", "--title", "Hum", "--due", "next tue", "--kind", "follow-up", "--json").json
    assert (told["title"], told["due_on"], told["kind"]) == ("Hum", "2026-01-13", "follow-up")
    assert (told["note"], told["contact"] is None) == ("loud", False)
    told = crm("task", "edit", "t1", "--due", "", "--for", "", "--note", "", "--json").json
    assert (told["due_on"], told["contact"], told["note"]) == (None, None, None)
    assert crm("task", "edit", "t1", "--for", "rosa", "--json").json["contact"] is not None


def test_another_day_ends_being_put_off(crm):
    """A new due day counts from then on, whatever the task was put off to."""
    crm("task", "add", "Sing", "--due", "fri")
    crm("snooze", "t1", "3 feb")
    told = crm("task", "edit", "t1", "--due", "tomorrow", "--json").json
    assert (told["due_on"], told["snoozed_until_on"]) == ("2026-01-06", None)


def test_a_task_is_shown_whole(crm):
    """The card has the title in full, its days and whom it is about."""
    crm("contact", "add", "Rosa Lind")
    crm("task", "add", "Sing " + "la " * 200, "--due", "fri", "--for", "rosa", "--note", "first\nsecond")
    shown = crm("task", "show", "t1").out
    assert "…" not in shown
    for text in ("Fri 9 Jan 2026", "Rosa Lind", "first", "second"):
        assert text in shown


def test_a_removed_task_leaves_its_id_unused(crm):
    """No later task has the id of one that is gone, whether removed or undone."""
    crm("task", "add", "One")
    assert crm("task", "remove", "t1", "--json").json["ref"] == "t1"
    crm("task", "add", "Two")
    crm("undo")
    assert crm("task", "add", "Three", "--json").json["ref"] == "t3"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("add", " "), 2),
        (("add", "New", "--due", "someday"), 2),
        (("add", "New", "--due", "1/2/2026"), 2),
        (("add", "New", "--due", "fri 14:30"), 2),
        (("add", "New", "--kind", "chore"), 2),
        (("add", "New", "--for", "nobody"), 3),
        (("add", "New", "--note", "\udcff"), 2),
        (("edit", "t1"), 2),
        (("edit", "t1", "--title", " "), 2),
        (("edit", "t9", "--title", "New"), 3),
        (("show", "q1"), 3),
        (("remove", "t9"), 3),
    ],
)
def test_a_bad_value_changes_nothing(crm, words, code):
    """The exit code says what was wrong, in one or two lines."""
    before = crm("task", "add", "Old", "--json").json
    assert len(crm("task", *words, code=code).err.splitlines()) <= 2
    assert crm("task", "list", "--json").json == {"items": [before]}
