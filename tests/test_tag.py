"""Tags: live groups of people."""

import pytest


def test_a_tag_is_added_shown_and_changed(crm):
    """Names are taken with and without @, and told without."""
    told = crm("tag", "add", "@choir", "--description", "who sings", "--json").json
    assert (told["id"], told["ref"], told["name"], told["description"]) == (1, "g1", "choir", "who sings")
    told = crm("tag", "edit", "CHOIR", "--name", "@singers", "--description", "", "--json").json
    assert (told["name"], told["description"]) == ("singers", None)
    assert crm("tag", "show", "@singers", "--json").json["contacts"] == []
    assert crm("tag", "show", "g1", "--json").json["name"] == "singers"


def test_a_tag_tells_who_is_in_it_now(crm):
    """Members come in the order they were put in; archived ones are left out of the list and the count."""
    for name in ("Rosa", "Tomas", "Ursula"):
        crm("contact", "add", name)
    crm("contact", "tag", "tomas", "rosa", "ursula", "choir")
    crm("contact", "archive", "ursula")
    assert [each["name"] for each in crm("tag", "show", "choir", "--json").json["contacts"]] == ["Tomas", "Rosa"]
    assert [(each["name"], each["people"]) for each in crm("tag", "list", "--json").json["items"]] == [("choir", 2)]
    assert "Tomas" in crm("tag", "show", "choir").out


def test_a_tag_is_there_once(crm):
    """Another case or accent is no other tag."""
    crm("tag", "add", "choir")
    crm("tag", "add", "band")
    assert "crm tag show g1" in crm("tag", "add", "@Choir", code=5).err
    crm("tag", "edit", "band", "--name", "chóir", code=5)
    assert crm("tag", "edit", "choir", "--name", "Choir", "--json").json["name"] == "Choir"
    crm("contact", "add", "Rosa", "--tag", "CHOIR")
    assert {each["name"]: each["people"] for each in crm("tag", "list", "--json").json["items"]} == {
        "band": 0,
        "Choir": 1,
    }


@pytest.mark.parametrize(
    ("words", "code"), [(("add", "@"), 2), (("add", " "), 2), (("edit", "choir"), 2), (("show", "chior"), 3)]
)
def test_a_bad_value_changes_nothing(crm, words, code):
    """Blank names and empty edits are wrong usage; an unknown tag offers the close one."""
    before = crm("tag", "add", "choir", "--json").json
    assert len(crm("tag", *words, code=code).err.splitlines()) <= 2
    assert crm("tag", "list", "--json").json == {"items": [before | {"people": 0}]}


def test_a_removed_tag_leaves_its_people(crm):
    """Nobody is in it any more, and undoing puts everybody back in the same order."""
    for name in ("Rosa", "Tomas"):
        crm("contact", "add", name, "--tag", "choir", "--tag", "band")
    crm("tag", "remove", "choir")
    assert crm("contact", "show", "rosa", "--json").json["tags"] == ["band"]
    crm("undo")
    assert crm("contact", "show", "rosa", "--json").json["tags"] == ["choir", "band"]


def test_a_tag_that_a_question_is_for_is_kept(crm):
    """Without the tag the question would be for anybody, so removing is refused and the way round named."""
    crm("tag", "add", "choir")
    crm("question", "add", "Which key?", "--for", "@choir")
    refusal = crm("tag", "remove", "choir", code=5).err
    assert "1 question" in refusal
    assert "crm tag edit g1 --name" in refusal
