"""One page before a chat."""

import pytest
from plan_support import NOW, database, on

from crm.models import Introduction, Referral, Relationship, Review, ReviewLink, Task
from crm.store import names, records


@pytest.fixture
def crm_full(crm, home):
    """Jane with everything: context, work, channels, ties, talks, questions, promises, referrals, a chat to come."""
    crm(
        *("contact", "add", "Jane Roe", "--email", "jane@example.test", "--tag", "experts"),
        *("--context", "met at a meetup", "--organization", "Acme", "--title", "Engineer"),
        *("--private-note", "secret thing"),
    )
    crm("contact", "add", "Mat Pine")
    crm("question", "add", "Anything for anybody?")
    crm("question", "add", "What would you learn first?", "--for", "jane")
    crm("question", "add", "How did you start?", "--for", "@experts")
    for day in (1, 2, 3, 4):
        crm("log-contact", "jane", "--kind", "call", "--at", f"2025-12-0{day} 9:00", "--note", f"talk {day}")
    crm("log-contact", "jane", "--at", "2025-12-05 9:00", "--private", "--note", "secret words")
    crm("log-contact", "jane", "mat", "--kind", "event", "--at", "2025-12-06 9:00", "--promise", "send photos by fri")
    crm("schedule", "jane", "fri", "14:30", "--kind", "coffee", "--place", "Luna")
    with database(home) as session:
        jane, mat = names.contact(session, "jane"), names.contact(session, "mat")
        acme, experts = names.organization(session, "Acme"), names.tag(session, "experts")
        session.add(Relationship(from_contact_id=mat.id, to_contact_id=jane.id, type="manages"))
        session.add(Introduction(connector_id=jane.id, placeholder="software engineer", organization_id=acme.id))
        session.add(Referral(tag_id=experts.id, organization_id=acme.id, state="proposed"))
        session.add(Task(title="send her book list", kind="promise", owner="them", contact_id=jane.id))
    return crm


def test_one_page_has_it_all(crm_full):
    """Who, work, channel, ties, the last three talks, questions, promises both ways, referral and the next chat."""
    out = crm_full("prep", "jane").out
    for said in (
        "met at a meetup",
        "Engineer at Acme",
        "@experts",
        "email jane@example.test",
        "Mat Pine manages Jane Roe",
        "introduction to software engineer at Acme (proposed)",
        "talk 4",
        "Sat 6 Dec 2025",
        "What would you learn first?",
        "send photos",
        "send her book list",
        "a referral at Acme could be asked for (proposed)",
        "Fri 9 Jan 2026 14:30",
        "Luna",
        "crm log-contact jane --kind coffee --answer q2",
    ):
        assert said in out
    assert "talk 2" not in out


def test_private_notes_stay_out(crm_full):
    """Neither on the page, which others may see, nor in its JSON."""
    assert "secret" not in crm_full("prep", "jane").out
    assert "secret" not in crm_full("prep", "jane", "--json").out


def test_scripts_get_the_same(crm_full):
    """Every part of the page under a key of its own."""
    told = crm_full("prep", "jane", "--json").json
    assert told["contact"]["name"] == "Jane Roe"
    assert [each["type"] for each in told["relationships"]] == ["manages"]
    assert [each["want"] for each in told["introductions"]] == ["introduction"]
    assert told["planned"]["place"] == "Luna"
    assert [each["starts_at"][:10] for each in told["talks"]] == ["2025-12-06", "2025-12-05", "2025-12-04"]
    assert [each["ref"] for each in told["questions"]] == ["q2", "q3", "q1"]
    assert [each["title"] for each in told["promises"]["mine"]] == ["send photos"]
    assert [each["title"] for each in told["promises"]["theirs"]] == ["send her book list"]
    assert [each["state"] for each in told["referrals"]] == ["proposed"]
    assert told["gaps"] == []


def test_at_most_five_questions(crm):
    """Their own first, and none that was answered."""
    crm("contact", "add", "Jane Roe")
    for number in range(6):
        crm("question", "add", f"General {number}?")
    crm("question", "add", "Own?", "--for", "jane")
    crm("log-contact", "jane", "--answer", "q1=x")
    asked = [each["ref"] for each in crm("prep", "jane", "--json").json["questions"]]
    assert asked == ["q7", "q2", "q3", "q4", "q5"]


def test_what_the_next_review_waits_for_is_asked_first(crm, home):
    """A question linked to the next open review leads, one linked to a later review does not; the rest is counted."""
    crm("contact", "add", "Jane Roe")
    for number in range(6):
        crm("question", "add", f"General {number}?")
    crm("question", "add", "Own?", "--for", "jane")
    with database(home) as session:
        for weeks, question in ((2, 6), (4, 5)):
            review = records.add(session, Review(name=f"Week {weeks}", due_on=on(f"2026-01-{7 * weeks:02}")))
            session.add(ReviewLink(review_id=review.id, question_id=question))
    told = crm("prep", "jane", "--json").json
    assert [each["ref"] for each in told["questions"]] == ["q6", "q7", "q1", "q2", "q3"]
    assert told["more_questions_count"] == 2
    assert "and 2 more: crm question list --for jane" in crm("prep", "jane").out


def test_without_a_channel_the_way_to_them_is_shown(crm, home):
    """Who could bring one there stands on the page with what to type; with a channel it does not."""
    crm("contact", "add", "Jane Roe")
    crm("contact", "add", "Mat Pine")
    crm("contact", "add", "Kim Lee")
    crm("relate", "mat", "knows", "jane")
    assert "you → Mat Pine → Jane Roe" in crm("prep", "jane").out
    told = crm("prep", "jane", "--json").json["paths"]
    assert told[0]["names"] == ["Mat Pine", "Jane Roe"]
    assert told[0]["todo"][-1]["command"] == "crm intro ask mat --for jane"
    assert crm("prep", "kim", "--json").json["paths"] == []
    crm("contact", "edit", "jane", "--phone", "555-0100")
    assert "Ways to them" not in crm("prep", "jane").out


@pytest.mark.parametrize(("state", "told"), [("proposed", True), ("planned", True), ("asked", False), ("offer", False)])
def test_what_makes_asking_easier_is_said_before_one_asks(crm, home, state, told):
    """That many companies pay for a successful referral stands beside one that is still to be asked for."""
    crm("contact", "add", "Jane Roe")
    with database(home) as session:
        session.add(Referral(contact_id=names.contact(session, "jane").id, state=state, asked_at=NOW))
    said = " ".join(crm("prep", "jane").out.split())
    assert ("pay their people for a referral" in said) == told
    assert state == "proposed" or f"a referral ({state}, asked Mon 5 Jan 2026)" in said


def test_what_is_blank_comes_with_its_remedy(crm):
    """Of somebody nothing is known of, the page says what to type."""
    crm("contact", "add", "Jane Roe")
    told = crm("prep", "jane", "--json").json
    assert [each["text"] for each in told["gaps"]] == [
        "no way to reach them",
        "nothing says who they are",
        "no question to ask",
    ]
    assert all("crm" in each["remedy"] and "jane" in each["remedy"] for each in told["gaps"])
    out = crm("prep", "jane").out
    assert "Still blank" in out
    assert "crm schedule jane" in out


def test_what_one_noted_on_reaching_them_is_no_blank(crm):
    """Own words on how to reach somebody stand on the page as what they are, and nothing says there is no way."""
    crm("contact", "add", "Jane Roe", "--how-to-reach", "the robotics club, Thursdays")
    told = crm("prep", "jane", "--json").json
    assert "no way to reach them" not in [each["text"] for each in told["gaps"]]
    out = crm("prep", "jane").out
    assert "reach  the robotics club, Thursdays" in out
    assert "no way to reach" not in out


def test_a_referral_says_how_far_it_is(crm, home):
    """One that was asked for is not said to be possible only."""
    crm("contact", "add", "Jane Roe")
    with database(home) as session:
        session.add(Referral(contact_id=names.contact(session, "jane").id, role="engineer", state="asked"))
    assert "a referral as engineer (asked)" in crm("prep", "jane").out


def test_a_chat_that_has_passed_asks_how_it_went(crm):
    """A planned chat of yesterday is not shown as one to come."""
    crm("contact", "add", "Jane Roe")
    crm("schedule", "jane", "tomorrow", "9:00")
    assert "how did it go" in crm("prep", "jane", now="2026-01-07T17:00:00Z").out


@pytest.mark.parametrize(
    ("words", "code"), [(["nobody"], 3), (["jane", "kim"], 2), (["jane"], 0), (["Jane", "Roe"], 0)]
)
def test_it_takes_one_person(crm, words, code):
    """One person, in one word or several; nobody and two people are told apart."""
    crm("contact", "add", "Jane Roe")
    crm("contact", "add", "Kim Lee")
    crm("prep", *words, code=code)


def test_hostile_text_breaks_nothing(crm):
    """Escapes, markup and very long text stay text."""
    crm("contact", "add", "\x1b[2J[bold]Jane", "--context", "x" * 10_000, "--how-to-reach", "a\r\nb")
    crm("question", "add", "[link=x]q[/link] \x07")
    crm("log-contact", "c1", "--note", "\x1b]0;t\x07")
    out = crm("prep", "c1").out
    assert not {"\x1b", "\x07"} & set(out)
    assert "[link=x]" in out
