"""The rules on referrals and introductions: news, thanks, and that one of them speaks on a morning."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reminder_support import DAY, HOUR, LOS_ANGELES, MONDAY, World
from rules_support import ZONES, commands, is_one_line, planned, run_each
from sqlalchemy import event

from crm import models as m
from crm.models.words import IntroductionState as Introduced
from crm.models.words import ReferralState as State
from crm.models.words import TaskKind
from crm.store import contacts, records
from reminders import rules

LATER = MONDAY + 40 * DAY
WAITING = (State.ASKED, State.AGREED)
HANDED_IN = (State.SUBMITTED, State.INTERVIEWING, State.OFFER)


@pytest.fixture
def world(empty_database, tmp_path):
    found = World.copy(empty_database, tmp_path)
    found.person("Olivia Sand")
    return found


def referral(world, state, now=MONDAY, contact_id=1, **values):
    """A referral at Acme, by Olivia, which came into its state now."""
    with world.writing("referral", now) as session:
        acme = contacts.organization_named(session, "Acme")
        known = {"contact_id": contact_id, "organization_id": acme.id, "state": state.value, "moved_at": now}
        return records.add(session, m.Referral(**known | values))


def introduction(world, state, now=MONDAY, **values):
    """An introduction to an engineer, by Olivia, which came into its state now."""
    with world.writing("intro", now) as session:
        known = {"connector_id": 1, "placeholder": "data engineer", "state": state.value, "moved_at": now}
        return records.add(session, m.Introduction(**known | values))


def everything(world, **given):
    """The titles of what the three rules that have to do with each other ask for."""
    others = {f"{each}.enabled": False for each in rules.names() if each not in {"introduction", "referral", "promise"}}
    with world.reading() as session:
        return [each.title for each in rules.wanted(session, now=LATER, tz=LOS_ANGELES, given=others | given).values()]


# Referrals


@pytest.mark.parametrize("state", State)
def test_each_state_has_its_word_or_none(world, state):
    """News of what was asked or agreed, thanks for what was handed in; where nothing was asked or all is over, none."""
    it = referral(world, state)
    found = planned(world, "referral", LATER)
    expected = {
        **dict.fromkeys(WAITING, "Any news from Olivia Sand about a referral at Acme?"),
        **dict.fromkeys(HANDED_IN, "Thank Olivia Sand for a referral at Acme"),
    }
    assert [(each.title, each.subject_uid) for each in found] == (
        [(expected[state], it.uid)] if state in expected else []
    )
    assert all(each.expires_at is None and not each.urgent for each in found)


def test_news_is_asked_for_after_two_weeks_and_thanks_a_day_after(world):
    """At eight, as many days after it came into its state as was chosen."""
    asked = referral(world, State.ASKED)
    (news,) = planned(world, "referral", LATER)
    assert news.due_at == datetime(2026, 1, 19, 16, tzinfo=UTC)
    assert news.key == f"referral:{asked.uid}:2026-01-05:news"
    assert planned(world, "referral", MONDAY + 11 * DAY) == []
    (sooner,) = planned(world, "referral", LATER, stale_days=3)
    assert sooner.local_on == date(2026, 1, 8)
    world.change(asked, MONDAY + DAY, state="submitted", moved_at=MONDAY + DAY)
    (thanks,) = planned(world, "referral", LATER)
    assert thanks.due_at == datetime(2026, 1, 7, 16, tzinfo=UTC)
    assert thanks.key == f"referral:{asked.uid}:2026-01-06:thanks"
    (later,) = planned(world, "referral", LATER, thank_days=2)
    assert later.local_on == date(2026, 1, 8)


def test_what_moves_is_not_asked_about(world):
    """A step, or asking again, begins the two weeks anew; undo brings the old ones back."""
    asked = referral(world, State.ASKED)
    before = planned(world, "referral", LATER)
    world.change(asked, MONDAY + 10 * DAY, state="agreed", moved_at=MONDAY + 10 * DAY)
    (found,) = planned(world, "referral", LATER)
    assert found.local_on == date(2026, 1, 29)
    assert found.key != before[0].key
    world.undo(MONDAY + 11 * DAY)
    assert planned(world, "referral", LATER) == before


def test_thanks_are_owed_until_they_are_said_however_it_ended(world):
    """Turned down by the company or with an offer: who referred is thanked; who said no owes and is owed nothing."""
    it = referral(world, State.DECLINED, outcome="declined")
    (found,) = planned(world, "referral", LATER)
    assert found.title == "Thank Olivia Sand for a referral at Acme"
    world.change(it, state="thanked", thanked_at=LATER)
    assert planned(world, "referral", LATER) == []
    world.change(it, state="offer")
    assert planned(world, "referral", LATER) == []
    referral(world, State.DECLINED)
    assert planned(world, "referral", LATER) == []


def test_each_state_is_spoken_of_once(world):
    """Submitted on one day, interviewing on another, an offer on a third: three words, none of them twice."""
    it = referral(world, State.SUBMITTED)
    for number, state in enumerate(HANDED_IN):
        day = MONDAY + 7 * number * DAY
        if number:
            world.change(it, day, state=state.value, moved_at=day)
        for now in (day, day + DAY, day + 2 * DAY, day + 3 * DAY):
            world.tick(now)
    assert world.console.titles() == ["Thank Olivia Sand for a referral at Acme"] * 3


def test_whole_groups_are_not_asked(world):
    """A tag's row stands for nobody in particular."""
    with world.writing() as session:
        tag = contacts.tag_named(session, "engineers")
        records.add(session, m.Referral(tag_id=tag.id, state="asked", moved_at=MONDAY, asked_at=MONDAY))
    assert planned(world, "referral", LATER) == []


@settings(max_examples=20)
@given(
    hours=st.integers(0, 24 * 365),
    state=st.sampled_from([*WAITING, *HANDED_IN]),
    zone=st.sampled_from(ZONES),
    hour=st.integers(0, 23),
)
def test_a_zone_changes_no_key(empty_database, tmp_path_factory, hours, state, zone, hour):
    """Who moves to another zone is not reminded twice; there, too, it is at that hour on so many days after."""
    world = World.copy(empty_database, tmp_path_factory.mktemp("world"))
    world.person("Olivia Sand")
    moved_at, tz = MONDAY + hours * HOUR, ZoneInfo(zone)
    referral(world, state, moved_at)
    late = moved_at + 30 * DAY
    (here,), (there,) = planned(world, "referral", late), planned(world, "referral", late, tz, at=time(hour))
    assert here.key == there.key
    local = there.due_at.astimezone(tz)
    assert local.date() == moved_at.astimezone(tz).date() + (14 if state in WAITING else 1) * DAY
    assert local.hour in {hour, hour + 1}


# Once on a morning


@pytest.mark.parametrize("state", [Introduced.MADE, Introduced.MET])
def test_thanks_for_both_are_said_together(world, state):
    """Who did both is thanked on one morning for both; when the one is said, the other still stands."""
    it = introduction(world, state, MONDAY if state == Introduced.MADE else MONDAY - 2 * DAY)
    referral(world, State.SUBMITTED)
    (found,) = planned(world, "introduction", LATER)
    assert "\nAnd thank them for a referral at Acme: crm referral thank f1\n" in found.body
    assert planned(world, "referral", LATER) == []
    world.change(it, LATER, state="thanked", thanked_at=LATER)
    assert [each.title for each in planned(world, "referral", LATER)] == ["Thank Olivia Sand for a referral at Acme"]


def test_thanks_on_different_mornings_are_said_on_each(world):
    """An introduction thanked for late silences no later referral, nor one by somebody else."""
    introduction(world, Introduced.MADE)
    referral(world, State.SUBMITTED, MONDAY + DAY)
    referral(world, State.SUBMITTED, contact_id=world.person("Ben Foss").id)
    (thanks,) = planned(world, "introduction", LATER)
    assert "referral" not in thanks.body
    assert len(planned(world, "referral", LATER)) == 2


def test_news_of_both_is_asked_for_once(world):
    """On one morning one asks Olivia for news of the introduction, and of the referral when that has come."""
    it = introduction(world, Introduced.ASKED, due_on=date(2026, 1, 19))
    referral(world, State.ASKED)
    assert everything(world) == ["Any news from Olivia Sand about an introduction to a data engineer?"]
    world.change(it, LATER, state="declined")
    assert everything(world) == ["Any news from Olivia Sand about a referral at Acme?"]


def test_a_promise_of_the_same_day_comes_first(world):
    """Who promised something for the day is asked about that; once it is kept, what is left is asked for."""
    introduction(world, Introduced.ASKED, due_on=date(2026, 1, 19))
    referral(world, State.ASKED)
    promise = world.task(
        "Bring me to the engineer", date(2026, 1, 19), kind=TaskKind.PROMISE, owner="them", contact_id=1
    )
    assert everything(world) == ["Olivia Sand promised you: Bring me to the engineer"]
    world.change(promise, LATER, done_at=LATER)
    assert everything(world) == ["Any news from Olivia Sand about an introduction to a data engineer?"]


@pytest.mark.parametrize("owner", ["me", "them"])
def test_only_their_own_promise_of_that_day_comes_first(world, owner):
    """Another day's, or what I promised, is another matter."""
    introduction(world, Introduced.ASKED, due_on=date(2026, 1, 19))
    day = date(2026, 1, 19 if owner == "me" else 18)
    world.task("Send the list", day, kind=TaskKind.PROMISE, owner=owner, contact_id=1)
    assert len(everything(world)) == 2


@pytest.mark.parametrize("off", ["introduction", "referral", "promise"])
def test_a_rule_that_is_off_silences_no_other(world, off):
    """What one rule leaves to another is said if that other is off."""
    introduction(world, Introduced.MADE)
    referral(world, State.SUBMITTED)
    introduction(world, Introduced.ASKED, due_on=date(2026, 2, 1))
    world.task("Send the list", date(2026, 2, 1), kind=TaskKind.PROMISE, owner="them", contact_id=1)
    said = everything(world, **{f"{off}.enabled": False})
    thanks = {
        "introduction": "Thank Olivia Sand for a referral at Acme",
        "referral": "Thank Olivia Sand for an introduction to a data engineer",
    }
    assert thanks.get(off, "Any news from Olivia Sand about an introduction to a data engineer?") in said
    bodies = [each.body for each in planned(world, "introduction", LATER, **{"referral.enabled": False})]
    assert not [each for each in bodies if "referral" in each]


def test_it_is_asked_at_little_cost(world):
    """Thirty referrals and introductions take as many statements as one."""
    counts = []
    event.listen(world.engine, "before_cursor_execute", lambda *args: counts.append(args[2]))

    def cost():
        counts.clear()
        planned(world, "referral", LATER)
        planned(world, "introduction", LATER)
        return len(counts)

    introduction(world, Introduced.MADE)
    referral(world, State.SUBMITTED)
    referral(world, State.ASKED)
    one = cost()
    for _ in range(10):
        introduction(world, Introduced.MADE)
        referral(world, State.SUBMITTED)
        referral(world, State.ASKED)
    assert cost() == one <= 20


# What to type


@pytest.mark.parametrize("state", [*WAITING, State.SUBMITTED])
def test_the_commands_of_a_referral_work(crm, home, state):
    """Each of them, as it stands, ends what is asked."""
    world = World.at(home)
    world.person("Olivia Sand")
    referral(world, state)
    crm("today", now=f"{LATER:%Y-%m-%dT%H:%M:%SZ}")
    (found,) = planned(world, "referral", LATER)
    assert run_each(crm, found)
    for command in commands(found):
        crm(*command.split()[1:])
        assert found not in planned(world, "referral", LATER)
        crm("undo")


@pytest.mark.parametrize("state", [Introduced.PLANNED, Introduced.ASKED, Introduced.AGREED, Introduced.MADE])
def test_the_commands_of_an_introduction_work(crm, home, state):
    """Each of them, as it stands, ends what is asked or puts it off; thanks for a referral among them."""
    world = World.at(home)
    world.person("Olivia Sand")
    introduction(world, state, due_on=date(2026, 1, 6))
    referral(world, State.SUBMITTED)
    crm("today", now=f"{LATER:%Y-%m-%dT%H:%M:%SZ}")
    (found,) = planned(world, "introduction", LATER)
    if state == Introduced.PLANNED:
        crm("referral", "thank", "f1")  # asking somebody to whom thanks are owed is refused
    assert len(run_each(crm, found)) >= 2
    for command in commands(found):
        if "'" not in command:
            crm(*command.split()[1:])
            assert found not in planned(world, "introduction", LATER)
            crm("undo")


def test_hostile_words_stay_in_bounds(world):
    """A title is a line, whatever people and roles are called."""
    text = "\x1b[31mA\r\nB\u2028 " + "long " * 5_000
    it = referral(world, State.ASKED, role=text)
    with world.writing() as session:
        session.get_one(m.Contact, 1).name = text
    introduction(world, Introduced.MADE, placeholder=text, want=text)
    for rule in ("referral", "introduction"):
        (found,) = planned(world, rule, LATER)
        assert is_one_line(found.title, 200)
        assert all(is_one_line(each, 250) for each in found.body.splitlines())
    assert it.ref == "f1"
