"""Organizations: which there are, which are targets, and who is there."""

import pytest


def test_an_organization_is_added_shown_and_changed(crm):
    """What was said is told back under its stable keys."""
    told = crm("organization", "add", "Acme", "Corp", "--alias", "ACM", "--target", "--note", "big", "--json").json
    assert (told["id"], told["ref"], told["name"]) == (1, "o1", "Acme Corp")
    assert (told["aliases"], told["target"], told["notes"]) == (["ACM"], True, "big")
    told = crm(
        "organization", "edit", "acm", "--name", "Acme", "--alias", "AC", "--no-target", "--note", "", "--json"
    ).json
    assert (told["name"], told["aliases"], told["target"], told["notes"]) == ("Acme", ["ACM", "AC"], False, None)
    assert crm("organization", "edit", "o1", "--alias", "", "--alias", "A", "--json").json["aliases"] == ["A"]
    assert crm("organization", "show", told["uid"], "--json").json["name"] == "Acme"


def test_the_people_are_told_with_their_organization(crm):
    """show names who works there now and who did before."""
    crm("contact", "add", "Rosa", "--organization", "Acme", "--title", "Engineer")
    told = crm("organization", "show", "acme", "--json").json
    assert [each["name"] for each in told["people"]] == ["Rosa"]
    assert "Rosa c1 Engineer" in crm("organization", "show", "acme").out


def test_targets_come_first_and_can_be_had_alone(crm):
    """The list begins with the targets, by name; --targets leaves the others out."""
    for name, option in (("Beta", "--target"), ("Acme", "--no-target"), ("Alto", "--target")):
        crm("organization", "add", name, option)
    names = [each["name"] for each in crm("organization", "list", "--json").json["items"]]
    assert names == ["Alto", "Beta", "Acme"]
    assert [each["name"] for each in crm("organization", "list", "--targets", "--json").json["items"]] == [
        "Alto",
        "Beta",
    ]


@pytest.mark.parametrize("name", ["acme", "ACM", "Ácme"])
def test_an_organization_is_there_once(crm, name):
    """A name or alias that is there already is refused, in adding and in renaming."""
    crm("organization", "add", "Acme", "--alias", "ACM")
    crm("organization", "add", "Beta")
    assert "crm organization edit o1" in crm("organization", "add", name, code=5).err
    crm("organization", "edit", "beta", "--name", name, code=5)
    crm("organization", "edit", "beta", "--alias", name, code=5)
    assert crm("organization", "edit", "o1", "--name", name, "--json").json["name"] == name


def test_a_name_that_looks_alike_is_only_remarked_on(crm):
    """A near name is another organization, with a note."""
    crm("organization", "add", "Fidelio")
    assert "Fidelio" in crm("organization", "add", "Fidelia").err
    assert crm("organization", "add", "Acme").err == ""


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("add", " "), 2),
        (("add", "Beta", "--alias", " "), 2),
        (("add", "Beta\udcff"), 2),
        (("edit", "acme"), 2),
        (("edit", "acme", "--name", ""), 2),
        (("show", "beta"), 3),
        (("show", "o9"), 3),
        (("remove", "beta"), 3),
    ],
)
def test_a_bad_value_changes_nothing(crm, words, code):
    """The exit code says what was wrong, in one or two lines, and the list stays as it was."""
    before = crm("organization", "add", "Acme", "--json").json
    assert len(crm("organization", *words, code=code).err.splitlines()) <= 2
    assert crm("organization", "list", "--json").json == {"items": [before]}


def test_a_misspelt_name_offers_the_right_one(crm):
    """Close names are candidates; a part of a name is never taken for it."""
    crm("organization", "add", "Acme Music")
    assert crm("organization", "show", "acne", "--json", code=3).error["candidates"] == ["Acme Music"]
    crm("organization", "show", "acme", code=3)


def test_an_organization_that_somebody_works_at_is_kept(crm):
    """Removing is refused while anything names it, and done when nothing does; the id stays unused."""
    crm("contact", "add", "Rosa", "--organization", "Acme")
    refusal = crm("organization", "remove", "acme", code=5).err
    assert "1 position" in refusal
    assert "crm organization edit o1 --name" in refusal
    crm("contact", "edit", "rosa", "--organization", "")
    assert crm("organization", "remove", "acme", "--json").json["ref"] == "o1"
    assert crm("organization", "add", "Acme", "--json").json["ref"] == "o2"
