"""The order of `crm next`: a pure function over where everybody stands, and the reasons it gives."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outreach_support import ZONES

from crm.actions.ranking import Person, Rules, Turn, ranked
from crm.actions.worth import Bonus, Thanks, bonuses
from crm.models.words import Direction, InteractionKind, Stage, Tier
from crm.store.agenda import FollowUp, Standing, TagSays
from crm.store.courtesy import Unanswered
from crm.store.prospects import Bringing, Promise, Prospects, Wanted

NOW = datetime(2026, 1, 5, 17, tzinfo=UTC)
TODAY = date(2026, 1, 5)
PACIFIC = ZoneInfo("America/Los_Angeles")
TIERS = {Tier.INNER: (14, 28), Tier.ACTIVE: (28, 42), Tier.OCCASIONAL: (56, 91)}
RULES = Rules(follow_up_days=14, dormant_after=2, tiers=TIERS)
ALIKE = replace(RULES, tiers=dict.fromkeys(TIERS, (28, 42)))


def ago(days):
    """The moment so many days ago."""
    return NOW - timedelta(days=days)


def sent(days, count=1):
    """Messages without an answer, the last one so many days ago."""
    return Unanswered(count, ago(days))


def person(number=1, stage=Stage.MET, *, real=None, sent=None, talked=None, **more):
    """Somebody at a stage; `real` and `talked` are so many days ago, as is what was added, unless said, 100."""
    mine = {key: more.pop(key) for key in ("thanks", "bonuses", "asked_at") if key in more}
    last = [each for each in (real and ago(real), sent and sent.last_at) if each]
    out = {"last_kind": "email", "last_direction": Direction.OUT} if sent else {}
    standing = {"added_at": ago(100), "last_at": max(last, default=None), "real_at": real and ago(real)} | out | more
    return Person(Standing(number, stage, talked_at=talked and ago(talked), **standing), sent, **mine)


def wrote(number, days, **more):
    """Somebody who wrote so many days ago."""
    told = {"last_kind": "email", "last_direction": Direction.IN, "stage": Stage.REPLIED} | more
    return person(number, real=days, **told)


def rank(*people, settled=RULES, today=TODAY, tz=PACIFIC):
    """The places in order."""
    return ranked(people, today=today, tz=tz, settled=settled).places


def order(*people, **options):
    """The ids in order."""
    return [each.contact_id for each in rank(*people, **options)]


def turn(one, **options):
    """Why it is somebody's turn, or None."""
    return next((each.turn for each in rank(one, **options)), None)


def reasons(one, **options):
    """What speaks for somebody."""
    (place,) = rank(one, **options)
    return list(place.reasons)


THANKS = (Thanks(ago(3), "thank Ann, who introduced you to Ben", "crm intro thanked n1"),)


class TestOwed:
    """Whom one owes something comes first, whatever the score of the others."""

    def test_answers_then_thanks_then_follow_ups_then_the_rest(self):
        """However long the others have waited."""
        due = person(4, follow_up=FollowUp(TODAY, ago(9)), real=9)
        people = [person(1, Stage.TO_CONTACT), person(2, real=900), due, person(5, real=3, thanks=THANKS), wrote(6, 1)]
        assert order(*people)[:3] == [6, 5, 4]

    def test_the_oldest_debt_comes_first(self):
        """Among answers by the day of the message, among follow-ups by their day."""
        assert order(wrote(1, 2), wrote(2, 9), wrote(3, 5)) == [2, 3, 1]
        plans = {number: FollowUp(TODAY - timedelta(days=number), ago(30)) for number in (3, 8, 5)}
        assert order(*(person(number, follow_up=each) for number, each in plans.items())) == [8, 5, 3]

    def test_all_that_is_owed_to_one_person_is_told(self):
        """One place, by what presses most, with every reason."""
        said = reasons(wrote(1, 2, thanks=THANKS, follow_up=FollowUp(TODAY, ago(9))))
        assert said == [
            "wrote to you 2 days ago, Sat 3 Jan 2026; your turn",
            "thank Ann, who introduced you to Ben",
            "your follow-up is due today",
        ]

    def test_a_follow_up_planned_after_a_message_says_when_it_is_answered(self):
        """One planned before it did not know of it, so the answer is due now."""
        later = TODAY + timedelta(days=3)
        assert turn(wrote(1, 2, follow_up=FollowUp(later, ago(1)))) is None
        assert turn(wrote(1, 2, follow_up=FollowUp(later, ago(9)))) is Turn.ANSWER

    def test_before_its_day_a_planned_follow_up_keeps_quiet(self):
        """However long it has been; from its day on they come up."""
        plan = FollowUp(TODAY + timedelta(days=1), ago(9))
        assert turn(person(real=300, follow_up=plan)) is None
        assert turn(person(real=300, follow_up=plan), today=plan.due_on) is Turn.FOLLOW_UP

    def test_a_follow_up_says_that_the_last_message_has_no_answer(self):
        """The person decided to write again; what they may have forgotten is told."""
        said = reasons(person(1, Stage.CONTACTED, sent=sent(5), follow_up=FollowUp(TODAY, ago(5))))
        assert said[1] == "your last message has no answer yet, since Wed 31 Dec 2025"

    def test_a_call_they_made_is_no_message_to_answer(self):
        """Both spoke."""
        assert turn(wrote(1, 1, stage=Stage.MET, last_kind="call")) is None

    def test_a_chat_that_fell_through_is_planned_anew(self):
        """Unless one wrote about it and waits for an answer."""
        assert turn(person(1, Stage.SCHEDULED, real=3)) is Turn.FOLLOW_UP
        assert turn(person(1, Stage.SCHEDULED, real=3, sent=sent(1))) is None

    def test_whoever_is_dormant_comes_up_for_what_is_owed_only(self):
        """They wrote after all: that is answered; otherwise they are left alone."""
        assert turn(person(1, Stage.DORMANT, real=300)) is None
        assert turn(wrote(1, 3, stage=Stage.DORMANT)) is Turn.ANSWER
        assert turn(person(1, Stage.DORMANT, thanks=THANKS)) is Turn.THANKS


class TestEtiquette:
    """Who is left alone."""

    @pytest.mark.parametrize("stage", [Stage.CONTACTED, Stage.REPLIED, Stage.MET, Stage.TO_CONTACT, Stage.SCHEDULED])
    def test_an_unanswered_message_takes_its_time(self, stage):
        """Nobody is written to again before the days of the setting have passed."""
        assert turn(person(1, stage, real=90, sent=sent(13))) is None
        assert turn(person(1, stage, real=90, sent=sent(14))) is not None

    def test_after_so_many_messages_they_are_left_alone(self):
        """They rest once the last one has had its time, and are named; before that they only wait."""
        for days, resting in ((13, ()), (14, (7,)), (400, (7,))):
            found = ranked([person(7, Stage.CONTACTED, sent=sent(days, 2))], today=TODAY, tz=PACIFIC, settled=RULES)
            assert (found.places, found.resting) == ((), resting)

    def test_whom_one_owes_thanks_is_not_left_alone(self):
        """Thanks ask for nothing."""
        found = ranked([person(1, sent=sent(90, 5), thanks=THANKS)], today=TODAY, tz=PACIFIC, settled=RULES)
        assert ([each.turn for each in found.places], found.resting) == ([Turn.THANKS], ())

    def test_what_the_person_settled_is_not_told_again(self):
        """Whoever is to be written to on a later day, or was made dormant by hand, is not counted as left alone."""
        plan = FollowUp(TODAY + timedelta(days=9), ago(1))
        for one in (person(1, sent=sent(90, 5), follow_up=plan), person(1, Stage.DORMANT, sent=sent(90, 5))):
            found = ranked([one], today=TODAY, tz=PACIFIC, settled=RULES)
            assert (found.places, found.resting) == ((), ())

    def test_notes_after_a_talk_are_no_pestering(self):
        """Thanks and a link in the days after a coffee need no answer: the cadence goes on from the coffee."""
        one = person(1, real=43, talked=43, sent=sent(40, 2))
        assert reasons(one)[0] == "last in touch 43 days ago, Sun 23 Nov 2025"
        assert turn(person(1, real=43, talked=43, sent=sent(20, 2))) is None

    def test_what_was_asked_takes_its_time_too(self):
        """An ask of them, or of somebody who is to bring one to them, is waited for like a message."""
        assert turn(person(1, Stage.TO_CONTACT, asked_at=ago(13))) is None
        assert turn(person(1, Stage.TO_CONTACT, asked_at=ago(14))) is Turn.OUTREACH

    def test_the_cadence_is_a_window(self):
        """Before its least days nobody comes up; within it they are due, past it overdue."""
        assert turn(person(real=27)) is None
        assert reasons(person(real=28))[1] == "due by Mon 19 Jan 2026: tier active says every 4 to 6 weeks"
        assert reasons(person(real=42))[1] == "due by Mon 5 Jan 2026: tier active says every 4 to 6 weeks"
        assert reasons(person(real=43))[1] == "overdue since Mon 5 Jan 2026: tier active says every 4 to 6 weeks"

    def test_person_over_tag_over_tier(self):
        """The first that says anything counts."""
        tag = TagSays("experts", (7, 14))
        assert "@experts says every 1 to 2 weeks" in reasons(person(real=13, tag=tag))[1]
        assert turn(person(real=13, tag=tag, own=(20, 20))) is None
        assert "you want to be in touch every 20 days" in reasons(person(real=20, tag=tag, own=(20, 20)))[1]

    def test_a_message_without_an_answer_is_no_real_contact(self):
        """The window goes on counting from when they last wrote or talked."""
        assert turn(person(real=50, sent=sent(20), talked=50)) is Turn.OUTREACH
        assert turn(person(real=20, sent=sent(16))) is None

    def test_nobody_of_tier_none(self):
        """Whatever speaks for them."""
        assert turn(wrote(1, 1, tier=Tier.NONE)) is None
        assert turn(person(tier=Tier.NONE, thanks=THANKS, real=900)) is None


class TestScore:
    """The order of those whom one reaches out to of one's own accord."""

    def test_whoever_was_never_contacted_counts_from_the_day_they_were_added(self):
        """They come up at once, and the longer the higher."""
        new = [person(days, Stage.TO_CONTACT, added_at=ago(days)) for days in (3, 9, 5)]
        assert order(*new) == [9, 5, 3]
        assert reasons(new[0]) == ["not contacted yet; on your list since Fri 2 Jan 2026"]

    def test_far_overdue_before_new_before_barely_due(self):
        """A new person is worth a whole window; that is more than one that has just opened."""
        assert order(person(1, real=30), person(2, Stage.TO_CONTACT, added_at=NOW), person(3, real=90)) == [3, 2, 1]

    def test_each_bonus_is_told_and_moves_up(self):
        """Nothing counts that is not said."""
        plain, better = person(1, real=30), person(2, real=30, bonuses=(Bonus(0.5, "could refer you at Acme"),))
        assert order(plain, better) == [2, 1]
        assert reasons(better)[-1] == "could refer you at Acme"

    def test_a_review_waits_for_no_window(self):
        """Somebody to be talked with by a review comes up though their cadence has time."""
        assert turn(person(real=9, bonuses=(Bonus(1.0, "to have talked with by Week 2", makes_due=True),)))
        assert turn(person(real=9, bonuses=(Bonus(1.0, "works at Acme"),))) is None

    def test_the_tier_is_told_once(self):
        """By itself, unless the window says it."""
        assert reasons(person(1, Stage.TO_CONTACT, tier=Tier.INNER, added_at=NOW))[-1] == "tier inner"
        assert not any(each == "tier inner" for each in reasons(person(real=90, tier=Tier.INNER)))

    @pytest.mark.parametrize("zone", ZONES)
    def test_days_are_counted_where_the_person_is(self, zone):
        """A message counts from its local day on."""
        tz = ZoneInfo(zone)
        at = datetime(2025, 12, 22, 12, tzinfo=tz).astimezone(UTC)
        one = Person(Standing(1, Stage.CONTACTED, at, last_at=at), Unanswered(1, at))
        for today, expected in ((TODAY - timedelta(days=1), 0), (TODAY, 1)):
            assert len(rank(one, today=today, tz=tz)) == expected


instants = st.integers(0, 2000).map(ago)
optional = st.none() | instants
standings = st.builds(
    Standing,
    contact_id=st.integers(1, 10_000),
    stage=st.sampled_from([each for each in Stage if each is not Stage.DECLINED]),
    added_at=instants,
    tier=st.sampled_from(Tier),
    last_at=optional,
    last_kind=st.none() | st.sampled_from(InteractionKind),
    last_direction=st.none() | st.sampled_from(Direction),
    real_at=optional,
    talked_at=optional,
    own=st.none() | st.just((30, 45)),
    tag=st.none() | st.just(TagSays("experts", (10, 20))),
    follow_up=st.none() | st.builds(FollowUp, st.dates(date(2025, 1, 1), date(2027, 1, 1)), instants),
)
persons = st.builds(
    Person,
    standing=standings,
    unanswered=st.none() | st.builds(Unanswered, st.integers(1, 5), instants),
    thanks=st.just(()) | st.just(THANKS),
    bonuses=st.lists(st.builds(Bonus, st.floats(0.1, 2), st.just("a reason"), st.booleans()), max_size=3).map(tuple),
    asked_at=optional,
)
crowds = st.lists(persons, unique_by=lambda each: each.standing.contact_id, max_size=12)


class TestProperties:
    """What holds whoever is asked about."""

    @given(crowds, st.randoms())
    def test_the_order_is_one_and_total(self, people, chance):
        """Whatever order people come in, the result is the same, names each at most once, and says why."""
        shuffled = list(people)
        chance.shuffle(shuffled)
        found = rank(*people)
        assert found == rank(*shuffled)
        assert len({each.contact_id for each in found}) == len(found)
        assert all(each.reasons and all(each.reasons) for each in found)
        assert [each.turn for each in found] == sorted(each.turn for each in found)

    @given(crowds)
    def test_nobody_of_tier_none_and_nobody_twice(self, people):
        """Whoever is of tier none is neither suggested nor counted as left alone; whoever rests is not suggested."""
        found = ranked(people, today=TODAY, tz=PACIFIC, settled=RULES)
        none = {each.standing.contact_id for each in people if each.standing.tier is Tier.NONE}
        placed = {each.contact_id for each in found.places}
        assert not none & (placed | set(found.resting))
        assert not placed & set(found.resting)

    @given(persons, st.integers(1, 800))
    def test_a_longer_wait_never_ranks_lower(self, one, more):
        """All else being equal: with the real contact longer ago, or longer on the list without one."""
        it = one.standing
        earlier = timedelta(days=more)
        older = (
            replace(it, contact_id=20_000, added_at=it.added_at - earlier)
            if it.real_at is None
            else replace(it, contact_id=20_000, real_at=it.real_at - earlier)
        )
        before, found = rank(one), order(one, replace(one, standing=older))
        assert bool(before) <= (20_000 in found)
        if before and before[0].turn is Turn.OUTREACH:
            assert found == [20_000, it.contact_id]

    @given(persons, st.sampled_from([(Tier.INNER, Tier.ACTIVE), (Tier.ACTIVE, Tier.OCCASIONAL)]))
    def test_a_closer_tier_ranks_higher(self, one, tiers):
        """All else being equal, cadences too, whoever came first."""
        closer, wider = (
            replace(one, standing=replace(one.standing, tier=tier, contact_id=number))
            for tier, number in zip(tiers, (2, 1), strict=True)
        )
        assert order(wider, closer, settled=ALIKE) in ([], [2, 1])

    @given(persons, st.integers(0, 13))
    def test_nobody_is_pestered(self, one, days):
        """Whoever has a message that is younger than the days to wait comes up only for what is owed."""
        waiting = replace(one, unanswered=sent(days))
        assert turn(waiting) is not Turn.OUTREACH


class TestWorth:
    """What makes a chat worth more, in words."""

    def said(self, brings, talked=None):
        """The reasons."""
        return [each.text for each in bonuses(brings, talked_at=talked, today=TODAY)]

    def test_a_review_counts_more_the_nearer_it_is(self):
        """From four weeks before its day on; once passed, it is said otherwise."""

        def points(days):
            wanted = [Wanted("Month 1", TODAY + timedelta(days=days), ago(9))]
            return [each.points for each in bonuses(Prospects(wanted=wanted), talked_at=None, today=TODAY)]

        assert points(29) == []
        assert points(28) < points(14) < points(0) == points(-5)
        wanted = Prospects(wanted=[Wanted("Month 1", date(2026, 1, 2), ago(9))])
        assert self.said(wanted) == ["you meant to have talked with them by Month 1, Fri 2 Jan 2026"]

    def test_a_talk_after_linking_is_what_the_review_waited_for(self):
        """One before it was known when it was linked."""
        wanted = Prospects(wanted=[Wanted("Week 2", TODAY, ago(9))])
        assert self.said(wanted, talked=ago(10)) == ["to have talked with by Week 2, Mon 5 Jan 2026"]
        assert self.said(wanted, talked=ago(8)) == []

    def test_what_a_chat_would_bring_is_told(self):
        """Introductions, referrals, places of work, questions for nobody else, and promises."""
        brings = Prospects(
            wanted=[Wanted("Week 2", TODAY, ago(1), "q2")],
            questions=["q2", "q5"],
            introductions=[
                Bringing("introduction", "Ben Bay"),
                Bringing("number", "Cal Cox"),
                Bringing("contact", "Di"),
            ],
            opened=[Bringing("introduction", "Ann Ash")],
            referrals=["Acme"],
            targets=["Globex", "Umbrella"],
            promises=[
                Promise("send the repo", TODAY, mine=True),
                Promise("a list", TODAY - timedelta(days=1), mine=False),
            ],
        )
        assert self.said(brings) == [
            "q2 is wanted by Week 2, Mon 5 Jan 2026",
            "Ann Ash introduced you; write while that is fresh",
            "could introduce you to Ben Bay and give you Cal Cox's number and Di's contact details",
            "could refer you at Acme",
            "works at Globex and Umbrella, where you want to work",
            "questions q2 and q5 are for nobody else",
            'you promised "send the repo" by Mon 5 Jan 2026; they promised "a list" by Sun 4 Jan 2026',
        ]

    def test_promises_count_when_they_are_near(self):
        """Your own from a week before, theirs once they are late."""
        later = TODAY + timedelta(days=8)
        assert self.said(Prospects(promises=[Promise("x", later, mine=True), Promise("y", TODAY, mine=False)])) == []
