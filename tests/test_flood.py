"""A first start with very much that is overdue: one message a channel, everything settled in one turn, little memory.

The turn runs in a process of its own, whose memory the system has measured when it ends.
"""

import json
import os
import subprocess
import sys
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from reminder_support import MONDAY, Recorder, World
from sqlmodel import select

from crm.models import Delivery, Task
from crm.models.words import DeliveryState
from crm.store.engine import writing
from crm.store.shape import table_of

WHOLE = bool(os.environ.get("CRM_SOAK"))
MANY = 100_000 if WHOLE else 2_000
MOST_MEGABYTES = 400 if WHOLE else 200
KINDS = ("follow-up", "promise", "checklist", "other")
TURN = """
import json, re, sys
from pathlib import Path
from datetime import datetime
from reminder_support import Recorder, World
from crm import clock

world, now, email, ntfy = World(sys.argv[1]), datetime.fromisoformat(sys.argv[2]), Recorder(), Recorder()
started = clock.monotonic()
report = world.tick(now, email=email, ntfy=ntfy)
seconds = clock.monotonic() - started
told = {name: [(len(each.items), each.title) for each in channel.sent]
        for name, channel in (("email", email), ("ntfy", ntfy))}
print(json.dumps({"told": told, "planned": report.planned, "seconds": seconds,
                  "megabytes": int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024}))
"""


def overdue(world, many):
    """So many tasks that were due in the last year."""
    today = date(2026, 1, 5)
    rows = [
        {
            "uid": f"{number:032x}",
            "revision": 1,
            "added_at": MONDAY,
            "updated_at": MONDAY,
            "title": f"Write the letter {number}",
            "kind": KINDS[number % len(KINDS)],
            "owner": "me",
            "due_on": today - timedelta(days=number % 365),
        }
        for number in range(many)
    ]
    with writing(world.engine, now=MONDAY, name="import") as session:
        for start in range(0, many, 5000):
            session.connection().execute(sa.insert(table_of(Task)), rows[start : start + 5000])


@pytest.fixture
def world(empty_database, tmp_path):
    return World.copy(empty_database, tmp_path)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_very_much_overdue_is_one_message_a_channel_in_little_memory(world):
    """Every delivery is settled in one turn, told in one message; the next turn has nothing to do."""
    overdue(world, MANY)
    done = subprocess.run(
        [sys.executable, "-c", TURN, world.url, MONDAY.isoformat()],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    print(f"{MANY:,} overdue: {found['seconds']:.1f} s, {found['megabytes']:.0f} MB")
    assert found["planned"] == MANY
    for channel in ("email", "ntfy"):
        ((count, title),) = found["told"][channel]
        assert count == MANY
        assert len(title) < 100
    assert found["megabytes"] < MOST_MEGABYTES
    with world.reading() as session:
        states = session.exec(select(Delivery.state, sa.func.count()).group_by(Delivery.state)).all()
    assert dict(states) == {DeliveryState.COMPLETED: 2, DeliveryState.COALESCED: 2 * (MANY - 1)}
    again = {"email": Recorder(), "ntfy": Recorder()}
    report = world.tick(MONDAY + timedelta(minutes=1), **again)
    assert (report.planned, report.deliveries) == (0, ())
    assert not any(channel.sent for channel in again.values())


def test_the_statements_grow_by_pieces_not_by_reminders(empty_database, tmp_path):
    """Three times as many overdue things take no more than about three times the statements, far fewer than things."""
    counts = []
    for many in (500, 1500):
        folder = tmp_path / str(many)
        folder.mkdir()
        world, statements = World.copy(empty_database, folder), []
        overdue(world, many)
        sa.event.listen(world.engine, "before_cursor_execute", lambda *args, kept=statements: kept.append(args[2]))
        world.tick()
        (message,) = world.console.sent
        assert message.title
        counts.append(len(statements))
    few, more = counts
    assert more < 3 * few + 20
    assert more < 1500 / 5
