"""Whom to reach out to now: who comes up, the reasons, the way, what to ask, and what is enough for a week."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from database_support import engine_of, of_sqlite
from plan_support import database
from sqlalchemy import event

from crm import settings
from crm.actions.next_ import advise
from crm.models import Contact, Interaction, InteractionContact, Introduction, Referral, Relationship
from crm.models.words import Tier
from crm.store import asking, contacts, names, questions, reaching
from crm.store.engine import reading
from crm.store.shape import table_of

NOW = datetime(2026, 1, 5, 17, tzinfo=UTC)
PACIFIC = ZoneInfo("America/Los_Angeles")


def at(day, hour=17):
    """A moment of January 2026, as CRM_NOW takes it; days past the 31st run on."""
    return f"{datetime(2026, 1, 1, hour, tzinfo=UTC) + timedelta(days=day - 1):%Y-%m-%dT%H:%M:%SZ}"


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
        assert list(item) == ["contact", "reasons", "how", "ask"]
        assert item["contact"]["uid"]
        assert item["reasons"] == ["not contacted yet; on your list since Mon 5 Jan 2026"]
        assert item["how"] == "email jane@example.test"
        assert item["ask"] == [{"ref": "q1", "text": "What would you learn first?"}]

    def test_what_somebody_is_stands_apart_from_what_is_noted(self, crm):
        """`who` is the title and company; a sentence about somebody is a note."""
        crm("contact", "add", "Jane Roe", "--title", "recruiter", "--organization", "Acme")
        crm("contact", "add", "Kim Lee", "--context", "I could use Kim or Jane")
        said = [" ".join(line.split()) for line in crm("next").out.splitlines()]
        assert "who recruiter at Acme" in said
        assert "note I could use Kim or Jane" in said
        assert sum(line.startswith("who") for line in said) == 1

    @pytest.mark.parametrize("name", ["y" * 10_000, "q7 Smith"])
    def test_a_name_that_is_no_handle_gives_way_to_the_short_id(self, crm, name):
        """A first name too long to type, or one that reads as an id, is never part of a command."""
        crm("contact", "add", name)
        assert "crm prep c1" in crm("next").out
        assert "crm contact edit c1 --linkedin URL" in items(crm)[0]["how"]

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

    def test_person_over_tag_over_setting(self, crm):
        """A person's own cadence counts before their tag's, the soonest tag's before the general one."""
        for name in ("Own Only", "Tag Only", "Gen Eral"):
            crm("contact", "add", name)
            crm("log-contact", name, "--kind", "coffee")
        crm("contact", "tag", "own", "tag", "often")
        crm("contact", "tag", "tag", "rarely")
        crm("cadence", "@often", "3d")
        crm("cadence", "@rarely", "9d")
        crm("cadence", "own", "10d")
        assert called(crm, now=at(8)) == ["Tag Only"]
        assert set(called(crm, now=at(15))) == {"Tag Only", "Own Only"}
        assert set(called(crm, now=at(36))) == {"Tag Only", "Own Only", "Gen Eral"}

    def test_tiers_have_cadences_and_weights(self, crm):
        """The inner circle comes up first and soonest, the occasional last and latest."""
        for tier in ("occasional", "active", "inner"):
            crm("contact", "add", f"{tier.title()} Roe")
            crm("contact", "tier", tier, tier)
        assert called(crm) == ["Inner Roe", "Active Roe", "Occasional Roe"]
        for name in ("inner", "active", "occasional"):
            crm("log-contact", name, "--kind", "coffee")
        assert called(crm, now=at(18)) == []
        assert called(crm, now=at(19)) == ["Inner Roe"]
        assert called(crm, now=at(33)) == ["Inner Roe", "Active Roe"]
        assert called(crm, now=at(61)) == ["Inner Roe", "Active Roe", "Occasional Roe"]

    def test_an_answer_owed_comes_first(self, crm):
        """Whoever wrote waits, a dormant one too; once answered, it is their turn."""
        for name in ("Ann Ash", "Ben Bay"):
            crm("contact", "add", name)
        crm("contact", "edit", "ben", "--stage", "dormant")
        crm("log-contact", "ben", "--kind", "email", "--direction", "in")
        (ben, _ann) = items(crm, now=at(7))
        assert (ben["contact"]["name"], ben["reasons"]) == (
            "Ben Bay",
            ["wrote to you 2 days ago, Mon 5 Jan 2026; your turn"],
        )
        crm("log-contact", "ben", "--kind", "email")
        assert called(crm) == ["Ann Ash"]

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
        assert self.how(two) == "find their LinkedIn or Instagram: crm contact edit griff --linkedin URL"

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
            (
                {"want": "{name}", "state": "made"},
                "Mat Pine has given Griff Lowe's {name}; keep it: crm contact edit griff --phone NUMBER",
            ),
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
        assert "find their LinkedIn" in self.how(two)
        assert "find their LinkedIn" in self.how(two, "Mat Pine")

    @pytest.mark.parametrize("noted", ["get his number from Mat", "ask MAT PINE; he knows", "Mat's group"])
    def test_whoever_is_named_in_the_note_is_to_be_asked(self, two, home, noted):
        """Own words that name whom to ask come after what to ask; a name that only begins alike is another."""
        self.introduce(home, want="number")
        two("contact", "edit", "griff", "--how-to-reach", noted)
        assert self.how(two) == f"ask Mat Pine for Griff Lowe's number, or as you noted: {noted}"
        two("contact", "edit", "griff", "--how-to-reach", "ask Matilda")
        assert self.how(two) == "ask Matilda; ask Mat Pine for Griff Lowe's number"

    def test_the_ask_is_a_command(self, two, home):
        """`next` and `today` name the command that records the ask, until the channel is there or was given."""
        self.introduce(home, want="number")
        two("contact", "edit", "griff", "--how-to-reach", "find his insta or ask Mat")
        for screen in ("next", "today"):
            assert "crm intro ask n1" in two(screen).out
        two("intro", "made", "n1")
        assert "find his insta" not in self.how(two)
        assert "crm intro ask" not in two("next").out
        two("intro", "edit", "n1", "--state", "planned")
        two("contact", "edit", "griff", "--phone", "555-0100")
        assert self.how(two) == "phone 555-0100"
        assert "crm intro ask" not in two("next").out

    def test_what_became_of_an_ask_comes_before_the_note(self, two, home):
        """A note that says to ask somebody is overtaken once they were asked, and settled once they gave it."""
        two("contact", "edit", "griff", "--how-to-reach", "find his insta or ask Mat")
        self.introduce(home, want="number", state="asked")
        assert self.how(two) == "remind Mat Pine of Griff Lowe's number; find his insta or ask Mat"
        two("intro", "made", "n1")
        assert self.how(two).startswith("Mat Pine has given Griff Lowe's number; keep it:")

    def test_whom_one_wrote_to_before_one_can_write_to_again(self, two):
        """With no channel noted, it was some way or other; it is worth noting which."""
        two("log-contact", "griff", "--kind", "message", "--direction", "in")
        assert self.how(two) == "as you did last time; to note how: crm contact edit griff --phone NUMBER"

    def test_what_is_unknown_fits_its_line(self, two):
        """What to type stands on one line of a screen 80 columns wide."""
        two("contact", "add", "Maxima Roe")
        assert len(f"  how  {self.how(two, 'Maxima Roe')}") <= 80

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


def crowd(session, start, end, *, tier):
    """People numbered from `start` + 1 to `end` with a message each that had no answer, straight into the tables."""
    numbers, stamps = range(start + 1, end + 1), {"added_at": NOW - timedelta(days=400), "updated_at": NOW}
    written = {each: NOW - timedelta(days=30 + each) for each in numbers}
    people = [
        {"name": f"Person{each} Name", "name_key": f"person{each} name", "first_key": f"person{each}", "tier": tier}
        | {"stage": "contacted", "how_to_reach": "ask around", "last_contact_at": written[each]}
        for each in numbers
    ]
    talks = [{"kind": "email", "starts_at": written[each]} for each in numbers]
    for model, rows in ((Contact, people), (Interaction, talks)):
        session.execute(sa.insert(table_of(model)), [row | stamps for row in rows])
    both = [{"interaction_id": each, "contact_id": each} for each in numbers]
    session.execute(sa.insert(table_of(InteractionContact)), both)


def test_the_number_of_queries_grows_with_nothing(home):
    """Ten people or two hundred, three suggestions or sixty: the same statements, whatever there is to tell of them."""
    engine, counts = engine_of(home), []
    for start, end in ((0, 10), (10, 200)):
        with database(home) as session:
            crowd(session, start, end, tier="active")
            for connector in (start + 1, start + 2):
                session.add(Introduction(connector_id=connector, contact_id=start + 4, state="made"))
                session.add(Referral(contact_id=connector, state="submitted"))
        for limit in (3, 60):
            with reading(engine) as session, counted(engine) as ran:
                found = advise(session, now=NOW, tz=PACIFIC, settings=settings.load(), limit=limit)
            assert len(found.suggestions) == min(limit, end)
            counts.append(len(ran))
    assert len(set(counts)) == 1
    assert counts[0] <= 40


@of_sqlite
def test_people_of_tier_none_are_not_even_read(home):
    """Five thousand imported people stay in the database: no row of theirs reaches the program."""
    with database(home) as session:
        crowd(session, 0, 5000, tier="none")
        crowd(session, 5000, 5003, tier="active")
    engine, read = engine_of(home), []

    def count(_cursor, row):
        read.append(row)
        return row

    event.listen(engine, "connect", lambda connection, _record: setattr(connection, "row_factory", count))
    with reading(engine) as session:
        found = advise(session, now=NOW, tz=PACIFIC, settings=settings.load(), limit=3)
    assert len(found.suggestions) == 3
    assert 0 < len(read) < 100


def test_several_are_told_like_each_by_itself(crm, home):
    """What to type and what to ask, read for many at once, is what it is for one."""
    for name in ("Jane Roe", "Jane Low", "Kim", "Kim Lee", "Łuk Zed", "Sue-Ann X", "Rosa Vale"):
        crm("contact", "add", name, "--tag", "band" if "e" in name else "choir")
    crm("contact", "add", "Rosa Lind")
    crm("contact", "tier", "Rosa Lind", "none")
    crm("contact", "edit", "Jane Low", "--alias", "rosa")
    for text, *whom in (("General?",), ("Kims?", "Kim Lee"), ("Bands?", "@band"), ("All?", "@choir", "Kim Lee")):
        crm("question", "add", text, *(part for each in whom for part in ("--for", each)))
    crm("log-contact", "Kim Lee", "--answer", "q1=yes")
    with database(home) as session:
        people = [each for each in contacts.listed(session) if each.tier != Tier.NONE]
        handles, asked = reaching.handles(session, people), asking.to_ask(session, [each.id for each in people])
        for each in people:
            assert handles[each.id] == reaching.handle(session, each)
            assert asked[each.id] == questions.to_ask(session, each)


class TestWeek:
    """What is enough for a week, and whom one leaves alone."""

    @pytest.fixture
    def five(self, crm):
        """Seven people, five of whom one wrote to this week; the budget is five."""
        for name in ("Ann Ash", "Ben Bay", "Cal Cox", "Dan Day", "Eve Elm", "Fay Fox", "Gus Gray"):
            crm("contact", "add", name)
        for name in ("ann", "ben", "cal", "dan", "eve"):
            crm("log-contact", name, "--kind", "message")
        return crm

    def test_after_so_many_people_the_week_is_full(self, five):
        """Nobody new comes up; it is said how many wait, until when, and how to see them all the same."""
        told = five("next", "--json").json
        assert (told["items"], told["held_back"]) == ([], 2)
        assert told["budget"] == {"used": 5, "of": 5, "renews_on": "2026-01-12"}
        said = five("next").out
        assert "That is 5 of 5 people for this week; 2 more from Mon 12 Jan 2026." in said
        assert "crm next --anyway" in said
        assert "5 of 5 people" in five("today").out
        assert called(five, "--anyway") == ["Fay Fox", "Gus Gray"]
        assert called(five, now=at(11, 23)) == []
        assert called(five, now=at(12)) == ["Fay Fox", "Gus Gray"]

    def test_what_is_owed_comes_up_all_the_same(self, five):
        """Answers and planned follow-ups are no new people; whom one answers is none, either."""
        five("log-contact", "ann", "--kind", "message", "--direction", "in", now=at(6))
        five("task", "add", "Send Gus the list", "--kind", "follow-up", "--for", "gus", "--due", "2026-01-06")
        assert called(five, now=at(6, 20)) == ["Ann Ash", "Gus Gray"]
        five("log-contact", "ann", "--kind", "message")
        assert five("next", "--json").json["budget"]["used"] == 5

    def test_the_setting_and_the_first_day_of_the_week_decide(self, five, home):
        """A larger budget has room; a week that begins on Sunday begins then."""
        (home / "config.toml").write_text(
            'week_starts_on = "sunday"\n[outreach]\nweekly_budget = 5\n', encoding="utf-8"
        )
        assert five("next", "--json").json["budget"]["renews_on"] == "2026-01-11"
        assert called(five, now=at(11)) == ["Fay Fox", "Gus Gray"]
        (home / "config.toml").write_text("[outreach]\nweekly_budget = 6\n", encoding="utf-8")
        assert called(five, now=at(5)) == ["Fay Fox", "Gus Gray"]

    def test_whoever_does_not_answer_is_left_alone(self, crm):
        """After two messages and the time for an answer they are named in a last line; a word from them ends that."""
        crm("contact", "add", "Ann Ash")
        for day in (5, 20):
            crm("log-contact", "ann", "--kind", "email", now=at(day))
        assert crm("next", "--json", now=at(33)).json["resting"] == []
        told = crm("next", "--json", now=at(34)).json
        assert ([each["name"] for each in told["resting"]], told["items"]) == (["Ann Ash"], [])
        said = crm("next").out
        assert "1 person left 2 messages or more unanswered and is left alone: Ann Ash." in said
        assert "crm log-contact c1 --direction in" in said
        crm("log-contact", "ann", "--kind", "email", "--direction", "in")
        assert called(crm) == ["Ann Ash"]

    def test_many_who_rest_are_cut(self, crm):
        """Five names, and how many more there are; in JSON all of them."""
        for number in range(8):
            crm("contact", "add", f"Person{number} Roe")
            for day in (5, 6):
                crm("log-contact", f"person{number}", "--kind", "email", now=at(day))
        assert "Person4 Roe and 3 more." in " ".join(crm("next", now=at(40)).out.split())
        assert len(crm("next", "--json").json["resting"]) == 8


class TestWorth:
    """What moves somebody up, from the database to the reason."""

    def reasons(self, crm, name, **options):
        """Why somebody comes up."""
        return next(each["reasons"] for each in items(crm, "-n", "9", **options) if each["contact"]["name"] == name)

    def test_thanks_are_owed_until_they_are_said(self, crm, home):
        """For an introduction and a referral: who did what, and what to type then."""
        crm("contact", "add", "Mat Pine")
        crm("contact", "add", "Griff Lowe")
        crm("organization", "add", "Acme")
        with database(home) as session:
            mat, griff = names.contact(session, "mat"), names.contact(session, "griff")
            session.add(Introduction(connector_id=mat.id, contact_id=griff.id, want="number", state="made"))
            session.add(Referral(contact_id=griff.id, organization_id=1, state="submitted"))
        assert called(crm) == ["Mat Pine", "Griff Lowe"]
        assert self.reasons(crm, "Mat Pine") == ["thank Mat Pine, who gave you Griff Lowe's number"]
        assert self.reasons(crm, "Griff Lowe")[0] == "thank Griff Lowe, who referred you at Acme"
        assert "crm intro thanked n1" in crm("next").out
        crm("intro", "thanked", "n1")
        crm("referral", "thank", "f1")
        assert "not contacted yet" in self.reasons(crm, "Mat Pine")[0]
        assert "Mat Pine helped you to reach them; write while that is fresh" in self.reasons(crm, "Griff Lowe")

    def test_what_a_chat_would_unblock_is_told(self, crm, home):
        """Introductions they could make, referrals, where they work, questions for nobody else, promises."""
        crm("contact", "add", "Plain Roe")
        crm("organization", "add", "Globex", "--target")
        crm("contact", "add", "Mat Pine", "--organization", "Globex")
        crm("contact", "add", "Griff Lowe")
        crm("organization", "add", "Acme")
        crm("question", "add", "How is it there?", "--for", "mat")
        crm("task", "add", "send the repo", "--kind", "promise", "--for", "mat", "--due", "2026-01-09")
        with database(home) as session:
            mat, griff = names.contact(session, "mat"), names.contact(session, "griff")
            acme = names.the_organization(session, "Acme")
            session.add(Introduction(connector_id=mat.id, contact_id=griff.id, want="number"))
            session.add(Introduction(connector_id=mat.id, organization_id=acme.id, placeholder="engineer"))
            session.add(Referral(contact_id=mat.id, organization_id=acme.id))
        assert called(crm)[0] == "Mat Pine"
        assert self.reasons(crm, "Mat Pine") == [
            "not contacted yet; on your list since Mon 5 Jan 2026",
            "could introduce you to an engineer at Acme and give you Griff Lowe's number",
            "could refer you at Acme",
            "works at Globex, where you want to work",
            "question q1 is for nobody else",
            'you promised "send the repo" by Fri 9 Jan 2026',
        ]
        crm("contact", "edit", "griff", "--phone", "555-0100")
        crm("question", "close", "q1")
        crm("done", "t1")
        assert "number" not in " ".join(self.reasons(crm, "Mat Pine"))
        assert len(self.reasons(crm, "Mat Pine")) == 4

    def test_a_referral_for_a_group_is_one_for_each_in_it(self, crm, home):
        """Where it names a company."""
        for name in ("Ann Ash", "Ben Bay"):
            crm("contact", "add", name)
        crm("contact", "tag", "ben", "experts")
        crm("organization", "add", "Acme")
        with database(home) as session:
            session.add(Referral(tag_id=names.tag(session, "experts").id, organization_id=1))
            session.add(Referral(tag_id=names.tag(session, "experts").id))
        assert called(crm) == ["Ben Bay", "Ann Ash"]
        assert self.reasons(crm, "Ben Bay")[1:] == ["could refer you at Acme"]

    def test_what_was_asked_is_waited_for(self, crm):
        """Neither who was asked nor whom they lead to comes up before an answer has had its time."""
        crm("contact", "add", "Griff Lowe")
        crm("contact", "add", "Mat Pine")
        crm("intro", "ask", "mat", "--for", "griff", "--want", "number")
        assert called(crm) == []
        assert called(crm, now=at(18)) == []
        assert called(crm, now=at(19)) == ["Griff Lowe", "Mat Pine"]
        crm("contact", "edit", "griff", "--phone", "555-0100", now=at(6))
        assert called(crm, now=at(6)) == ["Griff Lowe"]


def test_the_screens_fit(crm, monkeypatch):
    """No line of next is wider than the screen, at 80 and at 120 columns, and colours can be left out."""
    crm("contact", "add", "Maximiliane-Alexandra von und zu Hohenstein", "--context", "met at a meetup " * 20)
    crm("question", "add", "What would you learn first, " * 20)
    monkeypatch.setenv("NO_COLOR", "1")
    for width in ("80", "120"):
        monkeypatch.setenv("COLUMNS", width)
        for line in (*crm("next").out.splitlines(), *crm("today").out.splitlines()):
            assert len(line) <= int(width)


@pytest.mark.parametrize("name", ["[bold]Bo[/bold] X", "\x1b[31mRed\x07 Y", "<b>H</b> Z", "N" * 10_000, "🦊 Fox"])
def test_hostile_names_break_nothing(crm, name):
    """They stand in the JSON exactly, and no escape reaches the terminal."""
    crm("contact", "add", name)
    assert called(crm) == [name]
    assert "\x1b" not in crm("next").out
