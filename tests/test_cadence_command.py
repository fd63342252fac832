"""crm cadence: how often to stay in touch with people and tags, which word counts, and where one stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outreach_support import contact, document, undone

from crm.actions.cadences import Pulse, say_every, window
from crm.cadence import parse_cadence, say_cadence


@pytest.fixture
def people(prepared):
    """Jane and Ben, both among the experts; one had coffee with Jane on 5 January."""
    names = (f"contact add '{name}' --tag experts" for name in ("Jane Roe", "Ben Bay"))
    return prepared(*names, "log-contact jane --kind coffee")


def item(crm, *words, **options):
    """The last thing that `crm cadence` tells."""
    return crm("cadence", *words, "--json", **options).json["items"][-1]


def test_it_sets_the_cadence_of_a_person(people):
    """Said back in words; the document keeps the days."""
    assert (
        "you say every 4 to 6 weeks; tier active would say every 4 to 6 weeks"
        in people("cadence", "jane", "4w..6w").out
    )
    assert contact(people, "Jane Roe")["cadence"] == {"min_days": 28, "max_days": 42}


def test_it_sets_that_of_several_and_of_tags(people):
    """People and tags together; a tag is the tag, not those who are in it."""
    told = people("cadence", "jane", "and", "ben", "@experts", "2w..3w", "--json").json["items"]
    assert [each.get("tag") or each["contact"]["name"] for each in told] == ["experts", "Jane Roe", "Ben Bay"]
    assert document(people)["tag_cadences"][0]["max_days"] == 21
    people("cadence", "@experts", "30d")
    assert [each["max_days"] for each in document(people)["tag_cadences"]] == [30]
    assert [each["cadence"]["max_days"] for each in document(people)["contacts"]] == [21, 21]


@pytest.mark.parametrize("word", ["off", "none", "OFF"])
def test_off_clears_it(people, word):
    """What is left is what the tag says, and then the tier."""
    people("cadence", "jane", "9d")
    people("cadence", "@experts", "1w..2w")
    assert item(people, "jane")["says"] == "person"
    assert item(people, "jane", word)["says"] == "tag"
    people("cadence", "@experts", word)
    assert item(people, "jane")["says"] == "tier"
    assert document(people)["tag_cadences"] == []


def test_it_says_which_counts_and_why(people):
    """The person's own before the tag's before the tier's; the others are told as well."""
    people("cadence", "@experts", "3w..5w")
    said = " ".join(people("cadence", "jane").out.split())
    assert "@experts says every 3 to 5 weeks; tier active would say every 4 to 6 weeks" in said
    told = item(people, "jane")
    assert (told["says"], told["name"], told["min_days"], told["max_days"]) == ("tag", "experts", 21, 35)
    assert [each["says"] for each in told["others"]] == ["tier"]


def test_the_soonest_tag_counts(people):
    """Of several tags the one that asks to be in touch soonest."""
    people("contact", "tag", "jane", "partners")
    people("cadence", "@experts", "3w..5w")
    people("cadence", "@partners", "1w..2w")
    assert item(people, "jane")["name"] == "partners"


@pytest.mark.parametrize(
    ("now", "state", "said"),
    [
        ("2026-02-01T17:00:00Z", "in-time", "in time; due from Mon 2 Feb 2026"),
        ("2026-02-02T17:00:00Z", "due", "due, by Mon 16 Feb 2026"),
        ("2026-02-16T17:00:00Z", "due", "due, by Mon 16 Feb 2026"),
        ("2026-02-17T17:00:00Z", "overdue", "overdue since Tue 17 Feb 2026"),
    ],
)
def test_where_one_stands_is_green_amber_or_red_in_words(people, now, state, said):
    """In time before the window, due within it, overdue past it; the days are told with their weekdays."""
    told = item(people, "jane", now=now)
    assert (told["state"], told["since_on"], told["due_on"], told["overdue_on"]) == (
        state,
        "2026-01-05",
        "2026-02-02",
        "2026-02-17",
    )
    assert said in people("cadence", "jane").out


def test_whom_one_never_contacted_is_due_at_once(people):
    """Counted from the day they came on the list, as `crm next` does it."""
    told = item(people, "ben")
    assert (told["state"], told["due_on"], told["overdue_on"]) == ("due", "2026-01-05", "2026-02-17")
    assert "when they came on your list" in people("cadence", "ben").out


def test_a_tag_shows_everybody_in_it(people):
    """With where one stands with each; several make a table."""
    said = people("cadence", "@experts").out
    assert "as their tiers say" in said
    assert "4w..6w" in said
    assert "in time" in said
    assert [each["contact"]["name"] for each in people("cadence", "@experts", "--json").json["items"][1:]] == [
        "Jane Roe",
        "Ben Bay",
    ]


def test_without_words_it_lists_what_was_said(people):
    """Tags and people with a cadence of their own, then what the tiers say and which setting that is."""
    assert people("cadence", "--json").json["items"] == []
    people("cadence", "jane", "@experts", "2w")
    told = people("cadence", "--json").json
    assert [each.get("tag") or each["contact"]["name"] for each in told["items"]] == ["experts", "Jane Roe"]
    assert told["tiers"]["inner"] == {"min_days": 14, "max_days": 28}
    said = people("cadence").out
    assert "every 8 to 13 weeks" in said
    assert "outreach.cadence_occasional" in said


def test_a_long_list_is_cut(people):
    """Forty people are shown; how to see all is said, and does show all."""
    for number in range(45):
        people("contact", "add", f"Person{number} Roe", "--tag", "crowd")
    said = people("cadence", "@crowd").out
    assert "and 5 more; all of them: --all" in said
    assert people("cadence", "@crowd", "--all").out.count("Person") == 45


def test_tier_none_is_told(people):
    """Nobody is suggested for a cadence if they are of tier none; the way out is named."""
    people("contact", "tier", "ben", "none")
    assert item(people, "ben")["state"] is None
    assert "crm contact tier c2 active" in people("cadence", "ben").out
    assert "tier none" in people("cadence", "ben", "2w").err


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        (("jane", "6w..4w"), "shorter time first"),
        (("jane", "4"), "4w..6w"),
        (("jane", "4x"), "4w..6w"),
        (("jane", "0w..4w"), "1 to 3650"),
        (("jane", "monthly"), "4w..6w"),
        (("4w..6w",), "crm cadence WHO"),
        (("jane", "4w.."), "4w..6w"),
    ],
)
def test_a_bad_value_says_what_to_type(people, words, remedy):
    """Exit 2, and nothing is changed."""
    before = document(people)
    assert remedy in people("cadence", *words, code=2).err
    assert document(people) == before


@pytest.mark.parametrize(("words", "code"), [(("@choir", "4w"), 3), (("nobody", "4w"), 3), (("roe", "4w"), 3)])
def test_nobody_is_guessed(people, words, code):
    """An unknown tag or name changes nothing."""
    people("cadence", *words, code=code)


@pytest.mark.parametrize("words", [("jane", "2w"), ("@experts", "4w..6w"), ("jane", "ben", "@experts", "9d")])
def test_it_can_be_undone(people, words):
    """One command, one undo."""
    undone(people, "cadence", *words)
    people("cadence", *words)
    undone(people, "cadence", *words[:-1], "off")


def test_tiers_are_set_for_several_and_for_tags(people):
    """One person is told as before; several, or a tag, as a list; one undo takes it back."""
    assert people("contact", "tier", "jane", "inner", "--json").json["tier"] == "inner"
    told = people("contact", "tier", "jane", "ben", "occasional", "--json").json["items"]
    assert [each["tier"] for each in told] == ["occasional", "occasional"]
    assert len(people("contact", "tier", "@experts", "none", "--json").json["items"]) == 2
    people("undo")
    assert [each["tier"] for each in document(people)["contacts"]] == ["occasional", "occasional"]


@pytest.mark.parametrize("name", ["[bold]Bo[/bold] X", "\x1b[31mRed\x07 Y", "N" * 10_000])
def test_hostile_names_break_nothing(crm, name):
    """No escape reaches the terminal, and no line is wider than it."""
    crm("contact", "add", name, "--tag", "a[b]")
    crm("cadence", "c1", "@a[b]", "2w")
    for words in ((), ("c1",), ("@a[b]",)):
        said = crm("cadence", *words).out
        assert "\x1b" not in said
        assert max(map(len, said.splitlines())) <= 100


spans = st.tuples(st.integers(1, 3650), st.integers(1, 3650)).map(sorted).map(tuple)


@given(spans, st.dates(), st.integers(0, 4000))
def test_a_window_is_passed_through_once(days, since, later):
    """As days go by one is in time, then due, then overdue, and never back."""
    if since.toordinal() + 8000 > type(since).max.toordinal():
        since = since.replace(year=2000)
    opened = window(since, days)
    one, other = (opened.pulse(type(since).fromordinal(since.toordinal() + each)) for each in (later, later + 1))
    assert list(Pulse).index(one) <= list(Pulse).index(other)
    assert opened.pulse(opened.opens_on) is Pulse.DUE
    assert opened.pulse(opened.closes_on) is Pulse.DUE
    assert opened.pulse(opened.overdue_on) is Pulse.OVERDUE


@given(spans)
def test_a_cadence_is_said_as_it_was_typed(days):
    """What is shown to type gives the same days again, and no two cadences are said alike."""
    assert parse_cadence(say_cadence(*days)) == days
    unit = "week" if not (days[0] % 7 or days[1] % 7) else "day"
    assert unit in say_every(days)


def test_a_message_without_an_answer_is_told_beside_the_day_it_counts_from(people):
    """What counts is the last talk, or the day somebody came on the list; a message since then is told with it."""
    for name in ("jane", "ben"):
        people("log-contact", name, "--kind", "message", now="2026-01-26T17:00:00Z")
    for name, counts in (("jane", "Mon 5 Jan 2026"), ("ben", "Mon 5 Jan 2026, when they came on your list")):
        said = " ".join(people("cadence", name, now="2026-01-27T17:00:00Z").out.split())
        assert f"since {counts} (you wrote on Mon 26 Jan 2026; no answer yet)" in said
    people("log-contact", "ben", "--kind", "message", "--direction", "in", now="2026-01-27T17:00:00Z")
    assert "no answer yet" not in people("cadence", "ben", now="2026-01-27T17:00:00Z").out


@pytest.mark.parametrize("words", ["cadence jane", "cadence jane 4w", "cadence @experts 4w", "contact tier jane inner"])
def test_it_ends_with_the_next_step(people, words):
    """Whom next is what one asks after it."""
    assert people(*words.split()).out.rstrip().endswith("Whom next: crm next")
