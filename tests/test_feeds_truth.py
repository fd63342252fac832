"""What the feeds say of people below `full`; and that a version rises when, and only when, what an entry tells does."""

import re
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import database_support
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from calendars import feeds
from calendars.publish import render_feed
from calendars.remote.items import files
from calendars.terms import FeedTerms, Terms
from crm import models as m
from crm.actions import merge
from crm.folding import fold
from crm.privacy import Detail, Mask, Mentioned
from crm.store import contacts, interactions, journal, questions, records
from crm.store.engine import make_engine, reading, writing

NOW = datetime(2026, 1, 5, 17, 0, tzinfo=UTC)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
ZONE = ZoneInfo("America/Los_Angeles")


class World:
    """A database, and what the feeds tell of it."""

    def __init__(self, url):
        self.engine = make_engine(url)
        self.now = NOW

    def write(self):
        """A transaction a minute after the last one."""
        self.now += MINUTE
        return writing(self.engine, now=self.now, name="test")

    def undo(self):
        with self.write() as session:
            journal.undo_last(session, now=self.now)

    def text(self, name, detail=Detail.FULL):
        terms = Terms(feeds={name: FeedTerms(detail=detail)})
        with reading(self.engine) as session:
            data = render_feed(session, feeds.load(name), now=NOW, tz=ZONE, terms=terms).data
        return data.decode().replace("\r\n ", "")

    def told(self, detail=Detail.FULL):
        """Each entry of all feeds, by its UID: what it tells, its version, and all of it."""
        found = {}
        for name in ("all", "tasks"):
            calendar = Calendar.from_ical(self.text(name, detail))
            for each in [*calendar.events, *calendar.todos]:
                version = int(each["SEQUENCE"]), each["LAST-MODIFIED"].dt
                whole = each.to_ical()
                content = re.sub(rb"(?m)^(SEQUENCE|LAST-MODIFIED|DTSTAMP)[^\n]*\n", b"", whole)
                found[str(each["UID"])] = content, version, whole
        return found


@pytest.fixture
def world(home):
    """A home with an empty database."""
    return World(database_support.url_of(home))


def fill(session, name="Jane Roe", text="Write"):
    """One of each thing that a feed tells of, in words that were typed."""
    jane = contacts.add_contact(session, name, context=text, how_to_reach=text)
    kim = contacts.add_contact(session, "Kim Poe")
    contacts.add_method(session, jane, "phone", "010-01")
    for who in (jane, kim):
        interactions.add(session, [who], kind="coffee", state="planned", starts_at=NOW + DAY, place=text, note=text)
    for kind in ("follow-up", "promise", "checklist", "other"):
        task = m.Task(title=text, kind=kind, note=text, due_on=date(2026, 1, 9))
        task.contact_id = jane.id if kind == "promise" else None
        records.add(session, task)
    records.add(session, m.Review(name=f"{text} 2", text=text, due_on=date(2026, 1, 19)))
    question = records.add(session, m.Question(text=text))
    records.add(session, m.QuestionAudience(question_id=question.id, contact_id=jane.id))
    activity = records.add(session, m.Activity(name=text))
    records.add(session, m.ActivityTarget(activity_id=activity.id, from_on=date(2026, 1, 1), weekly_minutes=120))
    for day in range(2):
        records.add(session, m.Availability(weekday=day, minutes=60, best_time="6-8 pm"))
    records.add(session, m.Plan(start_on=date(2026, 1, 1)))
    commitment = records.add(session, m.Commitment(title=text, state="accepted"))
    records.add(session, m.CommitmentVersion(commitment_id=commitment.id, from_on=NOW.date(), times=2, per="week"))
    records.add(session, m.CheckIn(commitment_id=commitment.id, done_at=NOW, note=text))


# How much is told

LETTERS = st.text("ghijklmnopqrstuvwxyzäöüñ", min_size=4, max_size=9).map(str.capitalize)


@given(first=LETTERS, last=LETTERS, data=st.data())
@settings(max_examples=5)
def test_no_name_leaves_whatever_is_in_the_database(first, last, data, empty_database, tmp_path_factory):
    """With first names no surname, address or number is in any feed, whatever was typed; busy tells no name."""
    shapes = (f"{first} {last}", last.upper(), f"{last}, {first}", f"call {last}'s +1 (555) 010-0199")
    mails = (f"mail {first}.{last}@example.org", f"https://example.org/in/{fold(first + last)}", f"ring 010-01 {last}")
    text = data.draw(st.sampled_from(shapes + mails))
    world = World(database_support.copy(empty_database, tmp_path_factory.mktemp("world")))
    own = {word for name in feeds.names() for word in re.findall(r"\w+", fold(world.text(name)))}
    with world.write() as session:
        fill(session, f"{first} {last}", text)
        records.remove(session, records.add(session, m.Review(name=text, due_on=date(2026, 1, 20))))
    for name in feeds.names():
        told = fold(world.text(name, Detail.FIRST_NAMES))
        words = set(re.findall(r"\w+", told))
        assert not words & ({fold(last), "poe", "0199"} - {fold(first)} - own)
        assert "010-01" not in told
        assert "@example" not in told
        busy = set(re.findall(r"\w+", fold(world.text(name, Detail.BUSY))))
        assert not busy & ({fold(first), fold(last), "jane", "kim", "poe"} - own)


def test_surnames_alone_go_and_first_names_stay(world):
    """In a review's and an activity's name; a first name that is somebody else's surname stays."""
    with world.write() as session:
        contacts.add_contact(session, "Jane Roemer")
        contacts.add_contact(session, "Jin Kim")
        fill(session, "Ana Lee", "Roemer and Jin Kim: ask Kim")
    told = world.text("all", Detail.FIRST_NAMES)
    assert "SUMMARY:… and Jin: ask Kim 2 review" in told
    assert "SUMMARY:… and Jin: ask Kim (1 h)" in told
    assert "SUMMARY:Coffee with Kim" in told


def test_pushed_files_tell_no_surname_either(world):
    """What `crm calendar publish` puts elsewhere goes through the same terms."""
    with world.write() as session:
        fill(session, "Jane Roemer", "Ask Roemer")
    terms = Terms(feeds={name: FeedTerms(detail=Detail.FIRST_NAMES) for name in feeds.names()})
    with reading(world.engine) as session:
        found, problems = files(session, feeds.names(), now=NOW, tz=ZONE, terms=terms)
    assert problems == []
    assert not any(b"Roemer" in each.data for each in found)
    assert any("Ask … 2 review".encode() in each.data for each in found)


# What was removed


@pytest.mark.parametrize(("minutes", "lasts"), [(45, 45), (None, 30)])
def test_a_removed_chat_keeps_its_place_and_length(world, minutes, lasts):
    """It is cancelled from when it was to be until when it was to end."""
    with world.write() as session:
        chat = interactions.add(session, [], kind="call", state="planned", starts_at=NOW + DAY, minutes=minutes)
        records.remove(session, chat, (m.InteractionContact,))
    (event,) = Calendar.from_ical(world.text("chats")).events
    assert (str(event["STATUS"]), event.start, event.end) == ("CANCELLED", NOW + DAY, NOW + DAY + lasts * MINUTE)


def test_what_is_removed_and_put_back_rises_each_time(world):
    """Also where many of its changes were told by no calendar."""
    with world.write() as session:
        review = records.add(session, m.Review(name="Week 2", due_on=date(2026, 1, 19)))
    for number in range(5):
        with world.write() as session:
            records.every(session, m.Review)[0].note = str(number)
    seen = [version(world)]
    with world.write() as session:
        records.remove(session, records.every(session, m.Review)[0], (m.ReviewAnswer,))
    seen.append(version(world))
    world.undo()
    seen.append(version(world))
    assert review
    assert seen == sorted(set(seen))
    assert seen[0] == (0, NOW + MINUTE)


def version(world):
    ((_, found, _),) = world.told().values()
    return found


# What is told, and what is not


def stage(session):
    records.every(session, m.Contact)[0].stage = "met" if session.info["now"].minute % 2 else "to-contact"


def tier(session):
    records.every(session, m.Contact)[0].private_notes = str(session.info["now"])


def answer_privately(session):
    records.add(session, m.ReviewAnswer(review_id=1, question="What?", text="x"))


def note_a_review(session):
    records.every(session, m.Review)[0].note = str(session.info["now"])


def note_a_chat(session):
    records.every(session, m.Interaction)[0].private_note = str(session.info["now"])


def plan_goal(session):
    records.every(session, m.Plan)[0].goal = str(session.info["now"])


def day_notes(session):
    records.every(session, m.Availability)[0].notes = str(session.info["now"])


def role(session):
    activity = records.every(session, m.Activity)[0]
    activity.role = "practice" if activity.role == "other" else "other"


def horizon(session):
    for task in records.every(session, m.Task):
        task.source_line = session.info["now"].minute


def note_a_check_in(session):
    for each in records.every(session, m.CheckIn):
        each.note = str(session.info["now"])


def somebody_else(session):
    contacts.add_contact(session, f"Ana {session.info['now'].minute}")


def ask_somebody_else(session):
    question = records.add(session, m.Question(text=f"Why {session.info['now'].minute}?"))
    who = contacts.add_contact(session, "Bob Day")
    records.add(session, m.QuestionAudience(question_id=question.id, contact_id=who.id))


def far_item(session):
    records.add(session, m.Task(title=f"Far {session.info['now'].minute}", kind="checklist", due_on=date(2030, 1, 1)))


SILENT = [
    far_item,
    stage,
    tier,
    answer_privately,
    note_a_review,
    note_a_chat,
    plan_goal,
    day_notes,
    role,
    horizon,
    note_a_check_in,
    somebody_else,
    ask_somebody_else,
]


@pytest.mark.parametrize("change", SILENT, ids=lambda each: each.__name__)
def test_what_no_calendar_tells_changes_no_byte(world, change):
    """Nor does taking it back."""
    with world.write() as session:
        fill(session)
    before = world.told()
    for _again in range(2):
        with world.write() as session:
            change(session)
    assert world.told() == before
    world.undo()
    assert world.told() == before


def rename(session):
    contacts.rename(records.every(session, m.Contact)[0], f"Jane {session.info['now'].minute}")


def move_a_review(session):
    records.every(session, m.Review)[0].scheduled_on = date(2026, 2, 1) + session.info["now"].minute * DAY


def move_a_chat(session):
    records.every(session, m.Interaction)[0].starts_at += 7 * MINUTE


def snooze(session):
    for task in records.every(session, m.Task)[:2]:
        task.snoozed_until_on = date(2026, 2, 1) + session.info["now"].minute * DAY


def check_in(session):
    records.add(session, m.CheckIn(commitment_id=1, done_at=NOW))


def best_time(session):
    records.every(session, m.Availability)[0].best_time = f"18:{session.info['now'].minute:02}"


def room(session):
    records.every(session, m.Availability)[1].minutes = 30 + session.info["now"].minute


def target(session):
    day = date(2026, 1, 1) + session.info["now"].minute * DAY
    records.add(session, m.ActivityTarget(activity_id=1, from_on=day, weekly_minutes=100))


def deadline(session):
    records.every(session, m.Plan)[0].deadline_on = date(2026, 2, 1) + session.info["now"].minute * DAY


def ask(session):
    question = records.add(session, m.Question(text=f"Why {session.info['now'].minute}?"))
    records.add(session, m.QuestionAudience(question_id=question.id, contact_id=1))


def ask_only_kim(session):
    for each in records.every(session, m.QuestionAudience)[:1]:
        session.delete(each)
    session.flush()
    asked, kim = records.every(session, m.Question)[:1], records.every(session, m.Contact)[-1]
    for each in asked:
        if (each.id, kim.id) not in {
            (who.question_id, who.contact_id) for who in records.every(session, m.QuestionAudience)
        }:
            records.add(session, m.QuestionAudience(question_id=each.id, contact_id=kim.id))


def stop_asking(session):
    questions.remove(session, records.every(session, m.Question)[-1])


def ease(session):
    records.add(session, m.CommitmentVersion(commitment_id=1, from_on=NOW.date(), times=session.info["now"].minute + 1))


def end(session):
    """Or take up again what had ended."""
    promised = records.every(session, m.Commitment)[0]
    promised.state = "accepted" if promised.state == "ended" else "ended"


def retitle(session):
    for each in (records.every(session, m.Commitment)[0], *records.every(session, m.Task)):
        each.title = f"Read {session.info['now'].minute}"


def link(session):
    """Or unlink what was linked last."""
    asked = [{"question_id": each.id} for each in records.every(session, m.Question)]
    about = [{"contact_id": 1}, {"task_id": 2}, {"task_id": 3}, *asked]
    there = records.every(session, m.ReviewLink)
    if session.info["now"].minute % 3 and there:
        records.remove(session, there[-1])
    else:
        records.add(session, m.ReviewLink(review_id=1, **about[len(there) % len(about)]))


def checklist_item(session):
    return next(each for each in records.every(session, m.Task) if each.kind == "checklist")


def finish(session):
    """Or open it again."""
    item = checklist_item(session)
    item.done_at = None if item.done_at else session.info["now"]


def put_off_an_item(session):
    """To before the review, or after it."""
    checklist_item(session).due_on = date(2026, 1, 19) + (session.info["now"].minute % 5 - 2) * DAY


def answer(session):
    """By the contact added last, so that it is somebody else's after a merge."""
    for question in records.every(session, m.Question)[-1:]:
        who = records.every(session, m.Contact)[-1]
        records.add(session, m.Answer(question_id=question.id, contact_id=who.id, text="x", asked_at=NOW))


def merge_two(session):
    people = records.every(session, m.Contact)[:2]
    if len(people) > 1:
        merge.merge(session, people)


TOLD = [
    answer,
    merge_two,
    link,
    finish,
    put_off_an_item,
    rename,
    move_a_review,
    move_a_chat,
    snooze,
    check_in,
    best_time,
    room,
    target,
    deadline,
    ask,
    ask_only_kim,
    ease,
    end,
    retitle,
]


@given(steps=st.lists(st.sampled_from([*TOLD, *SILENT, stop_asking, None]), min_size=3, max_size=8))
@settings(max_examples=5)
def test_a_version_rises_with_what_is_told(steps, empty_database, tmp_path_factory):
    """After any step, or the undo of one: other content has a higher SEQUENCE and a later stamp, and neither falls.

    With first names only too, as no contact here has a surname that stands in a title.
    """
    world = World(database_support.copy(empty_database, tmp_path_factory.mktemp("world")))
    with world.write() as session:
        fill(session)
    before, done = told_twice(world), 0
    for step in steps:
        if step is None and done:
            world.undo()
            done -= 1
        elif step and not (step is stop_asking and not any_question(world)):
            with world.write() as session:
                step(session)
            done += 1
        after = told_twice(world)
        for uid in before.keys() & after.keys():
            (content, (number, at), whole), (other, (later, stamp), whole_later) = before[uid], after[uid]
            assert later >= number
            assert stamp >= at
            if content != other:
                assert later > number
                assert stamp > at
            elif step in SILENT:
                assert whole_later == whole
        before = {**before, **after}


def told_twice(world):
    """In full, and with first names only."""
    details = (Detail.FULL, Detail.FIRST_NAMES)
    return {(detail, uid): each for detail in details for uid, each in world.told(detail).items()}


def test_a_merge_that_is_undone_lowers_no_version(world):
    """Of a chat with either of two who are merged, whoever answered."""
    with world.write() as session:
        fill(session)
    for number in range(3):
        with world.write() as session:
            question = records.add(session, m.Question(text=f"Why {number}?"))
            records.add(session, m.Answer(question_id=question.id, contact_id=2, text="x", asked_at=NOW))
    seen = [world.told()]
    with world.write() as session:
        merge_two(session)
    seen.append(world.told())
    world.undo()
    seen.append(world.told())
    assert any("-chat@" in uid for uid in seen[0])
    for before, after in pairwise(seen):
        assert all(after[uid][1] >= before[uid][1] for uid in before)


OWN_WORDS = (
    "Ann Week",
    "Rex Review",
    "Jo Chat",
    "Wei Call",
    "Emily Coffee",
    "Bob Done",
    "Tom Commitment",
    "Sam Promise",
)


def test_the_programs_own_words_stay(world):
    """Whoever is called so: not a byte differs once there are contacts with those surnames."""
    with world.write() as session:
        fill(session)
        records.add(session, m.Review(name="Week 2", due_on=date(2026, 1, 19), completed_at=NOW))
        records.add(session, m.Review(name="Month 1", due_on=date(2026, 2, 9)))
    before = world.told(Detail.FIRST_NAMES)
    with world.write() as session:
        for name in OWN_WORDS:
            contacts.add_contact(session, name)
    assert world.told(Detail.FIRST_NAMES) == before
    told = world.text("all", Detail.FIRST_NAMES)
    assert "SUMMARY:Week 2 review (done)" in told
    assert "SUMMARY:Coffee with Jane" in told


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("Ask Stone", "Ask …"),
        ("stone samples", "stone samples"),
        ("Mario stone", "Mario"),
        ("Ann Week's talk", "Ann's talk"),
        ("Week of AI/ML and Stone/Wood", "Week of AI/ML and …/Wood"),
        ("https://example.org/in/mariostone", "…"),
        ("mail janie_r", "mail …"),
        ("ring 010-01 on 2026-01-19", "ring … on 2026-01-19"),
    ],
)
def test_what_goes_from_typed_words(typed, told):
    """A surname beside the first name, or alone with a capital letter if it is no everyday word; ways to reach."""
    people = [Mentioned("Mario Stone", ways=("janie_r", "010-01")), Mentioned("Ann Week"), Mentioned("Ana 2")]
    assert Mask(people)(typed) == told
    assert Mask(people)("Week 2") == "Week 2"


def any_question(world):
    with reading(world.engine) as session:
        return bool(records.every(session, m.Question))
