"""Durations as people type them, and as they are said back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.durations import LONGEST_MINUTES, parse_duration, say_duration
from crm.errors import BadValueError


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("45m", 45),
        ("45 min", 45),
        ("45mins", 45),
        ("45 minutes", 45),
        ("1 minute", 1),
        ("2m", 2),
        ("90", 90),
        ("15", 15),
        ("90 min", 90),
        ("90M", 90),
        ("2h", 120),
        ("2 hours", 120),
        ("1 hr", 60),
        ("1.5h", 90),
        ("1,5h", 90),
        ("0.75 hours", 45),
        ("1h30", 90),
        ("1h30m", 90),
        ("1h 30 min", 90),
        ("1 h 30 min", 90),
        ("1 hour 5 minutes", 65),
        ("1h5", 65),
        ("1h05", 65),
        ("0h45", 45),
        ("1:30", 90),
        ("0:45", 45),
        ("  1H30  ", 90),
        ("24h", 1440),
        ("1440", 1440),
        ("24:00", 1440),
        ("0.5m", 1),
        ("0.51m", 1),
        ("2.5m", 3),
        ("2.4m", 2),
        ("0.33h", 20),
        ("1.008h", 60),
        ("1.0083334h", 61),
        ("90.5", 91),
        ("24.008h", 1440),
    ],
)
def test_durations_are_read_as_whole_minutes(text, minutes):
    """Hours, minutes, both, a clock face, a decimal point or comma; a bare number is minutes; half a minute goes up."""
    assert parse_duration(text) == minutes


@pytest.mark.parametrize("number", ["1", "2", "8", "14", "1.5", "14.99", "1,5", "0.1"])
def test_a_small_bare_number_is_asked_about(number):
    """Two what? Hours and minutes are both offered."""
    with pytest.raises(BadValueError, match="could be hours or minutes") as refusal:
        parse_duration(number)
    assert f"{number}h or {number}m?" in refusal.value.message


@pytest.mark.parametrize(
    "text", ["0", "0m", "0h", "0h00", "0:00", "0.0h", "0.4m", "1441", "24h01", "24.01h", "25h", "24:01", "999999999h"]
)
def test_nothing_and_more_than_a_day_are_refused(text):
    """A duration is at least a minute and at most 24 hours."""
    with pytest.raises(BadValueError, match="at least 1 minute and at most 24 hours"):
        parse_duration(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "h", "m", "abc", "-5m", "+5m", "-1h30", "1h-30", "1h60", "1:60", "1:5", "1:30:00", ":30", "1.5h30"),
        *(
            "1h1.5m",
            "30s",
            "1d",
            "2 w",
            "1e2",
            "0x20",
            "inf",
            "nan",
            "1_0m",
            "\u0664\u0665m",
            "\uff14\uff15m",
            "\u00bdh",
        ),
        *("1;30", "1..5h", "45m 45m", "1 30", "45 m/h", "1h30\0", "\x1b[31m45m", "9" * 5000, "9" * 5000 + "m"),
    ],
)
def test_what_is_no_duration_is_refused(text):
    """The refusal quotes the text in a short and harmless form and shows forms that work."""
    with pytest.raises(BadValueError, match=r"is no duration; write for example 45m, 1h30, 1\.5h or 90") as refusal:
        parse_duration(text)
    assert len(refusal.value.message) < 200
    assert refusal.value.message.isprintable()


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0, "0 min"),
        (1, "1 min"),
        (45, "45 min"),
        (60, "1 h"),
        (90, "1 h 30 min"),
        (1440, "24 h"),
        (3001, "50 h 1 min"),
        (-30, "-30 min"),
        (-90, "-1 h 30 min"),
    ],
)
def test_durations_are_said_in_hours_and_minutes(minutes, said):
    """Only the parts that there are; sums of weeks stay in hours."""
    assert say_duration(minutes) == said


@given(st.integers(1, LONGEST_MINUTES))
def test_a_duration_said_can_be_typed(minutes):
    """What is said is read back as the same minutes, and so are the short forms."""
    hours, rest = divmod(minutes, 60)
    for text in (say_duration(minutes), f"{minutes}m", f"{hours}h{rest}", f"{hours}:{rest:02}"):
        assert parse_duration(text) == minutes


@given(st.text() | st.text("0123456789 hm:.,-", max_size=30))
def test_any_text_is_a_duration_or_refused(text):
    """Nothing but a refusal is raised, and what is read is between a minute and a day."""
    try:
        minutes = parse_duration(text)
    except BadValueError:
        return
    assert 1 <= minutes <= LONGEST_MINUTES
