"""Whom one knows at a company: surely, by another name, or only perhaps; never by a part of a word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outreach_support import undone

from crm.store.organizations import LEGAL_FORMS, key


@pytest.fixture
def there(crm):
    """Rosa leads at Orla Platforms, Inc., Tomas was there before, and others are at companies whose names begin so."""
    for name, organization, title in (
        ("Rosa Lind", "Orla Platforms, Inc.", "Data Lead"),
        ("Ursula Veen", "Orlaverse Labs", "Engineer"),
        ("Ben Ostrom", "Orlabase", "Engineer"),
        ("Ana Diaz", "Quarry", "Orla-analysis researcher"),
        ("Kim Lund", "Quarry", "Consultant for Orla Platforms"),
    ):
        crm("contact", "add", name, "--organization", organization, "--title", title)
    crm("contact", "add", "Tomas Berg", "--context", "met at a fair; used to sell for orla platforms")
    return crm


def found(crm, *arguments):
    """Who is found, with how sure it is."""
    told = crm("who", "--at", *arguments, "--json").json
    return [(each["contact"]["name"], each["match"]) for each in told["items"]]


@pytest.mark.parametrize(
    ("asked", "match"),
    [
        ("Orla Platforms, Inc.", "exact"),
        ("órla   PLATFORMS, inc.", "exact"),
        ("Orla Platforms", "alias"),
        ("orla platforms GmbH", "alias"),
        ("Orla Platforms L.L.C.", "alias"),
        ("o1", "exact"),
    ],
)
def test_spellings_of_one_name_are_one_company(there, asked, match):
    """Case, accents, surplus blanks and the legal form at the end make no difference; quoted or not; an id will do."""
    assert found(there, asked) == [("Rosa Lind", match)]
    assert found(there, *asked.split()) == [("Rosa Lind", match)]


@pytest.mark.parametrize("asked", ["Orla", "Platforms", "Orl", "Orlavers", "Inc."])
def test_a_part_of_a_name_matches_nobody(there, asked):
    """Neither the beginning of a word nor a word of a longer name is taken for the company."""
    assert found(there, asked) == []
    said = there("who", "--at", asked).out
    assert f"No one at {asked}" in said
    assert "crm import" in said


def test_the_unsure_come_only_when_asked_for_and_are_marked(there):
    """Titles and notes that name the company are weak; a compound word and another company's name are nothing."""
    plain = there("who", "--at", "orla platforms").out
    assert "2 more may have to do with it" in plain
    assert "--weak" in plain
    assert found(there, "orla platforms", "--weak") == [
        ("Rosa Lind", "alias"),
        ("Kim Lund", "weak"),
        ("Tomas Berg", "weak"),
    ]
    shown = there("who", "--at", "orla platforms", "--weak").out
    assert shown.count("(weak)") == 2
    assert "used to sell for orla platforms" in shown


def test_shared_words_and_slips_of_the_pen_are_weak(crm):
    """A company with all words of the other, or nearly its spelling, is named as unsure."""
    for name, organization in (("Rosa", "Orla Cloud"), ("Tomas", "Orlla"), ("Ursula", "Orlaverse")):
        crm("contact", "add", name, "--organization", organization)
    assert found(crm, "Orla", "--weak") == [("Rosa", "weak"), ("Tomas", "weak")]
    said = crm("who", "--at", "Orla").out
    assert "No one at Orla" in said
    assert "there is Orla Cloud, Orlla" in said


def test_an_alias_that_was_said_counts(there):
    """After `organization edit --alias`, both names find the people of both, each person once."""
    there("contact", "add", "Ivo Ray", "--organization", "Bookface Ltd")
    there("organization", "edit", "o1", "--alias", "Bookface")
    assert found(there, "bookface") == [("Rosa Lind", "alias"), ("Ivo Ray", "alias")]
    assert found(there, "Orla Platforms, Inc.") == [("Rosa Lind", "exact"), ("Ivo Ray", "alias")]


def test_two_organizations_become_one_and_two_again(there):
    """merge moves people and keeps the name as an alias; undo brings both back as they were."""
    there("contact", "add", "Ivo Ray", "--organization", "Bookface", "--title", "Lead")
    undone(there, "organization", "merge", "o1", "Bookface")
    told = there("organization", "merge", "o1", "Bookface", "--json").json
    assert (told["name"], told["aliases"]) == ("Orla Platforms, Inc.", ["Bookface"])
    assert found(there, "bookface") == [("Rosa Lind", "alias"), ("Ivo Ray", "alias")]
    there("organization", "merge", "o1", "bookface", code=5)
    there("organization", "merge", "o1", "nothing such", code=3)


def test_a_position_that_would_stand_twice_is_kept_once(there, home):
    """Somebody at both organizations in the same role is there once after the merge."""
    from plan_support import database

    from crm.models import Position
    from crm.store import names

    there("contact", "add", "Ivo Ray", "--organization", "Bookface", "--title", "Lead")
    with database(home) as session:
        session.add(
            Position(contact_id=names.contact(session, "ivo").id, organization_id=1, title="Lead", current=True)
        )
    there("organization", "merge", "o1", "bookface")
    assert len(there("contact", "show", "ivo", "--json").json["positions"]) == 1


def test_who_was_there_before_comes_on_request(there, home):
    """--former adds them, marked; without it one line says how many there are."""
    from plan_support import database

    from crm.models import Position
    from crm.store import names

    with database(home) as session:
        ursula = names.contact(session, "ursula")
        session.add(Position(contact_id=ursula.id, organization_id=1, title="Intern", current=False))
    said = there("who", "--at", "o1").out
    assert "1 more was there before" in said
    assert "Ursula" not in said
    told = there("who", "--at", "o1", "--former", "--json").json["items"]
    now = {each["contact"]["name"]: each["current"] for each in told}
    assert now == {"Rosa Lind": True, "Ursula Veen": False}
    assert "Intern (before)" in there("who", "--at", "o1", "--former").out


def test_a_screen_says_where_one_stands_and_how_to_reach(there, monkeypatch):
    """Title, tier, stage, channel and last contact stand there at 120 columns and at 80, and no line is longer."""
    there("contact", "edit", "rosa", "--email", "rosa@example.test")
    there("log-contact", "rosa", "--kind", "coffee", "--at", "2025-12-29 12:00")
    for columns in (80, 120):
        monkeypatch.setenv("COLUMNS", str(columns))
        said = there("who", "--at", "orla platforms").out
        assert max(map(len, said.splitlines())) <= columns
        for fact in ("Rosa Lind", "Data Lead", "active", "met", "7 days ago", "rosa@example.test"):
            assert fact in " ".join(said.split())


def test_the_closest_come_first(crm):
    """Whom one met comes before who was written to, and those before who is merely known; put away ones last."""
    for name in ("Ana", "Ben", "Cleo", "Dora"):
        crm("contact", "add", name, "--organization", "Orla")
    crm("log-contact", "ben", "--kind", "email")
    crm("log-contact", "cleo", "--kind", "coffee")
    crm("log-contact", "dora", "--kind", "coffee")
    crm("contact", "archive", "dora")
    assert [name for name, _match in found(crm, "orla")] == ["Cleo", "Ben", "Ana", "Dora"]
    assert "Dora (put away)" in crm("who", "--at", "orla").out


def test_a_long_list_is_cut_and_says_how_to_see_all(crm):
    """Thirty are shown; --all shows the rest, and scripts always get everybody."""
    for number in range(33):
        crm("contact", "add", f"Person{number} Orr", "--organization", "Orla")
    said = crm("who", "--at", "orla").out
    assert "and 3 more; all of them: crm who --at orla --all" in said
    assert "more" not in crm("who", "--at", "orla", "--all").out
    assert len(found(crm, "orla")) == 33


@pytest.mark.parametrize(("asked", "code"), [("Nowhere", 0), ("x" * 10_000, 0), ("a\udcff", 2), ("$(rm) 'q'", 0)])
def test_any_company_may_be_asked_for(crm, asked, code):
    """An unknown one is no error; what cannot be stored is."""
    printed = crm("who", "--at", asked, code=code)
    assert len(printed.out) < 2_000
    assert code or "No one at" in printed.out


def test_hostile_text_breaks_nothing(crm):
    """Names, titles and companies with escapes and markup stay text."""
    crm("contact", "add", "\x1b[2J[bold]Rosa", "--organization", "Orla \x1b[0m\u202e", "--title", "[link=x] \x07" * 900)
    said = crm("who", "--at", "o1").out
    assert not {"\x1b", "\x07", "\u202e"} & set(said)
    assert "[bold]Rosa" in said


WORDS = st.lists(st.text(alphabet="abcxyzéß", min_size=1, max_size=8), min_size=1, max_size=4).filter(
    lambda words: not LEGAL_FORMS & set(words)
)


@given(words=WORDS, forms=st.lists(st.sampled_from(["Inc.", "GmbH & Co. KG", "L.L.C.", ", Ltd", "S.A."]), max_size=3))
def test_a_legal_form_changes_no_key(words, forms):
    """Whatever forms stand at the end, in whatever case, the key is that of the bare name."""
    bare = " ".join(words)
    assert key(" ".join([bare, *forms])) == key(bare)
    assert key(bare) == key(f"  {bare.upper()} ") or "ß" in bare


@given(words=WORDS, tail=st.text(alphabet="abc", min_size=1, max_size=5))
def test_a_longer_name_has_another_key(words, tail):
    """What goes on after the name, in the same word, is another company."""
    bare = " ".join(words)
    assert key(bare + tail) != key(bare) or f"{words[-1]}{tail}" in LEGAL_FORMS
