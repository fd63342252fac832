"""`kill -9` at any point of a turn, against a real mail server: nothing is lost, and only what was cut off repeats."""

import os
import random
import signal
import subprocess
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from reliability_support import CRM, PATIENCE, WHOLE, Post, Shell, Shot, configure, notes, shells, world_on
from reminder_support import DAY, HOUR, MONDAY, World
from smtp_support import served
from sqlmodel import select

from crm import models as m
from crm.models.words import DeliveryState
from crm.store import health, records
from reminders.message import MOST_ITEMS_TOLD

KILLS = {"sqlite": 200, "postgresql": 200} if WHOLE else {"sqlite": 5, "postgresql": 2}
MORNING = MONDAY - HOUR  # 8:00, when the tasks of the day are said
LEASE_IS_OVER = timedelta(minutes=6)
AS_TYPED = "DATA"  # where the whole command is run; elsewhere it is forked
ANY_TIME = "turn"
POINTS = (AS_TYPED, ANY_TIME, "QUIT", "RCPT", ANY_TIME, "EHLO", ANY_TIME, "MAIL")
LONGEST_TURN = 0.25  # seconds
TICK = ("reminder", "tick", "--json")
CUT_OFF = "accepted, not recorded"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request):
    return request.param


@pytest.fixture
def world(database, request, home, monkeypatch):
    return world_on(database, request, home, monkeypatch)


@dataclass
class Proof:
    """Mornings on which some things are due, turns that are killed, and what the mail server got."""

    world: World
    post: Post
    crm: Callable
    shell: Shell | None
    chance: random.Random
    now: datetime = MORNING
    made: int = 0
    kills: int = 0
    phases: Counter = field(default_factory=Counter)
    cut_off: Counter = field(default_factory=Counter)
    owners: set = field(default_factory=set)

    def go_on(self):
        """Let what was cut off be made up for or not, and take the next turn a minute or a night later."""
        if self.chance.random() < 0.6:
            self.make_up()
        if self.chance.random() < 0.2:
            self.now += timedelta(minutes=1)
            return
        self.now = (self.now + DAY).replace(hour=MORNING.hour, minute=0)
        waiting = self.made - len(self.told())
        self.add(min(self.chance.randint(1, 7), MOST_ITEMS_TOLD - waiting))

    def make_up(self):
        """A turn that nobody disturbs, when the claim of the killed one has run out."""
        self.now += LEASE_IS_OVER
        self.crm(*TICK, now=self.now.isoformat())

    def add(self, count):
        """So many tasks are due today."""
        with self.world.writing("add", self.now) as session:
            for _ in range(count):
                self.made += 1
                task = m.Task(title=f"Note {self.made:04}", kind="follow-up", due_on=self.now.date())
                records.add(session, task)

    def turn(self):
        """One turn that is killed at the next point; one that comes to its end before is no kill."""
        point, before = POINTS[self.kills % len(POINTS)], len(self.post.mails)
        ended = self.command_killed_at(point) if point == AS_TYPED else self.forked_killed_at(point)
        self.post.aim(None)
        self.post.quiet()
        assert ended in {0, -signal.SIGKILL}
        if ended:
            self.kills += 1
            self.take_stock(self.post.ids()[before:])

    def command_killed_at(self, point):
        """`crm reminder tick` as one types it; the server kills it when it has accepted a message."""
        environ = {**os.environ, "CRM_NOW": self.now.isoformat()}
        with subprocess.Popen([*CRM, *TICK], env=environ, stdout=subprocess.DEVNULL) as process:
            self.post.aim(Shot(process.pid, point, self.chance.randint(1, 3)))
            return process.wait(PATIENCE)

    def forked_killed_at(self, point):
        """The same command without its start, killed by the server then or a little later, or at any time."""
        self.shell.say(self.now, *TICK)
        pid, at_once = int(self.shell.line()), self.chance.random() < 0.5
        delay = 0 if at_once else self.chance.uniform(0, 0.02)
        if point != ANY_TIME:
            self.post.aim(Shot(pid, point, self.chance.randint(1, 3), delay))
        elif not self.shell.speaks_within(self.chance.uniform(0, LONGEST_TURN)):
            Shot(pid, point).fire()
        return self.shell.code()

    def take_stock(self, accepted):
        """What the killed turn was about, as the database tells; who writes has waited for the dead one's end."""
        with self.world.writing() as session:
            rows = session.exec(select(m.Delivery).where(m.Delivery.state == DeliveryState.EXECUTING.value)).all()
            claims = {each.lease_owner: each.coalesced_into for each in rows}
        assert health.faults(self.world.engine) == []
        new = {owner: message for owner, message in claims.items() if owner not in self.owners}
        assert len(new) <= 1, "a turn has claimed a second message before it recorded the first"
        self.owners |= set(new)
        self.cut_off.update(message for message in new.values() if message in accepted)
        self.phases[self.phase_of(new.values(), accepted)] += 1

    @staticmethod
    def phase_of(claimed, accepted):
        if not claimed:
            return "nothing claimed"
        return CUT_OFF if set(claimed) & set(accepted) else "claimed, not accepted"

    def told(self):
        """For each task that was told of, the Message-IDs of the mails that did."""
        found = {}
        for message_id, text in zip(self.post.ids(), self.post.texts(), strict=True):
            for note in notes(text):
                found.setdefault(note, set()).add(message_id)
        return found


def check(proof, world):
    """Every reminder arrived, and each message once and once more for each time it was cut off."""
    copies = Counter(proof.post.ids())
    assert copies == Counter({message: 1 + proof.cut_off[message] for message in copies})
    told = proof.told()
    assert sorted(told) == [f"Note {number + 1:04}" for number in range(proof.made)]
    assert {note: ids for note, ids in told.items() if len(ids) > 1} == {}
    assert set(world.states()) <= {DeliveryState.COMPLETED, DeliveryState.COALESCED}
    carried = {each.coalesced_into or each.message_id for each in world.deliveries()}
    assert carried == set(copies)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_killed_at_any_point_nothing_is_lost_and_only_what_was_cut_off_repeats(world, database, home, crm):
    """Killed in planning, claiming, sending, recording: every reminder arrives, and a mail comes twice only if the
    server had accepted it and the record of that was not committed; then both carry the same Message-ID."""
    post = Post()
    with served(post) as port, shells(1, forks=True) as (shell,):
        configure(home, port)
        proof = Proof(world, post, crm, shell, random.Random(11))  # noqa: S311 - which moment it is matters, not who can guess it
        proof.add(5)
        while proof.kills < KILLS[database]:
            proof.turn()
            proof.go_on()
        proof.make_up()
        post.quiet()
    check(proof, world)
    copies = Counter(post.ids())
    doubled = len(post.mails) - len(copies)
    assert 0 < doubled == proof.phases[CUT_OFF] <= proof.kills
    print(
        f"{database}: {proof.kills} kills, {proof.made} reminders, {len(post.mails)} mails, {doubled} of them doubled,"
    )
    print(f"  0 lost; killed when: {dict(proof.phases)}")


@pytest.mark.soak
def test_without_kills_nothing_repeats(world, home, crm):
    """The same mornings undisturbed, some of them slept through: each mail once, each reminder in one mail."""
    post = Post()
    with served(post) as port:
        configure(home, port)
        proof = Proof(world, post, crm, None, random.Random(12))  # noqa: S311 - as above
        for _ in range(200 if WHOLE else 6):
            proof.go_on()
        proof.make_up()
        post.quiet()
    check(proof, world)
    assert len(set(post.ids())) == len(post.mails) > 3


def test_with_hold_what_was_cut_off_waits_for_the_person(world, home, crm):
    """Killed when the server has accepted it, a message on a channel that holds becomes `unknown`, and stays so."""
    post = Post()
    with served(post) as port, shells(1, forks=True) as (shell,):
        configure(home, port, on_unknown="hold")
        proof = Proof(world, post, crm, shell, random.Random(13))  # noqa: S311 - as above
        proof.add(1)
        shell.say(proof.now, *TICK)
        post.aim(Shot(int(shell.line()), "DATA"))
        assert shell.code() == -signal.SIGKILL
        post.aim(None)
        post.quiet()
        for _ in range(2):
            proof.make_up()
    assert world.states() == [DeliveryState.UNKNOWN]
    assert len(post.mails) == 1
