"""What a row and its fields are called to a person, and their values said in the units that a person uses."""

from crm import date_words
from crm.actions.merging import said
from crm.durations import say_duration
from crm.rows import AvailabilityRow

_LABELS = {"minutes": "available hours", "weekly_minutes": "hours a week", "share_percent": "share"}
_HOURS = frozenset(("weekly_hours", "total_hours"))


def called(kind: str, key: str) -> str:
    """The name of what a row is about: a weekday's is Monday, not its number."""
    return date_words.WEEKDAYS[int(key)].title() if kind == AvailabilityRow.KIND else key


def label_of(field: str) -> str:
    """The name of a field."""
    return _LABELS.get(field, field.replace("_", " "))


def worded(field: str, value: object) -> str:
    """A field's value: done or open, yes or no, 1 h 30 min, 65 %."""
    match value:
        case bool():
            return ("done" if value else "open") if field == "done" else ("yes" if value else "no")
        case int() if field in {"minutes", "weekly_minutes"}:
            return say_duration(value)
        case int() | float() if field in _HOURS:
            return say_duration(round(value * 60))
        case int() | float() if field == "share_percent":
            return f"{value:g} %"
        case _:
            return said(value)
