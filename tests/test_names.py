"""A name means one person or is asked about; it is never guessed."""

from collections.abc import Iterator
from datetime import UTC, datetime

import database_support
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from crm.errors import AmbiguousError, BadValueError, NotFoundError
from crm.folding import fold
from crm.models.words import Tier
from crm.store import contacts, names
from crm.store.engine import make_engine, writing

NOW = datetime(2026, 1, 5, 17, tzinfo=UTC)
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


@pytest.fixture
def session(home) -> Iterator[Session]:
    with writing(database_support.engine_of(home), now=NOW, name="test") as opened:
        yield opened


def add(session, name, **values):
    return contacts.add_contact(session, name, **values)


@pytest.mark.parametrize(
    "typed", ["Zoë Ångström", "zoe angstrom", "ZOE  ANGSTROM", " Zoe\tangstrom ", "Zoe\u0308 Ångström"]
)
def test_a_name_is_found_without_its_case_accents_and_blanks(session, typed):
    """Two spellings that differ only in case, accents or blanks are one name."""
    zoe = add(session, "Zoë Ångström")
    assert names.contact(session, typed) is zoe


def test_a_first_name_is_enough_where_one_person_has_it(session):
    """A unique first name means that person."""
    rosa, _other = add(session, "Rosa Lind"), add(session, "Rosalind Vale")
    assert names.contact(session, "rosa") is rosa


def test_names_that_look_alike_stay_apart(session):
    """Marlo is not found as Marla; close names are only offered."""
    add(session, "Marla")
    with pytest.raises(NotFoundError) as refusal:
        names.contact(session, "Marlo")
    assert refusal.value.candidates == ("Marla",)


def test_an_alias_names_a_person_as_the_name_does(session):
    """An alias is as good as the name, and as ambiguous."""
    rosa = add(session, "Rosa Lind", aliases=["Rosie", "R. L."])
    assert names.contact(session, "rosie") is rosa
    add(session, "Rosie")
    with pytest.raises(AmbiguousError):
        names.contact(session, "Rosie")


def test_an_ambiguous_name_lists_who_it_could_be(session):
    """Two people with one first name are both named, with what tells them apart."""
    add(session, "Rosa Lind", context="from the choir")
    add(session, "Rosa Vale", place="Oslo")
    with pytest.raises(AmbiguousError) as refusal:
        names.contact(session, "rosa")
    assert refusal.value.candidates == ("c1 Rosa Lind (from the choir)", "c2 Rosa Vale (Oslo)")


def test_somebody_who_can_be_asked_chooses_among_the_candidates(session):
    """The caller's choice decides an ambiguous name, whether it is one word or several."""
    rosas = [add(session, "Rosa Lind"), add(session, "Rosa Lind"), add(session, "Tomas")]
    asked = []

    def last(text, candidates):
        asked.append((text, list(candidates)))
        return candidates[-1]

    assert names.people(session, ["rosa", "lind", "tomas"], pick=last) == [rosas[1], rosas[2]]
    assert asked == [("rosa lind", rosas[:2])]


def test_the_spelling_decides_between_names_that_differ_in_accents(session):
    """Somebody written exactly so is meant before somebody whose accents differ."""
    plain, accented = add(session, "Rene"), add(session, "René")
    assert names.contact(session, "René") is accented
    assert names.contact(session, "Rene") is plain
    with pytest.raises(AmbiguousError):
        names.contact(session, "RENE")


def test_those_one_tends_come_before_the_imported(session):
    """A first name shared with people of tier none means the one who is tended; a whole name stays ambiguous."""
    tended = add(session, "Rosa Lind")
    add(session, "Rosa Vale", tier=Tier.NONE.value)
    assert names.contact(session, "rosa") is tended
    add(session, "Rosa Lind", tier=Tier.NONE.value)
    with pytest.raises(AmbiguousError):
        names.contact(session, "Rosa Lind")


def test_archived_people_answer_only_where_nobody_else_does(session):
    """Whoever is put away is out of the way, and is still found by name and first name."""
    away, here = add(session, "Rosa Lind", archived_at=NOW), add(session, "Rosa Lind")
    assert names.contact(session, "rosa") is here
    assert names.contact(session, "Rosa Lind") is here
    here.archived_at, away.archived_at = NOW, None
    session.flush()
    assert names.contact(session, "rosa") is away


def test_an_id_or_uid_names_a_person_and_a_name_comes_first(session):
    """c2, 2 and the uid mean the second contact, unless somebody is called so."""
    _one, two = add(session, "Rosa"), add(session, "Tomas")
    assert [names.contact(session, each) for each in ("c2", "2", "C2", two.uid)] == [two] * 4
    odd = add(session, "c2")
    assert names.contact(session, "c2") is odd


def test_words_are_joined_to_the_longest_name_that_fits(session):
    """Unquoted names of several words are read as one, several people one after the other, each once."""
    rosa, lind, ben = add(session, "Rosa Lind"), add(session, "Lind"), add(session, "Ben van der Berg")
    assert names.people(session, ["rosa", "lind", "ben", "van", "der", "berg"]) == [rosa, ben]
    assert names.people(session, ["lind", "rosa", "Rosa Lind", "c2"]) == [lind, rosa]


def test_a_joined_name_that_several_have_is_not_taken_apart(session):
    """Two people of one whole name are ambiguous, however unique the first word is by itself."""
    add(session, "Rosa Lind")
    add(session, "Rosa Lind")
    add(session, "Rosa")
    with pytest.raises(AmbiguousError, match='"rosa lind"'):
        names.people(session, ["rosa", "lind"])


def test_a_tag_names_everybody_in_it_as_it_stands(session):
    """@tag means its people of the moment, archived ones aside, whatever its case."""
    rosa, tomas, away = add(session, "Rosa"), add(session, "Tomas"), add(session, "Gone", archived_at=NOW)
    choir = contacts.tag_named(session, "Choir")
    for each in (tomas, rosa, away):
        contacts.put_in_tag(session, each, choir)
    assert names.people(session, ["@choir"]) == [tomas, rosa]
    contacts.take_out_of_tag(session, tomas, choir)
    assert names.people(session, ["rosa", "@CHOIR"]) == [rosa]


def test_an_unknown_or_empty_tag_is_an_error_that_helps(session):
    """A misspelt tag offers the right one, an empty one says how to fill it."""
    contacts.tag_named(session, "choir")
    with pytest.raises(NotFoundError) as refusal:
        names.people(session, ["@chior"])
    assert refusal.value.candidates == ("@choir",)
    with pytest.raises(NotFoundError, match="crm contact tag WHO choir"):
        names.people(session, ["@choir"])


@pytest.mark.parametrize(
    "typed", ["", "   ", "\u0301", "nobody", "c99", "99", "@", "x" * 10_000, "'; DROP TABLE contact;--"]
)
def test_what_names_nobody_is_not_found(session, typed):
    """Blank, huge and hostile words find nobody and break nothing; the message stays short."""
    add(session, "Rosa Lind")
    with pytest.raises(NotFoundError) as refusal:
        names.people(session, [typed])
    assert len(refusal.value.message) < 200


@pytest.mark.parametrize("typed", ["\udcff", "Rosa\0"])
def test_what_no_database_holds_is_a_bad_value(session, typed):
    """A lone surrogate or a NUL is refused as wrong usage, not as a fault."""
    for look_up in (names.contact, names.tag, names.organization):
        with pytest.raises(BadValueError):
            look_up(session, typed)


def test_a_name_of_accents_alone_can_be_found(session):
    """No stored name folds to nothing, so that each can be typed."""
    odd = add(session, "\u0301\u0302")
    assert names.contact(session, "\u0301\u0302") is odd


def test_people_one_could_mix_up_are_named(session):
    """Whoever shares the first name, or has nearly the same name, is similar; others are not."""
    rosa = add(session, "Rosa Lind")
    vale, ros = add(session, "Rosa Vale"), add(session, "Roza Lind")
    add(session, "Tomas Lind")
    assert names.similar(session, rosa) == [vale, ros]


@given(WORDS)
def test_folding_is_stable_and_leaves_nothing_out(text):
    """What is folded folds to itself; only a blank text folds to nothing."""
    folded = fold(text)
    assert fold(folded) == folded
    assert bool(folded) == bool(text.split())


@settings(max_examples=40)
@given(st.lists(WORDS.filter(str.strip), min_size=1, max_size=6), st.data())
def test_what_is_typed_exactly_means_that_person_or_is_asked_about(empty_database, tmp_path_factory, people, data):
    """Among any names, typing one of them finds those written exactly so and nobody else."""
    url = database_support.copy(empty_database, tmp_path_factory.mktemp("names"))
    with writing(make_engine(url), now=NOW, name="test") as session:
        for each in people:
            add(session, each)
        typed = data.draw(st.sampled_from(people))
        found = []
        names.contact(session, typed, pick=lambda _text, candidates: found.extend(candidates) or candidates[0])
        found = found or [names.contact(session, typed)]
        assert {each.name.strip() for each in found} == {typed.strip()}


def test_names_may_be_joined_as_people_join_them(crm):
    """`Marla and Enzo`, `Marla & Enzo` and `Marla, Enzo` name two people; a trailing joiner names nobody more."""
    crm("contact", "add", "Marla Roe")
    crm("contact", "add", "Enzo Lind")
    for words in (
        ["marla", "and", "enzo"],
        ["marla", "&", "enzo"],
        ["marla,", "enzo"],
        ["Marla", "Roe", "and", "enzo"],
    ):
        logged = crm("log-contact", *words, "--kind", "call", "--json").json
        assert [each["name"] for each in logged["contacts"]] == ["Marla Roe", "Enzo Lind"]
