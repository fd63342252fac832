"""What all rules keep to, whatever they speak of; what each of them says has tests of its own."""

from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import cycle
from zoneinfo import ZoneInfo

import database_support
import pytest
from reminder_support import DAY, HOUR, LOS_ANGELES, MONDAY, World, days
from sqlalchemy import event
from sqlmodel import select

from crm import models as m
from crm.setting_specs import BY_NAME
from crm.settings import load
from crm.store import contacts, interactions
from reminders import rules
from reminders.lines import LONGEST_TITLE

ZONES = [ZoneInfo(each) for each in ("America/Los_Angeles", "Asia/Kathmandu", "Pacific/Apia", "Europe/Berlin")]
NAMES = rules.names()
every_rule = pytest.mark.parametrize("name", NAMES)

SPRING = datetime(2026, 3, 2, 17, tzinfo=UTC)  # Los Angeles goes forward on 8 March
AUTUMN = datetime(2026, 10, 19, 17, tzinfo=UTC)  # Berlin goes back on 25 October, Los Angeles on 1 November
SPOKEN = range(0, 18 * 24, 31)  # hours; the last is a Thursday, with nothing due in the days that follow

PRIVATE = "sick leave"
NAME = "\x1b[31m[bold]x[/bold]\u202e\r\n\u2028 " + "Roe " * 2500
TYPED = {"name", "title", "text", "want", "placeholder", "place", "role", "note", "notes", "context", "reason"}


@pytest.fixture
def world(empty_database, tmp_path):
    return World.copy(empty_database, tmp_path)


@pytest.fixture(scope="module")
def seasons(empty_database, tmp_path_factory):
    """The URL of a database with something for every rule, for each start."""
    urls = {}
    for start in (MONDAY, SPRING, AUTUMN):
        urls[start] = database_support.copy(empty_database, tmp_path_factory.mktemp("season"), kept=True)
        World(urls[start]).filled(start).engine.dispose()
    return urls


@pytest.fixture
def filled(seasons, tmp_path):
    return World.copy(seasons[MONDAY], tmp_path)


def asked(world, name, now=MONDAY, tz=LOS_ANGELES, **given):
    """What one rule asks for."""
    others = {f"{each}.enabled": False for each in NAMES if each != name}
    with world.reading() as session:
        return list(rules.wanted(session, now=now, tz=tz, given=given | others).values())


def keys(*found):
    return {each.key for reminders in found for each in reminders}


# What a rule is


@every_rule
def test_a_rule_says_when_it_speaks(name):
    """Each rule has a docstring of more than a line, and says what it yields."""
    rule = rules.load(name)
    assert rule.__doc__
    assert len(rule.__doc__.splitlines()[0]) < 120
    assert rule.plan.__doc__


@every_rule
def test_each_option_is_a_setting_with_the_same_default(name, home):
    """A rule can be turned off, and what only it reads is a setting of its own; nobody has to know two defaults."""
    rule, given = rules.load(name), rules.from_settings(load({"CRM_HOME": str(home)}))
    for option, default in rule.DEFAULTS.items():
        own = f"{name}.{option}"
        assert option == "ahead" or given.get(own, given.get(option)) == default, option
    assert BY_NAME[f"rules.{name}.enabled"].default is True
    settings = {each.split(".", 2)[2] for each in BY_NAME if each.startswith(f"rules.{name}.")}
    assert settings - {"enabled"} == {each for each in rule.DEFAULTS if f"{name}.{each}" in given}


def test_options_of_the_person_take_the_place_of_defaults(world):
    """A rule reads the options that it names and no others, and its own before those of all."""
    world.task("Write to Jane Roe", date(2026, 1, 5))
    given = {"at": time(6, 30), "follow_up.at": time(7), "lead_days": 0, "no_such_option": 9}
    (found,) = asked(world, "follow_up", MONDAY, **given)
    assert found.due_at == datetime(2026, 1, 5, 15, tzinfo=UTC)


@every_rule
def test_a_rule_that_is_off_says_nothing(filled, name):
    """`rules.NAME.enabled = false` silences that rule."""
    for now in days(MONDAY, 5, 3 * DAY):
        assert not asked(filled, name, now, **{f"{name}.enabled": False})


@every_rule
def test_nothing_is_asked_of_an_empty_database(world, name):
    """With nothing to be reminded of, a rule is silent."""
    assert [asked(world, name, now) for now in days(MONDAY, 3, 3 * DAY)] == [[]] * 3


# What it gives


@every_rule
def test_a_rule_reads_only_and_says_the_same_twice(filled, name):
    """Over two weeks each rule speaks at least once, writes nothing, and gives the same when asked again."""
    statements = []
    event.listen(filled.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    before = filled.contents()
    found = [asked(filled, name, now) for now in days(MONDAY, 7, 2 * DAY)]
    assert found == [asked(filled, name, now) for now in days(MONDAY, 7, 2 * DAY)]
    assert any(found)
    assert {each.split()[0] for each in statements} <= {"SELECT", "BEGIN", "PRAGMA", "SET"}
    assert filled.contents() == before


@every_rule
def test_a_rules_reminders_are_well_formed(filled, name):
    """Keys are unique and begin with the rule's name, instants are aware UTC, and the day is the person's own."""
    for now, tz in zip(days(MONDAY, 10, 2 * DAY), cycle(ZONES), strict=False):
        with filled.reading() as session:
            rule = rules.load(name)
            found = list(rule.plan(session, now=now, tz=tz, options=rule.DEFAULTS))
        assert len(keys(found)) == len(found)
        for each in found:
            assert each.rule == name
            assert each.key.startswith(f"{name}:")
            assert each.due_at.utcoffset() == timedelta(0)
            assert each.local_on == each.due_at.astimezone(tz).date()
            assert each.title.strip()
            assert each.body == each.body.strip()
            assert each.expires_at is None or each.expires_at > each.due_at
            assert (each.subject_table is None) == (each.subject_uid is None)


@every_rule
def test_nothing_is_told_before_its_time(filled, name):
    """`ahead` says how far a rule looks; what is due by then was to be seen two days before, unless it can be averted.

    Whether the week's hours are behind is known only when it is asked.
    """
    for now in days(MONDAY + 2 * DAY, 7, 2 * DAY):
        found = asked(filled, name, now, ahead=timedelta(0))
        assert all(each.due_at <= now for each in found)
        earlier = asked(filled, name, now - 2 * DAY, ahead=2 * DAY)
        assert all(each.due_at <= now for each in earlier)
        assert name == "hours_pace" or keys(found) <= keys(earlier)


# That it is said once


@pytest.mark.parametrize("start", [SPRING, AUTUMN], ids=["spring", "autumn"])
@every_rule
def test_neither_zone_nor_hour_nor_dst_makes_another_occurrence(seasons, tmp_path, name, start):
    """Who travels and who stays at home, who is told at 8:00 and who at 20:00: all hear of the same occurrences."""
    world = World.copy(seasons[start], tmp_path)
    times = [start + hours * HOUR for hours in SPOKEN]
    at_home = keys(*(asked(world, name, now) for now in times))
    travelling = keys(*(asked(world, name, now, tz) for now, tz in zip(times, cycle(ZONES), strict=False)))
    in_the_evening = keys(*(asked(world, name, now, at=time(20)) for now in times))
    assert at_home
    assert travelling == at_home
    assert in_the_evening == at_home


def test_whatever_the_clock_and_the_zone_do_nothing_is_said_twice(seasons, tmp_path):
    """Three weeks with flights, and a clock that is set back by a day and a half on each Wednesday."""
    world = World.copy(seasons[SPRING], tmp_path)
    for number, hours in enumerate(range(0, 21 * 24, 18)):
        back = 36 if (hours // 24) % 7 == 2 else 0
        world.tick(SPRING + (hours - back) * HOUR, tz=ZONES[number // 5 % len(ZONES)])
    said = [item.key for message in world.console.sent for item in message.items]
    assert len(said) == len(set(said))
    assert {each.partition(":")[0] for each in said} == set(NAMES)


def alter(world, model, value, **values):
    """Change the first record in which that value stands, by a command of its own."""
    with world.reading() as session:
        found = next(each for each in session.exec(select(model)) if value in each.model_dump().values())
    world.change(found, **values)


def talk(world, name):
    """Call somebody in the second week."""
    with world.reading() as session:
        person = session.exec(select(m.Contact).where(m.Contact.name == name)).one()
    world.happened(MONDAY + 11 * DAY, person, kind="call")


def work(world):
    """Log enough hours for both weeks."""
    with world.reading() as session:
        activity = session.exec(select(m.Activity)).one()
    with world.writing("log-hours") as session:
        for day in (MONDAY, MONDAY + 7 * DAY):
            session.add(m.TimeEntry(activity_id=activity.id, started_at=day, minutes=600))


def post(world):
    """Do in both weeks what one is committed to."""
    with world.reading() as session:
        commitment = session.exec(select(m.Commitment)).one()
    with world.writing("check-in") as session:
        for day in (MONDAY, MONDAY + 7 * DAY):
            session.add(m.CheckIn(commitment_id=commitment.id, done_at=day))


def plan_nothing(world):
    """Take back what the weeks are held against: the target and the commitment."""
    with world.writing("set nothing down") as session:
        session.exec(select(m.ActivityTarget)).one().weekly_minutes = 0
        session.exec(select(m.Commitment)).one().state = "ended"


SETTLED = {
    "birthday": lambda world: alter(world, m.Contact, "Lia Orr", archived_at=MONDAY),
    "checklist": lambda world: alter(world, m.Task, "Choose a project", done_at=MONDAY),
    "commitment": post,
    "follow_up": lambda world: alter(world, m.Task, "Write to Jane Roe", done_at=MONDAY),
    "hours_pace": work,
    "introduction": lambda world: alter(world, m.Introduction, "made", state="thanked"),
    "no_reply": lambda world: talk(world, "Sam Poe"),
    "promise": lambda world: alter(world, m.Task, "Send the repo", done_at=MONDAY),
    "referral": lambda world: alter(world, m.Referral, "asked", state="declined"),
    "review": lambda world: alter(world, m.Review, "Week 2", completed_at=MONDAY),
    "review_form": lambda world: alter(world, m.Review, "Week 2", completed_at=MONDAY),
    "stay_in_touch": lambda world: talk(world, "Gil Moe"),
    "thank_you": lambda world: talk(world, "Uma Lee"),
    "upcoming_chat": lambda world: alter(world, m.Interaction, "planned", state="cancelled"),
    "week_report": plan_nothing,
    "week_summary": plan_nothing,
}
"""For each rule, what a person does that changes what it says."""


@every_rule
def test_what_is_settled_is_not_asked_for_until_that_is_undone(filled, name):
    """A rule goes by what is on record: a command changes what it says, and undo brings back exactly that."""

    def say():
        return [asked(filled, name, now) for now in days(MONDAY, 7, 2 * DAY)]

    before = say()
    SETTLED[name](filled)
    after = say()
    assert keys(*after) != keys(*before)
    filled.undo(MONDAY + 12 * DAY)
    assert say() == before


# Its words


def models_below(model):
    for each in model.__subclasses__():
        yield from models_below(each)
        if hasattr(each, "__table__"):
            yield each


def overwrite(world, text, is_meant):
    """Put a text into every column whose name is meant, in every record; gives how many those were."""
    count = 0
    with world.writing("overwrite") as session:
        for model in models_below(m.Record):
            for record in session.exec(select(model)):
                for column in filter(is_meant, model.model_fields):
                    setattr(record, column, text)
                    count += 1
    return count


def texts(world, name):
    """All that a rule says in three weeks, the words an hour before a chat among them."""
    times = [*days(MONDAY, 11, 2 * DAY), MONDAY + 3 * DAY + 4 * HOUR]
    return {text for now in times for each in asked(world, name, now) for text in (each.title, each.body)}


@every_rule
def test_nothing_private_is_told(filled, name):
    """What is kept private is in no reminder: those leave the machine."""
    assert overwrite(filled, PRIVATE, lambda column: column.startswith("private")) > 10
    assert not [text for text in texts(filled, name) if PRIVATE in text]


@every_rule
def test_hostile_names_stay_in_bounds(filled, name):
    """A title is one line of bounded length, and a body a few, whatever people and things are called."""
    assert overwrite(filled, NAME, TYPED.__contains__) > 10
    found = [each for now in days(MONDAY, 11, 2 * DAY) for each in asked(filled, name, now)]
    assert found
    for each in found:
        assert len(each.title.splitlines()) == 1
        assert len(each.title) <= LONGEST_TITLE + 100
        assert len(each.body.splitlines()) <= 40


# Many people


def crowd(world, tended, others):
    """So many people more, each with a birthday on Saturday; some left a message unanswered, some were talked with."""
    with world.writing("import", MONDAY - 60 * DAY) as session:
        for number in range(tended + others):
            tier = "active" if number < tended else "none"
            person = contacts.add_contact(session, f"Ada No{number}", tier=tier, birthday="1990-01-10")
            if number % 5 < 2:
                kind = "coffee" if number % 5 else "message"
                at = MONDAY - (HOUR if number % 5 else 20 * DAY)
                interactions.add(session, [person], starts_at=at, state="happened", kind=kind)


def statements_of_each_rule(world):
    counts = {}
    for name in NAMES:
        seen = []
        listen = partial(_note, seen)
        event.listen(world.engine, "before_cursor_execute", listen)
        asked(world, name, MONDAY + 5 * DAY)
        event.remove(world.engine, "before_cursor_execute", listen)
        counts[name] = len(seen)
    return counts


def _note(seen, *args):
    seen.append(args[2])


def test_the_number_of_statements_does_not_grow_with_the_number_of_people(filled):
    """Eight hundred imported people and three hundred tended ones cost each rule as many statements as a handful."""
    crowd(filled, 10, 10)
    few = statements_of_each_rule(filled)
    crowd(filled, 290, 790)
    assert statements_of_each_rule(filled) == few
    assert max(few.values()) < 40


def test_three_hundred_overdue_people_are_not_three_hundred_reminders(filled):
    """Of whom one is to write to, one reminder tells, with as many names as a week has room for."""
    crowd(filled, 300, 0)
    (found,) = asked(filled, "stay_in_touch", MONDAY + 9 * DAY, ahead=timedelta(0))
    assert found.title == "5 people to write to: Ada No2, Ada No3 and 3 others"
