"""Text that a person typed: checked before it is stored exactly, and told in few words afterwards."""

from collections.abc import Mapping, Sequence
from typing import Final

from crm.errors import BadValueError
from crm.escaping import refuse_unstorable, shorten
from crm.models import Contact

LONGEST_IN_SUMMARY: Final = 60
MOST_NAMED: Final = 3


def required(text: str, *, what: str) -> str:
    """The text, if there is anything in it.

    Raises:
        BadValueError: it is blank, or holds what cannot be stored.
    """
    if not refuse_unstorable(text, what=what).strip():
        raise BadValueError(f"{what} is blank; give at least one character.")
    return text


def optional(text: str, *, what: str) -> str | None:
    """The text; None for an empty one, which clears a field.

    Raises:
        BadValueError: it holds what cannot be stored.
    """
    return refuse_unstorable(text, what=what) or None


def added(noted: str | None, more: str | None) -> str | None:
    """A note with something more, on a line of its own.

    Raises:
        BadValueError: it holds what cannot be stored.
    """
    return "\n".join(filter(None, (noted, refuse_unstorable(more or "", what="The note")))) or None


def brief(text: str) -> str:
    """The text as `crm history` tells it."""
    return shorten(text, LONGEST_IN_SUMMARY)


def whom(people: Sequence[Contact]) -> str:
    """Several people in a few words."""
    named = ", ".join(f"{brief(each.name)} ({each.ref})" for each in people[:MOST_NAMED])
    more = len(people) - MOST_NAMED
    return f"{named} and {more} more" if more > 0 else named or "nobody"


def counted(counts: Mapping[str, int]) -> str:
    """`2 interactions, 1 task`; what there is none of is left out."""
    return ", ".join(f"{count} {noun}" + ("s" if count != 1 else "") for noun, count in counts.items() if count)
