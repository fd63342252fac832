"""Periods and streaks of a commitment, and the words for how it stands: pure arithmetic with days."""

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.actions import commitment_words as words
from crm.actions.commitment_periods import Period, Tally, period_at, period_of, periods, streaks
from crm.actions.commitments import standing_in
from crm.models import Commitment, CommitmentVersion
from crm.models.words import Per

MONDAY = date(2026, 1, 5)
DAY = timedelta(days=1)


def version(from_on, often):
    times, per = often.split("/")
    return CommitmentVersion(from_on=from_on, times=int(times), per=per)


def in_january(*numbers):
    """Days of January 2026; a negative number is a skip."""
    return Tally.of((date(2026, 1, abs(number)), number < 0) for number in numbers)


def row(versions, tally, today):
    """The streak now and at best."""
    return streaks(periods(versions, tally, until=today, week_starts_on="monday"), today=today)


def say(times, done, skipped, today, per="week"):
    first, last = period_of(today, per, week_starts_on="monday")
    stands = standing_in(Commitment(id=1, title="Post"), Period(first, last, times, per, done, skipped, whole=True))
    return words.remark(stands, today=today)


# How it stands


@pytest.mark.parametrize(
    ("times", "done", "skipped", "day", "said"),
    [
        (2, 1, 0, 5, "safe until Saturday"),
        (2, 0, 0, 8, "safe until Friday"),
        (3, 1, 0, 8, "safe until Friday"),
        (2, 1, 0, 10, "tomorrow at the latest"),
        (2, 1, 0, 11, "today at the latest"),
        (2, 0, 0, 10, "today at the latest"),
        (3, 0, 0, 10, "two days left: no longer once a day"),
        (3, 0, 0, 11, "three more today"),
        (9, 0, 0, 5, "seven days left: no longer once a day"),
        (2, 2, 0, 5, "kept"),
        (2, 3, 0, 5, "kept"),
        (2, 1, 1, 5, "kept, 1 skipped"),
        (2, 0, 1, 11, "today at the latest"),
    ],
)
def test_a_week_in_words(times, done, skipped, day, said):
    """Safe until a day, then the last chance, then how many days are left; a skip takes the place of one."""
    assert say(times, done, skipped, date(2026, 1, day)) == said


def test_a_day_and_a_month_in_words():
    """A day needs no date; a month names one with its weekday."""
    assert say(1, 0, 0, MONDAY, "day") == "still to do"
    assert say(3, 1, 0, MONDAY, "day") == "two more to do"
    assert say(2, 0, 0, MONDAY, "month") == "safe until Thu 29 Jan"
    assert say(40, 0, 0, date(2026, 1, 2), "month") == "30 days left: no longer once a day"


def test_a_period_that_is_over_is_judged():
    """Whoever logs something late is told how that week ended."""
    stands = standing_in(Commitment(id=1, title="Post"), Period(MONDAY, MONDAY + 6 * DAY, 2, "week", 1, 0, whole=True))
    assert words.remark(stands, today=MONDAY + 7 * DAY) == "not kept"
    assert words.count(stands, today=MONDAY + 7 * DAY) == "1 of 2 from Mon 5 Jan 2026 to Sun 11 Jan 2026"


@pytest.mark.parametrize(
    ("now", "best", "said"),
    [(0, 0, ""), (3, 3, "3 in a row"), (2, 5, "2 in a row, best 5"), (0, 4, "no streak now, best 4")],
)
def test_a_streak_in_words(now, best, said):
    """The streak, and the best one where that was longer."""
    period = Period(MONDAY, MONDAY + 6 * DAY, 2, "week", 0, 0, whole=True)
    assert words.streak(standing_in(Commitment(id=1, title="Post"), period, now, best)) == said


# Streaks


WEEKLY = [version(MONDAY, "2/week")]


@pytest.mark.parametrize(
    ("marks", "today", "streak"),
    [
        ([], 5, (0, 0)),
        ([5, 6], 7, (1, 1)),
        ([5, 6], 14, (1, 1)),  # the running week never breaks
        ([5, 6, 12, 13], 14, (2, 2)),  # and adds once it is kept
        ([5, 6, 12], 19, (0, 1)),
        ([5, 6, 19, 20], 21, (1, 1)),
        ([5, 6, -12, -13, 19, 20], 21, (2, 2)),  # a week of skips neither adds nor breaks
        ([-5, -6], 12, (0, 0)),
        ([5, -6, 12, -13], 19, (2, 2)),  # a skip takes the place of one
        ([5, -6, 12], 19, (0, 1)),
        ([5, 6, 7, 8], 19, (0, 1)),  # more than promised does not count for another week
        ([1, 2, 3], 5, (0, 0)),  # nothing counts before it was accepted
    ],
)
def test_what_a_streak_counts(marks, today, streak):
    """Kept weeks in a row in which something was done."""
    assert row(WEEKLY, in_january(*marks), date(2026, 1, today)) == streak


def test_past_periods_keep_the_rhythm_they_had():
    """Each is judged by the version of its last day: an easing changes no week before it, a hardening its own."""
    versions = [version(MONDAY, "2/week"), version(MONDAY + 7 * DAY, "1/week"), version(MONDAY + 16 * DAY, "3/week")]
    found = list(periods(versions, Tally(), until=MONDAY + 20 * DAY, week_starts_on="monday"))
    assert [each.times for each in found] == [2, 1, 3]
    assert all(each.whole for each in found)


def test_another_unit_cuts_a_period_off_and_that_breaks_nothing():
    """From a Wednesday on once a day: Monday and Tuesday are no whole week, and the days count from then on."""
    versions = [version(MONDAY, "2/week"), version(MONDAY + 9 * DAY, "1/day")]
    tally = in_january(5, 6, 14, 15)
    found = list(periods(versions, tally, until=date(2026, 1, 16), week_starts_on="monday"))
    assert [(each.from_on.day, each.to_on.day, each.whole) for each in found] == [
        (5, 11, True),
        (12, 13, False),
        (14, 14, True),
        (15, 15, True),
        (16, 16, True),
    ]
    assert streaks(found, today=date(2026, 1, 16)) == (3, 3)


def test_a_month_that_begins_within_the_calendars_month_is_not_whole():
    """Its unit was in force for a part of January: it breaks nothing, yet counts what was done since the first."""
    versions = [version(MONDAY, "1/week"), version(MONDAY + 14 * DAY, "4/month")]
    here = period_at(versions, in_january(5, 12, 20), date(2026, 1, 20), week_starts_on="monday")
    assert (here.from_on, here.to_on, here.done, here.whole) == (date(2026, 1, 1), date(2026, 1, 31), 3, False)
    assert row(versions, in_january(5, 12, 20), date(2026, 2, 3)) == (2, 2)


# Against another reckoning


KEYS = {
    Per.DAY: lambda day: day,
    Per.WEEK: lambda day: day.isocalendar()[:2],
    Per.MONTH: lambda day: (day.year, day.month),
}


@given(
    st.sampled_from(list(Per)),
    st.lists(st.tuples(st.integers(0, 70), st.integers(1, 3)), min_size=1, max_size=4, unique_by=lambda each: each[0]),
    st.lists(st.tuples(st.integers(-10, 100), st.booleans()), max_size=60),
    st.integers(0, 100),
    st.dates(date(2019, 12, 1), date(2028, 3, 1)),
)
def test_periods_and_streaks_equal_an_independent_reckoning(per, changes, marked, length, start):
    """Grouped day by day, each group judged by its last day's version, and the row of judgements read as a text."""
    versions = [CommitmentVersion(from_on=start + n * DAY, times=times, per=per.value) for n, times in changes]
    first = min(each.from_on for each in versions)
    today = first + length * DAY
    marks = [(start + n * DAY, skipped) for n, skipped in marked]
    found = list(periods(versions, Tally.of(marks), until=today, week_starts_on="monday"))

    key = KEYS[per]
    days = [first + n * DAY for n in range(-31, length + 32)]
    judged = []
    for group in dict.fromkeys(key(first + n * DAY) for n in range(length + 1)):
        mine = [day for day in days if key(day) == group]
        times = max((each for each in versions if each.from_on <= mine[-1]), key=lambda each: each.from_on).times
        skips = [skipped for day, skipped in marks if day in mine]
        if len(skips) >= times:
            judged.append("k" if False in skips else "s")
        else:
            judged.append("r" if mine[-1] >= today or mine[0] < first else "b")
    line = "".join(judged)
    assert len(found) == len(line)
    runs = [each.count("k") for each in re.split("b", line)]
    assert streaks(found, today=today) == (runs[-1], max(runs))


@given(
    st.integers(1, 99), st.integers(0, 99), st.integers(0, 99), st.sampled_from(list(Per)), st.dates(max_value=MONDAY)
)
def test_once_a_day_from_the_last_safe_day_on_is_just_enough(times, done, skipped, per, day):
    """Going on once a day from `act_by_on` to the end fills what is left, and a day later it does not."""
    first, last = period_of(day, per, week_starts_on="sunday")
    it = Period(first, last, times, per.value, done, skipped, whole=True)
    if it.left:
        assert (it.to_on - it.act_by_on).days + 1 == it.left
        assert it.act_by_on - it.safe_until_on == DAY
    else:
        assert (it.act_by_on, it.safe_until_on, it.kept) == (None, None, True)
