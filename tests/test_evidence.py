"""The checklist that proves itself: what the log seems to have done is offered, and the person confirms."""

from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_support import Typed, add_checklist, database, document, undone
from sqlalchemy import event

from crm.actions import evidence
from crm.actions.proofs import MOST, Claim, Proof, claim_of

FEBRUARY = "2026-02-05T17:00:00Z"
PEOPLE = ("contact add 'Jane Roe'", "contact add 'Kim Poe'", "contact add 'Ana Lee'")


def log(crm, who, kind="email", *more, at="2026-02-03 10:00"):
    return crm("log-contact", who, "--kind", kind, "--at", at, "--yes", *more, "--json", now=FEBRUARY).json


def says(crm, now=FEBRUARY):
    """What is offered for each open item, by its short id."""
    items = crm("task", "list", "--json", now=now).json["items"]
    return {each["ref"]: each["proof"]["says"] for each in items if "proof" in each}


@pytest.fixture
def people(prepared):
    return prepared(*PEOPLE)


# What an item speaks of


@pytest.mark.parametrize(
    ("title", "proof", "count"),
    [
        ("Reach out to at least 1 practitioner for advice", Proof.WROTE, 1),
        ("Complete Part 7 (at least 1 expert consultation)", Proof.TALK, 1),
        ("Identify 3 practitioners to study/contact", Proof.PEOPLE, 3),
        ("Set up accountability system", Proof.CHECK_IN, 1),
        ("Talk to two engineers", Proof.TALK, 2),
        ("Ask Jane for a referral", Proof.REFERRAL, 1),
        ("Ask Kim for an intro to a data engineer", Proof.INTRODUCTION, 1),
        ("Schedule 2 coffee chats", Proof.PLANNED, 2),
        ("Do a mock interview", Proof.MOCK_INTERVIEW, 1),
        ("Attend a meetup", Proof.EVENT, 1),
        ("Write and post about what I built", Proof.POST, 1),
        ("Post twice about the project", Proof.POST, 1),
        ("Start building and posting about your journey online", Proof.POST, 1),
        ("Have 2 informational interviews", Proof.TALK, 2),
        ("Track hours for 2 weeks", Proof.HOURS, 1),
        ("Ask 3 questions", Proof.ANSWER, 3),
        ("E-mail 4 people", Proof.WROTE, 4),
    ],
)
def test_an_item_tells_what_would_prove_it(title, proof, count):
    """The words of an item name the kind of proof and how many it takes."""
    assert claim_of(title) == Claim(proof, count)


@pytest.mark.parametrize(
    "title",
    [
        "Complete Parts 1-2 of this worksheet (Why and What)",
        "Analyze 10 job postings and fill in the skills frequency section",
        "Set up all tools in section 4.2",
        "Research 3 university curricula and note structure",
        "Find and bookmark primary learning resources",
        "Create weekly schedule template",
        "Review this worksheet and refine based on new information",
        "Draft 5 questions to ask",
        "Read a blog post on interviews",
        "Prepare for the mock interview",
        "Apply for an interview",
        "Comment on 3 posts",
        "",
    ],
)
def test_what_the_log_knows_nothing_of_is_left_alone(title):
    """Reading, preparing and filling in are ticked by hand."""
    assert claim_of(title) is None


@given(st.text() | st.builds("{} {} engineers".format, st.sampled_from(["Talk to", "E-mail"]), st.integers(0, 10**9)))
def test_any_title_is_read(title):
    """No title is an error, and what is asked for is never nothing nor without end."""
    found = claim_of(title)
    assert found is None or 1 <= found.count <= MOST


# What proves it


def test_an_email_proves_that_one_reached_out(crm, home, people):
    """The offer names what, to whom and which day with its weekday; before it there is none."""
    add_checklist(home, ("Reach out to at least 1 practitioner for advice", None))
    assert says(crm) == {}
    log(crm, "Jane Roe", "email", "--direction", "in")
    assert says(crm) == {}
    log(crm, "Jane Roe")
    assert says(crm) == {"t1": "your e-mail to Jane Roe on Tue 3 Feb 2026"}
    for shown in (crm("task", "list").out, crm("today").out, crm("task", "show", "t1").out):
        assert "done by your e-mail to Jane Roe on Tue 3 Feb 2026?" in " ".join(shown.split())
        assert "crm done t1" in shown


def test_nothing_is_ticked_by_itself(crm, home, people):
    """An offer changes nothing; the item is open until the person says that it is done."""
    add_checklist(home, ("Reach out to Jane Roe", None))
    log(crm, "Jane Roe")
    before = document(crm)
    crm("today")
    crm("task", "list")
    assert document(crm) == before
    assert document(crm)["tasks"][0]["done_at"] is None


def test_done_keeps_and_says_back_what_did_it(crm, home, people):
    """The interaction stays with the item, undo takes it back, and opening it again does so too."""
    add_checklist(home, ("Have a coffee chat", None))
    log(crm, "Kim Poe", "coffee")
    uid = document(crm)["interactions"][0]["uid"]
    undone(crm, "done", "t1", now=FEBRUARY)
    shown = crm("done", "t1").out
    assert "Done: t1 Have a coffee chat\n     by your coffee with Kim Poe on Tue 3 Feb 2026" in shown
    task = crm("task", "show", "t1", "--json").json
    assert (task["evidence"], task["note"], "proof" in task) == (uid, None, False)
    assert "your coffee with Kim Poe on Tue 3 Feb 2026 (i1)" in crm("task", "show", "t1").out
    assert crm("task", "edit", "t1", "--reopen", "--json").json["evidence"] is None


def test_what_is_no_interaction_is_kept_in_the_note(crm, home, people):
    """A post's address and its day stand in the note behind what stood there."""
    add_checklist(home, ("Post about what I build", None))
    crm("task", "edit", "t1", "--note", "Be brief")
    crm("commitment", "add", "Show my work", "2/week", "--accept")
    crm("check-in", "m1", now="2026-02-01T18:00:00Z")
    assert says(crm) == {}
    crm("check-in", "m1", "--url", "https://example.org/1", now="2026-02-02T18:00:00Z")
    found = 'your check-in "Show my work" (https://example.org/1) on Mon 2 Feb 2026'
    assert says(crm) == {"t1": found}
    crm("done", "t1")
    assert crm("task", "show", "t1", "--json").json["note"] == f"Be brief\nDone by {found} (k2)"
    crm("task", "edit", "t1", "--reopen")
    crm("done", "t1")
    assert crm("task", "show", "t1", "--json").json["note"].count("Done by") == 1


def test_no_proof_keeps_nothing(crm, home, people):
    """What was done otherwise is ticked without what the log offers."""
    add_checklist(home, ("Have a coffee chat", None))
    log(crm, "Kim Poe", "coffee")
    answer = crm("done", "t1", "--no-proof", "--json").json["items"][0]
    assert (answer["evidence"], answer["done_at"]) == (None, FEBRUARY)


@pytest.mark.parametrize(("typed", "kept"), [("y\n", True), ("\n", True), ("n\n", False)])
def test_a_person_is_asked_what_did_it(crm, home, people, monkeypatch, typed, kept):
    """On a terminal the question is asked; with no, the item is done all the same."""
    add_checklist(home, ("Have a coffee chat", None))
    log(crm, "Kim Poe", "coffee")
    monkeypatch.setattr("sys.stdin", Typed(typed))
    assert "Was it done by your coffee with Kim Poe on Tue 3 Feb 2026?" in crm("done", "t1").err
    task = document(crm)["tasks"][0]
    assert (task["done_at"], task["evidence"] is not None) == (FEBRUARY, kept)


def test_as_many_different_people_as_the_item_asks_for(crm, home, people):
    """Two mails to one person are not two people; a talk is no message the other way round either."""
    add_checklist(home, ("Talk to 2 engineers", None))
    log(crm, "Jane Roe", "call", at="2026-02-01 9:00")
    log(crm, "Jane Roe", "video", at="2026-02-02 9:00")
    log(crm, "Kim Poe", "email")
    assert says(crm) == {}
    log(crm, "Kim Poe", "coffee", at="2026-01-20 9:00")
    found = "your video call with Jane Roe on Mon 2 Feb 2026; your coffee with Kim Poe on Tue 20 Jan 2026"
    assert says(crm) == {"t1": found}
    crm("done", "t1")
    task = crm("task", "show", "t1", "--json").json
    assert task["note"] == "Done by i2, i4"
    assert task["evidence"] == document(crm)["interactions"][1]["uid"]


def test_only_what_came_since_the_start_or_the_making_counts(crm, home, people):
    """Of what was before both nothing is offered; an earlier start lets older things count, from its midnight on."""
    add_checklist(home, ("Have a call with somebody", None))
    log(crm, "Jane Roe", "call", at="2026-01-04 23:59")
    assert says(crm) == {}
    log(crm, "Jane Roe", "call", at="2025-12-20 0:00")
    crm("plan", "start", "2025-12-21")
    assert says(crm) == {"t1": "your call with Jane Roe on Sun 4 Jan 2026"}
    log(crm, "Jane Roe", "call", at="2026-01-05 0:00")
    crm("plan", "start", "2026-02-01")
    assert says(crm) == {"t1": "your call with Jane Roe on Mon 5 Jan 2026"}


def test_an_item_that_names_somebody_is_proven_by_them(crm, home, people):
    """By a first name as it is spelt, a whole name, or whom the item is about."""
    add_checklist(home, ("Talk to Ana about maps", None), ("Call somebody", None), ("Talk to Jane", None))
    crm("task", "edit", "t2", "--for", "Ana Lee")
    log(crm, "Kim Poe", "call")
    assert says(crm) == {}
    log(crm, "Ana Lee", "call", at="2026-02-01 9:00")
    assert set(says(crm)) == {"t1", "t2"}


def test_an_item_that_names_a_tag_is_proven_by_who_is_in_it(crm, home, people):
    """`1 expert` is one of @experts where there is such a tag; others do not count."""
    add_checklist(home, ("Complete Part 7 (at least 1 expert consultation)", None))
    crm("contact", "tag", "Kim Poe", "experts")
    log(crm, "Jane Roe", "call")
    assert says(crm) == {}
    log(crm, "Kim Poe", "video", at="2026-01-30 9:00")
    assert says(crm) == {"t1": "your video call with Kim Poe on Fri 30 Jan 2026"}


def test_hours_answers_asks_and_plans_prove_theirs(crm, home, people):
    """Logged time, an answer, a referral that was asked for, a planned chat, and people in a group."""
    titles = ("Track hours", "Ask 1 question", "Ask for a referral", "Schedule a coffee chat", "Identify 2 experts")
    add_checklist(home, *((each, None) for each in titles))
    crm("hours", "add", "Drills", "--role", "drills", now=FEBRUARY)
    crm("question", "add", "What would you learn first?")
    assert says(crm) == {}
    crm("log-hours", "1h30", "drills", "--at", "2026-02-04")
    log(crm, "Jane Roe", "call", "--answer", "q1=maps")
    crm("referral", "plan", "Jane Roe", "--company", "Initech")
    crm("referral", "ask", "f1")
    crm("schedule", "Kim Poe", "2026-02-20 9:00", "--kind", "coffee")
    crm("contact", "tag", "Jane Roe", "experts")
    crm("contact", "tag", "Kim Poe", "experts")
    assert says(crm) == {
        "t1": "1 h 30 min of Drills on Wed 4 Feb 2026",
        "t2": "Jane Roe's answer to q1 on Tue 3 Feb 2026",
        "t3": "the referral you asked Jane Roe for on Thu 5 Feb 2026",
        "t4": "your coffee with Kim Poe planned for Fri 20 Feb 2026",
        "t5": "having Kim Poe and Jane Roe on your list",
    }


def test_today_tells_scripts_what_looks_done(crm, home, people):
    """The key `looks_done` has the item, the words, and each thing by its table and uid."""
    add_checklist(home, ("Reach out to somebody", None))
    assert crm("today", "--json").json["looks_done"] == []
    log(crm, "Jane Roe")
    (found,) = crm("today", "--json").json["looks_done"]
    task, interaction = document(crm)["tasks"][0], document(crm)["interactions"][0]
    evidence = [{"kind": "interaction", "ref": "i1", "uid": interaction["uid"], "at": "2026-02-03T18:00:00Z"}]
    says_ = "your e-mail to Jane Roe on Tue 3 Feb 2026"
    assert found == {"task": "t1", "uid": task["uid"], "says": says_, "evidence": evidence}


def _note(seen, *args):
    seen.append(args[2])


def test_many_items_cost_no_more_queries_than_one(crm, home, people):
    """The log is read once, however many items there are; items that it cannot prove cost nothing."""
    counts = []
    for more in (("Call a person", None), *[(f"Call person {each}", None) for each in "abcdefghij"]):
        add_checklist(home, more, ("Set up tools", None))
        with database(home) as session:
            seen = []
            note = partial(_note, seen)
            event.listen(session.get_bind(), "before_cursor_execute", note)
            evidence.proven(session, now=datetime(2026, 2, 5, tzinfo=UTC), tz=ZoneInfo("UTC"))
            event.remove(session.get_bind(), "before_cursor_execute", note)
        counts.append(len(seen))
    assert len(set(counts)) == 1


@pytest.mark.parametrize("columns", ["80", "120"])
def test_hostile_names_stay_harmless_and_lines_fit(crm, home, monkeypatch, columns):
    """No name moves the cursor or makes a line wider than the terminal."""
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("NO_COLOR", "1")
    name = "[bold]\x1b[31m" + "Roe " * 2500
    crm("contact", "add", name)
    add_checklist(
        home, *[(f"Reach out to {each} " + "engineers " * 30, None) for each in ("1", "one", "somebody", "a")]
    )
    log(crm, "c1")
    for command in (("today",), ("task", "list"), ("done", "t1", "t2")):
        shown = crm(*command).out
        assert "\x1b" not in shown
        assert max(map(len, shown.splitlines())) <= int(columns)


def test_who_is_forgotten_is_gone_from_what_was_kept(crm, home, people):
    """With an item the short ids of talks are kept, not the names of whom they were with."""
    add_checklist(home, ("Talk to 2 engineers", None))
    log(crm, "Jane Roe", "call")
    log(crm, "Kim Poe", "call")
    crm("done", "t1", now=FEBRUARY)
    crm("contact", "forget", "Jane Roe", "--yes")
    assert "Jane" not in crm("task", "show", "t1").out
