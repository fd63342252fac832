"""Referrals: whom to ask, one open ask of a person and company, where each stands, and who could refer."""

import shlex
from datetime import timedelta

import pytest
from asks_support import database, typed
from hypothesis import given
from hypothesis import strategies as st
from plan_support import NOW, document, undone
from sqlalchemy import event

from crm import settings as configured
from crm.actions import referrals as actions
from crm.actions import referrers
from crm.actions.referrals import TALKING_POINT
from crm.errors import RefusedError
from crm.models import Contact, Referral
from crm.models.words import ReferralState as State
from crm.store import contacts, courtesy, names, records

MOVES = (State.AGREED, State.SUBMITTED, State.INTERVIEWING, State.OFFER, State.DECLINED)
HANDED_IN = {State.SUBMITTED, State.INTERVIEWING, State.OFFER}


@pytest.fixture
def people(prepared):
    """Three people, with two of whom one has talked."""
    names = (f"contact add '{name}'" for name in ("Mia Orr", "Ben Foss", "Cleo Dorn"))
    return prepared(*names, "log-contact mia ben --kind event")


def proposed(who=None, tag=None, company=None):
    """A referral that is only proposed, as one read from a worksheet is."""
    with database() as session:
        organization = contacts.organization_named(session, company) if company else None
        found = Referral(
            contact_id=records.by_ref(session, Contact, who).id if who else None,
            tag_id=names.tag(session, tag).id if tag else None,
            organization_id=organization.id if organization else None,
            note="as the worksheet says",
        )
        return records.add(session, found).ref


# Planning and asking


def test_an_ask_is_on_record(people):
    """Who is asked, where, for which job, and when; the screen says what is in it for them and what is next."""
    line = "referral ask mia --company Acme --role 'data engineer' --note 'met at the fair'"
    told = typed(people, f"{line} --json").json
    expected = {
        "id": 1,
        "ref": "f1",
        "contact": people("contact", "show", "mia", "--json").json["uid"],
        "tag": None,
        "organization": document(people)["organizations"][0]["uid"],
        "role": "data engineer",
        "state": "asked",
        "asked_at": "2026-01-05T17:00:00Z",
        "note": "met at the fair",
        "warnings": ["new organization Acme (o1)"],
    }
    assert {key: told[key] for key in expected} == expected
    people("undo")
    shown = typed(people, line).out
    for text in ("Mia Orr for a referral at Acme as data engineer", "Mon 5 Jan 2026 09:00", "crm referral agreed f"):
        assert text in shown
    assert " ".join(TALKING_POINT.split()[:6]) in shown


def test_what_was_proposed_is_planned_and_asked_and_not_doubled(people, home):
    """The row read from a worksheet is the one that is planned, then asked; a company it lacks is filled in."""
    proposed("c1", company="Acme")
    proposed("c2")
    planned = typed(people, "referral plan mia --company acme --json").json
    assert (planned["ref"], planned["state"], planned["note"]) == ("f1", "planned", "as the worksheet says")
    assert typed(people, "referral ask mia --company Acme --json").json["ref"] == "f1"
    told = typed(people, "referral ask ben --company Beta --json").json
    assert (told["ref"], told["state"]) == ("f2", "asked")
    assert told["organization"] == document(people)["organizations"][1]["uid"]
    assert typed(people, "referral plan ben --company Acme --json").json["ref"] == "f3"


def test_a_company_may_still_be_named(people, home):
    """Without a company it is planned and asked all the same, and says that it is still to be named."""
    proposed("c2")
    told = typed(people, "referral plan ben")
    assert "crm referral edit f1 --company NAME" in told.out
    assert "company still to be named" in people("referral", "list").out
    assert typed(people, "referral ask ben --json").json["organization"] is None
    assert "name its company" in typed(people, "referral ask ben --company Acme", code=5).err
    typed(people, "referral edit f1 --company Acme")
    typed(people, "referral ask ben --company Beta")


def test_a_company_misspelt_is_told(people):
    """A company that is new is said to be so, with one of nearly that name."""
    people("organization", "add", "Google")
    told = typed(people, "referral plan mia --company Gogle --json").json
    assert told["warnings"] == ["new organization Gogle (o2)", "there is also Google"]


def test_an_id_carries_on_what_is_on_record(people):
    """By short id, several at once."""
    typed(people, "referral plan mia --company Acme")
    typed(people, "referral plan ben --company Acme")
    told = typed(people, "referral ask f1 f2 --role engineer --json").json["items"]
    assert {(each["state"], each["role"]) for each in told} == {("asked", "engineer")}


def test_a_record_of_the_past_is_no_ask_now(people):
    """With --at it is noted when it was asked, and the rules only remark on it."""
    told = typed(people, "referral ask cleo --company Acme --at 'yesterday 18:00' --json").json
    assert told["asked_at"] == told["moved_at"] == "2026-01-05T02:00:00Z"
    assert any(each.startswith("talk-first: ") for each in told["warnings"])


# A group of candidates


def could_refer(crm):
    """The names of all candidates."""
    return [each["contact"]["name"] for each in crm("referral", "candidates", "--json").json["items"]]


def test_a_tag_is_a_row_of_candidates(people):
    """Planning for a tag notes its people as candidates, live; nobody is asked by it."""
    people("contact", "tag", "mia", "cleo", "crew")
    told = typed(people, "referral plan @crew --company Acme --json").json
    assert (told["contact"], told["state"], told["asked_at"]) == (None, "proposed", None)
    assert typed(people, "referral plan @crew --company Acme --json").json["ref"] == "f1"
    assert could_refer(people) == ["Mia Orr", "Cleo Dorn"]
    people("contact", "tag", "ben", "crew")
    people("contact", "tag", "mia", "crew", "--off")
    assert could_refer(people) == ["Ben Foss", "Cleo Dorn"]
    assert document(people)["referrals"][0]["state"] == "proposed"


@pytest.mark.parametrize("word", ["ask", "agreed", "submitted", "declined", "thank"])
def test_a_row_of_candidates_is_asked_nothing_itself(people, home, word):
    """What stands for a whole tag is no ask of anybody; the way to asks is named."""
    people("contact", "tag", "mia", "crew")
    proposed(tag="crew")
    assert "crm referral ask @crew" in people("referral", word, "f1", code=2).err


def test_asking_a_tag_is_an_ask_of_each(people):
    """Each person in it has a record of their own."""
    people("contact", "tag", "mia", "ben", "crew")
    told = typed(people, "referral ask @crew --company Acme --json").json["items"]
    assert [(each["ref"], each["state"]) for each in told] == [("f1", "asked"), ("f2", "asked")]


def test_candidates_say_where_one_stands_and_what_comes_first(people, home):
    """Those with a row, those in a group, and those who work there; who can be asked now comes first."""
    people("contact", "add", "Dirk Eade", "--organization", "Acme", "--title", "engineer")
    people("contact", "add", "Edda Fink", "--organization", "Beta")
    people("contact", "tag", "ben", "cleo", "crew")
    proposed("c1")
    proposed(tag="crew")
    items = people("referral", "candidates", "--at", "acme", "--json").json["items"]
    told = {each["contact"]["name"]: (each["why"], [one["rule"] for one in each["first"]]) for each in items}
    assert told == {
        "Mia Orr": (["f1 proposed"], []),
        "Ben Foss": (["in @crew (f2)"], []),
        "Dirk Eade": (["engineer at Acme"], ["talk-first"]),
        "Cleo Dorn": (["in @crew (f2)"], ["talk-first"]),
    }
    assert list(told) == ["Mia Orr", "Ben Foss", "Dirk Eade", "Cleo Dorn"]
    shown = people("referral", "candidates", "--at", "acme").out
    assert "can be asked" in shown
    assert "talk first" in shown
    assert "never in touch" in shown
    assert "Edda" not in shown
    typed(people, "referral ask mia --company Acme")
    assert "asked already" in people("referral", "candidates", "--at", "acme").out


def count_candidates():
    """How many could refer, and by how many queries that was found."""
    statements = []
    with database() as session:
        event.listen(session.get_bind(), "before_cursor_execute", lambda *args: statements.append(args[2]))
        at = {"now": NOW, "tz": configured.load().tz, "settings": configured.load()}
        return len(referrers.candidates(session, None, **at)), len(statements)


def test_candidates_take_a_fixed_number_of_queries(people, home):
    """However many could refer, the number of queries is the same."""
    people("contact", "tag", "mia", "crew")
    proposed(tag="crew")
    one, queries = count_candidates()
    with database() as session:
        crew = names.tag(session, "crew")
        for number in range(20):
            contacts.put_in_tag(session, contacts.add_contact(session, f"Guest{number} Poe"), crew)
    assert (one, count_candidates()) == (1, (21, queries))


def test_nobody_to_ask_says_what_to_type(crm):
    """With no candidates, the way to some is shown; an unknown company is not found."""
    assert "crm referral plan @experts" in crm("referral", "candidates").out
    assert crm("referral", "candidates", "--json").json == {"items": []}
    crm("referral", "candidates", "--at", "Acme", code=3)


# What becomes of it


@given(before=st.sampled_from(State), after=st.sampled_from(MOVES), hours=st.integers(-1000, 0))
def test_what_happened_is_recorded_and_steps_may_be_left_out(home, before, after, hours):
    """Forward always, to a no and from a no always, and on after the thanks; back only by edit."""
    at = NOW + timedelta(hours=hours)
    with database() as session:
        mia = contacts.add_contact(session, "Mia Orr")
        thanked_at = NOW if before == State.THANKED else None
        found = records.add(session, Referral(contact_id=mia.id, state=before.value, thanked_at=thanked_at))
        on = State.DECLINED in {before, after} or before == State.THANKED
        if on or actions.LADDER.index(after) >= actions.LADDER.index(before):
            actions.move(session, [found], after, at=at)
            assert (found.state, found.moved_at, found.thanked_at) == (after, at, thanked_at)
            ended = after == State.OFFER or (after == State.DECLINED and (before in HANDED_IN or thanked_at))
            assert found.outcome == (after if ended else None)
            owed = thanked_at is None and (after in HANDED_IN or (after == State.DECLINED and before in HANDED_IN))
            assert bool(courtesy.thanks_owed(session, [mia.id])) == owed
        else:
            with pytest.raises(RefusedError, match=f"crm referral edit {found.ref} --state {after}"):
                actions.move(session, [found], after, at=at)
            assert found.state == before


def test_the_whole_way(people):
    """From the plan to the offer and the thanks, by name; each step says what is next, and the outcome is kept."""
    typed(people, "referral plan mia --company Acme")
    steps = {
        "ask f1": "crm referral agreed f1",
        "agreed mia": "crm referral submitted f1",
        "submitted mia": "crm referral thank f1",
        "interviewing mia": "crm referral offer|declined f1",
        "offer mia": "crm referral thank f1",
    }
    for words, following in steps.items():
        assert following in typed(people, f"referral {words}").out
    told = typed(people, "referral thank mia --at 'today 8:00' --json").json
    assert (told["state"], told["outcome"], told["thanked_at"]) == ("thanked", "offer", "2026-01-05T16:00:00Z")


def test_news_after_the_thanks_owe_no_more_thanks(people):
    """Who was thanked when it was handed in is not owed thanks again when the company calls."""
    typed(people, "referral ask mia --company Acme")
    people("referral", "submitted", "f1")
    assert people("referral", "thank", "f1", "--json").json["outcome"] is None
    told = people("referral", "interviewing", "mia", "--json").json
    assert (told["state"], told["thanked_at"]) == ("interviewing", "2026-01-05T17:00:00Z")
    assert "crm referral thank" not in people("referral", "show", "f1").out
    assert people("referral", "declined", "mia", "--json").json["outcome"] == "declined"
    typed(people, "referral ask mia --company Beta")


def test_a_no_after_an_offer_is_remarked(people):
    """The offer was on record, thanked for or not; a no without one needs no word."""
    typed(people, "referral ask mia --company Acme --anyway x")
    people("referral", "offer", "mia")
    people("referral", "thank", "mia")
    told = people("referral", "declined", "mia", "--json").json
    assert (told["outcome"], told["warnings"]) == (
        "declined",
        ["an offer was on record for f1; it is declined now (a mistake? crm undo)"],
    )
    assert people("referral", "declined", "f1", "--json").json["warnings"] == []


@pytest.mark.parametrize("word", ["agreed", "submitted", "interviewing", "offer", "declined", "thank"])
def test_a_move_takes_a_note(people, word):
    """It is added to what was noted before."""
    typed(people, "referral ask mia --company Acme --note 'by mail' --anyway x")
    told = people("referral", word, "mia", "--note", "hiring freeze", "--json").json
    assert told["note"] == "by mail\nhiring freeze"


def test_a_name_means_the_one_open_referral(people):
    """With several open ones it is asked which; with none open, the one on record; with none at all, not found."""
    typed(people, "referral plan mia --company Acme")
    typed(people, "referral plan mia --company Beta")
    error = people("referral", "agreed", "mia", "--json", code=4).error
    assert error["candidates"] == ["f1 a referral at Acme (planned)", "f2 a referral at Beta (planned)"]
    people("referral", "declined", "f2")
    assert people("referral", "agreed", "mia", "--json").json["ref"] == "f1"
    people("referral", "agreed", "ben", code=3)


def test_thanks_are_for_what_they_did(people):
    """Of two referrals, a name and `thank` mean the one that was handed in."""
    typed(people, "referral ask mia --company Acme")
    people("referral", "submitted", "f1")
    typed(people, "referral ask mia --company Beta --at now")
    assert people("referral", "thank", "mia", "--json").json["ref"] == "f1"


def test_going_back_is_an_edit(people):
    """What did not happen after all is put back, and with it what belonged to it."""
    typed(people, "referral ask mia --company Acme")
    people("referral", "offer", "f1")
    assert "crm referral edit f1 --state agreed" in people("referral", "agreed", "f1", code=5).err
    told = typed(people, "referral edit f1 --state submitted --json").json
    assert (told["state"], told["outcome"]) == ("submitted", None)
    told = typed(people, "referral edit f1 --state planned --json").json
    assert (told["state"], told["asked_at"]) == ("planned", None)


def test_fields_are_changed_and_cleared(people):
    """Each option changes one thing; an empty text clears the company, the role and the note."""
    typed(people, "referral ask mia --company Acme --role x --note y")
    told = typed(people, "referral edit f1 --company Beta --role z --note w --json").json
    assert (told["role"], told["note"]) == ("z", "w")
    told = typed(people, "referral edit f1 --company '' --role '' --note '' --json").json
    assert (told["organization"], told["role"], told["note"]) == (None, None, None)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("ask nobody --company Acme", 3),
        ("ask @nobody --company Acme", 3),
        ("ask cleo --company ' '", 2),
        ("ask mia --company Acme --role ' '", 2),
        ("ask ben --company Acme --at 'in 2 days'", 2),
        ("ask ben --company Acme --at 1/2/2026", 2),
        ("ask f9", 3),
        ("agreed f9", 3),
        ("agreed n1", 3),
        ("agreed f1 --at tomorrow", 2),
        ("edit f1", 2),
        ("edit f1 --state maybe", 2),
        ("show f9", 3),
        ("plan ben --company Acme --note \udcff", 2),
        ("plan @nobody", 3),
    ],
)
def test_a_bad_value_changes_nothing(people, line, code):
    """The exit code says what was wrong, in one or two lines."""
    typed(people, "referral ask mia --company Acme")
    before = document(people)
    assert len(typed(people, f"referral {line}", code=code).err.splitlines()) <= 2
    assert document(people) == before


@pytest.mark.parametrize(
    "line",
    [
        "referral plan ben --company Beta",
        "referral plan @crew --company Beta",
        "referral ask ben --company Beta",
        "referral agreed mia",
        "referral submitted f1 --at yesterday",
        "referral interviewing f1",
        "referral offer f1",
        "referral declined f1",
        "referral thank f1",
        "referral edit f1 --company Gamma --state planned",
        "referral remove f1",
    ],
)
def test_each_command_is_undone(people, line):
    """One undo, and the document is what it was."""
    people("contact", "tag", "ben", "crew")
    typed(people, "referral ask mia --company Acme")
    undone(people, *shlex.split(line))


# On the screen


def test_the_board_shows_every_state(people, home):
    """Each state has its heading and count, in their order; an empty one says what brings a referral there."""
    empty = people("referral", "list").out
    for state in State:
        assert state.capitalize() in empty
    assert "crm referral ask WHO --company NAME" in empty
    proposed("c3")
    typed(people, "referral ask mia --company Acme")
    typed(people, "referral plan ben --company Acme")
    shown = people("referral", "list").out
    places = [
        shown.index(each) for each in ("Proposed      1", "Planned       1", "Asked         1", "Thanked       0")
    ]
    assert places == sorted(places)
    assert [each["ref"] for each in people("referral", "list", "--json").json["items"]] == ["f1", "f2", "f3"]


def test_one_is_shown_whole(people):
    """The card has everything, and what is in it for them while it is still to be asked or answered."""
    typed(people, "referral ask mia --company Acme --role engineer --note 'first\nsecond'")
    shown = people("referral", "show", "f1").out
    for text in (
        "Mia Orr",
        "Acme",
        "engineer",
        "asked, since Mon 5 Jan 2026 09:00",
        "first",
        "second",
        "Many companies",
    ):
        assert text in shown
    people("referral", "agreed", "f1")
    assert "Many companies" not in people("referral", "show", "f1").out
    assert people("referral", "show", "f1", "--json").json["talking_point"] == TALKING_POINT


def test_long_boards_are_cut_short(people, home):
    """Of many in one state the first are shown, with how many more; --all shows all. So with the candidates."""
    for number in range(43):
        people("contact", "add", f"Guest{number} Poe")
        proposed(f"c{number + 4}")
    for screen in ("list", "candidates"):
        shown = people("referral", screen).out
        assert "Guest39 Poe" in shown
        assert "Guest40 Poe" not in shown
        assert f"and 3 more: crm referral {screen} --all" in shown
        assert "Guest42 Poe" in people("referral", screen, "--all").out


@pytest.mark.parametrize("columns", ["40", "80", "120"])
def test_hostile_text_stays_harmless(people, home, columns, monkeypatch):
    """Control characters are shown as escapes, markup literally, and no line is wider than the terminal."""
    monkeypatch.setenv("COLUMNS", columns)
    hostile = "\x1b[31mRed\x07 [bold]x[/bold] \u202e" + "y" * 10_000
    people("contact", "add", hostile)
    proposed("c4", company=hostile)
    with database() as session:
        records.by_ref(session, Referral, "f1").role = hostile
    for line in ("list", "candidates", "show f1", "plan c4", "ask f1 --anyway x", "submitted f1", "declined f1"):
        shown = typed(people, f"referral {line}").out
        assert "\x1b" not in shown
        assert "\x07" not in shown
        assert "\u202e" not in shown
        assert max(map(len, shown.splitlines())) <= int(columns)
    assert "[bold]x[/bold]" in people("referral", "show", "f1").out
