"""`crm db upgrade`: a database of any older version is brought to this one, on either database, and loses nothing."""

from datetime import date

import pytest
from older_support import older, put
from reminder_support import DAY, HOUR, MONDAY, World

from crm.migrations import KNOWN
from crm.store import migrate
from reminders.message import message_id

DUE_ON = date(2026, 1, 5)
RENAMED = (("task", "checklist"), ("follow_up", "promise"))
"""The rules that revision 0005 renamed, each with the kind of tasks that it spoke of."""


@pytest.fixture(params=["sqlite", "postgresql"])
def blank(request, tmp_path):
    """The URL of a database of either kind, without tables yet."""
    if request.param == "postgresql":
        return request.getfixturevalue("blank_postgres_url")
    return f"sqlite:///{tmp_path}/older.db"


@pytest.mark.parametrize("revision", KNOWN[:-1])
def test_an_older_database_is_upgraded_and_keeps_what_it_has(bare_crm, blank, monkeypatch, revision):
    """Commands refuse it and say how; upgraded it is sound, what it held is there and found, and goes on from there."""
    engine = older(blank, revision)
    put(engine, "contact", name="Jane Roe", name_key="jane roe", first_key="jane", revision=1)
    monkeypatch.setenv("CRM_DATABASE_URL", blank)
    assert "crm db upgrade" in bare_crm("today", code=78).err
    done = bare_crm("db", "upgrade", "--json")
    assert done.json == {"from": revision, "to": KNOWN[-1]}
    assert ("pg_dump" in done.err) == blank.startswith("postgresql")
    bare_crm("db", "check")
    bare_crm("contact", "edit", "jane", "--place", "Fairview")
    assert [each["title"] for each in bare_crm("find", "fairview", "--json").json["items"]] == ["Jane Roe"]
    assert bare_crm("contact", "add", "Kim Poe", "--json").json["ref"] == "c2"


def remind(engine, rule, kind, title, *, until=None, in_doubt=False, **delivery):
    """A task that is due on Monday, and its reminder on the console under its rule's name; gives the message's id."""
    task = put(engine, "task", title=title, kind=kind, owner="me", due_on=DUE_ON, revision=1)
    key = f"{rule}:{task['uid']}:{DUE_ON}"
    about = {"key": key, "rule": rule, "subject_table": "task", "subject_uid": task["uid"], "local_on": DUE_ON}
    times = {"due_at": MONDAY - HOUR, "snoozed_until_at": until}
    reminder = put(engine, "reminder", title=title, state="open", **about, **times)
    message = message_id(key, "console", until)
    sent = {"message_id": message, "coalesced_into": message if in_doubt else None, "max_attempts": 30}
    at = {"channel": "console", "not_before_at": until or MONDAY - HOUR}
    put(engine, "delivery", reminder_id=reminder["id"], **sent, **at, **delivery)
    return message


@pytest.mark.parametrize(("rule", "kind"), RENAMED)
def test_what_was_said_under_a_rules_former_name_is_not_said_again(blank, rule, kind):
    """Said on its day, or put off and said then: neither is said again, now or on the days after."""
    engine = older(blank, "0004")
    remind(engine, rule, kind, "Said", state="completed", sent_at=MONDAY)
    remind(engine, rule, kind, "Put off and said", state="completed", sent_at=MONDAY, until=MONDAY - HOUR / 2)
    migrate.upgrade(engine, now=MONDAY)
    world = World(blank)
    for now in (MONDAY, MONDAY + DAY, MONDAY + 8 * DAY):
        world.tick(now)
    assert world.console.sent == []
    assert {(each.rule, each.state) for each in world.reminders()} == {(kind, "open")}
    assert world.states() == ["completed"] * 2


@pytest.mark.parametrize(("rule", "kind"), RENAMED)
def test_what_was_not_yet_said_under_a_rules_former_name_is_said_once(blank, rule, kind):
    """Put off until later: once, at that time. What may have arrived goes out once more, under the id it had."""
    engine = older(blank, "0004")
    remind(engine, rule, kind, "Put off", state="scheduled", until=MONDAY + DAY)
    doubtful = remind(engine, rule, kind, "In doubt", state="retryable", attempt=1, in_doubt=True)
    migrate.upgrade(engine, now=MONDAY)
    world = World(blank)
    world.tick(MONDAY)
    assert (world.console.titles(), world.console.ids()) == (["In doubt"], [doubtful])
    for now in (MONDAY + DAY, MONDAY + 2 * DAY):
        world.tick(now)
    assert world.console.titles() == ["In doubt", "Put off"]
