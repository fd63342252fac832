"""How to reach somebody, in words: a channel, or else how to get one. Nobody is left out for want of a channel."""

from collections.abc import Iterator
from typing import Final

from crm.models import Contact, ContactMethod
from crm.models.words import IntroductionState
from crm.store.reaching import Reach, Tie, Way

METHODS: Final = 2
_TO_ASK: Final = (IntroductionState.PROPOSED, IntroductionState.PLANNED)
_ASKED: Final = (IntroductionState.ASKED, IntroductionState.AGREED)


def how_to_reach(reach: Reach, handle: str) -> str:
    """The channels if there are any, else the ways to one; `handle` is what to type for the contact."""
    if reach.methods:
        return ", ".join(say_method(each) for each in reach.methods[:METHODS])
    routes = dict.fromkeys(_routes(reach))
    return "; ".join(routes) or f"nothing known yet; add it: crm contact edit {handle} --email ADDRESS"


def say_method(method: ContactMethod) -> str:
    """`email casey@example.test`."""
    return f"{method.kind} {method.value}"


def say_way(way: Way, contact: Contact) -> str:
    """What to do about an introduction: `ask Ann for Casey's number`."""
    name, asked = way.connector.name, way.introduction
    wanted = _wanted(asked.want, contact.name)
    if asked.state in _TO_ASK:
        return f"ask {name} for {wanted}"
    if asked.state in _ASKED:
        return f"remind {name} of {wanted}"
    return f"{name} has given {wanted}"


def _wanted(want: str, name: str) -> str:
    if want == "introduction":
        return f"an introduction to {name}"
    return f"{name}'s contact details" if want == "contact" else f"{name}'s {want}"


def _routes(reach: Reach) -> Iterator[str]:
    if reach.contact.how_to_reach:
        yield reach.contact.how_to_reach
    for way in reach.ways:
        yield say_way(way, reach.contact)
    connectors = {way.connector.id for way in reach.ways}
    for tie in reach.ties:
        between = tie.other if tie.one.id == reach.contact.id else tie.one
        if between.id not in connectors:
            yield _ask_about(tie, between, reach.contact)


def _ask_about(tie: Tie, between: Contact, contact: Contact) -> str:
    if tie.type == "knows":
        return f"ask {between.name}, who knows {contact.name}"
    return f"ask {between.name}: {tie.one.name} {tie.type} {tie.other.name}"
