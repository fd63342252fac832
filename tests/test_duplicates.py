"""Who is in here twice: suggested with reasons, never across what tells people apart, and not again once denied."""

import os
import time
from datetime import datetime

import pytest
from database_support import engine_of

from crm.actions import duplicates
from crm.folding import first, fold
from crm.models import Contact, ContactMethod, Organization, Position
from crm.store import bulk
from crm.store.engine import reading, writing


def pairs(crm, *options):
    """The suggested pairs as (keep, other, reasons)."""
    items = crm("contact", "merge", "--json", *options).json["items"]
    return [(*(each["ref"] for each in item["contacts"]), item["reasons"]) for item in items]


def add(crm, name, *options):
    crm("contact", "add", name, "--same-name", *options)


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        (("Ada Stone", "--email", "Ada@Example.org"), ("A. Stone", "--email", "ada@example.ORG"), "same e-mail"),
        (("Ada Stone", "--phone", "0170 123 45 67"), ("Ada S", "--phone", "+49 (170) 1234567"), "same phone"),
        (
            ("Ada Stone", "--linkedin", "https://www.linkedin.com/in/Ada-Stone/"),
            ("Ada", "--url", "linkedin.com/in/ada-stone?trk=x"),
            "same LinkedIn page",
        ),
        (("Ada Stone",), ("ada  STONE",), "same name"),
        (("José Álvarez",), ("Jose Alvarez",), "same name"),
        (("Ada Stone",), ("Stone, Ada",), "same name"),
        (("Ada Stone", "--alias", "Ada Rivers"), ("Ada Rivers",), "same name"),
        (("Robert Stone",), ("Bob Stone",), "a name and its short form"),
        (("Ada Stone",), ("Ada M. Stone",), "same name but for the middle"),
        (("Adalind Stone",), ("Adalynd Stone",), "nearly the same name"),
        (
            ("Ada Stone", "--organization", "Acme"),
            ("A. Stone", "--organization", "Acme Inc."),
            "a name and its initial, same company",
        ),
        (("Ada", "--organization", "Acme"), ("Ada Stone", "--organization", "Acme"), "same first name, same company"),
        (("Ada",), ("Ada Stone", "--organization", "Acme"), "the only other one of that first name"),
    ],
    ids=lambda each: each if isinstance(each, str) else each[0],
)
def test_two_entries_of_one_person_are_suggested_with_the_reason(crm, one, other, reason):
    """What two entries share is found however it is spelt, and said."""
    add(crm, *one)
    add(crm, *other)
    ((keep, gone, reasons),) = pairs(crm)
    assert (keep, gone) == ("c1", "c2")
    assert reason in "; ".join(reasons)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Ada Stone",), ("Eve Stone",)),
        (("Ada Stone", "--kind", "person"), ("Ada Stone", "--kind", "source")),
        (("Ada Stone", "--linkedin", "linkedin.com/in/ada-1"), ("Ada Stone", "--linkedin", "linkedin.com/in/ada-2")),
        (("A. Stone",), ("Ada Stone",)),
        (("Ada Stone", "--phone", "12"), ("Eve Rivers", "--phone", "12")),
        (("Robert Stone", "--organization", "Acme"), ("Bob Stone", "--organization", "Beta")),
    ],
)
def test_different_people_are_not_suggested(crm, one, other):
    """A shared surname, an initial alone, another LinkedIn page or another company is no reason."""
    add(crm, *one)
    add(crm, *other)
    assert pairs(crm) == []


def test_the_surest_come_first_and_the_better_tended_stays(crm):
    """Pairs are ordered by how sure they are; the one to keep is the one that is tended more closely."""
    add(crm, "Ada Stone")
    add(crm, "Ada Stone")
    crm("contact", "tier", "c2", "inner")
    add(crm, "Eve Rivers", "--email", "eve@example.org")
    add(crm, "Eve R", "--email", "eve@example.org")
    assert [pair[:2] for pair in pairs(crm)] == [("c3", "c4"), ("c2", "c1")]
    scores = [each["score"] for each in crm("contact", "duplicates", "--json").json["items"]]
    assert scores == sorted(scores, reverse=True)
    assert all(1 <= each <= 100 for each in scores)


def test_a_pair_that_was_said_to_be_two_people_is_not_suggested_again(crm):
    """--not-the-same is remembered, said again changes nothing, and `crm undo` takes it back."""
    add(crm, "Ada Stone")
    add(crm, "Ada Stone")
    crm("contact", "merge", "c1", "c2", "--not-the-same")
    assert pairs(crm) == []
    assert "already" in crm("contact", "merge", "c2", "c1", "--not-the-same").out
    assert len(crm("history", "--json").json["items"]) == 3
    crm("undo")
    assert len(pairs(crm)) == 1


def test_whoever_is_not_the_merged_one_is_not_the_heir(crm):
    """After a merge the pair that was told apart stays apart; undo tells it as before."""
    for _ in range(3):
        add(crm, "Ada Stone")
    crm("contact", "merge", "c2", "c3", "--not-the-same")
    before = crm("export", "json").json["settings"]
    crm("contact", "merge", "c1", "c2", "--yes")
    assert pairs(crm) == []
    crm("undo")
    assert [each["name"] for each in crm("export", "json").json["settings"]] == [each["name"] for each in before]


def test_a_removed_contact_leaves_no_pair_behind(crm):
    """What kept somebody apart goes with them, and comes back with `crm undo`."""
    add(crm, "Ada Stone")
    add(crm, "Ada Stone")
    crm("contact", "merge", "c1", "c2", "--not-the-same")
    crm("contact", "remove", "c2")
    assert crm("export", "json").json["settings"] == []
    crm("undo")
    assert pairs(crm) == []


def test_with_nobody_twice_the_screen_says_so(crm):
    """An empty list says what to type."""
    assert "crm contact merge KEEP OTHER" in crm("contact", "duplicates").out


def test_a_long_list_is_cut_and_says_how_to_see_all(crm, monkeypatch):
    """The screen shows the surest; `--all` shows all, and every line fits 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    for number in range(22):
        for _ in range(2):
            add(crm, f"Ada{'abcdefghijklmnopqrstuvwxyz'[number] * 40}\x1b[31m Stone{number}")
    cut = crm("contact", "merge").out
    assert "2 more" in cut
    assert "--all" in cut
    whole = crm("contact", "merge", "--all").out
    assert "c44" in whole
    assert "\x1b" not in whole
    assert all(len(line) <= 80 for line in whole.splitlines())


def many(home, number):
    """So many people: half of them share a first name, a tenth an employer, and every hundredth is there twice."""
    engine = engine_of(home)
    now = datetime.fromisoformat("2026-01-05T17:00:00+00:00")
    with writing(engine, now=now, name="fill") as session:
        employers = bulk.insert(
            session, Organization, [{"name": f"Org {n}", "name_key": f"org {n}"} for n in range(10)]
        )
        called = [f"{'Ada' if n % 2 else f'Eve{n % 700}'} {_surname(n)}" for n in range(number)]
        people = [{"name": each, "name_key": fold(each), "first_key": first(each)} for each in called]
        ids = bulk.insert(session, Contact, people)
        ways = [
            {"contact_id": each, "kind": "email", "value": f"p{n - n % 2 if n % 100 < 2 else n}@example.org"}
            for n, each in enumerate(ids)
        ]
        bulk.insert(session, ContactMethod, ways)
        bulk.insert(
            session,
            Position,
            [{"contact_id": each, "organization_id": employers[n % 10]} for n, each in enumerate(ids)],
        )
    return engine


def _surname(number):
    letters = "bcdfglmnprst"
    return "".join(f"{letters[number // 12**place % 12]}{'aeiou'[(number + place) % 5]}" for place in range(5)).title()


@pytest.mark.soak
def test_thirty_thousand_people_take_seconds(home):
    """The work grows with the people, not with the pairs, and every doubled address among them is found."""
    number = 30_000 if os.environ.get("CRM_SOAK") else 5_000
    engine = many(home, number)
    before = time.process_time()
    with reading(engine) as session:
        found = duplicates.find(session)
    assert time.process_time() - before < number / 1000
    assert sum(any("same e-mail" in reason for reason in each.reasons) for each in found) == number // 100


def test_a_thousand_people_of_one_name_are_no_million_pairs(home):
    """However many share one name, each is compared with a few neighbours only."""
    engine = engine_of(home)
    now = datetime.fromisoformat("2026-01-05T17:00:00+00:00")
    with writing(engine, now=now, name="fill") as session:
        bulk.insert(session, Contact, [{"name": "Ada", "name_key": "ada", "first_key": "ada"}] * 1000)
    with reading(engine) as session:
        found = duplicates.find(session)
    assert 999 <= len(found) <= 1000 * duplicates.NEIGHBOURS
