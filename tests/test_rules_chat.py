"""The rule on chats: what is said before and after one, and what to know for it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plan_support import undone
from reminder_support import DAY, HOUR, MONDAY, World
from rules_support import ZONES, is_one_line, planned, run_each
from sqlalchemy import event
from sqlmodel import select

from crm import models as m
from crm.models.words import InteractionState
from crm.privacy import first_names, relevant
from crm.store import contacts, interactions, mentions, records

CHAT_AT = datetime(2026, 1, 8, 22, tzinfo=UTC)  # Thursday 14:00 in Los Angeles
SOON = CHAT_AT - HOUR


@pytest.fixture
def world(empty_database, tmp_path):
    return World.copy(empty_database, tmp_path)


def ordinals(found):
    """Which of a chat's reminders these are."""
    return [each.key.split(":")[-1] for each in found]


def an_hour_before(world, **options):
    """What is said an hour before the chat."""
    (found,) = [each for each in planned(world, "upcoming_chat", SOON, **options) if "soon" in each.key]
    return found


# When


def test_a_chat_is_announced_twice_and_asked_about_once(world):
    """The day before at 8:00, an hour before, and how it went when it is over."""
    world.chat(CHAT_AT, "Jane Roe", "Kim Poe", kind="coffee", place="Blue Door", minutes=45)
    found = planned(world, "upcoming_chat", CHAT_AT - 40 * HOUR)
    title = "Coffee with Jane Roe and Kim Poe"
    assert [(each.due_at, each.title) for each in found] == [
        (datetime(2026, 1, 7, 16, tzinfo=UTC), f"Coming up: {title}, Thu 8 Jan 2026 14:00"),
        (SOON, f"Starts soon: {title}, Thu 8 Jan 2026 14:00"),
        (CHAT_AT + timedelta(minutes=45), f"How did it go? {title}"),
    ]
    assert [each.urgent for each in found] == [False, True, False]
    assert [each.expires_at for each in found] == [CHAT_AT, CHAT_AT, None]


def test_an_announcement_is_not_made_after_the_fact(world):
    """An hour before, the day before's word is dropped; once it has begun only the question is left, for good."""
    world.chat(CHAT_AT)
    at = {"an hour before": SOON, "at the start": CHAT_AT, "a month later": CHAT_AT + 30 * DAY}
    assert {when: ordinals(planned(world, "upcoming_chat", now)) for when, now in at.items()} == {
        "an hour before": ["soon-2200", "over-2200"],
        "at the start": ["over-2200"],
        "a month later": ["over-2200"],
    }


def test_how_long_before_can_be_chosen(world):
    """A quarter of an hour before instead of an hour; a whole day before takes the place of the day before's."""
    world.chat(CHAT_AT)
    found = planned(world, "upcoming_chat", CHAT_AT - HOUR, minutes_before=15)
    assert [(ordinal, each.due_at) for ordinal, each in zip(ordinals(found), found, strict=True)][1] == (
        "soon-2200",
        CHAT_AT - timedelta(minutes=15),
    )
    assert ordinals(planned(world, "upcoming_chat", CHAT_AT - 23 * HOUR, minutes_before=1440))[0] == "soon-2200"


def test_a_chat_planned_at_short_notice_is_not_announced_at_once(world):
    """Who plans a chat for this afternoon is not told the next minute that it was to be announced yesterday."""
    world.chat(MONDAY + 3 * HOUR, now=MONDAY)
    assert ordinals(planned(world, "upcoming_chat")) == ["soon-2000", "over-2000"]
    world.chat(MONDAY + HOUR / 2, "Kim Poe", now=MONDAY)
    assert ordinals(each for each in planned(world, "upcoming_chat") if "Kim" in each.title) == ["over-1730"]


@pytest.mark.parametrize("state", [each for each in InteractionState if each != InteractionState.PLANNED])
def test_only_planned_chats_are_spoken_of(world, state):
    """A chat that happened, was cancelled or was missed asks for nothing, until that is undone."""
    chat = world.chat(CHAT_AT)
    before = planned(world, "upcoming_chat", SOON)
    world.change(chat, state=state.value)
    assert planned(world, "upcoming_chat", SOON) == []
    world.undo(MONDAY)
    assert planned(world, "upcoming_chat", SOON) == before


def test_a_chat_put_off_is_announced_again(world):
    """Later on the same day, or on another: the announcements are new occurrences."""
    chat = world.chat(CHAT_AT)
    before = {each.key for each in planned(world, "upcoming_chat", SOON)}
    world.change(chat, starts_at=CHAT_AT + timedelta(minutes=90))
    later = {each.key for each in planned(world, "upcoming_chat", SOON)}
    assert not {key for key in later if "day-before" not in key} & before
    world.change(chat, starts_at=CHAT_AT + DAY)
    assert not {each.key for each in planned(world, "upcoming_chat", SOON)} & (before | later)


@settings(max_examples=15)
@given(hours=st.integers(-48, 48), zone=st.sampled_from(ZONES))
def test_a_zone_changes_no_key_of_a_chat(empty_database, tmp_path_factory, hours, zone):
    """In every zone the keys are those of Los Angeles, of those that both zones speak of now."""
    world = World.copy(empty_database, tmp_path_factory.mktemp("world"))
    chat = world.chat(CHAT_AT)
    now = CHAT_AT + hours * HOUR
    known = {f"upcoming_chat:{chat.uid}:2026-01-08:{ordinal}" for ordinal in ("day-before", "soon-2200", "over-2200")}
    assert {each.key for each in planned(world, "upcoming_chat", now, ZoneInfo(zone))} <= known


@pytest.mark.parametrize(
    ("zone", "chat_on", "clock_changes"),
    [
        ("America/Los_Angeles", date(2026, 3, 8), True),
        ("America/Los_Angeles", date(2026, 11, 1), True),
        ("Asia/Kathmandu", date(2026, 3, 8), False),
        ("Pacific/Apia", date(2026, 3, 8), False),
    ],
)
def test_the_day_before_is_a_day_and_the_hour_an_hour(world, zone, chat_on, clock_changes):
    """Whether or not the clock changes in the night: at eight on the local day before, and sixty minutes before."""
    tz = ZoneInfo(zone)
    chat_at = datetime(chat_on.year, chat_on.month, chat_on.day, 10, tzinfo=tz).astimezone(UTC)
    world.chat(chat_at)
    day_before, soon, _over = planned(world, "upcoming_chat", chat_at - 30 * HOUR, tz)
    local = day_before.due_at.astimezone(tz)
    assert (local.date(), local.hour) == (chat_on - DAY, 8)
    assert soon.due_at == chat_at - HOUR
    assert (soon.due_at - day_before.due_at != 25 * HOUR) == clock_changes


# What to type


@pytest.mark.parametrize("hours", [-40, -1, 1])
def test_the_commands_of_a_chat_work(crm, home, hours):
    """Prepare, move or call it off before; log it, or say that it was missed, after."""
    World.at(home).chat(CHAT_AT, "Jane Roe", "Kim Poe", kind="video", minutes=45)
    now = CHAT_AT + hours * HOUR
    crm("today", now=f"{now:%Y-%m-%dT%H:%M:%SZ}")
    found = run_each(crm, planned(World.at(home), "upcoming_chat", now)[0])
    before = [
        *("crm prep c1", "crm prep c2"),
        *("crm interaction edit i1 --at 'next mon'", "crm interaction cancel i1"),
    ]
    log = "crm log-contact c1 c2 --kind video --duration 45m --at '2026-01-08 14:00' --note \"...\""
    assert found == (before if hours < 0 else [log, "crm interaction missed i1"])


def test_a_logged_chat_asks_no_more(crm, home):
    """The command that the question offers ends it; undo brings it back."""
    world = World.at(home)
    world.chat(CHAT_AT, "Jane Roe", kind="video", minutes=45)
    (asked,) = planned(world, "upcoming_chat", CHAT_AT + DAY)
    words = ("log-contact", "c1", "--kind", "video", "--duration", "45m", "--at", "2026-01-08 14:00", "--note", "...")
    undone(crm, *words, now="2026-01-09T22:00:00Z")
    assert planned(world, "upcoming_chat", CHAT_AT + DAY) == [asked]
    crm(*words)
    assert planned(world, "upcoming_chat", CHAT_AT + DAY) == []


def test_a_chat_with_nobody_left_can_still_be_settled(crm, home):
    """Without anybody to log it with, the chat itself is said to have happened."""
    world = World.at(home)
    chat = world.chat(CHAT_AT, kind="event")
    with world.writing() as session:
        for part in session.exec(select(m.InteractionContact)):
            session.delete(part)
    before = planned(world, "upcoming_chat", SOON)[0]
    assert before.title == "Starts soon: Event, Thu 8 Jan 2026 14:00"
    (after,) = planned(world, "upcoming_chat", CHAT_AT + DAY)
    assert f"crm interaction edit {chat.ref} --state happened" in after.body
    crm("today", now="2026-01-09T22:00:00Z")
    run_each(crm, after)


# What to know


@pytest.fixture
def known(world):
    """A chat with Jane, of whom there is everything on record, and what is private."""
    jane = world.person(
        *("Jane Roe", MONDAY),
        context="met at a meetup\nby the lake",
        place="12 Elm Street",
        private_notes="secret thing",
    )
    mat, olivia = world.person("Mat Pine"), world.person("Olivia Sand")
    day = {"due_on": date(2026, 1, 9), "kind": "promise", "contact_id": jane.id}
    with world.writing() as session:
        acme = contacts.organization_named(session, "Acme")
        session.add(m.Position(contact_id=jane.id, organization_id=acme.id, title="Engineer"))
        for number, each in enumerate((jane, mat, olivia)):
            session.add(m.ContactMethod(contact_id=each.id, kind="phone", value=f"+1 555 010 014{number}"))
        for number in range(7):
            made = records.add(session, m.Question(text=f"What about {number}?"))
            session.add(m.QuestionAudience(question_id=made.id, contact_id=jane.id))
        records.add(session, m.Relationship(from_contact_id=mat.id, to_contact_id=jane.id, type="manages"))
        records.add(session, m.Introduction(connector_id=olivia.id, contact_id=jane.id, state="made"))
        values = {"organization_id": acme.id, "role": "data engineer", "state": "asked", "asked_at": MONDAY}
        records.add(session, m.Referral(contact_id=jane.id, **values))
        records.add(session, m.Task(title="send photos", **day))
        records.add(session, m.Task(title="send the book list", owner="them", **day))
    world.happened(MONDAY - 6 * DAY, jane, private_note="secret words")
    world.happened(MONDAY - 3 * DAY, jane, kind="call", note="ask Mat Pine, +1 555 010 0141 or mat@example.org")
    with world.writing("schedule") as session:
        values = {"kind": "coffee", "place": "Blue Door", "state": "planned"}
        interactions.add(session, [session.get_one(m.Contact, jane.id)], starts_at=CHAT_AT, **values)
    return world


def test_an_hour_before_says_what_to_know(known):
    """Who it is, how you know each other, the last talk, five questions, what is owed both ways, the referral."""
    assert an_hour_before(known).body.splitlines() == [
        "Place: Blue Door",
        "Who: met at a meetup by the lake; Engineer at Acme",
        "How you know each other: Mat Pine manages Jane Roe; Olivia Sand: an introduction to Jane Roe (made)",
        "Last talk: Fri 2 Jan 2026, call: ask Mat Pine, +1 555 010 0141 or mat@example.org",
        *(f"Ask: q{number + 1} What about {number}?" for number in range(5)),
        "You owe them: send photos by Fri 9 Jan 2026",
        "They owe you: send the book list by Fri 9 Jan 2026",
        "Referral: a referral at Acme as data engineer (asked Mon 5 Jan 2026)",
        "Prepare: crm prep c1",
        "Another day: crm interaction edit i3 --at 'next mon'",
        "It is called off: crm interaction cancel i3",
    ]


def test_only_the_hour_before_says_so(known):
    """The day before stays short, and so does what is planned for later."""
    for each in planned(known, "upcoming_chat", SOON - timedelta(seconds=1)):
        assert "What about" not in each.body
        assert len(each.body.splitlines()) <= 4


def test_nothing_private_is_said(known):
    """Neither a private note nor a private talk's words are told, though that talk be the last."""
    with known.writing() as session:
        for each in session.exec(select(m.Interaction).where(m.Interaction.note.is_not(None))):
            each.note = None
    assert "secret" not in an_hour_before(known).body


def test_first_names_are_enough_for_other_machines(known):
    """What leaves the machine names nobody's last name, and no way to reach anybody."""
    soon = an_hour_before(known)
    with known.reading() as session:
        people = mentions.mentioned(session, [soon])
    for text in (soon.title, soon.body):
        left = first_names(text, relevant(people, text))
        assert not [each for each in ("Roe", "Pine", "Sand", "555", "014", "example") if each in left]
    assert "Mat manages Jane; Olivia: an introduction to Jane (made)" in left
    assert "Ask: q1 What about 0?" in left


def test_a_brief_names_somebody_called_as_long_as_can_be(known):
    """A name that is cut in the middle of the last one loses that, too."""
    with known.writing() as session:
        session.exec(select(m.Contact).where(m.Contact.name == "Mat Pine")).one().name = "Mat " + "Pineapple" * 20
    soon = an_hour_before(known)
    assert "Pineapple" in soon.body
    with known.reading() as session:
        people = mentions.mentioned(session, [soon])
    assert "Pineap" not in first_names(soon.body, relevant(people, soon.body))


def test_with_several_each_line_says_whom_it_is_about(crm, home):
    """No question is told twice, each person's lines bear their name, and the page stays one."""
    world = World.at(home)
    world.chat(CHAT_AT, "Jane Roe", "Kim Poe", "Ana Lee", "Sam Orr")
    for number in range(8):
        crm("question", "add", f"What about {number}?")
    with world.writing() as session:
        for each in session.exec(select(m.Contact)):
            each.context = "met at a meetup"
            records.add(session, m.Task(title="send photos", kind="promise", contact_id=each.id))
    *lines, one, two, three, _moved, _off = an_hour_before(world).body.splitlines()
    assert lines == [
        line
        for number, name in enumerate(("Jane Roe", "Kim Poe", "Ana Lee"))
        for line in (
            f"{name}: met at a meetup",
            f"Ask {name}: q{number + 1} What about {number}?",
            f"You owe {name}: send photos",
        )
    ]
    assert [one, two, three] == [f"Prepare: crm prep c{number}" for number in (1, 2, 3)]


def test_long_and_hostile_text_stays_in_bounds(known):
    """Each line is one line of bounded length, and no fact makes two."""
    text = "\x1b[31mA\r\nB\u2028 " + "long " * 5_000
    with known.writing() as session:
        for model, column in ((m.Contact, "context"), (m.Question, "text"), (m.Task, "title"), (m.Interaction, "note")):
            for each in session.exec(select(model)):
                setattr(each, column, text)
        for each in session.exec(select(m.Interaction)):
            each.place = text
        for each in session.exec(select(m.Contact)):
            each.name += "y" * 10_000
    soon = an_hour_before(known)
    lines = soon.body.splitlines()
    assert len(lines) <= 15
    assert all(is_one_line(each, 150) for each in lines)
    assert is_one_line(soon.title, 150)


def test_chats_to_come_cost_nothing(world):
    """Forty chats in the next days take as many statements as one; the one within its hour a few more."""
    counts = []
    event.listen(world.engine, "before_cursor_execute", lambda *args: counts.append(args[2]))

    def cost(now):
        counts.clear()
        planned(world, "upcoming_chat", now)
        return len(counts)

    world.chat(CHAT_AT)
    one = cost(SOON - DAY)
    for number in range(40):
        world.chat(CHAT_AT + timedelta(minutes=90 + number), f"Jane No{number}")
    assert cost(SOON - DAY) == one
    assert one < cost(SOON) <= one + 40


def test_the_brief_is_what_is_sent(known):
    """Planned two days before and said an hour before: the text is that of the hour."""
    known.tick(SOON - DAY)
    known.tick(SOON)
    known.tick(SOON + HOUR / 2)
    sent = [item for message in known.console.sent for item in message.items if "soon" in item.key]
    assert [item.body for item in sent] == [an_hour_before(known).body]


def test_what_was_not_said_before_the_start_is_not_said_late(known):
    """With the machine off until the chat has begun, the next word is the question."""
    known.tick(SOON - DAY)
    known.tick(CHAT_AT + 2 * HOUR)
    keys = [item.key for message in known.console.sent for item in message.items]
    assert not [key for key in keys if "soon" in key]
    assert [key for key in keys if "over" in key]
