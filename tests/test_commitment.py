"""Commitments: proposed until accepted, counted per day, week or month, and skipped with a reason."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_support import database, document, undone

from crm.actions import commitments as actions
from crm.actions.commitment_periods import Tally, periods
from crm.actions.commitment_rhythm import is_harder, parse_often
from crm.date_words import WEEKDAYS
from crm.errors import BadValueError
from crm.models import CheckIn, CommitmentVersion
from crm.models.words import Per
from crm.store import records

ZONES = ("America/Los_Angeles", "Pacific/Apia", "Asia/Kathmandu", "UTC")


@pytest.fixture
def posting(crm):
    """An accepted commitment to post twice a week."""
    return crm("commitment", "add", "Post on LinkedIn", "2/week", "--accept", "--json").json


def standing(crm, *, now=None):
    """The first commitment's count: done, skipped, left."""
    first = crm("commitment", "list", "--json", now=now).json["items"][0]
    return first["done"], first["skipped"], first["left"]


@pytest.mark.parametrize(
    ("typed", "often"),
    [
        ("2/week", (2, Per.WEEK)),
        ("1/day", (1, Per.DAY)),
        (" 12 / Month ", (12, Per.MONTH)),
        ("2 a week", (2, Per.WEEK)),
        ("3 per week", (3, Per.WEEK)),
        ("99/month", (99, Per.MONTH)),
    ],
)
def test_how_often_as_people_type_it(typed, often):
    """`n/day`, `n/week` and `n/month`, or with `per`."""
    assert parse_often(typed) == often


@pytest.mark.parametrize(
    "typed",
    ["", "2", "week", "0/week", "100/week", "2/year", "-1/week", "two/week", "2/weeks/day", "٢/week", "2\n/week\0"],
)
def test_no_rhythm_is_refused(crm, typed):
    """What says no number of times and no period is exit 2, and nothing is made."""
    before = document(crm)
    if "\0" not in typed:
        crm("commitment", "add", "Post", typed, code=2)
    with pytest.raises(BadValueError):
        parse_often(typed)
    assert document(crm) == before


def test_proposed_is_not_accepted(crm):
    """A new commitment is only proposed: checking in is refused and names the way to accept it."""
    made = crm("commitment", "add", "Post on LinkedIn", "2/week", "--json").json
    assert (made["state"], made["times"], made["per"]) == ("proposed", 2, "week")
    before = document(crm)
    assert "crm commitment accept m1" in crm("check-in", "m1", code=5).err
    assert document(crm) == before
    assert crm("commitment", "accept", "m1", "--json").json["state"] == "accepted"
    assert crm("check-in", "m1", "--json").json["commitment"] == made["uid"]


def test_accepting_again_changes_nothing(crm, posting):
    """Accepting twice raises no revision."""
    before = crm("export", "json").json
    crm("commitment", "accept", "m1")
    assert crm("export", "json").json == before


@pytest.mark.parametrize("words", ["m1", "Post on LinkedIn", "post on linkedin", "linkedin", "po link"])
def test_a_commitment_answers_to_id_title_and_words(crm, posting, words):
    """Short id, title and unique words find it, quoted or not."""
    assert crm("check-in", *words.split(" "), "--json").json["commitment"] == posting["uid"]
    assert crm("commitment", "show", words, "--json").json["uid"] == posting["uid"]


def test_unknown_and_ambiguous_words(crm, posting):
    """No match is exit 3, several are exit 4; both list what there is."""
    crm("commitment", "add", "Post on the blog", "1/month")
    assert crm("check-in", "post", "--json", code=4).error["candidates"] == [
        "m1 Post on LinkedIn",
        "m2 Post on the blog",
    ]
    assert crm("check-in", "run", "--json", code=3).error["candidates"]
    crm("check-in", "m9", code=3)


def test_a_check_in_counts(crm, posting):
    """Each one is counted in its week, and said back with day and count."""
    printed = crm("check-in", "linkedin", "--url", "https://example.org/1", "--note", "chess engine").out
    assert "Mon 5 Jan 2026 09:00" in printed
    assert "1 of 2 this week" in printed
    assert standing(crm) == (1, 0, 1)
    (told,) = crm("export", "json").json["check_ins"]
    assert (told["url"], told["note"], told["skip_reason"]) == ("https://example.org/1", "chess engine", None)


def test_more_than_promised_leaves_nothing(crm, posting):
    """Three of two leave nothing to do, never less than nothing."""
    for _time in range(3):
        crm("check-in", "linkedin")
    assert standing(crm) == (3, 0, 0)


def test_a_skip_is_neither_done_nor_left(crm, posting):
    """A skip needs a reason, which is kept; it counts apart."""
    told = crm("check-in", "linkedin", "--skip", "was ill", "--json").json
    assert told["skip_reason"] == "was ill"
    assert standing(crm) == (0, 1, 1)


def test_the_next_week_begins_at_nothing(crm, posting):
    """What was done counts in its own week only."""
    crm("check-in", "linkedin")
    crm("check-in", "linkedin", "--at", "sun")
    assert standing(crm) == (1, 0, 1)
    assert standing(crm, now="2026-01-12T12:00:00Z") == (0, 0, 2)


def test_midnight_belongs_to_the_day_it_begins(crm, posting):
    """A check-in at 0:00 on Monday counts in the new week, not in the old one."""
    crm("check-in", "linkedin", "--at", "2026-01-12 0:00", now="2026-01-12T12:00:00Z")
    assert standing(crm) == (1, 0, 1)
    assert standing(crm, now="2026-01-11T12:00:00Z") == (0, 0, 2)


def test_at_looks_back_and_says_the_week_it_counts_in(crm, posting):
    """A check-in of last week is counted there and says so."""
    printed = crm("check-in", "linkedin", "--at", "sat 14:00").out
    assert "1 of 2 from Mon 29 Dec 2025 to Sun 4 Jan 2026" in printed


@pytest.mark.parametrize(
    "options",
    [
        ("--at", "2026-01-06"),
        ("--at", "soon"),
        ("--url", "example.org/1"),
        ("--url", "javascript:alert(1)"),
        ("--url", "https://"),
        ("--url", "https://exa mple.org"),
        ("--skip", " "),
        ("--note", "a\0b"),
        ("--skip", "a\0b"),
    ],
)
def test_a_bad_check_in_is_refused(crm, posting, options):
    """The future, what is no web address, a skip without a reason, and text that can't be stored are exit 2."""
    before = document(crm)
    crm("check-in", "linkedin", *options, code=2)
    assert document(crm) == before


def test_a_post_is_credited_once(crm, posting):
    """Neither the same address nor the same post in LinkedIn's other form counts again; another commitment may."""
    crm("check-in", "linkedin", "--url", "https://www.linkedin.com/feed/update/urn:li:share:7000000000000000001/")
    again = "https://www.linkedin.com/posts/robin-vale_chess-share-7000000000000000001-Ab1c"
    assert "k1" in crm("check-in", "linkedin", "--url", again, code=5).err
    crm("check-in", "linkedin", "--url", "https://example.org/1")
    assert "k2" in crm("check-in", "linkedin", "--url", "https://example.org/1", code=5).err
    assert standing(crm) == (2, 0, 0)
    crm("commitment", "add", "Write", "1/week", "--accept")
    crm("check-in", "write", "--url", "https://example.org/1")


def often(told):
    """The versions, briefly: since when, and how often."""
    return [(each["from_on"], f"{each['times']}/{each['per']}") for each in told["versions"]]


def edited(crm, rhythm, now, command=("edit", "--often")):
    """The versions after a change."""
    verb, *option = command
    return often(crm("commitment", verb, "m1", *option, rhythm, "--json", now=f"{now}T17:00:00Z").json)


WEDNESDAY, THURSDAY = "2026-01-14", "2026-01-15"
TWICE = ("2026-01-05", "2/week")


def test_more_often_counts_at_once(crm, posting):
    """From today on; what was checked in this week counts, and the week before keeps its own rhythm."""
    crm("check-in", "m1")
    assert edited(crm, "3/week", WEDNESDAY) == [TWICE, (WEDNESDAY, "3/week")]
    assert standing(crm) == (0, 0, 3)
    assert "2 of 2 from Mon 5 Jan 2026 to Sun 11 Jan 2026, kept" in crm("check-in", "m1", "--at", "2026-01-06").out


@pytest.mark.parametrize("command", [("edit", "--often"), ("ease",)])
def test_less_often_counts_from_the_next_week_and_that_is_said(crm, posting, command):
    """The week that runs is judged as it began."""
    assert edited(crm, "1/week", WEDNESDAY, command) == [TWICE, ("2026-01-19", "1/week")]
    assert standing(crm) == (0, 0, 2)
    assert standing(crm, now="2026-01-19T17:00:00Z") == (0, 0, 1)
    verb, *option = command
    assert "From Mon 19 Jan 2026 on: 2/month" in crm("commitment", verb, "m1", *option, "2/month", now=NOON).out


NOON = f"{WEDNESDAY}T20:00:00Z"


@pytest.mark.parametrize(
    ("rhythm", "versions"),
    [
        ("2/week", [TWICE]),
        ("3/week", [TWICE, (THURSDAY, "3/week")]),
        ("1/month", [TWICE, ("2026-01-19", "1/month")]),
        ("1/day", [TWICE, (THURSDAY, "1/day")]),
    ],
)
def test_a_new_rhythm_takes_the_place_of_what_was_to_come(crm, posting, rhythm, versions):
    """Whoever thinks better of an easing takes it back, or goes on from the rhythm that counts today."""
    edited(crm, "1/week", WEDNESDAY)
    assert edited(crm, rhythm, THURSDAY) == versions


def test_taking_an_easing_back_can_be_undone(crm, posting):
    """A version that was to come and was removed comes back."""
    edited(crm, "1/week", WEDNESDAY)
    undone(crm, "commitment", "edit", "m1", "--often", "3/week", now=NOON)


def test_easing_takes_words_and_the_persons_own_week(crm, posting):
    """Unquoted words of the title; where weeks begin on Sunday, so does the easing."""
    crm("config", "set", "week_starts_on", "sunday")
    told = crm("commitment", "ease", "post", "linkedin", "1/week", "--json", now=NOON).json
    assert often(told)[-1] == ("2026-01-18", "1/week")


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(1, 9), st.sampled_from(list(Per))), min_size=1, max_size=8),
    st.sampled_from(WEEKDAYS),
)
def test_no_change_lightens_what_runs_or_is_over(home, changes, starts_on):
    """Whatever is changed day by day, the period that runs never gets easier, and those before it stay as judged."""
    day = date(2026, 1, 5)
    with database(home) as session:
        made = actions.add(session, "Own", times=3, per=Per.WEEK, accepted=True, today=day)
        for days, times, per in changes:
            day += timedelta(days=days)

            def judged(until=day):
                versions = records.parts(session, CommitmentVersion, made)
                return list(periods(versions, Tally(), until=until, week_starts_on=starts_on))

            *before, was = judged()
            actions.edit(session, made, often=(times, per), today=day, week_starts_on=starts_on)
            after = [each for each in judged() if each.to_on < day]
            now = judged()[-1]
            assert [(each.from_on, each.times) for each in after[: len(before)]] == [
                (each.from_on, each.times) for each in before
            ]
            assert not is_harder((was.times, Per(was.per)), (now.times, Per(now.per)))
        session.rollback()


def test_easing_cannot_harden(crm, posting):
    """More often is refused with the way round, just as often is no easing; nothing changes."""
    before = document(crm)
    assert "crm commitment edit m1 --often 1/day" in crm("commitment", "ease", "m1", "1/day", code=5).err
    crm("commitment", "ease", "m1", "2/week", code=2)
    crm("commitment", "ease", "m1", "often", code=2)
    assert document(crm) == before


def test_what_is_not_accepted_changes_at_once(crm):
    """A proposal has no week that runs; when it is accepted, it counts from that day on."""
    crm("commitment", "add", "Post", "3/week")
    assert edited(crm, "1/week", "2026-01-07") == [("2026-01-05", "3/week"), ("2026-01-07", "1/week")]
    assert often(crm("commitment", "accept", "m1", "--json", now=NOON).json) == [(WEDNESDAY, "1/week")]


@pytest.mark.parametrize(
    ("one", "other"),
    [("1/day", "6/week"), ("2/week", "8/month"), ("1/week", "4/month"), ("1/month", "1/month"), ("5/month", "1/week")],
)
def test_what_is_harder(one, other):
    """Counted over many years."""
    assert is_harder(parse_often(one), parse_often(other)) == (one != other)
    assert not is_harder(parse_often(other), parse_often(one))


def test_the_title_changes_alone(crm, posting):
    """A new title keeps rhythm, state and uid."""
    told = crm("commitment", "edit", "m1", "--title", "Write in public", "--json").json
    assert (told["title"], told["uid"], told["versions"]) == ("Write in public", posting["uid"], posting["versions"])


@pytest.mark.parametrize(
    "command",
    [
        ("add", "", "2/week"),
        ("add", "POST on linkedin", "1/day"),
        ("add", "a\0b", "1/day"),
        ("edit", "m1"),
        ("edit", "m1", "--title", " "),
        ("edit", "m1", "--title", "Read"),
        ("edit", "m1", "--often", "often"),
    ],
)
def test_a_bad_title_or_an_empty_edit_is_refused(crm, posting, command):
    """Titles are not blank and not taken; an edit changes something."""
    crm("commitment", "add", "Read", "1/day")
    before = document(crm)
    crm("commitment", *command, code=2)
    assert document(crm) == before


def test_a_title_may_be_spelt_anew(crm, posting):
    """A commitment does not stand in its own way."""
    assert crm("commitment", "edit", "m1", "--title", "Post on linkedin", "--json").json["title"] == "Post on linkedin"


def test_removing_keeps_what_was_logged(crm, posting):
    """With check-ins it ends and they stay; it can be taken up again. Without any it is gone."""
    crm("commitment", "add", "Read", "1/day")
    crm("check-in", "linkedin")
    crm("commitment", "remove", "linkedin")
    crm("commitment", "remove", "read")
    assert [(each["title"], each["state"]) for each in crm("commitment", "list", "--json").json["items"]] == [
        ("Post on LinkedIn", "ended")
    ]
    assert "crm commitment accept m1" in crm("check-in", "linkedin", code=5).err
    crm("commitment", "accept", "linkedin")
    assert standing(crm) == (1, 0, 1)


def test_the_list_sets_proposed_ones_apart(crm, posting):
    """Accepted ones show this period's count, proposed ones how to accept them."""
    crm("commitment", "add", "Read", "1/day")
    crm("check-in", "linkedin")
    printed = crm("commitment", "list").out
    assert printed.index("1 of 2 this week") < printed.index("Proposed, not accepted") < printed.index("Read")
    assert "crm commitment accept m2" in printed


def test_an_empty_list_says_what_to_type(crm):
    """Without commitments the command that makes one is named."""
    assert 'crm commitment add "Post on LinkedIn" 2/week' in crm("commitment", "list").out
    assert crm("commitment", "list", "--json").json == {"items": []}


@pytest.mark.parametrize(
    "command",
    [
        ("commitment", "add", "Read", "1/day", "--accept"),
        ("commitment", "edit", "m1", "--often", "3/month", "--title", "Write"),
        ("commitment", "ease", "m1", "1/week"),
        ("commitment", "remove", "m1"),
        ("check-in", "m1", "--url", "https://example.org"),
        ("check-in", "m1", "--skip", "was ill"),
    ],
)
def test_every_write_can_be_undone(crm, posting, command):
    """Undo brings the document back to what it was before, a removed commitment and its versions too."""
    undone(crm, *command)


def test_accepting_and_ending_can_be_undone(crm):
    """Undo of a change of state brings the former state back."""
    crm("commitment", "add", "Read", "1/day")
    undone(crm, "commitment", "accept", "read")
    crm("commitment", "accept", "read")
    crm("check-in", "read")
    undone(crm, "commitment", "remove", "read")


@pytest.mark.parametrize("title", ["[bold]x[/]", "\x1b[31mPost\r\n", "a" * 10_000, "ציוץ", "'; DROP TABLE plan;--"])
def test_hostile_titles_are_kept_and_break_no_screen(crm, title):
    """A title comes back exactly, and no screen lets it through to the terminal."""
    crm("commitment", "add", title, "2/week", "--accept")
    for command in (("commitment", "list"), ("check-in", "m1"), ("week",), ("commitment", "show", "m1")):
        assert "\x1b" not in crm(*command).out
    assert crm("export", "json").json["commitments"][0]["title"] == title


@given(
    st.sampled_from(ZONES),
    st.sampled_from(list(Per)),
    st.sampled_from(WEEKDAYS),
    st.lists(st.tuples(st.integers(-40 * 24, 0), st.booleans()), max_size=15),
    st.integers(1, 9),
    st.sampled_from([date(2026, 3, 8), date(2026, 11, 1), date(2011, 12, 31), date(2026, 2, 28)]),
)
def test_the_count_equals_an_independent_reckoning(home, zone, per, starts_on, hours_ago, times, day):
    """In any zone and across changes of the clocks, check-ins count by the local day on which they were done."""
    tz = ZoneInfo(zone)
    now = datetime.combine(day, time(20), tzinfo=tz).astimezone(UTC)
    with database(home) as session:
        made = actions.add(session, "Own", times=times, per=per, accepted=True, today=day)
        marked = [(now + timedelta(hours=ago), skip) for ago, skip in hours_ago]
        for at, skip in marked:
            session.add(CheckIn(commitment_id=made.id, done_at=at, skip_reason="ill" if skip else None))
        session.flush()
        (found,) = actions.standing(session, now=now, tz=tz, week_starts_on=starts_on)
        session.rollback()
    days = {
        Per.DAY: [day],
        Per.WEEK: [
            day - timedelta(days=(day.weekday() - WEEKDAYS.index(starts_on)) % 7) + timedelta(n) for n in range(7)
        ],
        Per.MONTH: [day.replace(day=n + 1) for n in range(monthrange(day.year, day.month)[1])],
    }[per]
    assert (found.from_on, found.to_on) == (days[0], days[-1])
    here = [skip for at, skip in marked if at.astimezone(tz).date() in days]
    assert (found.done, found.skipped) == (here.count(False), here.count(True))
    assert found.left == max(0, times - len(here))
