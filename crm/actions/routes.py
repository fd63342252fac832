"""How to reach somebody, in words: a channel, or else how to get one. Nobody is left out for want of a channel."""

import re
from collections.abc import Iterator
from typing import Final

from crm.folding import fold
from crm.models import Contact, ContactMethod
from crm.models.words import IntroductionState, Stage
from crm.store.reaching import Reach, Tie, Way

METHODS: Final = 2
_TO_ASK: Final = (IntroductionState.PROPOSED, IntroductionState.PLANNED)
_ASKED: Final = (IntroductionState.ASKED, IntroductionState.AGREED)


def how_to_reach(reach: Reach, handle: str) -> str:
    """The channels if there are any, else the ways to one; `handle` is what to type for the contact."""
    if reach.methods:
        return ", ".join(say_method(each) for each in reach.methods[:METHODS])
    to_keep = to_fill(handle, "phone NUMBER")
    if any(_is_given(each) for each in reach.ways):
        return f"{way_there(reach)}; keep it: {to_keep}"
    if reach.contact.last_contact_at is not None:
        return way_there(reach) or f"as you did last time; to note how: {to_keep}"
    return way_there(reach) or f"find their LinkedIn or Instagram: {to_fill(handle, 'linkedin URL')}"


def way_there(reach: Reach) -> str:
    """What the person noted and whom to ask; nothing where neither is known."""
    return "; ".join(dict.fromkeys(_routes(reach)))


def to_ask(reach: Reach) -> str | None:
    """The command that records the ask for a channel; None where there is a channel, or nobody to ask for one."""
    if is_settled(reach):
        return None
    return next((f"crm intro ask {each.introduction.ref}" for each in reach.ways if _is_to_ask(each)), None)


def is_settled(reach: Reach) -> bool:
    """Whether there is a channel, or somebody gave one: then a note on how to get one is overtaken."""
    return bool(reach.methods) or any(map(_is_given, reach.ways))


def to_fill(handle: str, channel: str = "email ADDRESS") -> str:
    """The command that says how to reach somebody."""
    return f"crm contact edit {handle} --{channel}"


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
    noted = "" if is_settled(reach) else reach.contact.how_to_reach or ""
    told = {way.connector.id for way in reach.ways}
    for way in reach.ways:
        if not _is_to_ask(way):
            yield say_way(way, reach.contact)
    yield from _noted(reach, noted)
    for way in reach.ways:
        if _is_to_ask(way) and not _names(noted, way.connector):
            yield say_way(way, reach.contact)
    for tie in reach.ties:
        between = tie.other if tie.one.id == reach.contact.id else tie.one
        if between.id not in told and not _names(noted, between) and _helps(reach, tie, between):
            yield _ask_about(tie, between, reach.contact)


def _noted(reach: Reach, noted: str) -> Iterator[str]:
    """The person's own words; where they name whom to ask, first what to ask of them."""
    asks = [say_way(each, reach.contact) for each in reach.ways if _is_to_ask(each) and _names(noted, each.connector)]
    if asks:
        yield f"{', '.join(dict.fromkeys(asks))}, or as you noted: {noted}"
    elif noted:
        yield noted


def _is_to_ask(way: Way) -> bool:
    return way.introduction.state in _TO_ASK


def _is_given(way: Way) -> bool:
    return way.introduction.state not in (*_TO_ASK, *_ASKED)


def _names(text: str, contact: Contact) -> bool:
    """Whether a text names somebody, by first name, name or alias."""
    keys = filter(None, {contact.first_key, contact.name_key, *map(fold, contact.aliases)})
    return any(re.search(rf"(?<!\w){re.escape(each)}(?!\w)", fold(text)) for each in keys)


def _helps(reach: Reach, tie: Tie, between: Contact) -> bool:
    """Whether to ask somebody: who can be reached without the contact, or who knows them and does not lead back."""
    noted = between.how_to_reach
    leads_back = bool(noted and _names(noted, reach.contact))
    if between.id in reach.with_method or _in_touch(between) or (noted and not leads_back):
        return True
    known_back = any(each.one.id == reach.contact.id and each.other.id == between.id for each in reach.ties)
    return tie.one.id == between.id and not (leads_back or known_back or between.id in reach.led_to)


def _in_touch(contact: Contact) -> bool:
    return contact.last_contact_at is not None or contact.stage in {Stage.MET, Stage.KEEPING_IN_TOUCH}


def _ask_about(tie: Tie, between: Contact, contact: Contact) -> str:
    if tie.type == "knows" and tie.one.id == between.id:
        return f"ask {between.name}, who knows {contact.name}"
    return f"ask {between.name}: {tie.one.name} {tie.type} {tie.other.name}"
