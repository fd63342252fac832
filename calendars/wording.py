"""What several feeds say alike: who somebody is, how to reach them, paragraphs."""

from collections.abc import Sequence
from typing import Final

from crm.models import Contact
from crm.privacy import given_name
from crm.store.feeds import Person

MOST_NAMED: Final = 3


def how_to_reach(person: Person) -> str:
    """In the person's own words, then each way on record: `DM him; email jane@example.com (work)`."""
    ways = [
        f"{each.kind} {each.value}" + (f" ({each.label})" if each.label else "")
        for each in person.methods
        if each.value
    ]
    return "; ".join(filter(None, (person.contact.how_to_reach, *ways)))


def introduce(person: Person) -> str:
    """Who it is and how to reach them, a line each."""
    context = person.contact.context
    reach = how_to_reach(person)
    who = f"{person.contact.name} ({context})" if context else person.contact.name
    return f"{who}\nReach: {reach}" if reach else who


def first_names(people: Sequence[Contact]) -> str:
    """`Jane, Kim and Ana`, by first names only; of more than `MOST_NAMED`, how many others there are."""
    names = [given_name(each.name) for each in people[:MOST_NAMED]]
    if len(people) > MOST_NAMED:
        names[-1:] = [f"{len(people) - MOST_NAMED + 1} others"]
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def paragraphs(*blocks: str | None) -> str:
    """The blocks that say something, with a blank line between."""
    return "\n\n".join(filter(None, blocks))
