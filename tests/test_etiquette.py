"""Etiquette: what the rules say, that they refuse plans and asks ahead, give way to a reason, and never to a record."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from asks_support import database, typed
from hypothesis import given, settings
from hypothesis import strategies as st
from plan_support import NOW, document

from crm.actions.etiquette import APPLIES, REMARKS
from crm.actions.manners import RULES, Facts, Limits, Rule, judge, ordinal
from crm.models.words import TALKS, Direction, InteractionKind, InteractionState, Stage
from crm.store import contacts, courtesy, interactions

DAY = timedelta(days=1)
TODAY = date(2026, 1, 5)


# The rules by themselves

LIMITS = st.builds(Limits, budget=st.integers(1, 9), waiting_days=st.integers(1, 30), dormant_after=st.integers(1, 5))
DAYS = st.dates(date(2025, 12, 1), date(2026, 2, 1))
FACTS = st.builds(
    Facts,
    name=st.just("Ben Foss"),
    handle=st.just("ben"),
    stage=st.sampled_from(Stage),
    limits=LIMITS,
    talked=st.booleans(),
    answering=st.booleans(),
    unanswered=st.none() | st.tuples(st.integers(1, 6), DAYS),
    written=st.integers(0, 12),
    in_touch=st.booleans(),
    counted=st.booleans(),
    next_week_on=DAYS,
    owed=st.just(()) | st.just((("Ben got you a number", "crm intro thanked n1"),)),
    running=st.none() | st.just("f1 is open already"),
    said_no=st.none() | st.just("Ben said no"),
    on=st.none() | DAYS,
)


def says(rule, facts):
    """Whether a rule has something to say."""
    return bool(judge(facts, [rule]))


@given(facts=FACTS)
def test_the_rules_speak_exactly_when_their_facts_say_so(facts):
    """Each rule depends on the facts it is about, and on what the person set."""
    count, last_on = facts.unanswered or (0, None)
    assert says(Rule.WEEKLY_BUDGET, facts) == (
        facts.written >= facts.limits.budget and not facts.answering and not facts.in_touch
    )
    left_alone = facts.stage == Stage.DORMANT and not facts.answering
    dormant = count >= facts.limits.dormant_after or left_alone
    assert says(Rule.DORMANT, facts) == dormant
    soon = last_on and facts.on and facts.on < last_on + timedelta(days=facts.limits.waiting_days)
    assert says(Rule.WAITING, facts) == bool(soon and not dormant)
    assert says(Rule.TALK_FIRST, facts) == (not facts.talked and facts.stage not in {Stage.MET, Stage.KEEPING_IN_TOUCH})
    assert says(Rule.THANKS_FIRST, facts) == bool(facts.owed)
    assert says(Rule.ONE_ASK, facts) == bool(facts.running)
    assert says(Rule.DECLINED, facts) == (facts.stage == Stage.DECLINED or bool(facts.said_no))


@given(facts=FACTS)
def test_a_rule_that_speaks_names_the_person_and_is_one_line(facts):
    """Whatever the facts, each objection begins with its rule's name and explains itself in one line."""
    for each in judge(facts, Rule):
        assert str(each).startswith(f"{each.rule}: ")
        assert len(each.text) > 10
        assert "\n" not in str(each)


def test_every_rule_is_used():
    """Each rule has its function, and stands against some deed; none both refuses and remarks on the same deed."""
    assert set(RULES) == set(Rule)
    assert {rule for rules in APPLIES.values() for rule in rules} == set(Rule)
    assert all(not set(rules) & set(APPLIES[deed]) for deed, rules in REMARKS.items())


@pytest.mark.parametrize(
    ("number", "said"),
    [(1, "first"), (2, "second"), (3, "third"), (4, "4th"), (11, "11th"), (21, "21st"), (22, "22nd"), (112, "112th")],
)
def test_ordinals(number, said):
    """Small ones in words, the others as one writes them."""
    assert ordinal(number) == said


# What the rules go by

EVENTS = st.lists(
    st.tuples(
        st.integers(1, 3),
        st.integers(-20, 0),
        st.sampled_from(InteractionKind),
        st.sampled_from(Direction),
        st.sampled_from([InteractionState.HAPPENED, InteractionState.HAPPENED, InteractionState.PLANNED]),
    ),
    max_size=12,
)


def record(session, events):
    """The ids of three new people, with whom these contacts were recorded in this order."""
    people = [contacts.add_contact(session, name) for name in ("Ana Ruiz", "Ben Foss", "Cleo Dorn")]
    for whom, day, kind, direction, state in events:
        values = {"kind": kind.value, "direction": direction.value, "state": state.value}
        interactions.add(session, [people[whom - 1]], starts_at=NOW + day * DAY, **values)
    return [each.id for each in people]


def history(events, whom):
    """What happened with one person, in time; of the same instant, as it was recorded."""
    own = [each for each in events if each[0] == whom and each[4] == InteractionState.HAPPENED]
    return sorted(own, key=lambda each: each[1])


@settings(max_examples=30)
@given(events=EVENTS)
def test_unanswered_is_what_was_sent_since_they_last_spoke(home, events):
    """The count and the last day are those of the messages after the last answer or talk."""
    with database() as session:
        ids = record(session, events)
        expected = {}
        for whom, number in enumerate(ids, start=1):
            sent = []
            for _who, day, kind, direction, _state in history(events, whom):
                sent = [] if direction == Direction.IN or kind in TALKS else [*sent, NOW + day * DAY]
            if sent:
                expected[number] = courtesy.Unanswered(len(sent), sent[-1])
        assert courtesy.unanswered(session, ids) == expected
        everybody = courtesy.unanswered(session)
        assert {number: everybody[number] for number in ids if number in everybody} == expected


@settings(max_examples=30)
@given(events=EVENTS, since=st.integers(-20, 0), length=st.integers(1, 10))
def test_reached_are_those_whose_first_message_of_the_span_was_no_answer(home, events, since, length):
    """Of each person, the first message in the span decides: it counts unless they had written just before it."""
    with database() as session:
        ids = record(session, events)
        expected = set()
        for whom, number in enumerate(ids, start=1):
            before = None
            for _who, day, kind, direction, _state in history(events, whom):
                if direction == Direction.OUT and kind not in TALKS and since <= day < since + length:
                    expected |= {number} if before != Direction.IN else set()
                    break
                before = direction
        span = {"since_at": NOW + since * DAY, "until_at": NOW + (since + length) * DAY}
        reached = courtesy.reached(session, **span)
        assert reached & set(ids) == expected
        assert courtesy.reached_out(session, **span) == len(reached)


# Each rule on the command line


@dataclass(frozen=True)
class Scene:
    """What happened before, what a rule refuses then, what its message names, and the same as a record."""

    rule: Rule
    before: tuple[str, ...]
    refused: str
    names: tuple[str, ...]
    recorded: str
    remark: str


AN_ENGINEER = "intro ask ben --for 'an engineer' --at Acme"
SCENES = [
    Scene(
        Rule.WEEKLY_BUDGET,
        ("config set outreach.weekly_budget 1", "log-contact ana --kind email"),
        AN_ENGINEER,
        ("1 person of your own accord", "outreach.weekly_budget is 1", "Mon 12 Jan 2026"),
        f"{AN_ENGINEER} --at now",
        "weekly-budget: ",
    ),
    Scene(
        Rule.WAITING,
        ("log-contact ben --kind email",),
        "task add Again --kind follow-up --for ben --due 'in 1 week'",
        ("Mon 5 Jan 2026", "14 days", "Mon 19 Jan 2026"),
        "log-contact ben --kind email --note again",
        "the second unanswered message to Ben Foss on one day; 14 days between them serve better",
    ),
    Scene(
        Rule.DORMANT,
        ("log-contact ben --kind email --at '20 days ago'", "log-contact ben --kind email --at '2 days ago'"),
        AN_ENGINEER,
        ("2 messages", "Sat 3 Jan 2026", "--direction in"),
        "log-contact ben --kind message",
        "the third unanswered message to Ben Foss; after 2, leave them alone until they write",
    ),
    Scene(
        Rule.THANKS_FIRST,
        ("intro ask ben --for ana --want number", "intro made n1"),
        AN_ENGINEER,
        ("Ben Foss got you Ana Ruiz's number (n1)", "crm intro thanked n1"),
        f"{AN_ENGINEER} --at now",
        "thanks-first: ",
    ),
    Scene(
        Rule.TALK_FIRST,
        (),
        "referral ask ben --company Acme",
        ("not really talked with Ben Foss", "crm schedule ben"),
        "referral ask ben --company Acme --at now",
        "talk-first: ",
    ),
    Scene(
        Rule.ONE_ASK,
        ("log-contact ben --kind coffee", "referral ask ben --company Acme"),
        "referral ask ben --company Acme",
        ("f1", "Acme", "crm referral declined f1"),
        "referral ask ben --company Acme --at now",
        "one-ask: ",
    ),
    Scene(
        Rule.DECLINED,
        ("contact edit ben --stage declined",),
        "schedule ben fri 14:30",
        ("Ben Foss said no", "crm contact edit ben --stage contacted"),
        "log-contact ben --kind email",
        "Ben Foss said no",
    ),
]


@pytest.fixture
def scene(request, prepared):
    """Two people, and what happened before."""
    prepared("contact add 'Ana Ruiz'", "contact add 'Ben Foss'", *request.param.before)
    return request.param


each_rule = pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.rule.value, indirect=True)


@each_rule
def test_a_rule_refuses_and_says_why(scene, crm):
    """Exit code 5, one line with the rule, why, what would settle it and the way round; nothing is written."""
    before = document(crm)
    told = typed(crm, scene.refused, code=5)
    (line,) = told.err.splitlines()
    assert line.startswith(f"crm: {scene.rule}: ")
    assert line.endswith('--anyway "REASON"')
    assert [name for name in scene.names if name not in line] == []
    error = typed(crm, f"{scene.refused} --json", code=5).error
    assert error["code"] == "refused"
    assert error["message"].startswith(scene.rule)
    assert document(crm) == before


@each_rule
def test_a_reason_sets_a_rule_aside_on_record(scene, crm):
    """With --anyway it is done, the rule, the reason and whom it is about are kept, and history tells of it."""
    ben = crm("contact", "show", "ben", "--json").json["uid"]
    typed(crm, f"{scene.refused} --anyway 'we agreed on it'")
    (waiver,) = document(crm)["waivers"]
    assert (waiver["rule"], waiver["reason"], waiver["contact"]) == (scene.rule, "we agreed on it", ben)
    summary = crm("history", "-n", "1", "--json").json["items"][0]["summary"]
    assert f"{scene.rule} set aside for Ben Foss: we agreed on it" in summary


@each_rule
def test_undo_takes_the_deed_and_the_waiver_back(scene, crm):
    """One undo, and neither the deed nor its reason is on record."""
    before = document(crm)
    typed(crm, f"{scene.refused} --anyway 'we agreed on it'")
    crm("undo")
    after = document(crm)
    assert after == before
    assert after["waivers"] == []


@each_rule
def test_a_blank_reason_is_none(scene, crm):
    """--anyway asks for a reason; nothing is written without one."""
    before = document(crm)
    assert "reason is blank" in typed(crm, f"{scene.refused} --anyway ' '", code=2).err
    assert document(crm) == before


@each_rule
def test_what_happened_is_recorded_with_a_warning(scene, crm):
    """A rule never stands against a record: it is written, no waiver is asked for, and the rule remarks on it."""
    before = document(crm)
    told = typed(crm, f"{scene.recorded} --json").json
    assert any(each.startswith(scene.remark) for each in told["warnings"]), told["warnings"]
    after = document(crm)
    assert after != before
    assert after["waivers"] == []


def test_the_waivers_of_somebody_are_shown(crm):
    """With an ask one sees which rules were set aside for whom it is asked of, when and why."""
    crm("contact", "add", "Ben Foss")
    crm("referral", "ask", "ben", "--company", "Acme", "--anyway", "he offered it")
    crm("intro", "plan", "ben", "--for", "an engineer", "--at", "Acme")
    for noun, ref in (("referral", "f1"), ("intro", "n1")):
        assert "talk-first, Mon 5 Jan 2026: he offered it" in crm(noun, "show", ref).out
        (waiver,) = crm(noun, "show", ref, "--json").json["waivers"]
        assert (waiver["rule"], waiver["reason"]) == ("talk-first", "he offered it")


# What settles a rule


@pytest.fixture
def people(prepared):
    """Three people."""
    return prepared(*(f"contact add '{name}'" for name in ("Ana Ruiz", "Ben Foss", "Cleo Dorn")))


def test_an_answer_does_not_use_up_the_budget(people):
    """Who wrote first is answered, not reached out to; whom one wrote to this week may be asked all the same."""
    people("config", "set", "outreach.weekly_budget", "1")
    people("log-contact", "ana", "--kind", "email", "--direction", "in")
    people("log-contact", "ana", "--kind", "email")
    typed(people, AN_ENGINEER)
    typed(people, "intro ask ben --for cleo --want number")
    typed(people, "intro ask ana --for cleo", code=0)
    typed(people, "intro ask cleo --for ana", code=5)
    people("log-contact", "cleo", "--kind", "email", "--direction", "in")
    typed(people, "intro ask cleo --for ana")


def test_the_next_week_has_a_budget_of_its_own(people):
    """On Monday the count begins anew, in the person's own zone and with their own first day of the week."""
    people("config", "set", "outreach.weekly_budget", "1")
    people("log-contact", "ana", "--kind", "email")
    typed(people, AN_ENGINEER, code=5, now="2026-01-12T07:59:00Z")
    typed(people, AN_ENGINEER, now="2026-01-12T08:00:00Z")
    people("undo")
    people("config", "set", "week_starts_on", "sunday")
    typed(people, AN_ENGINEER, now="2026-01-11T08:00:00Z")


def test_a_tag_counts_each_person(people):
    """Asking everybody in a tag is so many asks: beyond the budget all are refused, and none is written."""
    people("contact", "tag", "ana", "ben", "cleo", "crew")
    people("log-contact", "@crew", "--kind", "event")
    people("config", "set", "outreach.weekly_budget", "2")
    before = document(people)
    assert "weekly-budget: " in people("referral", "ask", "@crew", "--company", "Acme", code=5).err
    assert document(people) == before
    people("config", "set", "outreach.weekly_budget", "3")
    told = people("referral", "ask", "@crew", "--company", "Acme", "--json").json
    assert [each["state"] for each in told["items"]] == ["asked"] * 3


def test_a_follow_up_may_come_after_the_days(people):
    """From the fourteenth day on a follow-up is welcome; without a day, a message or a person there is no rule."""
    people("log-contact", "ben", "--kind", "email")
    add = ("task", "add", "Again", "--kind", "follow-up")
    people(*add, "--for", "ben", "--due", "2026-01-18", code=5)
    people(*add, "--for", "ben", "--due", "2026-01-19")
    people(*add, "--for", "ben")
    people(*add, "--for", "ana", "--due", "tomorrow")
    people(*add, "--due", "tomorrow")
    people("task", "add", "Send it", "--kind", "promise", "--for", "ben", "--due", "tomorrow")
    people("task", "add", "Send it", "--anyway", " ", code=2)
    people(*add, "--for", "ben", "--due", "tomorrow", "--owner", "them")


def test_moving_a_follow_up_is_planning_it(people):
    """One that is moved too near is refused, and with a reason it is moved; to put it off and to rename it is free."""
    people("log-contact", "ben", "--kind", "email")
    people("task", "add", "Again", "--kind", "follow-up", "--for", "ben", "--due", "2026-01-19")
    assert "waiting: " in people("task", "edit", "t1", "--due", "fri", code=5).err
    assert "waiting set aside" in people("task", "edit", "t1", "--due", "fri", "--anyway", "he asked for it").err
    people("task", "edit", "t1", "--due", "next mon")
    people("task", "edit", "t1", "--due", "")
    people("task", "edit", "t1", "--title", "Once more")
    people("task", "edit", "t1", "--note", "ask about the fair")


def test_whoever_writes_is_dormant_no_longer(people):
    """After two unanswered messages nothing is asked or followed up; a chat that is agreed on is; an answer ends it."""
    for _ in range(2):
        people("log-contact", "ben", "--kind", "email")
    follow_up = "task add Again --kind follow-up --for ben --due 'in 3 weeks'"
    for line in (AN_ENGINEER, follow_up):
        assert "dormant: " in typed(people, line, code=5).err
    people("schedule", "ben", "fri", "14:30")
    people("undo")
    people("log-contact", "ben", "--kind", "email", "--direction", "in")
    for line in (AN_ENGINEER, follow_up):
        typed(people, line)


def test_an_ask_waits_for_an_answer_to_the_last_message(people):
    """Four days after an unanswered message an ask is refused; on the same day the message may have been the ask."""
    people("log-contact", "ben", "--kind", "message")
    typed(people, AN_ENGINEER)
    people("undo")
    later = "2026-01-09T17:00:00Z"
    assert "waiting: " in typed(people, AN_ENGINEER, code=5, now=later).err
    assert "--at today" in typed(people, AN_ENGINEER, code=5, now=later).err
    typed(people, AN_ENGINEER, now="2026-01-19T17:00:00Z")


def test_a_reason_without_a_rule_is_said_to_be_unneeded(people):
    """Nothing stood against it: that is said, and no waiver is kept."""
    told = typed(people, f"{AN_ENGINEER} --anyway 'she offered it' --json").json
    assert "no rule stood against it" in told["warnings"][0]
    assert people("export", "json").json["waivers"] == []


def test_dormant_can_be_set_and_lifted_by_hand(people):
    """Whom the person left alone is not asked, until the stage is another or they write."""
    people("contact", "edit", "ben", "--stage", "dormant")
    assert "dormant: " in typed(people, AN_ENGINEER, code=5).err
    people("contact", "edit", "ben", "--stage", "contacted")
    typed(people, AN_ENGINEER)


@pytest.mark.parametrize(
    "settle",
    ["log-contact ben --kind call", "contact edit ben --stage met", "contact edit ben --stage keeping-in-touch"],
)
def test_a_real_talk_comes_before_a_referral(people, settle):
    """A message is no talk; a call is, and so is knowing somebody already. A plan is only reminded of it."""
    people("log-contact", "ben", "--kind", "email", "--direction", "in")
    assert "talk-first: " in typed(people, "referral ask ben --company Acme", code=5).err
    planned = typed(people, "referral plan ben --company Acme --json").json
    assert planned["state"] == "planned"
    assert any("not really talked" in each for each in planned["warnings"])
    typed(people, settle)
    assert typed(people, f"referral ask {planned['ref']} --json").json["state"] == "asked"


def test_word_of_how_it_went_is_owed_too(people):
    """Thanks settle an introduction made; after the meeting, the connector is told before the next ask."""
    typed(people, "intro ask ben --for ana")
    people("intro", "made", "n1")
    assert "crm intro thanked n1" in typed(people, AN_ENGINEER, code=5).err
    people("intro", "thanked", "n1")
    typed(people, AN_ENGINEER)
    people("intro", "met", "n1")
    assert "how it went with Ana Ruiz (n1)" in typed(people, "intro plan ben --for cleo", code=5).err
    people("intro", "thanked", "n1")
    typed(people, "intro plan ben --for cleo")


@pytest.mark.parametrize("ended", [(), ("interviewing",), ("offer",), ("declined",)])
def test_thanks_are_owed_for_a_referral_however_it_ended(people, ended):
    """What was handed in is thanked for before the next ask, and once only."""
    people("log-contact", "ben", "--kind", "coffee")
    typed(people, "referral ask ben --company Acme")
    people("referral", "agreed", "f1")
    typed(people, "referral plan ben --company Beta")
    people("undo")
    people("referral", "submitted", "f1")
    for state in ended:
        people("referral", state, "f1")
    assert "crm referral thank f1" in typed(people, "referral plan ben --company Beta", code=5).err
    people("referral", "thank", "f1")
    typed(people, "referral plan ben --company Beta")
    people("referral", "interviewing", "f1")
    typed(people, "intro plan ben --for ana")


def test_one_ask_is_of_one_person_and_company(people):
    """Another company, another person, or the same once it is over: these are no second ask."""
    people("contact", "tag", "ana", "ben", "crew")
    people("log-contact", "@crew", "--kind", "event")
    typed(people, "referral plan ben --company Acme")
    assert "one-ask: f1 " in typed(people, "referral plan ben --company ACME", code=5).err
    typed(people, "referral plan ben --company Beta")
    typed(people, "referral plan ana --company Acme")
    typed(people, "referral ask ben --company Acme")
    people("referral", "submitted", "f1")
    people("referral", "thank", "f1")
    typed(people, "referral ask ben --company Acme")


def test_a_no_is_not_asked_for_again(people):
    """Who said no to the same is left in peace; that a company turned one down is nobody's no."""
    people("log-contact", "ben", "--kind", "coffee")
    typed(people, "referral ask ben --company Acme")
    people("referral", "declined", "ben")
    assert (
        "declined: Ben Foss said no to a referral at Acme (f1)"
        in typed(people, "referral ask ben --company Acme", code=5).err
    )
    second = typed(people, "referral ask ben --company Beta --json").json["ref"]
    for word in ("submitted", "declined", "thank"):
        people("referral", word, second)
    typed(people, "referral ask ben --company Beta")
    typed(people, "intro ask ben --for ana")
    people("intro", "declined", "n1")
    assert "said no to an introduction to Ana Ruiz (n1)" in typed(people, "intro ask ben --for ana", code=5).err
    typed(people, "intro ask ben --for cleo")


def test_whoever_was_asked_first_is_named_of_several_rules(people):
    """All rules that stand against a deed are told at once, and one reason sets all of them aside, each on record."""
    people("contact", "edit", "ben", "--stage", "declined")
    said = typed(people, "referral ask ben --company Acme", code=5).err
    assert said.index("declined: ") < said.index("talk-first: ")
    typed(people, "referral ask ben --company Acme --anyway 'he changed his mind'")
    assert [each["rule"] for each in document(people)["waivers"]] == ["declined", "talk-first"]


# What log-contact says of a message


def warnings(crm, line, **options):
    """What is remarked on a logged contact."""
    return typed(crm, f"{line} --json", **options).json["warnings"]


def test_a_message_in_order_is_not_remarked_on(people):
    """A first message, one after the days, an answer, a talk, and what came in: nothing is said."""
    assert warnings(people, "log-contact ben --kind email --at 2026-01-01") == []
    assert warnings(people, "log-contact ben --kind email", now="2026-01-15T17:00:00Z") == []
    assert warnings(people, "log-contact ben --kind message --direction in") == []
    assert warnings(people, "log-contact ben --kind linkedin") == []
    assert warnings(people, "log-contact ben --kind coffee --follow-up tomorrow") == []
    assert warnings(people, "log-contact ana --follow-up tomorrow") == []


def test_a_second_message_too_soon_is_remarked_on(people):
    """How many days there were, and how many serve better; a bare direction says that one wrote, too."""
    assert warnings(people, "log-contact ben --kind email --at 2025-12-31") == []
    said = warnings(people, "log-contact ben --direction out")
    assert said == ["the second unanswered message to Ben Foss in 5 days; 14 days between them serve better"]


def test_what_is_recorded_late_is_not_held_against_one(people):
    """A message older than the last one is no second one after it."""
    people("log-contact", "ben", "--kind", "email")
    said = warnings(people, "log-contact ben --kind email --at 2025-12-31")
    assert not any("unanswered" in each for each in said)


def test_a_follow_up_too_soon_is_remarked_on(people):
    """It is planned all the same; the remark says from when on it would be welcome."""
    told = typed(people, "log-contact ben --kind email --follow-up fri --json").json
    assert [each["due_on"] for each in told["tasks"]] == ["2026-01-09"]
    (said,) = told["warnings"]
    assert said.startswith("the follow-up: ")
    assert said.endswith("wait until Mon 19 Jan 2026")
    people("undo")
    assert warnings(people, "log-contact ben --kind email --follow-up 2026-01-19") == []


def test_more_people_than_the_budget_are_remarked_on_once(crm):
    """Writing to six people in a week is recorded, with one remark."""
    names = ("Ana Ruiz", "Ben Foss", "Cleo Dorn", "Dirk Eade", "Edda Fink", "Finn Gray")
    for name in names:
        crm("contact", "add", name, "--tag", "crew")
    said = warnings(crm, "log-contact @crew --kind email")
    assert said == [
        "that makes 6 people you wrote to of your own accord in that week; outreach.weekly_budget is 5",
    ]


def test_many_remarks_are_cut_short(crm):
    """Of twelve people with a second message, five are named."""
    for number in range(12):
        crm("contact", "add", f"Guest Number{number}", "--tag", "crew")
    crm("config", "set", "outreach.weekly_budget", "100")
    crm("log-contact", "@crew", "--kind", "email")
    said = [each for each in warnings(crm, "log-contact @crew --kind email") if "weekly_budget" not in each]
    assert sum("unanswered" in each for each in said) == 5
    assert "and so for 7 more" in said


@pytest.mark.parametrize("at", [datetime(2026, 3, 8, 9, tzinfo=UTC), datetime(2026, 11, 1, 8, tzinfo=UTC)])
def test_days_are_counted_in_the_persons_zone(people, at):
    """Over a change of the clocks, fourteen days are fourteen days."""
    people("log-contact", "ben", "--kind", "email", now=at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    later = (at + 14 * DAY + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert warnings(people, "log-contact ben --kind email", now=later) == []
