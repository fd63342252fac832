"""Several programs on one database: they share the work, and nothing is lost or said twice. On either database."""

import subprocess
import sys
from datetime import date

import pytest
from database_support import copy
from reminder_support import HOUR, MONDAY, World
from sqlmodel import select

from crm import models as m

DUE = MONDAY - HOUR  # 8:00, when the tasks of the day are said
TICKERS, CHANNELS, TASKS = 4, 6, 5
TICK = """
import sys
from reminder_support import HOUR, MONDAY, World

class Says:
    def __init__(self, name):
        self.name = name
    def __call__(self, message):
        for item in message.items:
            print(self.name, item.title, flush=True)

world = World(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
world.tick(MONDAY - HOUR, **{f"c{n}": Says(f"c{n}") for n in range(int(sys.argv[2]))})
"""
COUNT = """
import sys
from crm.store.engine import make_engine, writing
from crm.models import Contact
from datetime import UTC, datetime

engine, now = make_engine(sys.argv[1]), datetime(2026, 1, 5, 17, tzinfo=UTC)
for n in range(int(sys.argv[2])):
    with writing(engine, now=now, name="count") as session:
        contact = session.get(Contact, 1)
        contact.notes = str(int(contact.notes) + 1)
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request, empty_database, tmp_path):
    """A world with an empty database, once on each."""
    if request.param == "postgresql":
        return World(request.getfixturevalue("postgres_url"))
    if not empty_database.startswith("sqlite"):
        pytest.skip("SQLite has its turn where the whole suite runs on it")
    return World(copy(empty_database, tmp_path))


def test_a_second_daemon_takes_what_the_first_has_not_begun(world):
    """While one sends its first message, another sends all the others; neither waits, and each goes out once."""
    for number in range(TASKS):
        world.task(f"Task {number}", date(2026, 1, 5))
    second = World(world.url)

    def slow(message):
        if not world.console.sent:
            world.console(message)
            second.tick(DUE)

    world.tick(DUE, console=slow)
    assert len(world.console.sent) == 1
    assert len(second.console.sent) == TASKS - 1
    assert sorted(world.console.titles() + second.console.titles()) == [f"Task {n}" for n in range(TASKS)]


@pytest.mark.soak
def test_tickers_in_their_own_processes_say_nothing_twice(world):
    """Four at once, on six channels: each reminder is planned once, and sent once on each channel."""
    for number in range(TASKS):
        world.task(f"Task {number}", date(2026, 1, 5))
    command = [sys.executable, "-c", TICK, world.url, str(CHANNELS)]
    tickers = [
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd="tests"
        )
        for _ in range(TICKERS)
    ]
    for each in tickers:
        assert each.stdout.readline() == "ready\n", each.communicate()[1]
    for each in tickers:
        each.stdin.write("go\n")
        each.stdin.flush()
    said = []
    for each in tickers:
        out, errors = each.communicate(timeout=100)
        assert each.returncode == 0, errors
        said += out.splitlines()
    assert sorted(said) == sorted(f"c{c} Task {n}" for c in range(CHANNELS) for n in range(TASKS))
    assert len(world.reminders()) == TASKS
    assert len(world.attempts()) == CHANNELS * TASKS


@pytest.mark.soak
def test_no_write_of_one_is_lost_to_another(world):
    """Eight processes read a number and write the next one: every step counts."""
    steps = 20
    with world.writing() as session:
        session.add(m.Contact(name="Ada", name_key="ada", first_key="ada", notes="0"))
    command = [sys.executable, "-c", COUNT, world.url, str(steps)]
    for each in [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(8)]:
        _, errors = each.communicate(timeout=100)
        assert each.returncode == 0, errors
    with world.reading() as session:
        assert session.exec(select(m.Contact.notes)).one() == str(8 * steps)
