"""How a commitment stands, in the words that screens and reminders have in common."""

from datetime import date, timedelta
from typing import Final

from crm.date_words import WEEKDAYS
from crm.dates import say_day
from crm.models.words import Per
from crm.store.commitments import CommitmentStanding

PERIODS: Final = {Per.DAY.value: "today", Per.WEEK.value: "this week", Per.MONTH.value: "this month"}
NUMBERS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_A_WEEK: Final = timedelta(days=7)


def count(standing: CommitmentStanding, *, today: date) -> str:
    """How often it was done: `1 of 2 this week`."""
    return f"{standing.done} of {standing.times} {period(standing, today)}"


def period(standing: CommitmentStanding, today: date) -> str:
    """The period as one says it today."""
    if standing.from_on <= today <= standing.to_on:
        return PERIODS[standing.per]
    first, last = say_day(standing.from_on), say_day(standing.to_on)
    return f"on {first}" if first == last else f"from {first} to {last}"


def remark(standing: CommitmentStanding, *, today: date) -> str:
    """Kept, or until when there is time: `safe until Friday`, `today at the latest`."""
    if standing.act_by_on is None:
        return "kept" if standing.done >= standing.times else f"kept, {standing.skipped} skipped"
    if standing.to_on < today:
        return "not kept"
    if standing.per == Per.DAY:
        return "still to do" if standing.left == standing.times == 1 else f"{number(standing.left)} more to do"
    return _until(standing, standing.act_by_on, today)


def _until(standing: CommitmentStanding, act_by_on: date, today: date) -> str:
    """Until when there is time, or how much time is left."""
    ahead, days = (act_by_on - today).days, (standing.to_on - today).days + 1
    if ahead > 1:
        return f"safe until {near(act_by_on - timedelta(days=1), today)}"
    if ahead >= 0:
        return "tomorrow at the latest" if ahead else "today at the latest"
    return f"{number(days)} days left: no longer once a day" if days > 1 else f"{number(standing.left)} more today"


def near(day: date, today: date) -> str:
    """A day that is to come, so without the year; within a week by its weekday alone: `Friday`, `Fri 30 Jan`."""
    if timedelta(0) < day - today < _A_WEEK:
        return WEEKDAYS[day.weekday()].capitalize()
    return say_day(day).rpartition(" ")[0]


def number(count: int) -> str:
    """A small number as a word."""
    return NUMBERS[count] if count < len(NUMBERS) else str(count)


def streak(standing: CommitmentStanding) -> str:
    """How many periods were kept in a row, and at best; empty as long as there is none."""
    if standing.streak == standing.best_streak:
        return f"{standing.streak} in a row" if standing.streak else ""
    now = f"{standing.streak} in a row" if standing.streak else "no streak now"
    return f"{now}, best {standing.best_streak}"
