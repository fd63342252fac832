"""The feeds of what is planned: commitments, study hours and to-dos; what was removed; and what is set for each."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import database_support
import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from calendars import feeds, study
from calendars.entry import Entry
from calendars.publish import render_feed
from calendars.terms import FeedTerms, Terms
from calendars.window import Window
from crm import models as m
from crm.privacy import Detail
from crm.settings import load
from crm.store import contacts, interactions, journal, records
from crm.store.engine import make_engine, reading, writing

LOS_ANGELES = ZoneInfo("America/Los_Angeles")
NOW = datetime(2026, 1, 5, 17, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class World:
    """A database, and what the feeds tell of it."""

    def __init__(self, url):
        self.engine = make_engine(url)

    def write(self, now=NOW):
        return writing(self.engine, now=now, name="test")

    def undo(self, now):
        with writing(self.engine, now=now, name="undo") as session:
            journal.undo_last(session, now=now)

    def entries(self, name, now=NOW, tz=LOS_ANGELES, week_starts_on="monday"):
        with reading(self.engine) as session:
            return list(feeds.load(name).entries(session, Window(now, tz, week_starts_on)))

    def calendar(self, name, terms=None, now=NOW):
        with reading(self.engine) as session:
            return Calendar.from_ical(render_feed(session, feeds.load(name), now=now, tz=LOS_ANGELES, terms=terms).data)

    def only(self, name, now=NOW):
        (found,) = self.entries(name, now)
        return found


@pytest.fixture
def world(home):
    """A home with an empty database."""
    return World(database_support.url_of(home))


def promise(session, title="Post", times=2, per="week", state="accepted", from_on=date(2026, 1, 5)):
    made = records.add(session, m.Commitment(title=title, state=state))
    records.add(session, m.CommitmentVersion(commitment_id=made.id, from_on=from_on, times=times, per=per))
    return made


# Commitments


def test_a_weekly_commitment(world):
    """One whole day at each week's end, this week and eight more, with how often it was done; it can be put off."""
    with world.write() as session:
        made = promise(session)
        records.add(session, m.CheckIn(commitment_id=made.id, done_at=NOW))
    found = world.entries("commitments")
    assert [each.starts for each in found] == [date(2026, 1, 11) + 7 * number * DAY for number in range(9)]
    assert [each.summary for each in found[:2]] == ["Post (1 of 2)", "Post (0 of 2)"]
    assert {(each.free, each.alarms) for each in found} == {(True, (-540,))}
    assert "crm check-in m1" in found[0].description


def test_a_kept_commitment_rings_no_more(world):
    """When nothing is left, it says so; a skip takes the place of one; skips alone are said as that."""
    with world.write() as session:
        post, call = promise(session), promise(session, "Call", times=1)
        for reason in (None, "ill"):
            records.add(session, m.CheckIn(commitment_id=post.id, done_at=NOW, skip_reason=reason))
        records.add(session, m.CheckIn(commitment_id=call.id, done_at=NOW, skip_reason="ill"))
    week = [each for each in world.entries("commitments") if each.starts == date(2026, 1, 11)]
    assert [(each.summary, each.status) for each in week] == [("Post (done)", "done"), ("Call (skipped)", "done")]
    assert "1 skipped." in week[0].description
    events = [each for each in world.calendar("commitments").events if each.start == date(2026, 1, 11)]
    assert [(each["STATUS"], each.walk("VALARM")) for each in events] == [("CONFIRMED", [])] * 2


def test_daily_and_monthly_commitments(world):
    """A daily one is told for this week and the next, and rings in the evening; a monthly one at the month's end."""
    with world.write() as session:
        promise(session, "Read", times=1, per="day")
        promise(session, "Meet", times=1, per="month")
        promise(session, "Dream", state="proposed")
        promise(session, "Gone", state="ended")
    found = world.entries("commitments")
    assert {each.summary for each in found} == {"Read (0 of 1)", "Meet (0 of 1)"}
    assert [each.starts for each in found if "Read" in each.summary] == [date(2026, 1, 5) + n * DAY for n in range(14)]
    assert {each.alarms for each in found if "Read" in each.summary} == {(-18 * 60,)}
    assert [each.starts for each in found if "Meet" in each.summary] == [
        date(2026, 1, 31),
        date(2026, 2, 28),
        date(2026, 3, 31),
    ]


def test_a_week_starts_on_the_day_that_was_set(world):
    """With weeks from Sunday on they end on Saturdays."""
    with world.write() as session:
        promise(session)
    assert world.entries("commitments", week_starts_on="sunday")[0].starts == date(2026, 1, 10)


def test_a_check_in_is_a_change_of_its_week_alone(world):
    """SEQUENCE and LAST-MODIFIED rise with it, and again when it is taken back; other weeks keep theirs."""
    with world.write() as session:
        promise(session)
    seen = [world.entries("commitments")]
    with world.write(NOW + HOUR) as session:
        records.add(session, m.CheckIn(commitment_id=1, done_at=NOW))
    seen.append(world.entries("commitments"))
    world.undo(NOW + 2 * HOUR)
    seen.append(world.entries("commitments"))
    first, later = [each[0] for each in seen], [each[1] for each in seen]
    assert [each.summary for each in first] == ["Post (0 of 2)", "Post (1 of 2)", "Post (0 of 2)"]
    assert [each.sequence for each in first] == [0, 1, 2]
    assert [each.stamped_at for each in first] == [NOW, NOW + HOUR, NOW + 2 * HOUR]
    assert later[0] == later[1] == later[2]
    assert len({each.uid for each in first}) == 1


# Study hours


def study_plan(session, room=120, best_time="6-8 pm", **targets):
    for day in range(7):
        records.add(session, m.Availability(weekday=day, minutes=room, best_time=best_time))
    for name, minutes in (targets or {"Projects": 180, "Drills": 150}).items():
        made = records.add(session, m.Activity(name=name))
        records.add(session, m.ActivityTarget(activity_id=made.id, from_on=date(2026, 1, 1), weekly_minutes=minutes))


def test_study_blocks(world):
    """Each day goes to what lacks most, then to the next, from the day's best time on, for nine weeks."""
    with world.write() as session:
        study_plan(session)
    found = world.entries("hours")
    assert len(found) == 9 * 4
    assert [(each.summary, each.starts.astimezone(LOS_ANGELES).strftime("%a %H:%M")) for each in found[:4]] == [
        ("Projects (2 h)", "Mon 18:00"),
        ("Drills (2 h)", "Tue 18:00"),
        ("Projects (1 h)", "Wed 18:00"),
        ("Drills (30 min)", "Wed 19:00"),
    ]
    assert (found[0].minutes, found[0].free, found[0].alarms) == (120, False, (10,))
    assert "crm log-hours 120m h1" in found[0].description


def test_a_day_whose_best_time_cannot_be_told(world):
    """Nothing is guessed: the block is a whole day that leaves the time free."""
    with world.write() as session:
        study_plan(session, best_time="when the kids sleep")
    found = world.entries("hours")
    assert (found[0].starts, found[0].free, found[0].alarms) == (date(2026, 1, 5), True, ())
    assert "when the kids sleep" in found[0].description


def test_study_blocks_keep_to_the_plan(world):
    """None stands before its start or after its last day; without targets, or without room, there are none."""
    with world.write() as session:
        study_plan(session)
        records.add(session, m.Plan(start_on=date(2026, 1, 14), deadline_on=date(2026, 1, 19)))
    days = {each.starts.astimezone(LOS_ANGELES).date() for each in world.entries("hours")}
    assert (min(days), max(days)) == (date(2026, 1, 14), date(2026, 1, 19))
    with world.write() as session:
        for each in records.every(session, m.Availability):
            each.minutes = None
    assert world.entries("hours") == []


def test_a_block_moves_with_the_plan(world):
    """It keeps its UID when the day's best time changes, with a higher SEQUENCE; and when that is taken back."""
    with world.write() as session:
        study_plan(session)
    seen = [world.entries("hours")[0]]
    with world.write(NOW + HOUR) as session:
        records.every(session, m.Availability)[0].best_time = "7:30"
    seen.append(world.entries("hours")[0])
    world.undo(NOW + 2 * HOUR)
    seen.append(world.entries("hours")[0])
    assert len({each.uid for each in seen}) == 1
    assert [each.starts.astimezone(LOS_ANGELES).strftime("%H:%M") for each in seen] == ["18:00", "07:30", "18:00"]
    assert seen[0].sequence < seen[1].sequence < seen[2].sequence
    assert [each.stamped_at for each in seen] == [NOW, NOW + HOUR, NOW + 2 * HOUR]


@pytest.mark.parametrize(
    ("words", "at"),
    [
        ("6-8 pm", time(18)),
        ("6\u20138pm, after dinner", time(18)),
        ("6:30 am", time(6, 30)),
        ("from 18:30", time(18, 30)),
        ("9 to 11 a.m.", time(9)),
        ("12 am", time(0)),
        ("12pm", time(12)),
        ("Evenings", time(18)),
        ("early morning", time(7)),
        ("6-8", None),
        ("13 pm", None),
        ("25:00", None),
        ("whenever", None),
        ("", None),
        (None, None),
    ],
)
def test_the_best_time_of_a_day(words, at):
    """It is read where it says an hour or a part of the day; anything else is not guessed at."""
    assert study.time_of_day(words) == at


@given(text=st.text(max_size=40))
def test_any_words_may_stand_for_the_best_time(text):
    """Whatever was typed, it is a time of day or nothing."""
    found = study.time_of_day(text)
    assert found is None or isinstance(found, time)


rooms = st.dictionaries(st.integers(0, 6), st.integers(0, 24 * 60))
targets = st.dictionaries(st.integers(1, 5), st.integers(0, 40 * 60))


@given(room=rooms, wanted=targets)
def test_blocks_use_no_more_than_there_is(room, wanted):
    """No day has more than its room, no activity more than its target, none overlap, and none is tiny."""
    found = list(study.blocks(date(2026, 1, 5), room=room, targets=wanted))
    for number in range(7):
        day = [each for each in found if each.day == date(2026, 1, 5) + number * DAY]
        assert sum(each.minutes for each in day) <= room.get(number, 0)
        assert [each.after_minutes for each in day] == [sum(e.minutes for e in day[:n]) for n in range(len(day))]
    for activity, minutes in wanted.items():
        assert sum(each.minutes for each in found if each.activity == activity) <= minutes
    assert all(each.minutes >= study.SHORTEST_MINUTES for each in found)


@given(
    zone=st.sampled_from(["America/Los_Angeles", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu"]),
    day=st.dates(date(2026, 1, 1), date(2027, 12, 31)) | st.sampled_from([date(2026, 3, 8), date(2026, 11, 1)]),
    at=st.times().map(lambda each: each.replace(minute=each.minute // 15 * 15, second=0, microsecond=0)),
)
def test_no_block_starts_at_a_time_that_the_clock_skips_or_repeats(zone, day, at):
    """The wall time of its start exists once, and is the wished one or soon after it."""
    tz = ZoneInfo(zone)
    starts_at = study.starts_at(day, at, after_minutes=0, tz=tz)
    wall = starts_at.astimezone(tz).replace(tzinfo=None)
    instants = {wall.replace(tzinfo=tz, fold=fold).astimezone(UTC) for fold in (0, 1)}
    assert instants == {starts_at}
    assert timedelta(0) <= wall - datetime.combine(day, at) <= 2 * HOUR


# To-dos


def test_tasks_are_things_to_do(world):
    """Each of every kind is a VTODO, due on its day if any; done of late it is completed, and long ago it is gone."""
    with world.write() as session:
        for number, kind in enumerate(("follow-up", "promise", "checklist", "other")):
            records.add(session, m.Task(title=f"T{number}", kind=kind, due_on=date(2026, 1, 9)))
        records.add(session, m.Task(title="done", due_on=date(2026, 1, 2), done_at=NOW - DAY))
        records.add(session, m.Task(title="long done", due_on=date(2026, 1, 2), done_at=NOW - 90 * DAY))
        records.add(session, m.Task(title="some day"))
    calendar = world.calendar("tasks")
    assert calendar.events == []
    found = {str(each["SUMMARY"]): each for each in calendar.todos}
    assert set(found) == {"T0", "T1", "T2", "T3", "done", "some day"}
    assert found["some day"].keys() == found["T0"].keys() - {"DUE"}
    assert (len(found["T0"].walk("VALARM")), len(found["some day"].walk("VALARM"))) == (1, 0)
    assert found["T0"]["DUE"].dt == date(2026, 1, 9)
    assert "DTSTART" not in found["T0"]
    assert "TRANSP" not in found["T0"]
    assert str(found["T0"]["STATUS"]) == "NEEDS-ACTION"
    done = found["done"]
    assert (str(done["STATUS"]), done["COMPLETED"].dt, done["PERCENT-COMPLETE"]) == ("COMPLETED", NOW - DAY, 100)


def test_what_is_to_be_done_stays_however_long_it_is_overdue(world):
    """Those without a day stand last, and are the first to go where there are more than 1,000."""
    with world.write() as session:
        records.add(session, m.Task(title="some day", kind="other"))
        records.add(session, m.Task(title="overdue", kind="promise", due_on=date(2024, 1, 9)))
        for number in range(998):
            records.add(session, m.Task(title=f"T{number}", kind="other", due_on=date(2026, 1, 9)))
    names = [str(each["SUMMARY"]) for each in world.calendar("tasks").todos]
    assert (len(names), names[0], names[-1]) == (1000, "overdue", "some day")
    with world.write() as session:
        records.add(session, m.Task(title="one more", kind="other", due_on=date(2026, 1, 9)))
    names = {str(each["SUMMARY"]) for each in world.calendar("tasks").todos}
    assert (len(names), "some day" in names, "overdue" in names) == (1000, False, True)


def test_a_task_that_is_given_a_day_or_loses_it_stays_the_same_entry(world):
    """With a higher SEQUENCE each time; as an event it stands only while it has one."""
    versions = []
    for day in (None, date(2026, 1, 9), None):
        with world.write(NOW + len(versions) * HOUR) as session:
            found = records.every(session, m.Task) or [records.add(session, m.Task(title="Write", kind="follow-up"))]
            found[0].due_on = day
        entry = world.only("tasks")
        versions.append((entry.uid, entry.sequence))
        assert entry.starts == day
        assert bool(world.entries("follow-ups")) == (day is not None)
    assert len({uid for uid, _ in versions}) == 1
    assert sorted({number for _, number in versions}) == [number for _, number in versions]


def test_follow_ups_and_tasks_ring_where_that_is_wished_and_no_feed_does_against_it(world, home):
    """In the calendar of everything, what does not ring in its own does not ring either."""
    with world.write() as session:
        records.add(session, m.Task(title="Write", kind="follow-up", due_on=date(2026, 1, 9)))
        records.add(session, m.Review(name="Week 2", due_on=date(2026, 1, 19)))
    file = home / "config.toml"

    def ringing(config):
        file.write_text(config)
        terms = Terms.from_settings(load())
        feeds_ = ("all", "follow-ups", "reviews", "tasks")
        return {name: len(world.calendar(name, terms).walk("VALARM")) for name in feeds_}

    assert ringing("") == {"all": 1, "follow-ups": 0, "reviews": 1, "tasks": 0}
    on = "calendar.follow_ups.alarms = true\ncalendar.tasks.alarms = true\n"
    assert ringing(on) == {"all": 2, "follow-ups": 1, "reviews": 1, "tasks": 1}
    assert ringing(f"{on}calendar.reviews.alarms = false\n") == {"all": 1, "follow-ups": 1, "reviews": 0, "tasks": 1}
    assert ringing(f"{on}calendar.all.alarms = false\n")["all"] == 0


def test_a_feed_of_events_can_hold_things_to_do_instead(world):
    """With `as = to-dos` each entry is one with the same UID; its alarm counts from when it is due."""
    with world.write() as session:
        records.add(session, m.Review(name="Week 2", due_on=date(2026, 1, 19)))
        records.add(session, m.Review(name="Week 1", due_on=date(2026, 1, 12), completed_at=NOW))
    (event, _) = world.calendar("reviews").events
    calendar = world.calendar("reviews", Terms(feeds={"reviews": FeedTerms(to_dos=True)}))
    done, to_do = calendar.todos
    assert calendar.events == []
    assert str(done["STATUS"]) == "COMPLETED"
    assert done.walk("VALARM") == []
    assert {str(each["UID"]) for each in calendar.todos} >= {str(event["UID"])}
    (alarm,) = to_do.walk("VALARM")
    assert alarm["TRIGGER"].params["RELATED"] == "END"


# What was removed


def add_each(session):
    jane = contacts.add_contact(session, "Jane Roe")
    return [
        (records.add(session, m.Review(name="Week 2", due_on=date(2026, 1, 19))), (m.ReviewAnswer,)),
        (
            interactions.add(session, [jane], kind="coffee", state="planned", starts_at=NOW + DAY),
            (m.InteractionContact,),
        ),
        (records.add(session, m.Task(title="Write to Jane Roe", kind="follow-up", due_on=date(2026, 1, 9))), ()),
    ]


def test_what_was_removed_is_cancelled_for_sixty_days(world):
    """It keeps its UID and its place, with a higher SEQUENCE, says no name, and then it is gone."""
    with world.write() as session:
        add_each(session)
    before = {each.uid: each for each in world.entries("all")}
    with world.write(NOW + HOUR) as session:
        records.remove(session, records.every(session, m.Review)[0], (m.ReviewAnswer,))
        records.remove(session, records.every(session, m.Interaction)[0], (m.InteractionContact,))
        records.remove(session, records.every(session, m.Task)[0])
    after = {each.uid: each for each in world.entries("all")}
    assert set(after) == set(before)
    for uid, each in after.items():
        assert (each.status, each.starts) == ("cancelled", before[uid].starts)
        assert each.sequence > before[uid].sequence
        assert each.stamped_at == NOW + HOUR
    assert {each.summary for each in after.values()} == {"Week 2 review", "Coffee", "Follow-up"}
    assert {str(each["STATUS"]) for each in world.calendar("all").events} == {"CANCELLED"}
    assert world.calendar("all").walk("VALARM") == []
    assert world.entries("all", NOW + 62 * DAY) == []


def test_what_is_put_back_is_no_more_cancelled(world):
    """It stands as it did, with a higher SEQUENCE than while it was cancelled."""
    with world.write() as session:
        add_each(session)
    with world.write(NOW + HOUR) as session:
        records.remove(session, records.every(session, m.Interaction)[0], (m.InteractionContact,))
    gone = next(each for each in world.entries("chats"))
    world.undo(NOW + 2 * HOUR)
    back = world.only("chats")
    assert (back.uid, back.status) == (gone.uid, "confirmed")
    assert back.sequence > gone.sequence
    assert back.stamped_at > gone.stamped_at


def test_what_no_calendar_told_is_not_cancelled(world):
    """A removed task of the checklist, one that was done, and a chat that happened leave nothing among the events."""
    with world.write() as session:
        records.add(session, m.Task(title="a", kind="checklist", due_on=date(2026, 1, 9)))
        records.add(session, m.Task(title="b", kind="promise", due_on=date(2026, 1, 9), done_at=NOW))
        records.add(session, m.Task(title="c", kind="promise"))
        interactions.add(session, [], kind="coffee", state="happened", starts_at=NOW)
    with world.write(NOW + HOUR) as session:
        for each in [*records.every(session, m.Task), *records.every(session, m.Interaction)]:
            records.remove(session, each)
    assert world.entries("all") == []
    assert [each.summary for each in world.entries("tasks")] == ["Checklist", "Promise", "Promise"]


# What is set for a feed


CHAT = Entry(
    uid="1",
    sequence=0,
    stamped_at=NOW,
    summary="Coffee with Jane Roe",
    brief="Coffee with Jane",
    starts=NOW,
    description="Reach: jane@example.com",
    location="Jane's place",
    url="https://example.com/jane-roe",
    categories=("Chat",),
    alarms=(60,),
)


@pytest.mark.parametrize(
    ("detail", "summary"),
    [(Detail.FULL, "Coffee with Jane Roe"), (Detail.FIRST_NAMES, "Coffee with Jane"), (Detail.BUSY, "Busy")],
)
def test_how_much_a_feed_tells(world, detail, summary):
    """Below `full` neither place, address nor description is told; `busy` says only that the time is taken."""
    with reading(world.engine) as session:
        shown = FeedTerms(detail=detail).shown(session)(CHAT)
    assert (shown.summary, shown.starts, shown.alarms) == (summary, NOW, (60,))
    if detail is not Detail.FULL:
        assert "roe" not in repr(shown).lower()
        assert "jane's" not in repr(shown).lower()


@pytest.mark.parametrize("detail", ["first-names", "busy"])
def test_no_surname_leaves_with_first_names(world, detail):
    """Whatever feed: no one's surname, address or place is in it."""
    with world.write() as session:
        jane = contacts.add_contact(session, "Jane Roe", context="Roe & Sons", how_to_reach="roe@example.com")
        kim = contacts.add_contact(session, "Kim Poe")
        interactions.add(session, [jane, kim], kind="coffee", state="planned", starts_at=NOW, place="Roe", note="Roe")
        for owner in ("me", "them"):
            task = m.Task(title="Jane Roe", kind="promise", owner=owner, contact_id=jane.id, due_on=NOW.date())
            records.add(session, task)
        records.add(session, m.Task(title="Ask Roe", kind="follow-up", due_on=NOW.date()))
        promise(session, "Call Jane Roe")
    wanted = FeedTerms(detail=Detail(detail))
    for name in feeds.names():
        calendar = world.calendar(name, Terms(feeds={name: wanted})).to_ical().decode()
        assert "Roe" not in calendar
        assert "Poe" not in calendar
        assert ("Coffee with Jane and Kim" in calendar) == (detail == "first-names" and name in {"all", "chats"})


def test_the_settings_of_a_feed(home):
    """config.toml says for each whether it rings, how much it tells and what it holds; `alarms` counts for all."""
    file = home / "config.toml"
    file.write_text('[calendar.follow_ups]\nalarms = false\ndetail = "busy"\nas = "to-dos"\n')
    terms = Terms.from_settings(load())
    assert terms.of("follow-ups") == FeedTerms(alarms=False, detail=Detail.BUSY, to_dos=True)
    assert terms.of("chats") == FeedTerms()
    assert not terms.of("hours").alarms
    file.write_text("[calendar]\nalarms = false\n")
    assert not any(Terms.from_settings(load()).of(name).alarms for name in feeds.names())


def test_every_feed_can_be_set():
    """Each that there is has its settings, and no other."""
    assert sorted(Terms.from_settings(load()).feeds) == feeds.names()


def test_what_leaves_the_machine_tells_first_names(home):
    """Unless somebody chose otherwise."""
    (home / "config.toml").write_text('[calendar.chats]\ndetail = "full"\n')
    terms = Terms.from_settings(load(), leaves=True)
    assert (terms.of("chats").detail, terms.of("all").detail) == (Detail.FULL, Detail.FIRST_NAMES)
