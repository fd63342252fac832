"""Whom to reach out to now: the order, the reasons, the way, and what to ask."""

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outreach_support import ZONES
from plan_support import database
from sqlalchemy import event

from crm import settings
from crm.actions.next_ import Turn, ranked, suggestions
from crm.models import Introduction, Relationship, TagCadence
from crm.models.words import Direction, InteractionKind, Stage
from crm.store import contacts, interactions, names
from crm.store.agenda import Standing
from crm.store.engine import make_engine, reading

NOW = datetime(2026, 1, 5, 17, tzinfo=UTC)
TODAY = date(2026, 1, 5)
PACIFIC = ZoneInfo("America/Los_Angeles")
WEEKLY = (7, 14)


def standing(number=1, stage=Stage.MET, *, days=None, kind=None, direction=Direction.OUT, **more):
    """Somebody at a stage; with `days`, the last contact was so many days ago."""
    at = None if days is None else NOW - timedelta(days=days)
    told = {"last_kind": kind, "last_direction": direction if kind else None}
    return Standing(contact_id=number, stage=stage, added_at=NOW - timedelta(days=100), last_at=at, **told, **more)


def order(*standings, cadence=WEEKLY, follow_up_days=14, tz=PACIFIC):
    """The ids in order."""
    found = ranked(standings, today=TODAY, tz=tz, follow_up_days=follow_up_days, cadence=cadence)
    return [each.contact_id for each in found]


def turn(one, **options):
    """Why it is somebody's turn, or None."""
    found = ranked([one], today=TODAY, tz=PACIFIC, follow_up_days=14, cadence=WEEKLY, **options)
    return found[0].turn if found else None


class TestOrder:
    """The pure rule over where everybody stands."""

    def test_whoever_waits_comes_first(self):
        """An answer waited for, then due follow-ups, new people, unanswered messages, and cadences last."""
        waiting = standing(5, Stage.REPLIED, days=1, kind="email", direction=Direction.IN)
        due = standing(4, Stage.MET, days=1, follow_up_on=TODAY)
        new = standing(3, Stage.TO_CONTACT)
        unanswered = standing(2, Stage.CONTACTED, days=20, kind="email")
        lapsed = standing(1, Stage.MET, days=60, kind="coffee")
        assert order(lapsed, unanswered, new, due, waiting) == [5, 4, 3, 2, 1]

    def test_among_equals_the_longest_comes_first(self):
        """Two unanswered people by the day of the message, two new ones by the day they were added."""
        assert order(*(standing(days, Stage.CONTACTED, days=days) for days in (20, 30, 25))) == [30, 25, 20]
        added = [Standing(number, Stage.TO_CONTACT, NOW - timedelta(days=number)) for number in (3, 9, 5)]
        assert order(*added) == [9, 5, 3]

    def test_an_unanswered_message_takes_its_time(self):
        """Nobody is written to again before the days of the setting have passed."""
        assert turn(standing(1, Stage.CONTACTED, days=13, kind="email")) is None
        assert turn(standing(1, Stage.CONTACTED, days=14, kind="email")) == Turn.UNANSWERED

    def test_an_answered_reply_waits_for_them(self):
        """Once one has written back, it is the other's turn, though the stage stays `replied`."""
        assert turn(standing(1, Stage.REPLIED, days=1, kind="email", direction=Direction.IN)) == Turn.WAITING
        assert turn(standing(1, Stage.REPLIED, days=1, kind="email", direction=Direction.OUT)) is None

    def test_somebody_met_who_wrote_waits_too(self):
        """Also later on, a message that came in is to be answered; a call that they made is not."""
        assert turn(standing(1, Stage.MET, days=1, kind="message", direction=Direction.IN)) == Turn.WAITING
        assert turn(standing(1, Stage.MET, days=1, kind="call", direction=Direction.IN)) is None

    def test_the_cadence_is_a_window(self):
        """Before its least days nobody comes up; whoever is longest past its most days comes first."""
        assert turn(standing(1, days=6)) is None
        assert turn(standing(1, days=7)) == Turn.CADENCE
        assert order(standing(1, days=20), standing(2, days=90, cadence=(60, 90)), standing(3, days=30)) == [3, 1, 2]

    def test_a_planned_follow_up_decides(self):
        """Before its day nobody comes up, however long it has been; from its day on they do."""
        assert turn(standing(1, days=300, follow_up_on=TODAY + timedelta(days=1))) is None
        assert turn(standing(1, days=1, follow_up_on=TODAY)) == Turn.FOLLOW_UP

    def test_a_chat_that_fell_through_is_planned_anew(self):
        """Somebody at `scheduled` with no chat planned any more comes up."""
        assert turn(standing(1, Stage.SCHEDULED, days=1, kind="message")) == Turn.FOLLOW_UP

    @pytest.mark.parametrize("zone", ZONES)
    def test_days_are_counted_where_the_person_is(self, zone):
        """A message counts from its local day on."""
        tz = ZoneInfo(zone)
        written = datetime(2025, 12, 22, 12, tzinfo=tz)
        one = Standing(1, Stage.CONTACTED, written, last_at=written.astimezone(UTC))
        for today, expected in ((TODAY - timedelta(days=1), 0), (TODAY, 1)):
            assert len(ranked([one], today=today, tz=tz, follow_up_days=14, cadence=WEEKLY)) == expected

    instants = st.integers(0, 2000).map(lambda days: NOW - timedelta(days=days))
    standings = st.lists(
        st.builds(
            Standing,
            contact_id=st.integers(1, 10_000),
            stage=st.sampled_from(Stage),
            added_at=instants,
            last_at=st.none() | instants,
            last_kind=st.none() | st.sampled_from(InteractionKind),
            last_direction=st.none() | st.sampled_from(Direction),
            cadence=st.none() | st.just((30, 45)),
            follow_up_on=st.none() | st.dates(date(2025, 1, 1), date(2027, 1, 1)),
        ),
        unique_by=lambda each: each.contact_id,
        max_size=12,
    )

    @given(standings, st.randoms())
    def test_the_order_is_one_and_total(self, people, chance):
        """Whatever order people come in, the result is the same, names each once, and gives a reason for each."""
        shuffled = list(people)
        chance.shuffle(shuffled)
        assert order(*people) == order(*shuffled)
        found = ranked(people, today=TODAY, tz=PACIFIC, follow_up_days=14, cadence=WEEKLY)
        assert len({each.contact_id for each in found}) == len(found)
        assert all(each.reason for each in found)
        assert [each.turn for each in found] == sorted(each.turn for each in found)


def items(crm, *arguments, now=None):
    """What `crm next` says."""
    return crm("next", *arguments, "--json", now=now).json["items"]


def called(crm, *arguments, now=None):
    """The names that `crm next` says, in order."""
    return [each["contact"]["name"] for each in items(crm, *arguments, now=now)]


class TestWho:
    """Who comes up at all."""

    def test_each_has_a_reason_a_way_and_questions(self, crm):
        """The items have the keys that scripts rely on."""
        crm("contact", "add", "Jane Roe", "--email", "jane@example.test")
        crm("question", "add", "What would you learn first?")
        (item,) = items(crm)
        assert set(item) == {"contact", "reasons", "how", "ask"}
        assert item["contact"]["uid"]
        assert item["reasons"] == ["not contacted yet; on your list since Mon 5 Jan 2026"]
        assert item["how"] == "email jane@example.test"
        assert item["ask"] == [{"ref": "q1", "text": "What would you learn first?"}]

    def test_some_are_never_suggested(self, crm):
        """Sources, tier none, archived, dormant and declined people, and whoever a chat is planned with."""
        for number, name in enumerate(("Sam Source", "Tia None", "Ari Gone", "Dom Ant", "Dee Clined", "Pat Lanned")):
            crm("contact", "add", name, *(["--kind", "source"] if number == 0 else []))
        crm("contact", "tier", "tia", "none")
        crm("contact", "archive", "ari")
        crm("contact", "edit", "dom", "--stage", "dormant")
        crm("contact", "edit", "dee", "--stage", "declined")
        crm("schedule", "pat", "fri", "14:00")
        assert called(crm) == []
        crm("contact", "add", "Jane Roe")
        assert called(crm) == ["Jane Roe"]

    def test_a_source_stays_out_whatever_its_tier(self, crm):
        """A source that is tended is still no person to write to."""
        crm("contact", "add", "Sam Source", "--kind", "source")
        crm("contact", "tier", "sam", "active")
        assert called(crm) == []

    def test_how_many_can_be_said(self, crm):
        """Three unless said otherwise; the number has bounds."""
        for name in ("Ann Ash", "Ben Bay", "Cal Cox", "Dan Day"):
            crm("contact", "add", name)
        assert called(crm) == ["Ann Ash", "Ben Bay", "Cal Cox"]
        assert len(called(crm, "-n", "4")) == 4
        crm("next", "-n", "0", code=2)

    def test_a_log_takes_somebody_off_and_time_brings_them_back(self, crm):
        """Written to, they leave the list; without an answer they are back after the days of the setting."""
        crm("contact", "add", "Jane Roe")
        crm("log-contact", "jane", "--kind", "email")
        assert called(crm) == []
        (item,) = items(crm, now="2026-01-19T17:00:00Z")
        assert item["reasons"] == ["no answer for 14 days, since Mon 5 Jan 2026"]

    def test_the_settings_decide(self, crm, home):
        """Days and cadence come from the configuration."""
        (home / "config.toml").write_text('[outreach]\nfollow_up_days = 2\ncadence = "3d..5d"\n', encoding="utf-8")
        for name, kind in (("Jane Roe", "email"), ("Kim Lee", "coffee")):
            crm("contact", "add", name)
            crm("log-contact", name, "--kind", kind)
        assert called(crm, now="2026-01-07T17:00:00Z") == ["Jane Roe"]
        assert called(crm, now="2026-01-08T17:00:00Z") == ["Jane Roe", "Kim Lee"]

    def test_person_over_tag_over_setting(self, crm, home):
        """A person's own cadence counts before their tag's, the soonest tag's before the general one."""
        for name in ("Own Only", "Tag Only", "Gen Eral"):
            crm("contact", "add", name)
            crm("log-contact", name, "--kind", "coffee")
        crm("contact", "tag", "own", "tag", "often")
        crm("contact", "tag", "tag", "rarely")
        with database(home) as session:
            for name, days in (("often", 3), ("rarely", 9)):
                session.add(TagCadence(tag_id=names.tag(session, name).id, min_days=days, max_days=days))
            own = names.contact(session, "own")
            own.cadence_min_days, own.cadence_max_days = 10, 10
        assert called(crm, now="2026-01-08T17:00:00Z") == ["Tag Only"]
        assert set(called(crm, now="2026-01-15T17:00:00Z")) == {"Tag Only", "Own Only"}
        assert set(called(crm, now="2026-02-05T17:00:00Z")) == {"Tag Only", "Own Only", "Gen Eral"}

    def test_an_open_follow_up_comes_up_on_its_day(self, crm):
        """Not before it, however long; put off, on the day it was put off to."""
        crm("contact", "add", "Jane Roe")
        crm("log-contact", "jane", "--kind", "coffee", "--follow-up", "2026-04-01")
        assert called(crm, now="2026-03-31T17:00:00Z") == []
        crm("snooze", "t1", "2026-04-03")
        assert called(crm, now="2026-04-01T17:00:00Z") == []
        assert called(crm, now="2026-04-03T17:00:00Z") == ["Jane Roe"]

    def test_nobody_s_turn_says_what_to_type(self, crm):
        """An empty list names the commands that fill it."""
        assert "crm contact add" in crm("next").out


class TestHow:
    """Nobody is left out for want of a channel: then how to get one is the way."""

    def how(self, crm, name="Griff Lowe"):
        """How to reach somebody, as `crm next` says it."""
        return next(each["how"] for each in items(crm, "-n", "9") if each["contact"]["name"] == name)

    @pytest.fixture
    def two(self, crm):
        """Griff Lowe, and Mat Pine, who knows him."""
        crm("contact", "add", "Griff Lowe")
        crm("contact", "add", "Mat Pine")
        return crm

    def introduce(self, home, **values):
        """An introduction from Mat to Griff."""
        with database(home) as session:
            mat, griff = names.contact(session, "mat"), names.contact(session, "griff")
            session.add(Introduction(connector_id=mat.id, contact_id=griff.id, **values))

    def test_with_nothing_known_the_command_is_named(self, two):
        """What to type is the way."""
        assert "crm contact edit griff" in self.how(two)

    def test_namesakes_are_named_by_their_id(self, two):
        """Where the first name means two people, the command says the id."""
        two("contact", "add", "Griff Moss")
        assert "crm contact edit c1" in self.how(two)

    def test_what_the_person_noted_comes_first(self, two):
        """Own words on how to reach somebody are told as they are."""
        two("contact", "edit", "griff", "--how-to-reach", "find him at the meetup")
        assert self.how(two) == "find him at the meetup"

    @pytest.mark.parametrize(
        ("values", "how"),
        [
            ({"want": "number"}, "ask Mat Pine for Griff Lowe's number"),
            ({"want": "introduction"}, "ask Mat Pine for an introduction to Griff Lowe"),
            ({"want": "contact", "state": "planned"}, "ask Mat Pine for Griff Lowe's contact details"),
            ({"want": "number", "state": "asked"}, "remind Mat Pine of Griff Lowe's number"),
            ({"want": "{name}", "state": "made"}, "Mat Pine has given Griff Lowe's {name}"),
        ],
    )
    def test_somebody_can_be_asked(self, two, home, values, how):
        """An introduction on record says of whom to ask what."""
        self.introduce(home, **values)
        assert self.how(two) == how

    def test_a_declined_introduction_is_no_way(self, two, home):
        """Whoever said no is not asked again."""
        self.introduce(home, state="declined")
        assert "Mat Pine" not in self.how(two)

    def relate(self, home, one, other, kind="knows"):
        """A relationship from one to the other."""
        with database(home) as session:
            first, second = names.contact(session, one), names.contact(session, other)
            session.add(Relationship(from_contact_id=first.id, to_contact_id=second.id, type=kind))

    def test_whoever_knows_them_can_be_asked(self, two, home):
        """A relationship to somebody is a way to them, and not told twice beside an introduction."""
        self.relate(home, "mat", "griff", "manages")
        assert self.how(two) == "ask Mat Pine: Mat Pine manages Griff Lowe"
        self.introduce(home, want="number")
        assert self.how(two) == "ask Mat Pine for Griff Lowe's number"

    @pytest.mark.parametrize(
        ("known", "helps"),
        [
            ([], False),
            (["contact", "edit", "mat", "--phone", "555-0100"], True),
            (["contact", "edit", "mat", "--how-to-reach", "at the gym"], True),
            (["contact", "edit", "mat", "--how-to-reach", "ask Griff"], False),
            (["contact", "edit", "mat", "--stage", "met"], True),
            (["log-contact", "mat", "--kind", "coffee"], True),
        ],
    )
    def test_whom_they_know_can_be_asked_if_that_leads_on(self, two, home, known, helps):
        """Against its direction a relationship is a way only to somebody whom one can reach without them."""
        self.relate(home, "griff", "mat")
        if known:
            two(*known)
        assert ("ask Mat Pine" in self.how(two)) is helps

    def test_two_who_lead_to_each_other_lead_nowhere(self, two, home):
        """Nobody is to ask Mat for Griff and Griff for Mat, whichever way that is noted."""
        self.relate(home, "mat", "griff")
        self.introduce(home, want="number")
        assert self.how(two) == "ask Mat Pine for Griff Lowe's number"
        self.relate(home, "griff", "mat")
        assert "Griff" not in self.how(two, "Mat Pine")

    def test_friends_of_each_other_lead_nowhere(self, two, home):
        """Of two who know each other and cannot be reached, neither is the way to the other."""
        self.relate(home, "mat", "griff")
        self.relate(home, "griff", "mat")
        assert "unknown yet" in self.how(two)
        assert "unknown yet" in self.how(two, "Mat Pine")

    @pytest.mark.parametrize("noted", ["get his number from Mat", "ask MAT PINE; he knows", "Mat's group"])
    def test_whoever_is_named_in_the_note_is_not_named_again(self, two, home, noted):
        """Own words that name somebody say it once; a name that only begins alike is another."""
        self.introduce(home, want="number")
        two("contact", "edit", "griff", "--how-to-reach", noted)
        assert self.how(two) == noted
        two("contact", "edit", "griff", "--how-to-reach", "ask Matilda")
        assert self.how(two) == "ask Matilda; ask Mat Pine for Griff Lowe's number"

    def test_what_is_unknown_fits_its_line(self, two):
        """What to type stands on one line of `crm today`, 80 columns wide."""
        two("contact", "add", "Maximiliane Roe")
        assert self.how(two, "Maximiliane Roe") == "unknown yet: crm contact edit maximiliane --email ADDRESS"
        assert len(f"  • to reach them: {self.how(two, 'Maximiliane Roe')}") <= 80

    def test_a_channel_is_the_way(self, two, home):
        """With a channel, the primary one first, nobody needs to be asked."""
        self.introduce(home)
        two("contact", "edit", "griff", "--phone", "555-0100", "--how-to-reach", "call him")
        assert self.how(two) == "phone 555-0100"


class TestAsk:
    """What to ask: open, not answered, theirs first, three at most."""

    def test_their_own_come_first(self, crm):
        """Then their tags', then anybody's; nobody else's."""
        crm("contact", "add", "Jane Roe", "--tag", "experts")
        crm("contact", "add", "Kim Lee")
        for text, *whom in (("General?",), ("Kims?", "kim"), ("Experts?", "@experts"), ("Janes?", "jane")):
            crm("question", "add", text, *(["--for", *whom] if whom else []))
        jane, kim = items(crm)
        assert [each["text"] for each in jane["ask"]] == ["Janes?", "Experts?", "General?"]
        assert [each["text"] for each in kim["ask"]] == ["Kims?", "General?"]

    def test_what_was_answered_is_not_asked_again(self, crm):
        """An answered question makes room for the next; closed ones do not come up."""
        crm("contact", "add", "Jane Roe")
        for text in ("One?", "Two?", "Three?", "Four?", "Five?"):
            crm("question", "add", text)
        assert [each["ref"] for each in items(crm)[0]["ask"]] == ["q1", "q2", "q3"]
        crm("question", "close", "q2")
        crm("log-contact", "jane", "--kind", "email", "--direction", "in", "--answer", "q1=x")
        assert [each["ref"] for each in items(crm)[0]["ask"]] == ["q3", "q4", "q5"]


@contextmanager
def counted(engine):
    """The statements that run on an engine."""
    ran = []

    def note(_connection, _cursor, statement, *_rest):
        ran.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield ran
    event.remove(engine, "before_cursor_execute", note)


def test_the_number_of_queries_does_not_grow_with_the_people(home):
    """Ten people or five hundred: the same statements."""
    engine, counts = make_engine(f"sqlite:///{home / 'crm.db'}"), []
    for start, end in ((0, 10), (10, 500)):
        with database(home) as session:
            for number in range(start, end):
                made = contacts.add_contact(session, f"Person{number} Name{number}", how_to_reach="ask around")
                interactions.add(session, [made], kind="email", starts_at=NOW - timedelta(days=30 + number), minutes=5)
                made.stage, made.last_contact_at = "contacted", NOW - timedelta(days=30 + number)
        with reading(engine) as session, counted(engine) as ran:
            found = suggestions(session, now=NOW, tz=PACIFIC, settings=settings.load(), limit=3)
        assert found[0].contact.name == f"Person{end - 1} Name{end - 1}"
        counts.append(len(ran))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("name", ["[bold]Bo[/bold] X", "\x1b[31mRed\x07 Y", "<b>H</b> Z", "N" * 10_000, "🦊 Fox"])
def test_hostile_names_break_nothing(crm, name):
    """They stand in the JSON exactly, and no escape reaches the terminal."""
    crm("contact", "add", name)
    assert called(crm) == [name]
    assert "\x1b" not in crm("next").out
