"""What kind of chat an appointment is, by the words of its title and its conference's address."""

import re
from typing import Final

from crm.folding import fold
from crm.models.words import InteractionKind

_KINDS: Final = (
    (InteractionKind.MOCK_INTERVIEW, r"mock(?: (?:\w+ )?interview)?"),
    (InteractionKind.COFFEE, r"coffee|tea|lunch|brunch|breakfast|dinner|drinks?|beers?|cafe"),
    (InteractionKind.EVENT, r"meetup|conference|workshop|hackathon|party"),
    (InteractionKind.VIDEO, r"video|zoom|google meet|facetime|webex|skype|jitsi"),
    (InteractionKind.CALL, r"call|phone|phone ?call|telephone"),
)
_WORDS: Final = tuple((kind, re.compile(rf"(?<!\w)(?:{words})(?!\w)")) for kind, words in _KINDS)
_CONFERENCE: Final = re.compile(
    r"https://(?:[\w-]+\.)*(?:zoom\.us|meet\.google\.com|teams\.microsoft\.com|teams\.live\.com|webex\.com|whereby\.com"
    r"|meet\.jit\.si|gotomeeting\.com|chime\.aws|facetime\.apple\.com)/[^\s<>\"]*",
    re.IGNORECASE,
)


def conference(text: str) -> str:
    """The first address of a conference in the text, or nothing."""
    found = _CONFERENCE.search(text)
    return found[0] if found else ""


def kind_of(title: str, place: str) -> InteractionKind:
    """By the title's words, else by the place: an address of a conference is a video call; else `other`."""
    text = fold(title)
    kind = next((kind for kind, words in _WORDS if words.search(text)), InteractionKind.OTHER)
    by_video = kind in {InteractionKind.OTHER, InteractionKind.CALL} and conference(place)
    return InteractionKind.VIDEO if by_video else kind
