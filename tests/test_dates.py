"""The grammar of days and instants, form by form, and what it refuses."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from crm.cadence import local_instant
from crm.dates import When, parse_day, parse_instant, parse_when, say_day, say_instant
from crm.errors import BadValueError

LOS_ANGELES, KATHMANDU = ZoneInfo("America/Los_Angeles"), ZoneInfo("Asia/Kathmandu")
WEDNESDAY = datetime(2026, 1, 7, 22, tzinfo=UTC)  # 14:00 in Los Angeles; Thursday 3:45 in Kathmandu


def said(text, *, past=False, now=WEDNESDAY, tz=LOS_ANGELES):
    """What the text means, in the ISO form of the local wall time."""
    when = parse_when(text, now=now, tz=tz, past=past)
    if when.at is None:
        return when.day.isoformat()
    local = when.at.astimezone(tz)
    assert when.at.tzinfo is UTC
    assert local.date() == when.day
    return f"{local:%Y-%m-%d %H:%M}"


def refused(text, *, past=False, now=WEDNESDAY, tz=LOS_ANGELES):
    """The message with which the text is refused."""
    with pytest.raises(BadValueError) as refusal:
        parse_when(text, now=now, tz=tz, past=past)
    return refusal.value.message


SAME_BOTH_WAYS = [
    ("2026-01-05", "2026-01-05"),
    ("2026-1-5", "2026-01-05"),
    ("2031-12-31", "2031-12-31"),
    ("2026-01-05 14:30", "2026-01-05 14:30"),
    ("2026-01-05T14:30", "2026-01-05 14:30"),
    ("2026-01-05T14:30:59", "2026-01-05 14:30"),
    ("2026-01-05T14:30:00.25", "2026-01-05 14:30"),
    ("2026-01-05 2:30pm", "2026-01-05 14:30"),
    ("2026-01-05T14:30:00Z", "2026-01-05 06:30"),
    ("2026-01-05t14:30z", "2026-01-05 06:30"),
    ("2026-01-05T14:30:00.123456789+00:00", "2026-01-05 06:30"),
    ("2026-01-05 14:30 +05:45", "2026-01-05 00:45"),
    ("2026-01-05T01:00:00+0530", "2026-01-04 11:30"),
    ("2026-01-05T22:00-08", "2026-01-05 22:00"),
    ("3 feb 2027", "2027-02-03"),
    ("3 Feb 2020", "2020-02-03"),
    ("feb 3 2027", "2027-02-03"),
    ("Feb 3, 2027", "2027-02-03"),
    ("3rd february 2027", "2027-02-03"),
    ("February 1st 2027 9:00", "2027-02-01 09:00"),
    ("22nd sept 2026", "2026-09-22"),
    ("29 feb 2028", "2028-02-29"),
    ("Mon 5 Jan 2026", "2026-01-05"),
    ("Monday, January 5, 2026 at 9am", "2026-01-05 09:00"),
    ("mon 2026-01-05 14:30", "2026-01-05 14:30"),
    ("thu tomorrow", "2026-01-08"),
    ("today", "2026-01-07"),
    ("TODAY", "2026-01-07"),
    ("  tomorrow  ", "2026-01-08"),
    ("tomorrow 9:00", "2026-01-08 09:00"),
    ("tomorrow at 9:00", "2026-01-08 09:00"),
    ("tomorrow, 9am", "2026-01-08 09:00"),
    ("9am tomorrow", "2026-01-08 09:00"),
    ("at 9:00 on 2026-01-09", "2026-01-09 09:00"),
    ("yesterday", "2026-01-06"),
    ("yesterday 18:00", "2026-01-06 18:00"),
    ("yesterday\t18:00", "2026-01-06 18:00"),
    ("today 9:00", "2026-01-07 09:00"),
    ("today 23:59", "2026-01-07 23:59"),
    ("today noon", "2026-01-07 12:00"),
    ("today 12am", "2026-01-07 00:00"),
    ("today 12:05 a.m.", "2026-01-07 00:05"),
    ("today 12pm", "2026-01-07 12:00"),
    ("today 11 PM", "2026-01-07 23:00"),
    ("today 1:05 p.m.", "2026-01-07 13:05"),
    ("today 0:00", "2026-01-07 00:00"),
    ("now", "2026-01-07 14:00"),
    ("next mon", "2026-01-12"),
    ("next tue", "2026-01-13"),
    ("next wed", "2026-01-14"),
    ("next sunday", "2026-01-18"),
    ("next tue 14:30", "2026-01-13 14:30"),
    ("last mon", "2025-12-29"),
    ("last tue", "2025-12-30"),
    ("last wed", "2025-12-31"),
    ("last sunday", "2026-01-04"),
    ("last fri 9:00", "2026-01-02 09:00"),
    ("in 0 days", "2026-01-07"),
    ("in 1 day", "2026-01-08"),
    ("in 3 days", "2026-01-10"),
    ("in 3d", "2026-01-10"),
    ("in 2 weeks", "2026-01-21"),
    ("in 2 w", "2026-01-21"),
    ("in a week", "2026-01-14"),
    ("IN 2 Weeks", "2026-01-21"),
    ("in 2 weeks 9:00", "2026-01-21 09:00"),
    ("9:00 in 2 weeks", "2026-01-21 09:00"),
    ("in 1 month", "2026-02-07"),
    ("in 14 months", "2027-03-07"),
    ("in a year", "2027-01-07"),
    ("3 days ago", "2026-01-04"),
    ("a day ago", "2026-01-06"),
    ("2 weeks ago", "2025-12-24"),
    ("1 week ago at 18:00", "2025-12-31 18:00"),
    ("2 months ago", "2025-11-07"),
    ("1 year ago", "2025-01-07"),
    ("in 45 minutes", "2026-01-07 14:45"),
    ("in 45 min", "2026-01-07 14:45"),
    ("in 2 hours", "2026-01-07 16:00"),
    ("in 12h", "2026-01-08 02:00"),
    ("an hour ago", "2026-01-07 13:00"),
    ("90 mins ago", "2026-01-07 12:30"),
    ("15 hrs ago", "2026-01-06 23:00"),
]


@pytest.mark.parametrize("past", [False, True], ids=["forward", "back"])
@pytest.mark.parametrize(("text", "meant"), SAME_BOTH_WAYS)
def test_forms_that_name_their_day_mean_it_in_both_directions(text, meant, past):
    """A full date, a day told from today, a week named: the direction changes nothing."""
    assert said(text, past=past) == meant


NEAREST = [
    # text, forward, back; it is Wednesday 7 January 2026, 14:00
    ("wed", "2026-01-07", "2026-01-07"),
    ("thu", "2026-01-08", "2026-01-01"),
    ("tue", "2026-01-13", "2026-01-06"),
    ("tues", "2026-01-13", "2026-01-06"),
    ("Friday", "2026-01-09", "2026-01-02"),
    ("sun", "2026-01-11", "2026-01-04"),
    ("fri 14:30", "2026-01-09 14:30", "2026-01-02 14:30"),
    ("wed 13:59", "2026-01-14 13:59", "2026-01-07 13:59"),
    ("wed 14:00", "2026-01-07 14:00", "2026-01-07 14:00"),
    ("wed 14:01", "2026-01-07 14:01", "2025-12-31 14:01"),
    ("2:30pm fri", "2026-01-09 14:30", "2026-01-02 14:30"),
    ("noon on sat", "2026-01-10 12:00", "2026-01-03 12:00"),
    ("13:59", "2026-01-08 13:59", "2026-01-07 13:59"),
    ("14:00", "2026-01-07 14:00", "2026-01-07 14:00"),
    ("14:01", "2026-01-07 14:01", "2026-01-06 14:01"),
    ("at 9am", "2026-01-08 09:00", "2026-01-07 09:00"),
    ("2:30pm", "2026-01-07 14:30", "2026-01-06 14:30"),
    ("noon", "2026-01-08 12:00", "2026-01-07 12:00"),
    ("7 jan", "2026-01-07", "2026-01-07"),
    ("jan 7", "2026-01-07", "2026-01-07"),
    ("8 jan", "2026-01-08", "2025-01-08"),
    ("6 jan", "2027-01-06", "2026-01-06"),
    ("3 feb", "2026-02-03", "2025-02-03"),
    ("3 FEBRUARY 9:00", "2026-02-03 09:00", "2025-02-03 09:00"),
    ("31 dec", "2026-12-31", "2025-12-31"),
    ("7 jan 9:00", "2027-01-07 09:00", "2026-01-07 09:00"),
    ("7 jan 18:00", "2026-01-07 18:00", "2025-01-07 18:00"),
    ("29 feb", "2028-02-29", "2024-02-29"),
    ("feb 29 noon", "2028-02-29 12:00", "2024-02-29 12:00"),
]


@pytest.mark.parametrize(("text", "forward", "back"), NEAREST)
def test_open_forms_mean_the_nearest_in_the_direction(text, forward, back):
    """A weekday, a day without its year, a bare time: forward for what will be, back for what was; now counts."""
    assert said(text) == forward
    assert said(text, past=True) == back


@pytest.mark.parametrize(
    ("text", "forward", "back"),
    [
        ("today", "2026-01-08", "2026-01-08"),
        ("now", "2026-01-08 03:45", "2026-01-08 03:45"),
        ("wed", "2026-01-14", "2026-01-07"),
        ("thu", "2026-01-08", "2026-01-08"),
        ("next tue", "2026-01-13", "2026-01-13"),
        ("yesterday 18:00", "2026-01-07 18:00", "2026-01-07 18:00"),
        ("7 jan", "2027-01-07", "2026-01-07"),
        ("3:44", "2026-01-09 03:44", "2026-01-08 03:44"),
        ("3:45", "2026-01-08 03:45", "2026-01-08 03:45"),
        ("9am", "2026-01-08 09:00", "2026-01-07 09:00"),
        ("in 1 week", "2026-01-15", "2026-01-15"),
        ("20 hours ago", "2026-01-07 07:45", "2026-01-07 07:45"),
        ("2026-01-05T14:30Z", "2026-01-05 20:15", "2026-01-05 20:15"),
    ],
)
def test_today_is_the_persons_own(text, forward, back):
    """The same instant is a day later in Kathmandu, and every form is counted from there."""
    assert said(text, tz=KATHMANDU) == forward
    assert said(text, tz=KATHMANDU, past=True) == back


@pytest.mark.parametrize(
    ("now", "text", "meant"),
    [
        ("2026-01-12 09:00", "next tue", "2026-01-20"),
        ("2026-01-11 09:00", "next mon", "2026-01-12"),
        ("2026-01-11 09:00", "last mon", "2025-12-29"),
        ("2026-12-31 09:00", "next fri", "2027-01-08"),
        ("2026-01-31 09:00", "in 1 month", "2026-02-28"),
        ("2026-01-31 09:00", "in 3 months", "2026-04-30"),
        ("2024-02-29 09:00", "in a year", "2025-02-28"),
        ("2024-03-31 09:00", "1 month ago", "2024-02-29"),
        ("2024-02-29 09:00", "29 feb", "2024-02-29"),
        ("2097-01-01 09:00", "29 feb", "2104-02-29"),
        ("2026-12-31 23:59", "tomorrow", "2027-01-01"),
    ],
)
def test_days_follow_the_calendar(now, text, meant):
    """ISO weeks begin on Monday, months are clamped, leap days come when they come."""
    local = datetime.fromisoformat(now)
    assert said(text, now=local_instant(local.date(), local.time(), LOS_ANGELES)) == meant


@pytest.mark.parametrize(
    ("zone", "now", "text", "past", "instant"),
    [
        ("America/Los_Angeles", "2026-03-07T20:00Z", "tomorrow 2:30", False, "2026-03-08T10:30Z"),
        ("America/Los_Angeles", "2026-03-08T09:00Z", "in 2 hours", False, "2026-03-08T11:00Z"),
        ("America/Los_Angeles", "2026-03-07T17:00Z", "in 1 day 9:00", False, "2026-03-08T16:00Z"),
        ("America/Los_Angeles", "2026-10-31T20:00Z", "tomorrow 1:30", False, "2026-11-01T08:30Z"),
        ("America/Los_Angeles", "2026-11-01T09:10Z", "1:30", False, "2026-11-02T09:30Z"),
        ("America/Los_Angeles", "2026-11-01T09:10Z", "1:30", True, "2026-11-01T08:30Z"),
        ("Pacific/Apia", "2011-12-30T09:00Z", "30 dec 12:00", False, "2011-12-30T22:00Z"),
        ("Africa/Casablanca", "2024-04-13T12:00Z", "tomorrow 2:30", False, "2024-04-14T02:30Z"),
    ],
)
def test_wall_times_pass_clock_changes(zone, now, text, past, instant):
    """A skipped wall time moves forward, of a doubled one the first is meant, and hours are real hours."""
    found = parse_instant(text, now=datetime.fromisoformat(now), tz=ZoneInfo(zone), past=past)
    assert found == datetime.fromisoformat(instant)


def test_a_wall_time_of_a_day_that_was_skipped_is_on_the_day_after():
    """Samoa had no 30 December 2011: a time on it is one on the 31st, and the day says so."""
    when = parse_when("2011-12-30 12:00", now=WEDNESDAY, tz=ZoneInfo("Pacific/Apia"))
    assert when == When(date(2011, 12, 31), datetime(2011, 12, 30, 22, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("3/4/2026", "write 3 apr 2026 or 4 mar 2026."),
        ("03.04.2026", "write 3 apr 2026 or 4 mar 2026."),
        ("03-04-2026", "write 3 apr 2026 or 4 mar 2026."),
        ("13/4/2026", "write 13 apr 2026."),
        ("4/13/2026 14:30", "write 13 apr 2026."),
        ("fri 5/5/2026", "write 5 may 2026."),
        ("29/2/2026", "write 3 feb 2026 or 2026-02-03"),
        ("3/4", "write 3 apr or 4 mar."),
        ("2/29", "write 29 feb."),
        ("2026/01/05", "write 2026-01-05."),
        ("2026.1.5 9:00", "write 2026-01-05."),
        ("3/4/26", "write 3 feb 2026 or 2026-02-03"),
        ("31/31/2026", "write 3 feb 2026 or 2026-02-03"),
        ("2026/13/05", "write 3 feb 2026 or 2026-02-03"),
        ("3.4.", "write 3 feb 2026 or 2026-02-03"),
        ("tomorrow 9.30", "a time as 9:30."),
    ],
)
def test_dates_without_an_agreed_order_are_refused(text, instead):
    """The refusal says why and shows what to write, both readings where there are two."""
    message = refused(text)
    assert message.startswith(f'"{text}" is not read, since countries order such dates differently; ')
    assert instead in message


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("30 feb", "There is no 30 February; that month ends on day 29."),
        ("31 apr 9:00", "There is no 31 April; that month ends on day 30."),
        ("0 may", "There is no 0 May; that month ends on day 31."),
        ("29 feb 2026", "There is no 29 February 2026; that month ends on day 28."),
        ("2026-02-30", "There is no 30 February 2026; that month ends on day 28."),
        ("2026-13-01", "There is no month 13; the order is year-month-day, as in 2026-01-05."),
        ("2026-00-01", "There is no month 0; the order is year-month-day, as in 2026-01-05."),
        ("today 24:00", 'There is no time of day "24:00"; write 14:30, 9am or 2:30pm.'),
        ("9:60", 'There is no time of day "9:60"; write 14:30, 9am or 2:30pm.'),
        ("9:00:60", 'There is no time of day "9:00:60"; write 14:30, 9am or 2:30pm.'),
        ("fri 13pm", 'There is no time of day "13pm"; write 14:30, 9am or 2:30pm.'),
        ("0am", 'There is no time of day "0am"; write 14:30, 9am or 2:30pm.'),
        ("14:30 pm", 'There is no time of day "14:30 pm"; write 14:30, 9am or 2:30pm.'),
        ("2026-01-05T25:00Z", 'There is no instant "2026-01-05T25:00:00Z"; write one like 2026-01-05T14:30:00Z.'),
        ("2026-02-30T09:00Z", 'There is no instant "2026-02-30T09:00:00Z"; write one like 2026-01-05T14:30:00Z.'),
        (
            "tue 5 jan 2026",
            "That day is Mon 5 Jan 2026, no Tuesday; correct it, add the year or leave the weekday out.",
        ),
        ("fri sat", "That day is Sat 10 Jan 2026, no Friday; "),
        ("in 45m", '"in 45m" could be minutes or months; write min or months instead of m.'),
        ("1899-12-31", '"1899-12-31" is outside the years 1900 to 9998.'),
        ("1 jan 9999", '"1 jan 9999" is outside the years 1900 to 9998.'),
        ("0001-01-01 00:00", '"0001-01-01 00:00" is outside the years 1900 to 9998.'),
        ("9999-12-31T23:59-14:00", '"9999-12-31T23:59-14:00" is outside the years 1900 to 9998.'),
        ("in 99999999999 weeks", '"in 99999999999 weeks" is outside the years 1900 to 9998.'),
        ("99999999 hours ago", '"99999999 hours ago" is outside the years 1900 to 9998.'),
        ("200 years ago", '"200 years ago" is outside the years 1900 to 9998.'),
        ("99999999999999999999 months ago", "-99999999999999999999 months from 2026-01-07 is outside the calendar"),
    ],
)
def test_impossible_days_and_times_are_refused(text, why):
    """The message names what there is none of, or what does not fit together, and the way out."""
    assert refused(text).startswith(why)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "soon", "tomorow", "next week", "this", "next", "last", "mon 3", "feb", "feb 2026", "5"),
        *("tomorrow 9", "9", "at 9", "14:3", "1430", "midnight", "now 9:00", "9:00 14:30", "in 2 hours 9:00"),
        *("in weeks", "in -3 days", "in 1.5 days", "2 weeks", "in 2 weeks ago", "ago", "in 3 fortnights", "an day"),
        *("5 jan 26", "5 ja", "5 januaryx", "fr", "frid day", "2026-01", "2026-W02-1", "20260105", "2026-01-05T"),
        *("2026-01-05 99", "1767225600", "\u0662 feb", "\uff12 feb", "in \u00b2 days", "2 f\u00e9v", "1.5 days ago"),
        *("today\0", "\x1b[31mtoday", "to\u202eday", "\ud800", "9" * 10_000, "in " + "9" * 100 + " days", "fri " * 20),
    ],
)
def test_what_is_not_understood_is_refused_with_examples(text):
    """Nothing is guessed: the refusal quotes the text, harmless and short, and shows forms that work."""
    message = refused(text)
    assert "is no day or time that can be read; write 2026-01-05, 3 feb, tomorrow 9:00" in message
    assert len(message) < 400
    assert message.isprintable()
    assert "yesterday 18:00" in refused(text, past=True)


def test_every_example_in_a_refusal_is_understood():
    """What the message tells to write works, forward and back."""
    for past in (False, True):
        examples = refused("?", past=past).partition("write ")[2].rstrip(".").replace(" or ", ", ").split(", ")
        assert len(examples) > 5
        for text in examples:
            assert said(text, past=past)


def test_a_day_takes_no_time_of_day():
    """A time that would be lost is refused, with the day to write instead; without one the day is read."""
    assert parse_day("fri", now=WEDNESDAY, tz=LOS_ANGELES) == date(2026, 1, 9)
    assert parse_day("fri", now=WEDNESDAY, tz=LOS_ANGELES, past=True) == date(2026, 1, 2)
    with pytest.raises(BadValueError, match="has a time of day where only a day fits; write Fri 9 Jan 2026"):
        parse_day("fri 14:30", now=WEDNESDAY, tz=LOS_ANGELES)


def test_an_instant_needs_a_time_of_day_or_a_default():
    """The default is wall time; a text with a time of its own keeps it."""
    assert parse_instant("fri 8:00", now=WEDNESDAY, tz=LOS_ANGELES) == datetime(2026, 1, 9, 16, tzinfo=UTC)
    with pytest.raises(BadValueError, match="has no time of day; add one, as in Fri 9 Jan 2026 9:00"):
        parse_instant("fri", now=WEDNESDAY, tz=LOS_ANGELES)
    at_eight = {"now": WEDNESDAY, "tz": LOS_ANGELES, "default_time": time(8)}
    assert parse_instant("fri", **at_eight) == datetime(2026, 1, 9, 16, tzinfo=UTC)
    assert parse_instant("fri", past=True, **at_eight) == datetime(2026, 1, 2, 16, tzinfo=UTC)
    assert parse_instant("fri 10:00", **at_eight) == datetime(2026, 1, 9, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("default", "past", "hour"), [(9, False, 22), (18, False, 26), (9, True, 17), (18, True, 22), (14, True, 22)]
)
def test_the_default_time_of_today_keeps_to_its_side_of_now(default, past, hour):
    """Now is 22:00 UTC: `today` is never later for what happened and never earlier for what is to come."""
    found = parse_instant("today", now=WEDNESDAY, tz=LOS_ANGELES, past=past, default_time=time(default))
    assert found == datetime(2026, 1, 7, tzinfo=UTC) + timedelta(hours=hour)


def test_days_and_instants_are_said_with_their_weekday():
    """In English, the year included, the time in the person's zone."""
    assert say_day(date(2026, 1, 5)) == "Mon 5 Jan 2026"
    assert say_day(date(2028, 2, 29)) == "Tue 29 Feb 2028"
    assert say_instant(WEDNESDAY, tz=LOS_ANGELES) == "Wed 7 Jan 2026 14:00"
    assert say_instant(WEDNESDAY, tz=KATHMANDU) == "Thu 8 Jan 2026 03:45"
