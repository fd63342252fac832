"""Who could bring one to a person or into a company: the shortest and warmest ways, and what to do first."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plan_support import NOW, database

from crm.actions import paths
from crm.actions.paths import Aim, Kind
from crm.models import Introduction, Position, Referral, Relationship
from crm.store import names
from crm.store.network import Network, Person, Post

WORKSHEET = """
#### Practitioner Interviews

- **Person 1:**
  - Name/handle: Wilma Stern
  - Key insights:
    - Mocks (I could use Kim for this, or Uwe or Pavel [ I'd have to find their instas or get their numbers from Otto]).
    - Ask. I could ask Rosa Lind for a referal, or if there is a data engineer I could get an introduction to. Bye.

### 7.1 Questions for Experts

**Instructions:** Prepare questions for ML engineers you can reach out to.
- Kim Brandt
- Tilda
- Uwe & Pavel from Beta Club

### 7.3 Referals I could ask for
    - Rosa Lind (uni recruiter for veridian)

## Action Items
- [ ] Read
"""


@pytest.fixture
def planned(bare_crm, tmp_path):
    """A home filled from a worksheet."""
    sheet = tmp_path / "sheet.md"
    sheet.write_text(WORKSHEET, encoding="utf-8")
    bare_crm("init", "--worksheet", str(sheet), "--start", "2026-01-05")
    return bare_crm


@pytest.fixture
def circle(crm):
    """People without any tie."""
    for name in ("Ana", "Ben", "Cleo", "Dora"):
        crm("contact", "add", name)
    return crm


def chains(crm, *arguments):
    """The ways, each as the names on it."""
    told = crm("path", "--to", *arguments, "--json").json
    return [[step["name"] for step in way["steps"]] for way in told["items"]]


def commands(crm, *arguments):
    """What to type, way by way."""
    told = crm("path", "--to", *arguments, "--json").json
    return [[todo["command"] for todo in way["todo"]] for way in told["items"]]


def test_the_worksheet_names_who_has_the_number(planned):
    """The connector from the worksheet's prose stands on the only way, with what to ask of them."""
    assert chains(planned, "uwe") == [["Otto", "Uwe"]]
    assert commands(planned, "uwe") == [
        ["crm contact edit otto --email ADDRESS", "crm intro ask otto --for uwe --want number"]
    ]
    said = planned("path", "--to", "uwe").out
    for fact in ("you → Otto → Uwe", "Otto knows Uwe", "not asked yet", "asked 0 times", "last talk: never", "cold"):
        assert fact in said
    assert "Your own note on reaching them: find their instas or get their numbers from Otto" in said


def test_the_worksheet_names_the_recruiter_with_both_asks(planned):
    """Into the recruiter's company lead a referral and an introduction to somebody unnamed, as two ways."""
    assert chains(planned, "Veridian") == [
        ["Rosa Lind", "veridian"],
        ["Rosa Lind", "a data engineer at veridian"],
    ]
    first, second = commands(planned, "Veridian")
    assert first[-1] == "crm referral ask rosa --company veridian"
    assert second[-1] == "crm intro ask n3"
    said = planned("path", "--to", "veridian").out
    assert "uni recruiter at veridian; asked 0 times; last talk: never" in said
    assert "not really talked with Rosa Lind yet" in " ".join(said.split())
    assert "an introduction to a data engineer at veridian (not asked yet)" in " ".join(said.split())


def test_a_role_brings_who_has_it_to_the_front(planned):
    """With --role the way to the data engineer is the first, and the referral names the role."""
    ways = chains(planned, "Veridian", "--role", "Data Engineer")
    assert ways[0] == ["Rosa Lind", "a data engineer at veridian"]
    assert commands(planned, "Veridian", "--role", "Data Engineer")[1][-1].endswith("--role 'Data Engineer'")
    assert planned("path", "--to", "uwe", "--role", "engineer", code=2).err.count("\n") <= 2


def test_nobody_leads_there(planned):
    """To a person and to a company it is said plainly, with what to type next."""
    planned("organization", "add", "Quarry")
    assert "No one you know leads to Tilda c3" in planned("path", "--to", "tilda").out
    for hint in ("crm contact edit tilda", "crm relate WHO knows tilda", "crm import"):
        assert hint in planned("path", "--to", "tilda").out
    said = planned("path", "--to", "Quarry").out
    assert "No one you know leads to Quarry" in said
    assert "crm who --at Quarry --weak" in said
    assert "crm import Connections.csv" in said
    assert planned("path", "--to", "Quarry", "--json").json["items"] == []


def test_a_channel_is_a_way_of_one_step(circle):
    """Whom one can write to needs nobody else."""
    circle("contact", "edit", "ana", "--email", "ana@example.test")
    assert chains(circle, "ana") == [["Ana"]]
    assert "write to Ana: email ana@example.test" in circle("path", "--to", "ana").out


def test_writing_is_not_scheduling(circle):
    """Whom one can write to is written to and logged; a call gets a time that can be typed as it stands."""
    circle("contact", "edit", "ana", "--email", "ana@example.test")
    assert commands(circle, "ana") == [["crm log-contact ana --kind message"]]
    circle("contact", "edit", "ben", "--phone", "555-0100")
    write, call = commands(circle, "ben")[0]
    assert (write, call) == ("crm log-contact ben --kind message", "crm schedule ben fri 14:30 --kind call")
    circle(*call.split()[1:])


def test_a_number_that_was_given_is_for_writing(circle):
    """After the ask was met one writes; nothing records a meeting that was not."""
    circle("intro", "ask", "ana", "--for", "dora", "--want", "number")
    circle("intro", "ask", "ana", "--for", "an engineer", "--at", "Orla")
    circle("intro", "made", "n1", "n2")
    assert commands(circle, "dora")[0][-1] == "crm log-contact dora --kind message"
    assert commands(circle, "orla")[0][-1] == "crm intro edit n2 --for WHO"


@pytest.mark.parametrize("settled", [("contact", "edit", "uwe", "--phone", "555-0100"), ("intro", "made", "n1")])
def test_a_note_is_overtaken_by_the_number(planned, settled):
    """Once the number is kept or was given, the note on how to get it is no longer told."""
    planned(*settled)
    assert "Your own note" not in planned("path", "--to", "uwe").out


def test_another_role_is_marked_and_comes_last(planned):
    """Who is not in the role that is wanted comes after a referral that leaves it open, with a remark."""
    assert chains(planned, "Veridian", "--role", "Analyst")[-1] == ["Rosa Lind", "a data engineer at veridian"]
    said = " ".join(planned("path", "--to", "Veridian", "--role", "Analyst").out.split())
    assert said.count("another role") == 1
    assert "(not asked yet); another role" in said
    for role in ((), ("--role", "data engineer")):
        assert "another role" not in planned("path", "--to", "Veridian", *role).out


@pytest.mark.parametrize("name", ["path", "who"])
def test_the_usage_names_its_argument(crm, name):
    """The words that may follow have a name."""
    assert f"Usage: crm {name} [OPTIONS] [WORD]..." in crm(name, "--help").out


def test_a_warm_way_round_comes_before_a_cold_one(circle):
    """Through somebody one is in touch with, two steps are better than one through a stranger."""
    circle("relate", "ana", "knows", "dora")
    circle("relate", "ben", "friend-of", "cleo")
    circle("relate", "cleo", "works-with", "dora")
    circle("log-contact", "ben", "--kind", "coffee")
    assert chains(circle, "dora") == [["Ben", "Cleo", "Dora"], ["Cleo", "Dora"], ["Ana", "Dora"]]


def test_a_tie_leads_both_ways(circle):
    """Who is known by somebody knows them, too."""
    circle("relate", "dora", "mentors", "ana")
    assert chains(circle, "dora") == [["Ana", "Dora"]]
    assert "Dora mentors Ana" in circle("path", "--to", "dora").out


def test_nobody_is_needed_to_get_to_a_friend(circle):
    """Whom one is in touch with is reached directly, however many know them."""
    circle("relate", "ana", "knows", "ben")
    circle("relate", "cleo", "knows", "ben")
    circle("log-contact", "ben", "--kind", "coffee")
    assert chains(circle, "ben") == [["Ben"]]
    circle("contact", "edit", "ben", "--organization", "Orla")
    assert chains(circle, "orla") == [["Ben", "Orla"]]


def test_no_way_goes_round_to_somebody_as_near(circle):
    """A stranger who knows a stranger is no help in getting to the second."""
    circle("relate", "ana", "knows", "ben")
    circle("relate", "ben", "knows", "dora")
    assert chains(circle, "dora") == [["Ben", "Dora"]]


def test_those_there_now_come_before_those_there_once(circle, home):
    """A former position is a way, marked, behind a present one."""
    circle("contact", "edit", "ana", "--organization", "Orla", "--title", "Lead")
    with database(home) as session:
        ben = names.contact(session, "ben")
        session.add(Position(contact_id=ben.id, organization_id=1, title="Intern", current=False))
    assert chains(circle, "orla, inc.") == [["Ana", "Orla"], ["Ben", "Orla"]]
    assert "before: Intern at Orla" in circle("path", "--to", "orla").out


def test_a_colleague_is_a_way_that_says_what_is_not_known(circle):
    """Two who are at one company may know each other, and the screen does not pretend more."""
    circle("contact", "edit", "ana", "--organization", "Orla")
    circle("contact", "edit", "dora", "--organization", "Orla")
    assert chains(circle, "dora") == [["Ana", "Dora"]]
    assert "nothing says whether they know each other" in " ".join(circle("path", "--to", "dora").out.split())


def test_those_put_away_or_who_declined_come_only_for_want_of_others(circle):
    """They are marked where they are all there is, and gone as soon as there is somebody else."""
    circle("relate", "ana", "knows", "dora")
    circle("contact", "archive", "ana")
    assert chains(circle, "dora") == [["Ana", "Dora"]]
    assert "only because nothing else is known: Ana is put away" in circle("path", "--to", "dora").out
    circle("relate", "ben", "knows", "dora")
    assert chains(circle, "dora") == [["Ben", "Dora"]]
    circle("contact", "edit", "ben", "--stage", "declined")
    assert "Ben said no before" in circle("path", "--to", "dora").out


def test_a_declined_ask_is_no_way_while_there_is_another(circle, home):
    """An introduction that was refused is not suggested again."""
    with database(home) as session:
        ana, ben, dora = (names.contact(session, each) for each in ("ana", "ben", "dora"))
        session.add(Introduction(connector_id=ana.id, contact_id=dora.id, state="declined"))
        session.add(Introduction(connector_id=ben.id, contact_id=dora.id, state="asked", asked_at=NOW))
    assert chains(circle, "dora") == [["Ben", "Dora"]]
    assert commands(circle, "dora")[0][-1] == "crm intro made n2"
    assert "asked on Mon 5 Jan 2026" in circle("path", "--to", "dora").out


def test_everybody_in_a_tag_may_refer(circle, home):
    """A referral that a whole tag may be asked for leads through each of its members."""
    circle("organization", "add", "Orla")
    circle("contact", "tag", "ana", "ben", "insiders")
    with database(home) as session:
        session.add(Referral(tag_id=names.tag(session, "insiders").id, organization_id=1))
    assert chains(circle, "orla") == [["Ana", "Orla"], ["Ben", "Orla"]]


def test_as_many_ways_as_asked_for(circle):
    """-n says how many; the best of them are shown."""
    for name in ("ana", "ben", "cleo"):
        circle("relate", name, "knows", "dora")
    circle("log-contact", "cleo", "--kind", "call")
    assert chains(circle, "dora", "-n", "1") == [["Cleo", "Dora"]]
    assert len(chains(circle, "dora")) == 3
    assert (
        "3 ways to Dora c4, the shortest and warmest first (more: -n 6)"
        in circle("path", "--to", "dora", "-n", "3").out
    )
    assert "The shortest and warmest way to Dora" in circle("path", "--to", "dora", "-n", "1").out
    circle("path", "--to", "dora", "-n", "0", code=2)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("nobody",), 3),
        (("@experts",), 3),
        (("a\udcff",), 2),
        (("x" * 10_000,), 3),
        (("Blue", "Orla"), 0),
        (("o1",), 0),
        (("c1",), 0),
        (("Ana",), 4),
        (("1",), 4),
    ],
)
def test_whom_or_what_is_meant(circle, words, code):
    """A person, a company in one word or several, or an id; what could be both is not guessed."""
    circle("organization", "add", "Blue Orla", "--alias", "Ana")
    printed = circle("path", "--to", *words, code=code)
    assert len(printed.err.splitlines()) <= 2
    assert len(printed.err) < 400


def test_hostile_text_breaks_nothing(crm, monkeypatch):
    """Names with escapes and markup, and very long ones, stay text within the width."""
    crm("contact", "add", "\x1b[2J[bold]Ana\u202e", "--organization", "Orla '$(x)' \x07" + "y" * 10_000)
    crm("contact", "add", "Dora", "--how-to-reach", "\x1b]0;t\x07" * 900)
    crm("relate", "c1", "knows", "dora")
    for columns in (80, 120):
        monkeypatch.setenv("COLUMNS", str(columns))
        for to in ("dora", "o1"):
            said = crm("path", "--to", to).out
            assert not {"\x1b", "\x07", "\u202e"} & set(said)
            assert "[bold]Ana" in said
            assert len(said) < 4_000
            assert max(map(len, said.splitlines())) <= columns


PEOPLE = st.lists(
    st.builds(
        Person,
        id=st.just(0),
        kind=st.just("person"),
        tier=st.sampled_from(["inner", "active", "none"]),
        stage=st.sampled_from(["to-contact", "contacted", "met", "declined"]),
        last_contact_at=st.sampled_from([None, NOW]),
        archived_at=st.sampled_from([None, None, NOW]),
        has_method=st.booleans(),
    ),
    min_size=2,
    max_size=8,
)


@settings(max_examples=30)
@given(people=PEOPLE, data=st.data())
def test_every_way_has_its_reasons_and_visits_nobody_twice(people, data):
    """Whatever the network, a way ends at the aim, every step but the first says why, and none is there twice."""
    there = {number: replace(each, id=number) for number, each in enumerate(people, 1)}
    somebody = st.sampled_from(sorted(there))
    pairs = data.draw(st.lists(st.tuples(somebody, somebody).filter(lambda pair: pair[0] != pair[1])))
    ties = [Relationship(from_contact_id=one, to_contact_id=other) for one, other in pairs]
    posts = [Post(number, number, 1, None, True) for number in data.draw(st.sets(somebody))]
    aim = data.draw(st.sampled_from([Aim(None, [1]), Aim(1, [])]))
    found = paths.ways(Network(there, ties, [], [], posts), aim, most=3, now=NOW)
    assert len(found) <= 3
    for way in found:
        corners = [step.to for step in way]
        assert corners[-1] == aim.corner
        assert len(set(corners)) == len(corners)
        assert all(step.reasons for step in way[1:])
    if aim.contact_id is None:
        assert bool(found) == bool(posts)
    through_aside = [
        any(kind is Kind.PERSON and number != aim.contact_id and paths.is_aside(there[number]) for kind, number in each)
        for each in ([step.to for step in way] for way in found)
    ]
    assert all(through_aside) or not any(through_aside)
