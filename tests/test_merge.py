"""Two entries of one person become one: everything goes along, what differs is said, and undo gives both back."""

import os
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import database_support
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm import models as m
from crm.actions import merge as actions
from crm.exporters.json_ import document
from crm.folding import first, fold
from crm.models.words import IntroductionState, ReferralState, Stage, Tier
from crm.store import journal, records
from crm.store.engine import make_engine, reading, writing

NOW = datetime(2026, 1, 5, 17, tzinfo=UTC)


def shown(crm, who="c1"):
    return crm("contact", "show", who, "--json", "--include-private").json


@pytest.fixture
def two(crm):
    """Ada Stone (c1), known from a fair, and A. Stone (c2), from the choir; and Eve Rivers (c3)."""
    crm("contact", "add", "Ada Stone", "--email", "ada@example.org", "--context", "from a fair", "--note", "first")
    crm("contact", "add", "A. Stone", "--email", "ADA@example.org", "--phone", "555 0100", "--context", "the choir")
    crm("contact", "add", "Eve Rivers")
    return crm


def test_everything_goes_to_the_one_that_stays(two):
    """Talks, tasks, answers, questions, relationships, tags and ways to reach them stand with one contact, once."""
    two("contact", "tag", "c1", "c2", "band")
    two("contact", "tag", "c2", "choir")
    two("relate", "c1", "knows", "c2")
    two("relate", "c2", "knows", "c3")
    two("relate", "c1", "knows", "c3")
    two("question", "add", "Both?", "--for", "c1", "--for", "c2")
    two("question", "add", "Hers?", "--for", "c2")
    two("log-contact", "c1", "c2", "--kind", "call")
    two("log-contact", "c2", "--kind", "coffee", "--answer", "q2=yes", "--promise", "send it by fri")
    told = two("contact", "merge", "c1", "c2", "--json").json
    assert sorted(told["tags"]) == ["band", "choir"]
    assert [each["value"] for each in told["methods"]] == ["ada@example.org", "555 0100"]
    card = shown(two)
    assert len(card["interactions"]) == 2
    assert {len(each["contacts"]) for each in card["interactions"]} == {1}
    assert [each["title"] for each in card["tasks"]] == ["send it"]
    assert [each["text"] for each in card["answers"]] == ["yes"]
    assert len(card["relationships"]) == 1
    assert two("contact", "show", "A. Stone", "--json").json["ref"] == "c1"
    assert two("contact", "list", "--json").json["items"][0]["stage"] == "met"
    two("contact", "show", "c2", code=3)


def test_what_differs_is_told_and_kept_in_the_notes(two):
    """The first one's value stands, the other's is in the notes; nothing is lost."""
    told = two("contact", "merge", "c1", "c2", "--json").json
    assert told["merged"]["conflicts"] == [{"field": "context", "kept": "from a fair", "other": "the choir"}]
    assert told["context"] == "from a fair"
    assert told["notes"] == "first\n\ncontext of A. Stone (c2): the choir"


def test_blanks_are_filled_and_the_better_of_two_wins(two):
    """Empty fields are filled; stage, tier, last contact and archive take the better of the two."""
    two("contact", "edit", "c2", "--birthday", "1990-04-12", "--place", "Rome", "--private-note", "secret")
    two("contact", "edit", "c1", "--birthday", "12 apr")
    two("contact", "tier", "c2", "inner")
    two("log-contact", "c2", "--kind", "coffee", "--at", "yesterday 10:00")
    two("contact", "archive", "c1")
    two("contact", "merge", "c1", "c2")
    card = shown(two)
    assert (card["birthday"], card["place"], card["tier"], card["stage"]) == ("1990-04-12", "Rome", "inner", "met")
    assert card["last_contact_at"] == "2026-01-04T18:00:00Z"
    assert card["private_notes"] == "secret"
    assert card["archived_at"] is None


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("to-contact", "met", "met"),
        ("met", "to-contact", "met"),
        ("dormant", "replied", "replied"),
        ("contacted", "dormant", "dormant"),
        ("keeping-in-touch", "declined", "declined"),
    ],
)
def test_the_furthest_stage_wins(two, one, other, both):
    """Somebody who answered under one name is not dormant; who declined under one has declined."""
    two("contact", "edit", "c1", "--stage", one)
    two("contact", "edit", "c2", "--stage", other)
    assert two("contact", "merge", "c1", "c2", "--json").json["stage"] == both


def test_two_present_positions_are_not_both_present(two):
    """The employer of the one that stays is the present one; the other's is an earlier one, and that is said."""
    two("contact", "edit", "c1", "--organization", "Acme")
    two("contact", "edit", "c2", "--organization", "Beta", "--title", "Engineer")
    told = two("contact", "merge", "c1", "c2", "--json").json
    assert told["organization"] == "Acme"
    assert [each["current"] for each in told["positions"]] == [True, False]
    assert told["merged"]["remarks"] == ["Engineer at Beta is kept as an earlier position"]


def test_one_position_is_not_doubled(two):
    """The same employer, once with a title and once without, is one position with the title."""
    two("contact", "edit", "c1", "--organization", "Acme")
    two("contact", "edit", "c2", "--organization", "Acme", "--title", "Engineer")
    (position,) = two("contact", "merge", "c1", "c2", "--json").json["positions"]
    assert (position["title"], position["current"]) == ("Engineer", True)


def test_several_go_at_once_and_one_undo_brings_all_back(two):
    """Two others are merged in one command, which one `crm undo` takes back."""
    two("contact", "merge", "c1", "c2", "c3")
    assert [each["ref"] for each in two("contact", "list", "--json").json["items"]] == ["c1"]
    two("undo")
    assert len(two("contact", "list", "--json").json["items"]) == 3


def test_dry_run_shows_and_changes_nothing(two):
    """--dry-run tells what would be joined; nothing is written, and there is nothing to undo."""
    before = two("export", "json").json
    told = two("contact", "merge", "c1", "c2", "--dry-run", "--json").json
    assert told["dry_run"] is True
    assert told["merged"]["conflicts"]
    assert "Nothing is changed yet" in two("contact", "merge", "c1", "c2", "--dry-run").out
    assert two("export", "json").json == before
    assert len(two("history", "--json").json["items"]) == 3


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("c1", "c1"), 5, "one person"),
        (("c1", "ada"), 5, "one person"),
        (("c1",), 2, "KEEP OTHER"),
        (("c1", "nobody such"), 3, "nobody"),
        (("c1", "@band"), 2, "group"),
        (("c1", "c4"), 5, "--kind person"),
    ],
)
def test_what_cannot_be_merged_is_refused_with_the_way_out(two, words, code, said):
    """One person twice, somebody unknown, a group, a source with a person: a clear error, and nothing is changed."""
    two("contact", "tag", "c2", "band")
    two("contact", "add", "A Podcast", "--kind", "source")
    before = two("export", "json").json
    assert said in two("contact", "merge", *words, code=code).err
    assert two("export", "json").json == before


def test_an_ambiguous_name_is_not_guessed(two):
    """Two of one name: exit 4 with both."""
    two("contact", "add", "Ada Stone", "--same-name")
    failed = two("contact", "merge", "Ada Stone", "c2", "--json", code=4)
    assert len(failed.error["candidates"]) == 2


ASKS = {
    ("planned", "asked"): ["asked"],
    ("proposed", "declined"): ["declined"],
    ("agreed", "asked"): ["agreed"],
    ("thanked", "asked"): ["thanked", "asked"],
}


@pytest.mark.parametrize(("states", "left"), ASKS.items(), ids="-".join)
@pytest.mark.parametrize("model", [m.Introduction, m.Referral])
def test_of_two_asks_for_one_thing_the_furthest_stays(home, model, states, left):
    """Two open asks at one company are one, which is said; one that has ended is history and stands by itself."""
    engine = database_support.engine_of(home)
    whom = "contact_id" if model is m.Referral else "connector_id"
    with writing(engine, now=NOW, name="merge") as session:
        company = records.add(session, m.Organization(name="Acme", name_key="acme"))
        who = [records.add(session, m.Contact(name=n, name_key=n, first_key=n)) for n in ("ada", "eve")]
        for each, state in zip(who, states, strict=True):
            links = {whom: each.id, "organization_id": company.id}
            records.add(session, model(**links, state=state, note=f"note of {each.name}"))
        remarks = actions.merge(session, who).remarks
        asks = records.every(session, model)
        assert [each.state for each in asks] == left
        assert {getattr(each, whom) for each in asks} == {who[0].id}
        notes = "".join(each.note or "" for each in asks)
    assert "note of ada" in notes
    assert "note of eve" in notes
    assert len(remarks) == 2 - len(left)
    assert all(f"stays {left[0]}" in each for each in remarks)


def test_a_worksheet_read_again_finds_the_merged_one(crm, tmp_path):
    """Whoever came from a file and was merged is found there by the next reading; nobody comes back."""
    sheet = tmp_path / "sheet.md"
    called = ("Ada Stone", "Eve Rivers")
    slots = "".join(f"- **Person {n}:**\n  - Name: {name}\n  - Status: met\n" for n, name in enumerate(called, 1))
    sheet.write_text(f"### People to Contact\n\n{slots}", encoding="utf-8")
    crm("import", str(sheet), "--format", "worksheet")
    found = {each["name"]: each["ref"] for each in crm("contact", "list", "--json").json["items"]}
    assert set(found) == {"Ada Stone", "Eve Rivers"}
    crm("contact", "merge", found["Ada Stone"], found["Eve Rivers"])
    crm("import", str(sheet), "--format", "worksheet")
    left = {each["name"] for each in crm("contact", "list", "--json").json["items"]}
    assert left == {"Ada Stone"}


def test_reminders_follow_by_themselves(two):
    """What was planned about the one who went is planned about the one who stays at the next tick, and not doubled."""
    two("task", "add", "Call back", "--for", "c2", "--due", "tomorrow")
    two("schedule", "c2", "tomorrow", "14:30")
    two("reminder", "tick")
    two("contact", "merge", "c1", "c2")
    two("reminder", "tick", "--json")
    reminders = two("reminder", "list", "--json").json["items"]
    told = " ".join(each["title"] for each in reminders)
    assert "A. Stone" not in told
    assert "Ada Stone" in told
    again = two("reminder", "tick", "--json").json
    assert again["planned"] == 0


# Property: whatever hangs on two contacts, merging and undoing gives the same document again

TEXTS = st.sampled_from([None, "a", "b"])
STATES = {m.Introduction: list(IntroductionState), m.Referral: list(ReferralState)}


@st.composite
def people(draw):
    """Columns of a contact."""
    name = draw(st.sampled_from(["Ada Stone", "A. Stone", "Éva"]))
    return {
        "name": name,
        "name_key": fold(name),
        "first_key": first(name),
        "aliases": draw(st.lists(st.sampled_from(["Ada", "Addie", "A. Stone"]), unique=True)),
        "stage": draw(st.sampled_from(Stage)).value,
        "tier": draw(st.sampled_from(Tier)).value,
        **{each: draw(TEXTS) for each in ("context", "place", "how_to_reach", "notes", "private_notes")},
        "birthday": draw(st.sampled_from([None, "--04-12", "1990-04-12", "1991-04-12"])),
        "last_contact_at": draw(st.sampled_from([None, NOW - timedelta(days=3), NOW - timedelta(days=1)])),
        "archived_at": draw(st.sampled_from([None, NOW])),
        "external_ids": draw(st.dictionaries(st.sampled_from(["x", "y"]), st.sampled_from("12"))),
        **draw(
            st.sampled_from(
                [{}, {"cadence_min_days": 7, "cadence_max_days": 14}, {"cadence_min_days": 9, "cadence_max_days": 9}]
            )
        ),
    }


PERSON = st.integers(0, 2)
PLACE = st.sampled_from([None, 0, 1])
ADDRESS = st.sampled_from(["a@x.org", "A@x.org", "b@x.org"])
TITLE = st.sampled_from([None, "T", "t", "U"])
FEW = {"max_size": 4}
HANGING = st.fixed_dictionaries(
    {
        "people": st.tuples(people(), people(), people()),
        "methods": st.lists(st.tuples(PERSON, ADDRESS, st.booleans()), **FEW),
        "positions": st.lists(
            st.tuples(PERSON, PLACE, TITLE, st.booleans()),
            **FEW,
        ),
        "tags": st.lists(st.tuples(PERSON, st.integers(0, 1)), unique=True, **FEW),
        "talks": st.lists(st.lists(PERSON, min_size=1, max_size=3, unique=True), **FEW),
        "asked": st.lists(st.lists(PERSON, max_size=3, unique=True), **FEW),
        "answers": st.lists(st.tuples(PERSON, st.sampled_from("xy")), **FEW),
        "ties": st.lists(st.sampled_from(list(pairwise([0, 1, 2, 0, 2, 1, 0]))), **FEW),
        "intros": st.lists(
            st.tuples(PERSON, st.sampled_from([None, 0, 1, 2]), st.sampled_from(IntroductionState), TEXTS), **FEW
        ),
        "referrals": st.lists(st.tuples(PERSON, PLACE, st.sampled_from(ReferralState), TEXTS), **FEW),
        "tasks": st.lists(st.tuples(PERSON, st.booleans()), **FEW),
        "links": st.lists(PERSON, **FEW),
        "waivers": st.lists(PERSON, **FEW),
        "apart": st.lists(st.sampled_from([(0, 1), (0, 2), (1, 2)]), unique=True, **FEW),
    }
)


def fill(session, drawn):
    """Write what was drawn; gives the contacts."""
    who = [records.add(session, m.Contact(**each)) for each in drawn["people"]]
    places = [records.add(session, m.Organization(name=n, name_key=n.lower())) for n in ("Acme", "Beta")]
    tags = [records.add(session, m.Tag(name=n)) for n in ("one", "two")]
    review = records.add(session, m.Review(name="Week 2"))
    question = records.add(session, m.Question(text="Q"))
    people_by, places_by = ({None: None, **{n: each.id for n, each in enumerate(some)}} for some in (who, places))
    for talk in drawn["talks"]:
        made = records.add(session, m.Interaction(starts_at=NOW))
        session.add_all(m.InteractionContact(interaction_id=made.id, contact_id=people_by[n]) for n in talk)
    for asked in drawn["asked"]:
        made = records.add(session, m.Question(text="Q?"))
        session.add_all(m.QuestionAudience(question_id=made.id, contact_id=people_by[n]) for n in asked)
    session.add_all(hanging(drawn, people_by, places_by, [each.id for each in tags], review.id, question.id))
    for one, other in drawn["apart"]:
        session.add(m.Setting(name="not-the-same:" + "+".join(sorted((who[one].uid, who[other].uid))), value="true"))
    for n, each in enumerate(who):
        read = {"kind": "contact", "key": str(n), "field": "record", "value": "", "record_uid": each.uid}
        session.add(m.WorksheetBaseline(file="f", **read))
    session.flush()
    return who


def hanging(drawn, who, at, tags, review, question):
    """Rows that name one contact each, or two."""
    for n, value, primary in drawn["methods"]:
        yield m.ContactMethod(contact_id=who[n], kind="email", value=value, primary=primary)
    for n, place, title, current in drawn["positions"]:
        yield m.Position(contact_id=who[n], organization_id=at[place], title=title, current=current)
    for n, tag in drawn["tags"]:
        yield m.ContactTag(contact_id=who[n], tag_id=tags[tag])
    for n, text in drawn["answers"]:
        yield m.Answer(question_id=question, contact_id=who[n], text=text, asked_at=NOW)
    for one, other in drawn["ties"]:
        yield m.Relationship(from_contact_id=who[one], to_contact_id=who[other])
    for n, other, state, note in drawn["intros"]:
        if n != other:
            yield m.Introduction(connector_id=who[n], contact_id=who[other], state=state.value, note=note)
    for n, place, state, note in drawn["referrals"]:
        yield m.Referral(contact_id=who[n], organization_id=at[place], state=state.value, note=note)
    yield from _single(drawn, who, review)


def _single(drawn, who, review):
    for n, done in drawn["tasks"]:
        yield m.Task(title="T", contact_id=who[n], due_on=date(2026, 1, 6), done_at=NOW if done else None)
    for n in drawn["links"]:
        yield m.ReviewLink(review_id=review, contact_id=who[n])
    for n in drawn["waivers"]:
        yield m.Waiver(contact_id=who[n], rule="r", reason="s")


def scrubbed(value):
    """The document but for what undo raises on purpose."""
    if isinstance(value, dict):
        return {k: scrubbed(v) for k, v in value.items() if k not in {"revision", "updated_at", "exported_at"}}
    return [scrubbed(each) for each in value] if isinstance(value, list) else value


def told(engine):
    with reading(engine) as session:
        return document(session, now=NOW, today=NOW.date(), include_private=True)[0]


@given(drawn=HANGING)
@settings(max_examples=200 if os.environ.get("CRM_SOAK") else 30)
def test_merging_loses_nothing_and_undo_gives_the_same_document(home, empty_database, drawn):
    """Nothing refers to who went, talks and tasks are with who stays, and undo gives back what was, whatever it was."""
    engine = make_engine(database_support.copy(empty_database, home))
    with writing(engine, now=NOW, name="fill") as session:
        refs = [each.ref for each in fill(session, drawn)]
    before = told(engine)
    with writing(engine, now=NOW, name="contact merge") as session:
        keep, other, _third = (records.by_ref(session, m.Contact, each) for each in refs)
        gone = other.uid
        actions.merge(session, [keep, other])
        stays = keep.uid
    after = told(engine)
    alive = {key: value for key, value in after.items() if key != "tombstones"}
    assert gone not in str(alive)
    check(before, after, gone, stays)
    with writing(engine, now=NOW, name="undo") as session:
        journal.undo_last(session, now=NOW)
    assert scrubbed(told(engine)) == scrubbed(before)


def check(before, after, gone, stays):
    """What merging must not lose."""
    both = {gone, stays}
    was, now = ({each["uid"]: each for each in told["contacts"]} for told in (before, after))
    for talk in before["interactions"]:
        (same,) = [each for each in after["interactions"] if each["uid"] == talk["uid"]]
        assert set(same["contacts"]) == {stays if each in both else each for each in talk["contacts"]}
        assert len(same["contacts"]) == len(set(same["contacts"]))
    assert len(after["tasks"]) == len(before["tasks"])
    assert len(after["waivers"]) == len(before["waivers"])
    assert set(now[stays]["tags"]) == set(was[stays]["tags"]) | set(was[gone]["tags"])
    assert len(now[stays]["tags"]) == len(set(now[stays]["tags"]))
    ways = [{each["value"].lower() for each in was[one]["methods"]} for one in both]
    assert {each["value"].lower() for each in now[stays]["methods"]} == set().union(*ways)
    assert {was[gone]["name"], *was[gone]["aliases"]} <= {now[stays]["name"], *now[stays]["aliases"]}
    for field in ("context", "place", "how_to_reach", "notes", "private_notes"):
        value = was[gone][field]
        kept = "\n".join(str(now[stays][each]) for each in (field, "notes"))
        assert value is None or value in kept
    ends = {(each["from"], each["to"]) for each in after["relationships"]}
    moved = {
        tuple(stays if end in both else end for end in (each["from"], each["to"])) for each in before["relationships"]
    }
    assert ends == moved - {(stays, stays)}
