"""A year of somebody's life in which everything happens that may: nothing due is missing, and nothing is said twice.

`simulation.py` says what is checked. A fault names its seed: with `CRM_SOAK=1` and `-k seed` the same year is lived
again, in the same way.
"""

import os
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import database_support
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reminder_support import HOUR, MONDAY, World
from simulated_person import ACTS, Person
from simulation import DAY, ZONES, BrokenError, Simulation, Weather

from crm.settings import load
from reminders import delivery
from reminders.rules import follow_up
from reminders.timing import Timing

WHOLE = bool(os.environ.get("CRM_SOAK"))
DAYS = 365 if WHOLE else 18
SEEDS = range(1, 7) if WHOLE else range(1, 2)
START = datetime(2026, 3, 2, 17, tzinfo=UTC)  # six days before the clock changes in Los Angeles
ROUGH = Weather(
    step=(60, 240),
    act=0.5,
    nap=8 * DAY,
    longest_nap=6 * DAY,
    outage=9 * DAY,
    longest_outage=3 * DAY,
    wrong_clock=12 * DAY,
    journey=6 * DAY,
    crash=0.04,
    fault=0.12,
    without=("stay_in_touch", "no_reply"),
)
"""Three weeks in which as much happens as else in months, less closely looked at."""


@pytest.fixture
def life(empty_database, tmp_path, monkeypatch):
    """Lives a life: `life(seed)` gives the simulation at its end."""

    def lived(seed: int, days: int = DAYS) -> Simulation:
        folder = Path(tmp_path / f"{seed}-{len(list(tmp_path.iterdir()))}")
        folder.mkdir()
        bits = Random(seed)  # noqa: S311 - uids are made of them, which decide how long a retry waits
        monkeypatch.setattr(os, "urandom", bits.randbytes)
        weather = Weather() if WHOLE and days == DAYS else ROUGH
        simulation = Simulation(database_support.copy(empty_database, folder), folder, seed, START, weather)
        simulation.run(days)
        return simulation

    return lived


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: f"seed{seed}")
def test_a_year_of_everything_loses_and_doubles_nothing(life, seed):
    """Naps, crashes, outages, journeys, wrong clocks: each reminder comes once, in time, and never in quiet hours."""
    lived = life(seed)
    assert lived.crashes
    assert len(lived.log) > 2 * DAYS / 7
    print(f"seed {seed}: {lived.turns} turns, {lived.crashes} crashes, {len(lived.log)} messages")


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_the_same_seed_gives_the_same_log(life):
    """What the person sees, and when, depends on nothing but what happens: byte for byte the same."""
    first, second = (life(7, 60 if WHOLE else 4).log for _ in range(2))
    assert first == second
    assert first != life(8, 60 if WHOLE else 4).log


@pytest.mark.parametrize(
    ("where", "name", "planted", "said"),
    [
        (follow_up, "plan", lambda *_, **__: iter(()), "is missing on"),
        (delivery, "_record", lambda *_: iter(()), "is said twice on"),
        (Timing, "quiet_until", lambda *_: None, "in quiet hours"),
        (Timing, "allowed_at", lambda _, instant, *__, **___: instant, "on a day off"),
    ],
)
def test_a_planted_fault_is_found_and_told_with_its_seed(life, monkeypatch, where, name, planted, said):
    """Reminders that are lost, doubled or untimely break one of three lives, and what it says leads back to it."""
    monkeypatch.setattr(where, name, planted)
    with pytest.raises(BrokenError, match=r"^seed [965], turn ") as broken:
        _ = [life(seed, 24) for seed in (9, 6, 5)]
    told, *before = str(broken.value).splitlines()
    assert said in told
    assert before[0] == "Before that:"
    assert len(before) > 5


@given(
    seed=st.integers(0, 10**6),
    steps=st.lists(
        st.tuples(st.sampled_from(list(ACTS)), st.integers(0, 80), st.sampled_from(ZONES)), min_size=1, max_size=6
    ),
)
@settings(max_examples=200 if WHOLE else 6)
def test_a_turn_taken_again_at_the_same_instant_does_nothing(empty_database, tmp_path_factory, seed, steps):
    """Whatever a person did, wherever they are: after a turn, another one plans nothing and sends nothing."""
    folder = tmp_path_factory.mktemp("home")
    world, now = World.copy(empty_database, folder), MONDAY
    rng = Random(seed)  # noqa: S311 - hypothesis says which
    person = Person(world, rng, load({"CRM_HOME": str(folder), "CRM_TIMEZONE": "Europe/Berlin"}))
    person.begin(now, ZONES[0])
    for act, hours, tz in steps:
        now += hours * HOUR
        person.do(getattr(person, act), now, tz)
        world.tick(now, tz=tz)
        sent = len(world.console.sent)
        again = world.tick(now, tz=tz)
        assert (again.planned, again.deliveries) == (0, ())
        assert len(world.console.sent) == sent
