"""How much of a message leaves the machine: no last name, no way to reach anybody, and still enough to be of use."""

import unicodedata

import pytest
from channel_support import message
from hypothesis import assume, given
from hypothesis import strategies as st
from reminder_support import DAY, HOUR, MONDAY, World

from crm import models as m
from crm.models.words import TaskKind
from crm.privacy import Detail, Mentioned, first_names
from crm.store import contacts, records
from crm.store.mentions import mentioned
from reminders.channels import Configured
from reminders.message import Message

JANE = Mentioned("Jane Roe", ways=("12 Elm Street, Springfield", "janie_r"), about=True)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Write to Jane Roe", "Write to Jane"),
        ("Jane Roe's number", "Jane's number"),
        ("ask JANE ROE, then Mrs. Roe", "ask JANE, then Mrs. …"),
        ("Roe, Jane: call", "…, Jane: call"),
        ("Coffee with Jane Roe: Thu 8 Jan 14:00", "Coffee with Jane: Thu 8 Jan 14:00"),
        ("mail jane.roe@example.org or call +1 (555) 010-0199 today", "mail … or call … today"),
        ("at 12 elm street, springfield", "at …"),
        ("her handle is @janie_r", "her handle is @…"),
        ("see https://example.org/in/janeroe and https://example.org/x", "see … and https://example.org/x"),
        ("--at '2026-01-08 14:00' --note \"...\"", "--at '2026-01-08 14:00' --note \"...\""),
        ("By Tue 6 Jan 2026. Done: crm done t1.", "By Tue 6 Jan 2026. Done: crm done t1."),
        ("Jane (Roe)", "Jane (…)"),
        ("Jane-Roe", "Jane-…"),
        ("Write to Jane Ro…", "Write to Jane…"),
        ("roe deer", "roe deer"),
        ("", ""),
    ],
)
def test_first_names_only(text, left):
    """What is left of a text that is about Jane Roe."""
    assert first_names(text, [JANE]) == left


@pytest.mark.parametrize(
    ("name", "text", "left"),
    [
        ("Ana María Núñez", "Tell Ana Maria Nunez, or Ana Núñez", "Tell Ana, or Ana"),
        ("Dr. Kim Poe", "Dr. Kim Poe and Dr. Poe", "Dr. Kim and Dr. …"),
        ("Mr Poe", "Write to Mr Poe; Poe is in", "Write to Mr; … is in"),
        ("Poe, Kim", "Kim Poe, or Poe, Kim", "Kim, or …, Kim"),
        ("Kim Poe, PhD", "Kim Poe is in", "Kim is in"),
        ("Mary-Jane O'Neill", "Mary-Jane O'Neill's talk", "Mary-Jane's talk"),
        ("Ludwig van Beek", "a van for Ludwig van Beek", "a van for Ludwig"),
        ("Li Na Xu", "Xu and xu", "… and xu"),
        ("Prince", "Prince", "Prince"),
    ],
)
def test_names_of_many_kinds(name, text, left):
    """Accents, titles, hyphens, particles, short words, and one name only."""
    assert first_names(text, [Mentioned(name, about=True)]) == left


def test_somebody_else_loses_the_last_name_beside_the_first():
    """Of whom the text is not about, a last name alone could be any word, and stays."""
    other = Mentioned("Kim May", aliases=("Kimmie Day",))
    assert first_names("Kim May and Kimmie Day in May, a May Day", [other]) == "Kim and Kimmie in May, a May Day"


NAMES = st.text(st.characters(categories=["Lu", "Ll"], max_codepoint=0x24F), min_size=4, max_size=12)


@given(first=NAMES, last=st.lists(NAMES, min_size=1, max_size=3), text=st.text(max_size=60), data=st.data())
def test_no_last_name_leaks(first, last, text, data):
    """Wherever and however the name of somebody whom it is about is put into a text, no last name is left."""
    folded = [word.casefold() for word in last]
    assume(all(first.casefold() not in word and word not in first.casefold() for word in folded))
    joined = data.draw(st.sampled_from([" ", "  ", ", ", "-", ".", "\n", " (", "/"]))
    whole = joined.join([first, *last])
    shown = data.draw(st.sampled_from([whole, whole.upper(), whole.lower(), *last, f"{last[-1]}, {first}"]))
    assume(not any(word in text.casefold() for word in folded))
    left = first_names(f"{text} {shown} {text}", [Mentioned(" ".join([first, *last]), about=True)])
    assert not any(word in left.casefold() for word in folded)


@given(
    local=st.text("abcXYZ019._+-", min_size=1, max_size=20),
    number=st.text("0123456789", min_size=7, max_size=12),
    between=st.sampled_from(["", " ", "-", "."]),
    text=st.text(st.characters(categories=["L", "Zs", "P"]), max_size=40),
)
def test_no_way_to_reach_anybody_leaks(local, number, between, text):
    """An e-mail address or a telephone number goes, whoever's it is and whatever stands around it."""
    mail, phone = f"{local}@example.org", between.join([number[:3], number[3:6], number[6:]])
    left = first_names(f"{text} {mail} {text} {phone} {text}", [])
    assert mail not in left
    assert phone not in left


@given(st.text(max_size=80))
def test_text_about_nobody_is_left_alone(text):
    """Without people, addresses and numbers, nothing changes but how accents are put together."""
    assume("@" not in text)
    assume(sum(each.isdigit() for each in text) < 7)
    assert first_names(text, []) == unicodedata.normalize("NFC", text)


# The message


def several(number: int) -> Message:
    items = tuple(message(f"Write to Jane Roe {each}", "Roe's body", each).items[0] for each in range(number))
    base = message("2 reminders are due", "- Write to Jane Roe")
    return Message(
        key="k0", message_id="id@x", title=base.title, body=base.body, items=items, at=base.at, people=(JANE,)
    )


def test_busy_says_how_many_and_no_more():
    """Neither a title, nor a body, nor a key."""
    told = several(2).reduced(Detail.BUSY)
    assert (told.title, told.body, told.items, told.key) == ("You have 2 reminders", "See: crm today", (), "")
    assert told.message_id == "id@x"


@pytest.mark.parametrize("detail", list(Detail))
def test_no_channel_gets_what_is_known_of_people(detail):
    """What is needed to hide names is not handed on."""
    told = several(2).reduced(detail)
    assert told.people == ()
    assert ("Elm Street" in repr(told)) is False
    assert ("Roe" in repr(told)) == (detail == Detail.FULL)


def test_of_very_many_reminders_only_those_that_are_told_leave():
    """A hundred thousand at once are said to be so many; twenty of them are told, and reduced in no time."""
    told = several(100_000).reduced(Detail.FIRST_NAMES)
    assert [each.title for each in told.items] == [f"Write to Jane {number}" for number in range(20)]
    assert "100000" in several(100_000).reduced(Detail.BUSY).title


# From the database


@pytest.fixture
def world(empty_database, tmp_path):
    return World.copy(empty_database, tmp_path)


@pytest.fixture
def phone():
    """A channel that leaves the machine; gives it and what it got."""
    got: list[Message] = []
    return Configured(got.append, Detail.FIRST_NAMES), got


def people_of(world, *titles):
    reminders = [
        m.Reminder(key=title, rule="x", title=title, local_on=MONDAY.date(), due_at=MONDAY) for title in titles
    ]
    with world.reading() as session:
        return {each.name: each.about for each in mentioned(session, reminders)}


def test_people_are_found_by_the_first_names_in_a_text(world):
    """Whoever is called by a word of the text: case, accents, quotes and genitives aside; aliases count."""
    with world.writing() as session:
        for name in ("Jane Roe", "Zoë Lee", "O'Neill Poe", "Bob Day"):
            contacts.add_contact(session, name)
        contacts.add_contact(session, "Katherine May").aliases = ["Kit May"]
    assert people_of(world, "Call \"jane\" and ZOE's friend, o'neill") == dict.fromkeys(
        ["Jane Roe", "Zoë Lee", "O'Neill Poe"], False
    )
    assert people_of(world, "Kit and nobody") == {"Katherine May": False}


def test_a_task_about_somebody_goes_out_without_their_last_name(world, phone):
    """From the database to the channel: title and body of a promise to Jane Roe, who is also called Miss Poe."""
    channel, got = phone
    with world.writing() as session:
        jane = contacts.add_contact(session, "Jane Roe")
        jane.aliases = ["Miss Poe"]
        records.add(session, m.ContactMethod(contact_id=jane.id, kind="phone", value="010-01"))
    world.task("Send Roe the repo, or call 010-01", MONDAY.date(), kind=TaskKind.PROMISE, contact_id=jane.id)
    world.tick(MONDAY, ntfy=channel)
    (told,) = got
    assert told.title == "Send … the repo, or call …"
    assert "You promised Jane this" in told.body
    assert "Roe" not in repr(told)


def test_a_chat_goes_out_without_last_names(world, phone):
    """Everybody who takes part is reduced to the first name, in what is said before and after."""
    channel, got = phone
    world.chat(MONDAY + 2 * DAY, "Kim Poe", "Ana Lee", kind="coffee")
    for now in (MONDAY + DAY, MONDAY + 2 * DAY - HOUR, MONDAY + 2 * DAY + HOUR):
        world.tick(now, ntfy=channel)
    assert len(got) == 3
    assert all("Coffee with Kim and Ana" in each.title for each in got)
    assert not any("Poe" in repr(each) or "Lee" in repr(each) for each in got)


def test_a_message_of_several_reminders_is_reduced_as_a_whole(world, phone):
    """Six at once arrive as one message: no last name in its body or items."""
    channel, got = phone
    for number in range(6):
        with world.writing() as session:
            who = contacts.add_contact(session, f"Jane Roe{'abcdef'[number]}")
        world.task(f"Write to {who.name}", MONDAY.date(), contact_id=who.id)
    world.tick(MONDAY, ntfy=channel)
    (told,) = got
    assert told.body.count("Write to Jane") == 6
    assert "Roe" not in repr(told)
