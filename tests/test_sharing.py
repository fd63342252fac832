"""Two programs on one database: they share the work, and nothing is lost or said twice. On either database.

What many at once do, each in its own process, is shown by `test_contention.py`.
"""

from datetime import date

import pytest
from database_support import copy
from reminder_support import HOUR, MONDAY, World

from reminders.timing import Timing

DUE = MONDAY - HOUR  # 8:00, when the tasks of the day are said
TASKS = [f"Task {number}" for number in range(5)]


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request, empty_database, tmp_path):
    """A world with five tasks for today, once on each."""
    if request.param == "postgresql":
        made = World(request.getfixturevalue("postgres_url"))
    elif empty_database.startswith("sqlite"):
        made = World(copy(empty_database, tmp_path))
    else:
        pytest.skip("SQLite has its turn where the whole suite runs on it")
    for title in TASKS:
        made.task(title, date(2026, 1, 5))
    return made


def tick_during(first, second):
    """The first takes a turn, and while it sends its first message, so does the second."""

    def slow(message):
        if not first.console.sent:
            first.console(message)
            second.tick(DUE)

    first.tick(DUE, console=slow)


def test_a_second_daemon_takes_what_the_first_has_not_begun(world):
    """While one sends its first message, another sends all the others; neither waits, and each goes out once."""
    world.timing = Timing(digest=False)
    second = World(world.url, timing=world.timing)
    tick_during(world, second)
    assert len(world.console.sent) == 1
    assert len(second.console.sent) == len(TASKS) - 1
    assert sorted(world.console.titles() + second.console.titles()) == TASKS


def test_a_second_daemon_does_not_break_into_a_digest(world):
    """While one sends the morning's digest, another finds nothing left to send, and the digest is whole."""
    second = World(world.url)
    tick_during(world, second)
    assert [len(message.items) for message in world.console.sent] == [len(TASKS)]
    assert sorted(world.console.titles()) == TASKS
    assert second.console.sent == []
