"""Introductions: asked through somebody, to one or several people or somebody unnamed, from the plan to the thanks."""

import shlex
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from asks_support import database, typed
from hypothesis import given
from hypothesis import strategies as st
from plan_support import NOW, document, undone
from reminder_support import LOS_ANGELES, MONDAY, World

from crm.actions import introductions as actions
from crm.errors import RefusedError
from crm.models import Contact, Introduction
from crm.models.words import IntroductionState as State
from crm.store import contacts, records
from reminders import rules

DAY = timedelta(days=1)
MOVES = (State.AGREED, State.MADE, State.MET, State.THANKED, State.DECLINED)


@pytest.fixture
def people(prepared):
    """A connector and three others."""
    return prepared(*(f"contact add '{name}'" for name in ("Mia Orr", "Ben Foss", "Cleo Dorn", "Dirk Eade")))


def proposed(**values):
    """An introduction by Mia that is only proposed, as one read from a worksheet is."""
    with database() as session:
        found = {"connector_id": records.by_ref(session, Contact, "c1").id, "note": "as the worksheet says"}
        return records.add(session, Introduction(**found | values)).ref


# Asking


def test_an_ask_is_on_record(people):
    """Who is asked, for whom and what, by when, and that it was asked just now; each day is said back."""
    line = "intro ask mia --for ben --want number --by fri --note 'for the fair'"
    told = typed(people, f"{line} --json").json
    uid = {name: people("contact", "show", name, "--json").json["uid"] for name in ("mia", "ben")}
    expected = {
        "id": 1,
        "ref": "n1",
        "connector": uid["mia"],
        "contact": uid["ben"],
        "want": "number",
        "state": "asked",
        "asked_at": "2026-01-05T17:00:00Z",
        "moved_at": "2026-01-05T17:00:00Z",
        "due_on": "2026-01-09",
        "note": "for the fair",
        "warnings": [],
    }
    assert {key: told[key] for key in expected} == expected
    people("undo")
    shown = typed(people, line).out
    for text in ("Asked: Mia Orr", "Ben Foss's number", "Fri 9 Jan 2026", "crm intro agreed n", "crm intro made n"):
        assert text in shown


@pytest.mark.parametrize("way", ["--for ben,cleo", "--for ben --for cleo", "--for 'ben, cleo'", "--for @crew"])
def test_several_people_are_several_introductions(people, way):
    """Commas, the option twice, and a tag name the same two, each with a record of its own."""
    people("contact", "tag", "ben", "cleo", "crew")
    told = typed(people, f"intro ask mia {way} --want number --json").json
    assert [each["ref"] for each in told["items"]] == ["n1", "n2"]
    assert [each["want"] for each in told["items"]] == ["number", "number"]


def test_what_was_proposed_is_asked_and_not_doubled(people, home):
    """The introduction read from a worksheet is the one that is planned, then asked, and keeps what it said."""
    proposed(contact_id=2, want="number")
    proposed(placeholder="software engineer", organization_id=None)
    planned = typed(people, "intro plan mia --for ben --by fri --json").json
    assert (planned["ref"], planned["state"], planned["want"]) == ("n1", "planned", "number")
    asked = typed(people, "intro ask mia --for ben,dirk --json").json["items"]
    assert [(each["ref"], each["state"], each["due_on"]) for each in asked] == [
        ("n1", "asked", "2026-01-09"),
        ("n3", "asked", None),
    ]
    unnamed = typed(people, "intro ask mia --for 'a Software  Engineer' --at Acme --json").json
    assert (unnamed["ref"], unnamed["placeholder"], unnamed["note"]) == (
        "n2",
        "software engineer",
        "as the worksheet says",
    )
    assert unnamed["organization"] is not None
    assert len(document(people)["introductions"]) == 3


def test_another_thing_wanted_is_another_introduction(people):
    """A number and an introduction to the same person stand side by side once the first is decided on."""
    typed(people, "intro ask mia --for ben --want number")
    assert typed(people, "intro ask mia --for ben --want introduction --json").json["ref"] == "n2"
    error = typed(people, "intro ask mia --for ben --json", code=4).error
    assert error["candidates"] == ["n1 number (asked)", "n2 introduction (asked)"]


def test_somebody_unnamed_needs_a_place(people):
    """Nobody is called so: without a company it is an error with near names, with one it is somebody unnamed."""
    error = typed(people, "intro ask mia --for 'an engineer' --json", code=3).error
    assert error["code"] == "not_found"
    assert "--at COMPANY" in error["message"]
    assert typed(people, "intro ask mia --for Beni --json", code=3).error["candidates"] == ["Ben Foss"]
    told = typed(people, "intro ask mia --for 'an engineer, in Berlin' --at Acme --json").json
    assert (told["placeholder"], told["contact"], told["state"]) == ("an engineer, in Berlin", None, "asked")
    assert any("new organization Acme (o1)" in each for each in told["warnings"])
    assert any(
        "Ben Foss" in each for each in typed(people, "intro plan mia --for Beni --at Acme --json").json["warnings"]
    )


def test_somebody_unnamed_on_record_needs_no_place_again(people):
    """What was asked of the connector before can be asked again in the same words."""
    typed(people, "intro plan mia --for 'an engineer' --at Acme")
    assert typed(people, "intro ask mia --for 'an engineer' --json").json["ref"] == "n1"


def test_an_id_carries_on_what_is_on_record(people):
    """By short id, several at once; what is said besides is changed with it."""
    typed(people, "intro plan mia --for ben,cleo --want number")
    told = typed(people, "intro ask n1 n2 --by fri --json").json["items"]
    assert {(each["state"], each["want"], each["due_on"]) for each in told} == {("asked", "number", "2026-01-09")}


def test_at_says_where_and_when(people):
    """A company, and when it was asked; a record of the past is no ask now."""
    people("organization", "add", "Monday")
    told = typed(people, "intro ask mia --for 'an engineer' --at Acme --at 'yesterday 18:00' --json").json
    assert told["asked_at"] == told["moved_at"] == "2026-01-05T02:00:00Z"
    told = typed(people, "intro ask mia --for 'a designer' --at monday --json").json
    assert told["asked_at"] == "2026-01-05T17:00:00Z"
    assert document(people)["introductions"][1]["organization"] == document(people)["organizations"][0]["uid"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("ask mia", 2),
        ("ask mia --for mia", 2),
        ("ask mia --for nobody", 3),
        ("ask mia --for @nobody --at Acme", 3),
        ("ask mia --for c99 --at Acme", 3),
        ("ask nobody --for ben", 3),
        ("ask mia --for ben --by yesterday", 2),
        ("ask mia --for ben --by 'fri 14:30'", 2),
        ("ask mia --for ben --want ' '", 2),
        ("ask mia --for ben --at 1/2/2026", 2),
        ("ask mia --for ben --at tomorrow", 2),
        ("ask mia --for ben --at Acme --at Beta", 2),
        ("ask n9", 3),
        ("made n1 --at 'in 2 days'", 2),
        ("made f1", 3),
        ("edit n1", 2),
        ("edit n1 --state maybe", 2),
        ("edit n1 --for mia", 2),
        ("show n9", 3),
        ("plan mia --for cleo --note \udcff", 2),
    ],
)
def test_a_bad_value_changes_nothing(people, line, code):
    """The exit code says what was wrong, in one or two lines."""
    typed(people, "intro ask mia --for dirk")
    before = document(people)
    assert len(typed(people, f"intro {line}", code=code).err.splitlines()) <= 2
    assert document(people) == before


def test_namesakes_are_asked_about(people):
    """An ambiguous target is exit code 4 with whom it could mean."""
    people("contact", "add", "Ben Hall", "--same-name")
    assert len(typed(people, "intro ask mia --for ben --json", code=4).error["candidates"]) == 2


# What becomes of it


@given(before=st.sampled_from(State), after=st.sampled_from(MOVES), hours=st.integers(-1000, 0))
def test_what_happened_is_recorded_and_steps_may_be_left_out(home, before, after, hours):
    """Forward always, to a no and from a no always, to the meeting after the thanks; back only by edit."""
    at = NOW + timedelta(hours=hours)
    with database() as session:
        mia, ben = (contacts.add_contact(session, name) for name in ("Mia Orr", "Ben Foss"))
        found = records.add(session, Introduction(connector_id=mia.id, contact_id=ben.id, state=before.value))
        order = actions.LADDER
        allowed = State.DECLINED in {before, after} or (before, after) == (State.THANKED, State.MET)
        if allowed or order.index(after) >= order.index(before):
            actions.move(session, [found], after, at=at)
            stays = (before, after) == (State.DECLINED, State.THANKED)
            assert (found.state, found.moved_at) == ((before, None) if stays else (after, at))
            assert found.thanked_at == (at if after == State.THANKED else None)
        else:
            with pytest.raises(RefusedError, match=f"crm intro edit {found.ref} --state {after}"):
                actions.move(session, [found], after, at=at)
            assert found.state == before


def test_the_whole_way(people):
    """Asked, agreed, made, thanked, met, and thanked once more with word of how it went; each says what is next."""
    typed(people, "intro ask mia --for ben --want number")
    steps = {
        "agreed": "crm intro made n1",
        "made": "crm intro thanked n1",
        "thanked": "crm intro met n1",
        "met": "crm intro thanked n1",
    }
    for word, following in steps.items():
        assert following in typed(people, f"intro {word} n1").out
    assert "crm log-contact ben --kind coffee" in people("intro", "show", "n1").out
    told = typed(people, "intro thanked n1 --at 'today 8:00' --json").json
    assert (told["state"], told["thanked_at"], told["moved_at"]) == (
        "thanked",
        "2026-01-05T16:00:00Z",
        "2026-01-05T16:00:00Z",
    )
    assert "No introductions here" in people("intro", "list").out
    assert "Thanked  1" in people("intro", "list", "--all").out


def test_a_number_that_came_is_kept(people):
    """Once it is made, the screen says how to keep what was wanted and whom to write to."""
    typed(people, "intro ask mia --for ben --want number")
    shown = typed(people, "intro made n1").out
    assert "crm contact edit ben --phone NUMBER" in shown
    assert "crm log-contact ben --kind message" in shown


def test_somebody_unnamed_gets_a_name(people):
    """Once it is known who it is, the introduction leads to them."""
    typed(people, "intro ask mia --for 'an engineer' --at Acme")
    assert "crm intro edit n1 --for" in typed(people, "intro made n1").out
    told = typed(people, "intro edit n1 --for dirk --json").json
    dirk = people("contact", "show", "dirk", "--json").json["uid"]
    assert (told["contact"], told["placeholder"]) == (dirk, None)
    assert "Dirk Eade" in people("intro", "list").out


def test_a_no_leads_elsewhere(people):
    """After a no, another way is named; whoever comes round after all needs no edit."""
    typed(people, "intro ask mia --for ben")
    assert "crm path --to ben" in typed(people, "intro declined n1").out
    typed(people, "intro made n1")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("number", "phone"),
        ("Mobile", "phone number"),
        ("ig", "instagram"),
        ("handle", "Insta"),
        ("Telephone", "number"),
    ],
)
def test_what_means_the_same_is_the_same(people, first, second):
    """A phone is a number and an insta a handle: the one on record is found again, and called as it was."""
    for want in (first, second):
        told = people("intro", "ask", "mia", "--for", "ben", "--want", want, "--json").json
        assert (told["ref"], told["want"]) == ("n1", first)
    assert people("intro", "ask", "mia", "--for", "ben", "--want", "email", "--json").json["ref"] == "n2"


def test_a_jump_is_recorded_and_remarked(people):
    """From a proposal straight to the meeting, and back from a no, is worth a word; the usual steps are not."""
    proposed(contact_id=2)
    assert people("intro", "met", "n1", "--json").json["warnings"] == [
        "n1 went from proposed straight to met; nothing says that you asked"
    ]
    people("intro", "thanked", "n1")
    typed(people, "intro ask mia --for cleo")
    for word in ("agreed", "made", "thanked"):
        assert people("intro", word, "n2", "--json").json["warnings"] == []
    people("intro", "declined", "n2")
    told = people("intro", "made", "n2", "--json").json
    assert (told["state"], told["warnings"]) == ("made", ["n2 was declined before, and is made now"])


def test_thanks_for_a_no_change_nothing_else(people):
    """Who tried is thanked; it stays declined, and no meeting is awaited."""
    typed(people, "intro ask mia --for ben")
    people("intro", "declined", "n1")
    said = people("intro", "thanked", "n1").out
    assert "n1 was declined, and stays so; your thanks are noted" in said
    assert "crm intro met" not in said + people("intro", "show", "n1").out
    told = people("intro", "show", "n1", "--json").json
    assert (told["state"], told["thanked_at"]) == ("declined", "2026-01-05T17:00:00Z")


@pytest.mark.parametrize("word", ["agreed", "made", "met", "thanked", "declined"])
def test_a_move_takes_a_note(people, word):
    """It is added to what was noted before; the second text alone would lose the first."""
    typed(people, "intro ask mia --for ben --note 'for the fair'")
    assert people("intro", word, "n1", "--note", "on the train", "--json").json["note"] == "for the fair\non the train"
    people("intro", word, "n1", "--note", "a\udcff", code=2)


def test_a_channel_that_is_there_need_not_be_kept(people):
    """Once the number is on record, the screen no longer says to keep it; a handle is something else."""
    typed(people, "intro ask mia --for ben --want mobile")
    people("intro", "made", "n1")
    people("contact", "edit", "ben", "--instagram", "benf")
    assert "crm contact edit ben --phone NUMBER" in people("intro", "show", "n1").out
    people("contact", "edit", "ben", "--phone", "555-0100")
    said = people("intro", "show", "n1").out
    assert "Keep it" not in said
    assert "crm log-contact ben --kind message" in said


def test_going_back_is_an_edit(people):
    """What did not happen after all is put back, and with it the instants that belonged to it."""
    typed(people, "intro ask mia --for ben")
    people("intro", "thanked", "n1")
    assert "crm intro edit n1 --state made" in typed(people, "intro made n1", code=5).err
    told = typed(people, "intro edit n1 --state asked --json").json
    assert (told["state"], told["thanked_at"]) == ("asked", None)
    assert told["asked_at"] is not None
    told = typed(people, "intro edit n1 --state planned --json").json
    assert (told["state"], told["asked_at"]) == ("planned", None)


def test_fields_are_changed_and_cleared(people):
    """Each option changes one thing; an empty text clears the company, the day and the note."""
    typed(people, "intro ask mia --for ben --at Acme --by fri --note x")
    told = typed(people, "intro edit n1 --at Beta --by 'next tue' --want handle --note y --json").json
    assert (told["want"], told["due_on"], told["note"]) == ("handle", "2026-01-13", "y")
    told = typed(people, "intro edit n1 --at '' --by '' --note '' --json").json
    assert (told["organization"], told["due_on"], told["note"]) == (None, None, None)


def test_asking_again_says_when_it_was_asked_before(people):
    """A second ask too soon is refused; one with a reason, or after two weeks, moves the day of asking."""
    typed(people, "intro ask mia --for ben --at 2026-01-02")
    assert "your ask of Mia Orr of Fri 2 Jan 2026 is unanswered" in typed(people, "intro ask n1", code=5).err
    told = typed(people, "intro ask n1 --anyway 'she asked me to remind her' --json").json
    assert "n1 was asked for before, on Fri 2 Jan 2026" in told["warnings"]
    assert told["asked_at"] == "2026-01-05T17:00:00Z"
    assert typed(people, "intro ask n1 --json", now="2026-01-19T17:00:00Z").json["asked_at"] == "2026-01-19T17:00:00Z"


@pytest.mark.parametrize(
    "line",
    [
        "intro plan mia --for ben --by fri",
        "intro ask mia --for ben,cleo",
        "intro ask mia --for 'an engineer' --at Acme",
        "intro agreed n1",
        "intro made n1 --at yesterday",
        "intro met n1",
        "intro thanked n1",
        "intro declined n1",
        "intro edit n1 --state planned --want handle",
        "intro remove n1",
    ],
)
def test_each_command_is_undone(people, line):
    """One undo, and the document is what it was."""
    typed(people, "intro ask mia --for dirk --at 2026-01-02")
    undone(people, *shlex.split(line))


def test_a_removed_introduction_leaves_its_id_unused(people):
    """No later one has the id of one that is gone."""
    typed(people, "intro plan mia --for ben")
    assert people("intro", "remove", "n1", "--json").json["ref"] == "n1"
    assert typed(people, "intro plan mia --for cleo --json").json["ref"] == "n2"


# On the screen


def test_the_list_is_by_state_and_those_that_wait_for_one_come_first(people):
    """What is owed stands above what runs and what is only possible; those that are over come with --all."""
    for name, word in (("ben", "made"), ("cleo", "agreed"), ("dirk", "declined")):
        typed(people, f"intro plan mia --for {name} --anyway x")
        typed(people, f"intro {word} n{len(document(people)['introductions'])}")
    shown = people("intro", "list", "--all").out
    places = [shown.index(each) for each in ("Made: thank them  1", "Agreed  1", "Declined  1")]
    assert places == sorted(places)
    assert "Dirk" not in people("intro", "list").out
    assert [each["ref"] for each in people("intro", "list", "--json").json["items"]] == ["n1", "n2"]
    assert len(people("intro", "list", "--all", "--json").json["items"]) == 3


def test_a_day_that_has_passed_is_told(people):
    """What was wanted by a day that is over is marked as late."""
    typed(people, "intro ask mia --for ben --by fri")
    assert "by Fri 9 Jan 2026, 3 days late" in people("intro", "list", now="2026-01-12T17:00:00Z").out


def test_an_empty_list_says_what_to_type(crm):
    """With no introductions, the way to the first one is shown."""
    assert "crm intro ask WHO" in crm("intro", "list").out
    assert crm("intro", "list", "--json").json == {"items": []}


def test_a_long_list_is_cut_short(people, home):
    """Of many the first are shown, with how many more; --all shows all."""
    for number in range(43):
        proposed(placeholder=f"guest {number}")
    shown = people("intro", "list").out
    assert "guest 39" in shown
    assert "guest 40" not in shown
    assert "and 3 more: crm intro list --all" in shown
    assert "guest 42" in people("intro", "list", "--all").out


@pytest.mark.parametrize("columns", ["40", "80", "120"])
def test_hostile_text_stays_harmless(people, home, columns, monkeypatch):
    """Control characters are shown as escapes, markup literally, and no line is wider than the terminal."""
    monkeypatch.setenv("COLUMNS", columns)
    hostile = "\x1b[31mRed\x07 [bold]x[/bold] \u202e" + "y" * 10_000
    people("contact", "add", hostile)
    proposed(contact_id=5, want=hostile, note=hostile)
    proposed(placeholder=hostile)
    with database() as session:
        records.by_ref(session, Introduction, "n1").connector_id = 5
        records.by_ref(session, Introduction, "n1").contact_id = 1
    for line in (
        "intro list",
        "intro show n1",
        "intro show n2",
        "intro ask n1",
        "intro made n1 n2",
        "intro declined n2",
    ):
        shown = typed(people, line).out
        assert "\x1b" not in shown
        assert "\x07" not in shown
        assert "\u202e" not in shown
        assert max(map(len, shown.splitlines())) <= int(columns)
    assert "[bold]x[/bold]" in people("intro", "show", "n1").out


# Reminders


@pytest.fixture
def world(empty_database, tmp_path):
    """A database with a connector and somebody to be introduced to."""
    found = World.copy(empty_database, tmp_path)
    with found.writing() as session:
        for name in ("Mia Orr", "Ben Foss"):
            contacts.add_contact(session, name)
    return found


def introduction(world, state, **values):
    """An introduction to Ben, by Mia."""
    with world.writing() as session:
        return records.add(session, Introduction(connector_id=1, contact_id=2, state=state.value, **values))


def said(world, now=MONDAY, tz=LOS_ANGELES):
    """What the rule asks for."""
    rule = rules.load("introduction")
    with world.reading() as session:
        return list(rule.plan(session, now=now, tz=tz, options=rule.DEFAULTS))


def test_thanks_are_reminded_of_the_day_after(world):
    """At eight on the day after it was made, until they are said."""
    made = introduction(world, State.MADE, want="number", moved_at=MONDAY)
    assert said(world, MONDAY - 2 * DAY) == []
    (found,) = said(world, MONDAY + 30 * DAY)
    assert (found.title, found.due_at) == ("Thank Mia Orr for Ben Foss's number", datetime(2026, 1, 6, 16, tzinfo=UTC))
    assert found.body == "Made Mon 5 Jan 2026.\nOnce you have: crm intro thanked n1"
    assert found.expires_at is None
    world.change(made, state=State.THANKED.value)
    assert said(world, MONDAY + 30 * DAY) == []


def test_word_of_how_it_went_is_reminded_of_three_days_after(world):
    """Once one has met, the connector is to hear of it."""
    introduction(world, State.MET, moved_at=MONDAY)
    (found,) = said(world, MONDAY + 30 * DAY)
    assert found.title == "Tell Mia Orr how it went with Ben Foss"
    assert found.due_at == datetime(2026, 1, 8, 16, tzinfo=UTC)


@pytest.mark.parametrize("state", State)
def test_the_day_by_which_it_is_wanted_is_reminded_of_while_it_runs(world, state):
    """Planned, asked or agreed: on that day, once, whatever the state is by then."""
    running = introduction(world, state, due_on=date(2026, 1, 6))
    found = said(world)
    assert bool(found) == (state in {State.PLANNED, State.ASKED, State.AGREED})
    if found:
        world.change(running, state=State.AGREED.value)
        assert [each.key for each in said(world)] == [found[0].key]


@given(
    hours=st.integers(0, 24 * 365),
    state=st.sampled_from([State.MADE, State.MET]),
    zone=st.sampled_from(["America/Los_Angeles", "Asia/Kathmandu", "Pacific/Apia", "Europe/Berlin"]),
)
def test_a_zone_changes_no_key(empty_database, tmp_path_factory, hours, state, zone):
    """Who moves to another zone is not reminded twice; there, too, it is at eight on so many days after."""
    world = World.copy(empty_database, tmp_path_factory.mktemp("world"))
    moved_at = MONDAY + timedelta(hours=hours)
    with world.writing() as session:
        contacts.add_contact(session, "Mia Orr")
        contacts.add_contact(session, "Ben Foss")
    introduction(world, state, moved_at=moved_at)
    late, tz = moved_at + 30 * DAY, ZoneInfo(zone)
    (here,), (there,) = said(world, late), said(world, late, tz)
    assert here.key == there.key
    local = there.due_at.astimezone(tz)
    assert (local.hour, local.date()) == (8, moved_at.astimezone(tz).date() + (1 if state == State.MADE else 3) * DAY)
