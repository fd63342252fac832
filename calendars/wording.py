"""What several feeds say alike: who somebody is, how to reach them, paragraphs."""

from collections.abc import Sequence
from typing import Final

from crm import privacy
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


def first_names(people: Sequence[Person]) -> str:
    """`Jane, Kim and Ana`, by first names only; of more than `MOST_NAMED`, how many others there are."""
    names = [_first_name(each) for each in people[:MOST_NAMED]]
    if len(people) > MOST_NAMED:
        names[-1:] = [f"{len(people) - MOST_NAMED + 1} others"]
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _first_name(person: Person) -> str:
    """What is not to be told of it is found without a look at anybody else, whose changes do not count here."""
    name = privacy.given_name(person.contact.name)
    ways = tuple(each.value for each in person.methods if not each.value.isalpha())
    return privacy.first_names(name, [privacy.Mentioned(name, ways=ways)])


def about(person: Person) -> privacy.Mentioned:
    """What is not to be told where something was typed about them."""
    ways = tuple(each.value for each in person.methods)
    return privacy.Mentioned(person.contact.name, tuple(person.contact.aliases), ways, about=True)


def paragraphs(*blocks: str | None) -> str:
    """The blocks that say something, with a blank line between."""
    return "\n\n".join(filter(None, blocks))
