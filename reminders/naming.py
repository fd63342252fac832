"""People in the text of a reminder: on one line, however they are called, and never many."""

from collections.abc import Sequence
from typing import Final

from crm.actions.checked import LONGEST_IN_SUMMARY
from crm.models import Contact
from reminders.lines import line

MOST_NAMED: Final = 3


def name(person: Contact) -> str:
    """Somebody's name on one line, cut where it is long."""
    return line(person.name, LONGEST_IN_SUMMARY)


def names(people: Sequence[Contact]) -> str:
    """`Jane Roe, Kim Lee and Ana Diaz`; of more than `MOST_NAMED`, how many others there are."""
    named = [name(each) for each in people[:MOST_NAMED]]
    if len(people) > MOST_NAMED:
        named[-1:] = [f"{len(people) - MOST_NAMED + 1} others"]
    return " and ".join(filter(None, [", ".join(named[:-1]), *named[-1:]]))
