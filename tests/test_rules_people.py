"""Rules on people: whom to write to, whose answer is missing, whom to thank, and whose birthday it is."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import rules_support
from hypothesis import given, settings
from hypothesis import strategies as st
from reminder_support import DAY, HOUR, LOS_ANGELES, MONDAY, World, days

from crm import models as m
from crm.actions.next_ import advise
from crm.models.words import TALKS, InteractionKind, InteractionState
from crm.settings import load

LONG_AGO = MONDAY - 100 * DAY
KATHMANDU = ZoneInfo("Asia/Kathmandu")


@pytest.fixture
def world(empty_database, tmp_path):
    return World.copy(empty_database, tmp_path)


def planned(world, name, now=MONDAY, tz=LOS_ANGELES, **options):
    """What one rule asks for now, with nothing ahead unless that is said."""
    return rules_support.planned(world, name, now, tz, **{"ahead": timedelta(0), **options})


def titles(found):
    return [each.title for each in found]


# Staying in touch

SILENT = {
    "in their window": lambda world: world.person("Jane Roe", MONDAY - 42 * DAY),
    "tier none": lambda world: world.person("Jane Roe", LONG_AGO, tier="none"),
    "archived": lambda world: world.person("Jane Roe", LONG_AGO, archived_at=LONG_AGO),
    "a source": lambda world: world.person("Jane Roe", LONG_AGO, kind="source"),
    "declined": lambda world: world.person("Jane Roe", LONG_AGO, stage="declined"),
    "dormant": lambda world: world.person("Jane Roe", LONG_AGO, stage="dormant"),
    "a chat is planned": lambda world: world.chat(MONDAY + 9 * DAY, now=LONG_AGO),
    "a follow-up is planned": lambda world: world.task(
        "Write", date(2026, 3, 1), contact_id=world.person("Jane Roe", LONG_AGO).id
    ),
    "a follow-up is due": lambda world: world.task(
        "Write", date(2026, 1, 2), contact_id=world.person("Jane Roe", LONG_AGO).id
    ),
    "an answer is awaited": lambda world: world.happened(MONDAY - 3 * DAY, world.person("Jane Roe", LONG_AGO)),
    "no answer came": lambda world: world.happened(MONDAY - 50 * DAY, world.person("Jane Roe", LONG_AGO)),
    "an ask is open": lambda world: world.referral("asked", LONG_AGO, asked_at=MONDAY - DAY),
    "thanks are owed": lambda world: world.introduction("made", LONG_AGO, moved_at=MONDAY - DAY),
}


def test_who_was_let_wait_too_long_is_named_on_the_weeks_first_morning(world):
    """On Monday at 8:00, since when, and where to see more; a contact that is logged settles it."""
    world.happened(MONDAY - 50 * DAY, jane := world.person("Jane Roe", LONG_AGO), kind="coffee")
    (found,) = planned(world, "stay_in_touch")
    assert found.key == "stay_in_touch:2026-01-05"
    assert found.title == "Write to Jane Roe"
    assert found.body == "- Jane Roe (c1): last in touch Sun 16 Nov 2025\nHow and what to ask: crm next"
    assert (found.due_at, found.expires_at) == (datetime(2026, 1, 5, 16, tzinfo=UTC), None)
    world.happened(MONDAY, jane)
    assert planned(world, "stay_in_touch") == []
    world.undo(MONDAY)
    assert planned(world, "stay_in_touch") == [found]


@pytest.mark.parametrize("why", SILENT)
def test_nobody_is_named_for_whom_something_else_speaks(world, why):
    """Whoever is not to be written to, or has a reminder of their own, is not named."""
    SILENT[why](world)
    assert planned(world, "stay_in_touch") == []


def test_who_was_never_contacted_counts_from_the_day_they_came(world):
    """The day after the window closes; for tier inner after four weeks, and for one's own cadence after that."""
    world.person("Jane Roe", MONDAY - 43 * DAY)
    world.person("Kim Poe", MONDAY - 29 * DAY, tier="inner")
    world.person("Ana Lee", MONDAY - 29 * DAY)
    world.person("Sam Orr", MONDAY - 8 * DAY, cadence_min_days=3, cadence_max_days=7)
    (found,) = planned(world, "stay_in_touch")
    assert sorted(found.body.splitlines()) == [
        "- Jane Roe (c1): on your list since Sun 23 Nov 2025",
        "- Kim Poe (c2): on your list since Sun 7 Dec 2025",
        "- Sam Orr (c4): on your list since Sun 28 Dec 2025",
        "How and what to ask: crm next",
    ]


def test_many_who_wait_are_one_reminder_as_long_as_a_week_has_room_for(world):
    """Thirty people overdue at once: the first five of `crm next`, in its order; the next five a week later."""
    for number in range(30):
        world.person(f"Ada No{number}", LONG_AGO - number * DAY, tier="inner" if number % 3 else "active")
    (found,) = planned(world, "stay_in_touch")
    with world.reading() as session:
        advice = advise(session, now=MONDAY, tz=LOS_ANGELES, settings=load({"CRM_HOME": "/nowhere"}), limit=5)
    people = [each.contact for each in advice.suggestions]
    assert found.title == f"5 people to write to: {people[0].name}, {people[1].name} and 3 others"
    assert [line.split(": ")[0] for line in found.body.splitlines()[:-1]] == [
        f"- {each.name} ({each.ref})" for each in people
    ]
    for each in people:
        world.happened(MONDAY, each)
    assert planned(world, "stay_in_touch", MONDAY + DAY) == []
    (later,) = planned(world, "stay_in_touch", MONDAY + 7 * DAY)
    assert later.title.startswith("5 people to write to")
    assert not [each for each in people if each.name in later.body]
    assert planned(world, "stay_in_touch", MONDAY + DAY, ahead=7 * DAY) == [later]


def test_whoever_wrote_and_was_let_wait_is_named_although_the_week_is_full(world):
    """An answer is owed whatever the budget says, as `crm next` has it."""
    world.happened(MONDAY - 60 * DAY, world.person("Jane Roe", LONG_AGO), direction="in")
    world.person("Kim Poe", LONG_AGO)
    assert titles(planned(world, "stay_in_touch", weekly_budget=0)) == ["Write to Jane Roe"]
    assert titles(planned(world, "stay_in_touch")) == ["2 people to write to: Jane Roe and Kim Poe"]


def test_it_comes_once_a_week_until_somebody_writes(world):
    """Over four weeks, whoever is overdue is told of four times, on Monday mornings; then never again."""
    jane = world.person("Jane Roe", LONG_AGO)
    for now in days(MONDAY, 25 * 2, 12 * HOUR):
        world.tick(now)
    assert [f"{each.at:%a %-d %b}" for each in world.console.sent] == [
        "Mon 5 Jan",
        "Mon 12 Jan",
        "Mon 19 Jan",
        "Mon 26 Jan",
    ]
    assert [each.state for each in world.reminders()] == ["cancelled"] * 3 + ["open"]
    world.happened(MONDAY + 25 * DAY, jane)
    world.tick(MONDAY + 25 * DAY)
    assert {each.state for each in world.reminders()} == {"cancelled"}


def test_the_week_begins_when_the_person_says(world):
    """Before its first morning has come, the week before counts."""
    world.person("Jane Roe", LONG_AGO)
    keys = {
        day: [each.key for each in planned(world, "stay_in_touch", now, week_starts_on=day)]
        for day, now in (("monday", MONDAY - 2 * HOUR), ("sunday", MONDAY), ("friday", MONDAY))
    }
    assert keys == {
        "monday": ["stay_in_touch:2025-12-29"],
        "sunday": ["stay_in_touch:2026-01-04"],
        "friday": ["stay_in_touch:2026-01-02"],
    }


# No answer


def test_a_message_without_an_answer_is_asked_about_after_two_weeks(world):
    """On the fourteenth day at 8:00, with a command for each way on; it stands until it is settled."""
    jane = world.person("Jane Roe", LONG_AGO)
    world.happened(MONDAY, jane)
    due_at = datetime(2026, 1, 19, 16, tzinfo=UTC)
    assert planned(world, "no_reply", due_at - timedelta(seconds=1)) == []
    (found,) = planned(world, "no_reply", due_at)
    assert found.key == f"no_reply:{jane.uid}:2026-01-05"
    assert found.title == "No answer from Jane Roe since Mon 5 Jan 2026: a second try, or leave it?"
    assert found.body.splitlines() == [
        'Once you have written again: crm log-contact c1 --kind message --note "..."',
        "To leave it: crm contact edit c1 --stage dormant",
        "If they answered: crm log-contact c1 --kind message --direction in",
    ]
    assert (found.due_at, found.expires_at) == (due_at, None)
    assert planned(world, "no_reply", due_at + 400 * DAY) == [found]


def test_after_two_unanswered_messages_one_leaves_them_alone(world):
    """The second message is asked about anew, and then no third one is proposed."""
    jane = world.person("Jane Roe", LONG_AGO)
    for days_ago in (40, 20):
        world.happened(MONDAY - days_ago * DAY, jane)
    (found,) = planned(world, "no_reply")
    assert found.key == f"no_reply:{jane.uid}:2025-12-16"
    assert found.title == "No answer from Jane Roe to 2 messages since Tue 16 Dec 2025: leave them alone"
    assert "again" not in found.body
    assert "a second try" in planned(world, "no_reply", dormant_after=3)[0].title
    world.change(jane, stage="dormant")
    assert planned(world, "no_reply") == []


def test_a_message_of_the_evening_keeps_its_key_wherever_one_goes(world):
    """The key holds the day in UTC, the words the day that it was here."""
    jane = world.person("Jane Roe", LONG_AGO)
    world.happened(datetime(2025, 12, 6, 5, tzinfo=UTC), jane)
    for tz, day in ((LOS_ANGELES, "Fri 5 Dec 2025"), (KATHMANDU, "Sat 6 Dec 2025")):
        (found,) = planned(world, "no_reply", tz=tz)
        assert found.key == f"no_reply:{jane.uid}:2025-12-06"
        assert day in found.title


SETTLING = {
    "they wrote": lambda world, jane: world.happened(MONDAY - DAY, jane, direction="in"),
    "the two talked": lambda world, jane: world.happened(MONDAY - DAY, jane, kind="call"),
    "one wrote again": lambda world, jane: world.happened(MONDAY - DAY, jane, kind="email"),
    "a follow-up is planned": lambda world, jane: world.task("Write", date(2026, 3, 1), contact_id=jane.id),
    "a chat is planned": lambda world, jane: world.change(
        world.happened(MONDAY - DAY, jane, kind="coffee"), state="planned"
    ),
    "it is left": lambda world, jane: world.change(jane, stage="dormant"),
    "they said no": lambda world, jane: world.change(jane, stage="declined"),
    "they are no longer tended": lambda world, jane: world.change(jane, tier="none"),
    "they are archived": lambda world, jane: world.change(jane, archived_at=MONDAY),
}


@pytest.mark.parametrize("what", SETTLING)
def test_what_settles_a_message_without_an_answer(world, what):
    """It is silent then, and undo brings it back as it was."""
    jane = world.person("Jane Roe", LONG_AGO)
    world.happened(MONDAY - 20 * DAY, jane)
    before = planned(world, "no_reply")
    assert titles(before) == ["No answer from Jane Roe since Tue 16 Dec 2025: a second try, or leave it?"]
    SETTLING[what](world, jane)
    assert planned(world, "no_reply") == []
    if what != "a chat is planned":  # that took two commands
        world.undo(MONDAY)
        assert planned(world, "no_reply") == before


def test_thanks_after_a_talk_need_no_answer(world):
    """A message within two weeks after a talk is not asked about; a later one is."""
    jane = world.person("Jane Roe", LONG_AGO)
    world.happened(MONDAY - 60 * DAY, jane, kind="coffee")
    world.happened(MONDAY - 59 * DAY, jane)
    assert planned(world, "no_reply") == []
    world.happened(MONDAY - 30 * DAY, jane)
    assert len(planned(world, "no_reply")) == 1


def test_an_ask_that_runs_is_waited_for(world):
    """While an introduction that was asked of them is younger than two weeks, their silence is no matter."""
    introduction = world.introduction("asked", LONG_AGO, asked_at=MONDAY - 3 * DAY)
    with world.reading() as session:
        connector = session.get_one(m.Contact, introduction.connector_id)
    world.happened(MONDAY - 20 * DAY, connector)
    assert planned(world, "no_reply") == []
    (later,) = planned(world, "no_reply", MONDAY + 30 * DAY)
    assert later.local_on == date(2026, 1, 16)


def test_log_contact_with_a_follow_up_is_not_asked_about_twice(crm, home):
    """A follow-up planned with the message speaks for it; without one, this rule does."""
    crm("contact", "add", "Jane Roe")
    crm("contact", "add", "Kim Poe")
    crm("log-contact", "jane", "--kind", "message", "--follow-up", "in 14 days")
    crm("log-contact", "kim", "--kind", "message")
    told = crm("reminder", "preview", "--until", "in 20 days", "--json").json["items"]
    assert [(each["rule"], each["title"]) for each in told if each["rule"] in {"follow_up", "no_reply"}] == [
        ("follow_up", "Follow up with Jane Roe"),
        ("no_reply", "No answer from Kim Poe since Mon 5 Jan 2026: a second try, or leave it?"),
    ]


def test_who_is_owed_thanks_is_thanked_before_a_second_try(world):
    """Until the introduction that they made is thanked for, nothing more is asked of them."""
    introduction = world.introduction("made", LONG_AGO, moved_at=MONDAY - 30 * DAY)
    with world.reading() as session:
        connector = session.get_one(m.Contact, introduction.connector_id)
    world.happened(MONDAY - 20 * DAY, connector)
    assert planned(world, "no_reply") == []
    world.change(introduction, state="thanked")
    assert len(planned(world, "no_reply")) == 1


# Thanks

NOON = datetime(2026, 1, 5, 20, tzinfo=UTC)  # Monday 12:00 in Los Angeles
TUESDAY = datetime(2026, 1, 6, 16, tzinfo=UTC)  # at 8:00


@pytest.mark.parametrize("kind", InteractionKind)
def test_the_morning_after_a_talk_asks_for_thanks(world, kind):
    """Of a talk of any kind, and of nothing else; until a week has passed since."""
    talk = world.happened(NOON, world.person("Jane Roe"), kind=kind.value)
    found = planned(world, "thank_you", TUESDAY)
    assert bool(found) == (kind in TALKS)
    for each in found:
        assert each.key == f"thank_you:{talk.uid}:2026-01-05"
        assert each.title == f"Thank Jane Roe for the {kind.replace('-', ' ').replace('video', 'video call')}"
        assert each.body == ('It was Mon 5 Jan 2026.\nOnce you have: crm log-contact c1 --kind message --note "..."')
        assert (each.due_at, each.expires_at) == (TUESDAY, TUESDAY + 6 * DAY)
    assert planned(world, "thank_you", TUESDAY - timedelta(seconds=1)) == []
    assert planned(world, "thank_you", TUESDAY + 6 * DAY) == []


@pytest.mark.parametrize("state", [each for each in InteractionState if each != InteractionState.HAPPENED])
def test_a_talk_that_did_not_take_place_asks_for_no_thanks(world, state):
    """Planned, cancelled or missed."""
    world.change(world.happened(NOON, world.person("Jane Roe"), kind="coffee"), state=state.value)
    assert planned(world, "thank_you", TUESDAY) == []


def test_thanks_are_asked_for_until_something_went_out(world):
    """Their own message settles nothing; one's own does, at the same instant too, and so does the next talk."""
    jane = world.person("Jane Roe")
    world.happened(NOON - DAY, jane)  # before the talk
    world.happened(NOON, jane, kind="coffee")
    world.happened(NOON + HOUR, jane, direction="in")
    assert len(planned(world, "thank_you", TUESDAY)) == 1
    world.happened(NOON, jane)
    assert planned(world, "thank_you", TUESDAY) == []
    world.undo(MONDAY + DAY)
    assert len(planned(world, "thank_you", TUESDAY)) == 1
    call = world.happened(NOON + 2 * DAY, jane, kind="call")
    assert [each.subject_uid for each in planned(world, "thank_you", TUESDAY + 2 * DAY)] == [call.uid]


def test_one_reminder_thanks_everybody_who_was_there(world):
    """Those thanked since are left out, and those who are not tended."""
    people = [world.person(name) for name in ("Jane Roe", "Kim Poe", "Ana Lee", "Sam Orr")]
    others = [world.person("Ivy Doe", tier="none"), world.person("Ben Ode", kind="source")]
    world.happened(NOON, *people, *others, kind="event")
    assert titles(planned(world, "thank_you", TUESDAY)) == ["Thank Jane Roe, Kim Poe and 2 others for the event"]
    world.happened(NOON + HOUR, *people[:2])
    (found,) = planned(world, "thank_you", TUESDAY)
    assert found.title == "Thank Ana Lee and Sam Orr for the event"
    assert "crm log-contact c3 c4 --kind message" in found.body


def test_a_crowd_is_not_all_typed(world):
    """Of fifty people at an event a few are named, and the command begins with some of them."""
    world.happened(NOON, *(world.person(f"Ada No{number}") for number in range(50)), kind="event")
    (found,) = planned(world, "thank_you", TUESDAY)
    assert found.title == "Thank Ada No0, Ada No1 and 48 others for the event"
    assert found.body.endswith('crm log-contact c1 c2 c3 c4 c5 --kind message --note "..."\nThe others likewise.')


def test_an_old_talk_that_is_logged_late_asks_for_no_thanks(world):
    """An import of last year's chats does not ask for a letter to each."""
    for number in range(30):
        world.happened(MONDAY - (7 + number) * DAY, world.person(f"Ada No{number}", LONG_AGO), kind="coffee")
    assert planned(world, "thank_you") == []


# Birthdays


def at_eight(year, month, day):
    return datetime(year, month, day, 8, tzinfo=LOS_ANGELES)


@pytest.mark.parametrize("birthday", ["1990-01-10", "--01-10"])
def test_a_birthday_is_told_that_morning_and_no_later_than_that_day(world, birthday):
    """At 8:00, with or without a year; who looks in at noon is told then, who looks in the next day is not."""
    lia = world.person("Lia Orr", birthday=birthday)
    assert planned(world, "birthday", at_eight(2026, 1, 10) - timedelta(seconds=1)) == []
    (found,) = planned(world, "birthday", at_eight(2026, 1, 10))
    assert found.key == f"birthday:{lia.uid}:2026-01-10"
    assert found.title == "Birthday of Lia Orr: Sat 10 Jan 2026"
    assert found.body == 'Once you have wished them well: crm log-contact c1 --kind message --note "..."'
    assert found.expires_at == datetime(2026, 1, 11, 8, tzinfo=UTC)
    assert planned(world, "birthday", found.expires_at - timedelta(seconds=1)) == [found]
    assert planned(world, "birthday", found.expires_at) == []


def test_a_birthday_is_told_some_days_ahead_if_one_wants(world):
    """With three days' notice it is told once, and stands until the day is over."""
    world.person("Lia Orr", birthday="--01-10")
    for day in (7, 10):
        (found,) = planned(world, "birthday", at_eight(2026, 1, day), lead_days=3)
        assert (found.local_on, found.key[-10:]) == (date(2026, 1, 7), "2026-01-10")


def test_who_was_wished_well_is_not_told_of_again(world):
    """A message to them on the day settles it; one of theirs, or one of the day before, does not."""
    lia = world.person("Lia Orr", birthday="--01-10")
    world.happened(at_eight(2026, 1, 9), lia)
    world.happened(at_eight(2026, 1, 10), lia, direction="in")
    assert len(planned(world, "birthday", at_eight(2026, 1, 10) + HOUR)) == 1
    world.happened(at_eight(2026, 1, 10), lia)
    assert planned(world, "birthday", at_eight(2026, 1, 10) + HOUR) == []
    (again,) = planned(world, "birthday", at_eight(2026, 1, 10) + HOUR, ahead=366 * DAY)
    assert again.key.endswith(":2027-01-10")


@pytest.mark.parametrize("values", [{"tier": "none"}, {"kind": "source"}, {"archived_at": MONDAY}, {"birthday": None}])
def test_birthdays_of_those_who_are_not_tended_pass_in_silence(world, values):
    """Eight hundred imported birthdays are nobody's business."""
    world.person("Lia Orr", **{"birthday": "--01-10", **values})
    assert planned(world, "birthday", at_eight(2026, 1, 10)) == []


@pytest.mark.parametrize(("year", "day"), [(2027, "2027-02-28"), (2028, "2028-02-29")])
def test_a_leap_day_is_kept_on_the_28th_in_other_years(world, year, day):
    """Born on 29 February, once a year."""
    world.person("Lia Orr", birthday="2000-02-29")
    world.person("Kim Poe", birthday="--02-28")
    found = planned(world, "birthday", at_eight(year, 2, 20), ahead=20 * DAY)
    assert [(each.title.split(":")[0], each.key[-10:]) for each in found] == [
        ("Birthday of Lia Orr", day),
        ("Birthday of Kim Poe", f"{year}-02-28"),
    ]


@settings(max_examples=20, deadline=None)
@given(
    born=st.dates(date(1930, 1, 1), date(2020, 12, 31)),
    since=st.dates(date(2024, 1, 1), date(2030, 1, 1)),
    zone=st.sampled_from(["America/Los_Angeles", "Pacific/Apia", "Africa/Casablanca"]),
    lead_days=st.integers(0, 30),
)
def test_everybody_has_one_birthday_a_year(empty_database, tmp_path_factory, born, since, zone, lead_days):
    """Whatever the day, in five years there are five, each told on its morning in that zone."""
    world, tz = World.copy(empty_database, tmp_path_factory.mktemp("world")), ZoneInfo(zone)
    world.person("Lia Orr", birthday=born.isoformat())
    found = planned(
        world, "birthday", datetime.combine(since, time(12), UTC), tz, ahead=5 * 365 * DAY, lead_days=lead_days
    )
    kept = [date.fromisoformat(each.key[-10:]) for each in found]
    assert len(found) in {5, 6}
    assert [each.year for each in kept] == list(range(kept[0].year, kept[0].year + len(kept)))
    assert {(each.month, each.day) for each in kept} <= {(born.month, born.day), (2, 28)}
    for each, day in zip(found, kept, strict=True):
        local = each.due_at.astimezone(tz)
        assert (local.date(), local.time()) == (day - lead_days * DAY, time(8))
        assert each.expires_at.astimezone(tz).date() == day + DAY


# The commands


def test_the_commands_can_be_copied(crm, home):
    """Each command that these rules offer runs as it stands."""
    world = World.at(home)
    world.happened(MONDAY - 20 * DAY, world.person("Jane Roe", LONG_AGO))
    world.happened(MONDAY - DAY, world.person("Kim Poe", LONG_AGO), world.person("Ana Lee", LONG_AGO), kind="coffee")
    world.person("Lia Orr", LONG_AGO, birthday="--01-05")
    found = [each for name in ("no_reply", "thank_you", "birthday") for each in planned(world, name)]
    assert len(found) == 3
    assert sum(len(rules_support.run_each(crm, each)) for each in found) == 5
