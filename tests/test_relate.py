"""Who knows whom, said as a sentence."""

import pytest

from crm.actions.relationships import TYPES, take_apart
from crm.errors import BadValueError


@pytest.fixture
def people(crm):
    """Three people, two of whom have two names."""
    for name in ("Rosa Lind", "Tomas", "Ben van Dyk"):
        crm("contact", "add", name)
    return crm


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("rosa", "knows", "tomas"), ("c1", "knows", "c2")),
        (("rosa", "lind", "KNOWS", "ben", "van", "dyk"), ("c1", "knows", "c3")),
        (("Ben van Dyk", "works", "with", "rosa", "lind"), ("c3", "works-with", "c1")),
        (("c2", "friend-of", "c1"), ("c2", "friend-of", "c1")),
        (("tomas", "sponsors", "rosa"), ("c2", "sponsors", "c1")),
    ],
)
def test_a_sentence_is_taken_apart_at_its_verb(people, words, told):
    """Names need no quotation marks, verbs may have two words, and between single words any verb will do."""
    uid = {each["ref"]: each["uid"] for each in people("contact", "list", "--json").json["items"]}
    made = people("relate", *words, "--json").json
    assert (made["from"], made["type"], made["to"]) == (uid[told[0]], told[1], uid[told[2]])


def test_a_relationship_is_noted_once(people):
    """Saying it again changes nothing; with a note, the note is new; the other direction is another one."""
    first = people("relate", "rosa", "knows", "tomas", "--json").json
    written = people("history", "--json").json
    assert people("relate", "rosa", "knows", "tomas", "--json").json == first
    assert "Noted already" in people("relate", "rosa", "knows", "tomas").out
    assert people("history", "--json").json == written
    noted = people("relate", "rosa", "knows", "tomas", "--note", "from school", "--json").json
    assert (noted["uid"], noted["note"]) == (first["uid"], "from school")
    assert people("relate", "tomas", "knows", "rosa", "--json").json["uid"] != first["uid"]
    assert len(people("contact", "show", "rosa", "--json").json["relationships"]) == 2


def test_a_relationship_is_taken_away(people):
    """--off removes what was said, and names what there is when it was not."""
    people("relate", "rosa", "knows", "tomas")
    refusal = people("relate", "rosa", "manages", "tomas", "--off", "--json", code=3).error
    assert refusal["candidates"] == ["Rosa Lind knows Tomas"]
    assert people("relate", "rosa", "knows", "tomas", "--off", "--json").json["type"] == "knows"
    people("relate", "rosa", "knows", "tomas", "--off", code=3)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("rosa", "knows", "rosa"), 5),
        (("rosa", "knows", "c1"), 5),
        (("rosa", "knows", "nobody"), 3),
        (("rosa",), 2),
        (("rosa", "tomas"), 2),
        (("knows", "rosa"), 2),
        (("rosa", "knows"), 2),
        (("rosa", "lind", "tomas"), 2),
        (("rosa", "lind", "ben", "van", "dyk"), 2),
        (("rosa", "knosw", "tomas"), 2),
        (("rosa", "knows", "tomas", "ben"), 2),
        (("rosa", "knows", "manages", "tomas"), 2),
        (("rosa", " ", "tomas"), 2),
    ],
)
def test_what_is_no_such_sentence_changes_nothing(people, words, code):
    """No verb, a misspelt one, two of them, one person or three: each is refused with an example."""
    assert len(people("relate", *words, code=code).err.splitlines()) <= 2
    assert people("contact", "show", "rosa", "--json").json["relationships"] == []


@pytest.mark.parametrize("verb", TYPES)
def test_every_known_verb_is_understood(verb):
    """Each verb is found between names of any length, written with a dash or without."""
    for form in ([verb], verb.split("-")):
        found = take_apart(["a", "b", *form, "c", "d"])
        assert (found.subject, found.type, found.object) == (("a", "b"), verb, ("c", "d"))


def test_a_verb_that_is_somebodys_name_can_be_quoted():
    """Two verbs are too many; a quoted name is one word and no verb."""
    with pytest.raises(BadValueError, match="quote"):
        take_apart(["mary", "knows", "knows", "rosa"])
    assert take_apart(["mary knows", "knows", "rosa"]).subject == ("mary knows",)
