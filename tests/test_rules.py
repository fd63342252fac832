"""The rules: what all of them keep to, and when each speaks."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reminder_support import DAY, HOUR, LOS_ANGELES, MONDAY, World, days
from sqlalchemy import event

from crm.models import TimeEntry
from crm.models.words import InteractionState, Owner, TaskKind
from crm.store import interactions
from reminders import rules
from reminders.preview import preview

TODAY = date(2026, 1, 5)
ZONES = ["America/Los_Angeles", "Asia/Kathmandu", "Pacific/Apia", "Europe/Berlin"]


@pytest.fixture
def world(empty_database, tmp_path):
    return World.copy(empty_database, tmp_path)


def planned(world, name, now=MONDAY, tz=LOS_ANGELES, **options):
    """What one rule asks for."""
    rule = rules.load(name)
    with world.reading() as session:
        return list(rule.plan(session, now=now, tz=tz, options={**rule.DEFAULTS, **options}))


def said(found):
    """When and what, for short."""
    return [(each.due_at, each.title) for each in found]


# What all rules keep to


@pytest.mark.parametrize("name", rules.names())
def test_a_rule_says_when_it_speaks(name):
    """Each rule has a docstring, and its options have defaults."""
    rule = rules.load(name)
    assert rule.__doc__
    assert rule.plan.__doc__
    assert all(isinstance(option, str) for option in rule.DEFAULTS)


@pytest.mark.parametrize("name", rules.names())
def test_a_rule_reads_only_and_says_the_same_twice(world, name):
    """Over two weeks each rule speaks at least once, writes nothing, and gives the same when asked again."""
    world.filled()
    statements = []
    event.listen(world.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    before = world.contents()
    found = [planned(world, name, now) for now in days(MONDAY, 14)]
    assert found == [planned(world, name, now) for now in days(MONDAY, 14)]
    assert any(found)
    assert {each.split()[0] for each in statements} <= {"SELECT", "BEGIN", "PRAGMA", "SET"}
    assert world.contents() == before


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("name", rules.names())
def test_a_rules_reminders_are_well_formed(world, name, zone):
    """Keys are unique and begin with the rule's name, instants are aware UTC, and the day is the person's own."""
    tz = ZoneInfo(zone)
    world.filled()
    for now in days(MONDAY, 20):
        found = planned(world, name, now, tz)
        assert len({each.key for each in found}) == len(found)
        for each in found:
            assert each.rule == name
            assert each.key.startswith(f"{name}:")
            assert each.due_at.utcoffset() == timedelta(0)
            assert each.local_on == each.due_at.astimezone(tz).date()
            assert each.due_at <= now + 2 * DAY
            assert each.title.strip()
            assert each.body == each.body.strip()
            assert each.expires_at is None or each.expires_at > each.due_at


@pytest.mark.parametrize("name", rules.names())
def test_nothing_is_asked_of_an_empty_database(world, name):
    """With nothing to be reminded of, a rule is silent."""
    assert [planned(world, name, now) for now in days(MONDAY, 7)] == [[]] * 7


def test_options_of_the_person_take_the_place_of_defaults(world):
    """A rule reads the options that it names, and no others."""
    world.task("Write to Jane Roe", TODAY)
    with world.reading() as session:
        found = rules.wanted(session, now=MONDAY, tz=LOS_ANGELES, given={"at": time(6, 30), "lead_days": 9})
    assert [each.due_at for each in found.values()] == [datetime(2026, 1, 5, 14, 30, tzinfo=UTC)]


# Tasks


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        (TaskKind.FOLLOW_UP, "follow_up"),
        (TaskKind.PROMISE, "promise"),
        (TaskKind.OTHER, "follow_up"),
        (TaskKind.CHECKLIST, "checklist"),
    ],
)
def test_each_kind_of_task_has_one_rule(world, kind, rule):
    """A dated open task is asked for by exactly one rule; without a day, or done, by none."""
    task = world.task("Do it", TODAY, kind=kind)
    world.task("Some day", None, kind=kind)
    world.task("Done", TODAY, kind=kind, done_at=MONDAY)
    with world.reading() as session:
        found = rules.wanted(session, now=MONDAY, tz=LOS_ANGELES, given={})
    assert [(each.rule, each.subject_uid) for each in found.values()] == [(rule, task.uid)]


def test_an_old_task_still_asks(world):
    """A task that was due years ago is asked for as long as it is open."""
    world.task("Write to Jane Roe", date(2020, 2, 29))
    (found,) = planned(world, "follow_up")
    assert found.local_on == date(2020, 2, 29)
    assert found.expires_at is None


def test_a_promise_says_whose_it_is(world):
    """What I promised and what was promised to me are told apart."""
    chat = world.chat(MONDAY + DAY, "Jane Roe")
    with world.reading() as session:
        (person,) = interactions.chat(session, chat).contacts
        number = person.id
    world.task("Send the repo", TODAY, kind=TaskKind.PROMISE, contact_id=number)
    world.task("Introduce me", TODAY, kind=TaskKind.PROMISE, contact_id=number, owner=Owner.THEM.value)
    mine, theirs = planned(world, "promise")
    assert mine.body.startswith("You promised Jane Roe this by Mon 5 Jan 2026.")
    assert theirs.body.startswith("Jane Roe promised you this by Mon 5 Jan 2026.")


@settings(max_examples=15)
@given(day=st.dates(date(2024, 1, 1), date(2030, 12, 31)), zone=st.sampled_from(ZONES), hour=st.integers(0, 23))
def test_a_task_is_due_once_a_day_at_the_chosen_time_in_every_zone(empty_database, tmp_path_factory, day, zone, hour):
    """The key depends on the task and its day alone; the instant is that wall time, or just after it in a DST gap."""
    world = World.copy(empty_database, tmp_path_factory.mktemp("world"))
    task = world.task("Write to Jane Roe", day)
    late = datetime(2031, 1, 3, tzinfo=UTC)
    (found,) = planned(world, "follow_up", late, ZoneInfo(zone), at=time(hour))
    assert found.key == f"follow_up:{task.uid}:{day}"
    local = found.due_at.astimezone(ZoneInfo(zone))
    assert local.date() == day
    assert local.hour in {hour, hour + 1}


# Chats

CHAT_AT = datetime(2026, 1, 8, 22, tzinfo=UTC)  # Thursday 14:00 in Los Angeles


def test_a_chat_is_announced_twice_and_asked_about_once(world):
    """The day before at 8:00, an hour before, and how it went when it is over."""
    world.chat(CHAT_AT, "Jane Roe", "Kim Poe", kind="coffee", place="Blue Door", minutes=45)
    early = said(planned(world, "upcoming_chat", CHAT_AT - 40 * HOUR))
    title = "Coffee with Jane Roe and Kim Poe"
    assert early == [
        (datetime(2026, 1, 7, 16, tzinfo=UTC), f"{title}: Thu 8 Jan 2026 14:00"),
        (CHAT_AT - HOUR, f"{title}: Thu 8 Jan 2026 14:00"),
        (CHAT_AT + timedelta(minutes=45), f"How did it go? {title}"),
    ]


def test_an_announcement_is_not_made_after_the_fact(world):
    """An hour before, the day before's word is dropped; once it has begun only the question is left, for good."""
    world.chat(CHAT_AT)
    at = {
        "an hour before": CHAT_AT - HOUR,
        "at the start": CHAT_AT,
        "a month later": CHAT_AT + 30 * DAY,
    }
    ordinals = {
        when: [each.key.split(":")[-1] for each in planned(world, "upcoming_chat", now)] for when, now in at.items()
    }
    assert ordinals == {
        "an hour before": ["soon-2200", "over-2200"],
        "at the start": ["over-2200"],
        "a month later": ["over-2200"],
    }


def test_a_chat_planned_at_short_notice_is_not_announced_at_once(world):
    """Who plans a chat for this afternoon is not told the next minute that it was to be announced yesterday."""
    world.chat(MONDAY + 3 * HOUR, now=MONDAY)
    assert [each.key.split(":")[-1] for each in planned(world, "upcoming_chat")] == ["soon-2000", "over-2000"]
    world.chat(MONDAY + HOUR / 2, "Kim Poe", now=MONDAY)
    kim = [each for each in planned(world, "upcoming_chat") if "Kim" in each.title]
    assert [each.key.split(":")[-1] for each in kim] == ["over-1730"]


@pytest.mark.parametrize("state", [each for each in InteractionState if each != InteractionState.PLANNED])
def test_only_planned_chats_are_spoken_of(world, state):
    """A chat that happened, was cancelled or was missed asks for nothing."""
    chat = world.chat(CHAT_AT)
    world.change(chat, state=state.value)
    assert planned(world, "upcoming_chat", CHAT_AT - HOUR) == []


def test_the_question_says_how_to_log_the_chat(world):
    """The command that is offered names people, kind, time and length, and runs as it stands."""
    world.chat(CHAT_AT, "Jane Roe", "Kim Poe", kind="video", minutes=45)
    (found,) = planned(world, "upcoming_chat", CHAT_AT + DAY)
    command = "crm log-contact c1 c2 --kind video --duration 45m --at '2026-01-08 14:00' --note \"...\""
    assert found.body.endswith(command)


def test_a_chat_put_off_is_announced_again(world):
    """Later on the same day, or on another: the announcements are new occurrences."""
    chat = world.chat(CHAT_AT)
    before = {each.key for each in planned(world, "upcoming_chat", CHAT_AT - HOUR)}
    world.change(chat, starts_at=CHAT_AT + timedelta(minutes=90))
    later = {each.key for each in planned(world, "upcoming_chat", CHAT_AT - HOUR)}
    assert not {key for key in later if "day-before" not in key} & before
    world.change(chat, starts_at=CHAT_AT + DAY)
    assert not {each.key for each in planned(world, "upcoming_chat", CHAT_AT - HOUR)} & (before | later)


@settings(max_examples=15)
@given(hours=st.integers(-48, 48), zone=st.sampled_from(ZONES))
def test_a_zone_changes_no_key_of_a_chat(empty_database, tmp_path_factory, hours, zone):
    """In every zone the keys are those of Los Angeles, of those that both zones speak of now."""
    world = World.copy(empty_database, tmp_path_factory.mktemp("world"))
    chat = world.chat(CHAT_AT)
    now = CHAT_AT + hours * HOUR
    known = {f"upcoming_chat:{chat.uid}:2026-01-08:{ordinal}" for ordinal in ("day-before", "soon-2200", "over-2200")}
    assert {each.key for each in planned(world, "upcoming_chat", now, ZoneInfo(zone))} <= known


# Reviews


def test_a_review_is_announced_due_and_overdue(world):
    """Three days ahead, on the day, and once after it; at each time only the latest is left to say."""
    review = world.review("Week 2", date(2026, 1, 19))
    ordinals = {}
    for day in range(14, 25):
        found = planned(world, "review", datetime(2026, 1, day, 17, tzinfo=UTC), ahead=timedelta(0))
        ordinals[day] = [each.key.removeprefix(f"review:{review.uid}:2026-01-19:") for each in found]
    assert [ordinals[day] for day in (14, 15)] == [[], []]
    assert [ordinals[day] for day in (16, 17, 18)] == [["ahead"]] * 3
    assert ordinals[19] == ["due"]
    assert [ordinals[day] for day in range(20, 25)] == [["overdue"]] * 5


def test_a_review_moved_is_announced_for_its_new_day(world):
    """The day that it was moved to counts, and makes new occurrences."""
    review = world.review("Week 2", date(2026, 1, 19))
    world.change(review, scheduled_on=date(2026, 1, 25))
    assert planned(world, "review", datetime(2026, 1, 19, 17, tzinfo=UTC)) == []
    (found,) = planned(world, "review", datetime(2026, 1, 22, 17, tzinfo=UTC))
    assert found.title == "Coming up: review Week 2 on Sun 25 Jan 2026"


def test_a_review_without_notice_is_not_announced_ahead(world):
    """With no days of notice, the day itself comes first."""
    world.review("Week 2", TODAY + DAY)
    found = planned(world, "review", lead_days=0)
    assert [each.key.rpartition(":")[2] for each in found] == ["due", "overdue"]


def test_a_review_that_is_complete_or_undated_is_silent(world):
    """Nothing is said of a review that is done, or that has no day yet."""
    world.change(world.review("Week 2", TODAY), completed_at=MONDAY)
    world.review("Month 1", None)
    assert planned(world, "review") == []


# The hours' pace

WEDNESDAY = datetime(2026, 1, 7, 16, tzinfo=UTC)  # 8:00 in Los Angeles


def test_the_pace_is_spoken_of_on_wednesday_when_behind(world):
    """From Wednesday 8:00 on, how much is missing; not before, and it expires with the week."""
    world.target(700)
    assert planned(world, "hours_pace", WEDNESDAY - timedelta(seconds=1)) == []
    (found,) = planned(world, "hours_pace", WEDNESDAY)
    assert found.key == "hours_pace:2026-01-07"
    assert found.title == "3 h 20 min behind this week's hours"
    assert found.expires_at == datetime(2026, 1, 12, 8, tzinfo=UTC)


def test_who_keeps_the_pace_hears_nothing(world):
    """With the hours logged, or without a target, Wednesday is silent."""
    activity = world.target(700)
    with world.writing() as session:
        session.add(TimeEntry(activity_id=activity.id, started_at=MONDAY, minutes=200))
    assert planned(world, "hours_pace", WEDNESDAY) == []


def test_a_past_week_is_not_held_against_a_new_plan(world):
    """Who starts on Thursday is not told of Wednesday."""
    world.target(700, now=WEDNESDAY + DAY)
    assert planned(world, "hours_pace", WEDNESDAY + 2 * DAY) == []


# What is to come


def foreseen(world, now, until):
    with world.reading() as session:
        return preview(session, now=now, until=until, tz=LOS_ANGELES, given=world.given)


@pytest.mark.parametrize("turns_before", [0, 1])
def test_the_preview_is_what_then_happens(world, turns_before):
    """Nobody does anything for three weeks: what was foreseen is what is said, each at its time."""
    world.filled()
    start = MONDAY
    for now in days(start, turns_before):
        world.tick(now)
    expected = {each.key: each.say_at for each in foreseen(world, start, start + 21 * DAY)}
    assert len(expected) > 8
    turns = {at - early for at in expected.values() for early in (timedelta(0), timedelta(seconds=1))}
    happened = {}
    for now in sorted({*days(start, 21 * 4, 6 * HOUR), *(at for at in turns if at >= start)}):
        before = len(world.console.sent)
        world.tick(now)
        happened |= {item.key: now for message in world.console.sent[before:] for item in message.items}
    assert {key: at for key, at in happened.items() if "hours_pace" not in key} == expected


def test_the_preview_knows_what_was_said_done_and_put_off(world):
    """What was said is not foreseen, nor what is done; what was put off stands at its new time."""
    world.task("Said", TODAY)
    world.tick()
    world.task("Done", TODAY + DAY)
    world.task("Put off", TODAY + DAY)
    world.tick(MONDAY + HOUR)
    done, put_off = world.reminders()[1:]
    world.change(done, state="done")
    world.change(put_off, snoozed_until_at=MONDAY + 3 * DAY)
    found = foreseen(world, MONDAY + 2 * HOUR, MONDAY + 30 * DAY)
    assert [(each.title, each.say_at) for each in found] == [("Put off", MONDAY + 3 * DAY)]
    world.change(world.reminders()[0], snoozed_until_at=MONDAY + 4 * DAY)
    found = foreseen(world, MONDAY + 2 * HOUR, MONDAY + 30 * DAY)
    assert [each.title for each in found] == ["Put off", "Said"]


def test_the_preview_writes_nothing(world):
    """The database is the same to the byte."""
    world.filled()
    before = world.contents()
    assert foreseen(world, MONDAY, MONDAY + 100 * DAY)
    assert world.contents() == before
