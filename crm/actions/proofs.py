"""What a checklist item speaks of that the log can prove: a small table of words, and how often they ask for it.

The first row that fits counts. An item that only prepares ("Draft questions", "Read a blog post") proves nothing, and
one that fits no row is ticked by hand as ever.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from crm.folding import fold

MOST: Final = 20


class Proof(StrEnum):
    """What in the log proves it."""

    REFERRAL = "referral"
    INTRODUCTION = "introduction"
    PLANNED = "planned"
    MOCK_INTERVIEW = "mock-interview"
    EVENT = "event"
    POST = "post"
    HOURS = "hours"
    ANSWER = "answer"
    TALK = "talk"
    WROTE = "wrote"
    PEOPLE = "people"
    CHECK_IN = "check-in"


ALONE: Final = frozenset({Proof.POST, Proof.HOURS, Proof.CHECK_IN})
"""What one does without anybody else."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What an item asks for, and how many of it (1 to `MOST`)."""

    proof: Proof
    count: int


_CHAT: Final = r"\b(?:chat|call|coffee|meeting|interview|conversation|talk|consultation|video call)s?\b"
_PEOPLE: Final = r"\b(?:practitioner|people|person|expert|mentor|engineer|contact|recruiter)s?\b"
_TALKS: Final = (
    r"\b(?:talk|speak|chat) (?:to|with)\b|\bcoffees?\b|\bconsult(?:ation)?s?\b|\bconversations?\b|\binformational\b"
    r"|^interview\b|\b(?:do|have|hold) .*\binterviews?\b|\bmeet (?!\w* ?(?:deadline|goal|target))"
    r"|^call\b|\b(?:phone|video) calls?\b|\bcalls? with\b|\ba call\b"
)
_POSTS: Final = (
    r"(?:^|\band |\bto )post\b|\bposting about\b|\b(?:write|make|share) .*\bposts?\b|\bpublish\b"
    r"|\b(?:tweet|blog) about\b|\bshare\b.*\b(?:online|publicly)\b"
)
_WRITES: Final = (
    r"\breach(?:ed)? out\b|\bget in touch\b|\bwrite to\b|\bconnect with\b|\bfollow up with\b|\bask\b"
    r"|^(?:contact|message|e-?mail|dm|text)\b"
)
_ROWS: Final = tuple(
    (proof, re.compile(pattern))
    for proof, pattern in (
        (Proof.REFERRAL, r"\b(?:ask|request|get)\b.*\breferrals?\b"),
        (Proof.INTRODUCTION, r"\b(?:ask|request|get)\b.*\bintro(?:duction)?s?\b"),
        (Proof.PLANNED, rf"\b(?:schedule|book|arrange|set up|plan)\b.*{_CHAT}"),
        (Proof.MOCK_INTERVIEW, r"\bmock[ -]interviews?\b"),
        (Proof.EVENT, r"\b(?:attend|go to|join|visit)\b.*\b(?:event|meet-?up|conference|job fair|career fair)s?\b"),
        (Proof.POST, _POSTS),
        (Proof.HOURS, r"\b(?:track|log|record)\b.*\b(?:hours?|time)\b"),
        (Proof.ANSWER, r"\bask\b.*\bquestions?\b|\bget\b.*\banswers?\b"),
        (Proof.TALK, _TALKS),
        (Proof.WROTE, _WRITES),
        (Proof.CHECK_IN, r"\baccountability\b|\bcheck[ -]ins?\b|\bcommitments?\b"),
    )
)
_IDENTIFY: Final = re.compile(rf"^(?:identify|list|find)\b.*{_PEOPLE}")
_PREPARES: Final = re.compile(
    r"^(?:prepare|draft|read|study|research|analy[sz]e|bookmark|find|list|identify|watch|review|note|choose|decide"
    r"|finali[sz]e|create|collect)\b"
)
_NUMBERS: Final = {
    name: number
    for number, name in enumerate(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), 1)
}
_NUMBER: Final = rf"(\d{{1,2}}|{'|'.join(_NUMBERS)})"
_AT_LEAST: Final = re.compile(rf"\b(?:at least|minimum of) {_NUMBER}\b")
_COUNTED: Final = re.compile(
    rf"(?<![\d.,/-])(?<!part )(?<!parts )(?<!section )(?<!week )(?<!month )\b{_NUMBER}\b"
    r"(?= [a-z])(?! (?:minute|hour|day|week|month|year|time|percent)s?\b)"
)


def claim_of(title: str) -> Claim | None:
    """What the log can prove of an item with that title; None for what it knows nothing of."""
    plain = fold(title)
    if _IDENTIFY.search(plain):
        return Claim(Proof.PEOPLE, _count(plain))
    if _PREPARES.search(plain):
        return None
    found = next((proof for proof, pattern in _ROWS if pattern.search(plain)), None)
    return Claim(found, _count(plain)) if found else None


def _count(plain: str) -> int:
    """How many it asks for: `at least 2`, `3 practitioners`; the numbers of parts, days and hours are none of these."""
    found = _AT_LEAST.search(plain) or _COUNTED.search(plain)
    if found is None:
        return 1
    return max(1, min(MOST, _NUMBERS.get(found[1]) or int(found[1])))
