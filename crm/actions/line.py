"""One line that says it all: `yesterday 45m coffee w/ Casey and Kenny; q2: learn system design; next: send repo fri`.

    LINE    = TALK {";" PART}
    TALK    = any order of WHEN, DURATION, KIND, ["at" PLACE], then LINK NAMES [WHEN] ["for" KIND] ["at" PLACE]
    LINK    = "w/" | "with" | "to" | "from" | "met" | "saw"
    PART    = QUESTION [NAME] ":" ANSWER | "next:" PROMISE DAY | "next:" DAY | "follow-up:" DAY | "note:" TEXT
            | "private:" TEXT | TEXT
    NAMES   = NAME {("," | "and" | "&") NAME}

`from` means that they reached out. `next:` with a day alone is a follow-up, with something before the day a promise. A
part without a known word in front is a note. Nothing is guessed: what cannot be read is an error that names it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from crm.actions.outreach import Said
from crm.actions.phrases import due_day
from crm.dates import When, parse_when
from crm.durations import parse_duration
from crm.errors import BadValueError
from crm.escaping import quote, refuse_unstorable
from crm.models.words import Direction, InteractionKind

LONGEST: Final = 5000
"""The longest line that is read, in characters."""

EXAMPLE: Final = '"yesterday 45m coffee w/ casey and kenny; q2: learn system design; next: send repo fri"'

_LINKS: Final = {"w/": None, "with": None, "to": Direction.OUT, "from": Direction.IN, "met": None, "saw": None}
_ENDS_NAMES: Final = frozenset({"at", "for", "over"})
_KINDS: Final = {
    InteractionKind.COFFEE: "coffee coffee-chat lunch dinner breakfast tea drinks",
    InteractionKind.CALL: "call called phone phoned phone-call",
    InteractionKind.VIDEO: "video zoom zoomed facetime video-call zoom-call video-chat",
    InteractionKind.MESSAGE: "message messaged text texted text-message dm wrote whatsapp signal",
    InteractionKind.EMAIL: "email e-mail emailed e-mailed mail mailed",
    InteractionKind.LINKEDIN: "linkedin linkedin-message linkedin-dm",
    InteractionKind.EVENT: "event meetup conference",
    InteractionKind.MOCK_INTERVIEW: "mock-interview mock",
    InteractionKind.OTHER: "other",
}
_KIND_OF: Final = {word: kind for kind, words in _KINDS.items() for word in words.split()}
_FILLERS: Final = frozenset({"chat", "interview", "had", "a", "an", "i", "for", "on", "over", "meeting"})
_MOST_WORDS: Final = 5
_JOINER: Final = re.compile(r"\s*(?:,|&|\band\b)\s*", re.IGNORECASE)
_STUCK: Final = re.compile(r"(?<!\S)w/(?=\S)", re.IGNORECASE)
_NEXT_ANSWER: Final = re.compile(r",\s*q\d{1,18}(?:\s+\w+)?\s*:", re.IGNORECASE)
_QUESTION: Final = re.compile(r"(q\d{1,18})(?:\s+(\S.*))?", re.IGNORECASE | re.DOTALL)
_KEYS: Final = frozenset({"next", "promise", "follow-up", "follow up", "followup", "note", "private", "place"})


@dataclass(frozen=True, slots=True)
class Answered:
    """What was said to a question, and by whom, if the line names them."""

    question: str
    text: str
    who: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """What a line says: with whom (names as typed), the facts, and the answers."""

    who: tuple[str, ...]
    said: Said
    answers: tuple[Answered, ...] = ()


def looks_like_line(text: str) -> bool:
    """Whether a text that is nobody's name may be a line: it has parts, a kind, or a word that leads to names."""
    words = _STUCK.sub("w/ ", text).casefold().split()
    return bool(_JOINER.search(text)) or ";" in text or any(word in _LINKS or word in _KIND_OF for word in words)


def read_line(text: str, *, now: datetime, tz: ZoneInfo) -> Line:
    """Take a line apart.

    Raises:
        BadValueError: it names nobody, or holds something that cannot be read.
    """
    if len(refuse_unstorable(text, what="The line")) > LONGEST:
        raise BadValueError(f"the line is longer than {LONGEST:,} characters; put the rest into --note")
    talk, *parts = (each.strip() for each in _STUCK.sub("w/ ", text).split(";"))
    who, said = _talk(talk, now, tz)
    answers: list[Answered] = []
    for part in filter(None, parts):
        key, found, rest = (each.strip() for each in part.partition(":"))
        asked = _QUESTION.fullmatch(key) if found else None
        if asked is not None:
            answers.append(_answer(asked, rest, part))
        elif found and " ".join(key.casefold().split()) in _KEYS:
            said = _with_part(said, " ".join(key.casefold().split()), rest, now, tz)
        else:
            said = _noted(said, part, private=False)
    return Line(who, said, tuple(answers))


def _answer(asked: re.Match[str], said: str, part: str) -> Answered:
    if not said:
        raise BadValueError(f"{quote(part)} has no answer behind the colon")
    if swallowed := _NEXT_ANSWER.search(said):
        raise BadValueError(f"{quote(swallowed[0])} begins the next answer; put a semicolon before it, not a comma")
    return Answered(asked[1].lower(), said, asked[2])


def _with_part(said: Said, key: str, rest: str, now: datetime, tz: ZoneInfo) -> Said:
    if not rest:
        raise BadValueError(f"there is nothing behind {quote(key + ':')}")
    if key in {"note", "private"}:
        return _noted(said, rest, private=key == "private")
    if key == "place":
        return replace(said, place=rest)
    if key.startswith("follow"):
        return replace(said, follow_up_on=due_day(rest, now=now, tz=tz))
    what, day = _ending_day(rest.split(), now, tz)
    if day is None:
        raise BadValueError(f'{quote(rest)} does not say by when; end it with a day, such as "next: send repo fri"')
    if not what:
        return replace(said, follow_up_on=day)
    return replace(said, promises=(*said.promises, (what, day)))


def _ending_day(words: Sequence[str], now: datetime, tz: ZoneInfo) -> tuple[str, date | None]:
    """What is to be done, and the day that the longest ending names."""
    for place in range(len(words)):
        try:
            day = due_day(" ".join(words[place:]), now=now, tz=tz)
        except BadValueError as error:
            if "has passed" in error.message:
                raise
            continue
        before = words[:place]
        return " ".join(before[:-1] if before and before[-1].casefold() == "by" else before), day
    return " ".join(words), None


def _noted(said: Said, text: str, *, private: bool) -> Said:
    if said.note and said.private != private:
        raise BadValueError("one line takes a note or a private one, not both; log the other with crm interaction edit")
    return replace(said, note=f"{said.note}; {text}" if said.note else text, private=private)


def _talk(text: str, now: datetime, tz: ZoneInfo) -> tuple[tuple[str, ...], Said]:
    words = text.split()
    place = next((place for place, word in enumerate(words) if word.casefold() in _LINKS), None)
    if place is None:
        said, left = _facts(words, Said(), now, tz)
        return _names(" ".join(left), text), said
    front = [bare for word in words[:place] if (bare := word.rstrip(",:"))]
    said, left = _facts(front, Said(direction=_LINKS[words[place].casefold()]), now, tz)
    if left and left[0].casefold() == "at" and len(left) > 1:
        said, left = replace(said, place=" ".join(left[1:])), []
    if left:
        raise BadValueError(
            f"cannot read {quote(' '.join(left))} in front of {words[place]}; write for example {EXAMPLE}"
        )
    named, rest = _names_and_rest(words[place + 1 :], now, tz)
    said, left = _facts(rest, said, now, tz)
    if left:
        said = replace(said, place=" ".join(left[1:] if left[0].casefold() == "at" else left))
    return _names(named, text), said


def _names_and_rest(words: Sequence[str], now: datetime, tz: ZoneInfo) -> tuple[str, list[str]]:
    """The names, and behind them a place (`at ...`), a time or a duration; the first word is always a name's."""
    for place in range(1, len(words)):
        if words[place].casefold() in _ENDS_NAMES or _fact(words[place:], now, tz) is not None:
            return " ".join(words[:place]), list(words[place:])
    return " ".join(words), []


def _names(text: str, line: str) -> tuple[str, ...]:
    named = tuple(filter(None, _JOINER.split(text)))
    if not named:
        raise BadValueError(f"{quote(line)} does not say with whom; write for example {EXAMPLE}")
    return named


def _facts(words: Sequence[str], said: Said, now: datetime, tz: ZoneInfo) -> tuple[Said, list[str]]:
    """What the words say of time, length and kind, and those that say nothing of it."""
    left: list[str] = []
    place = 0
    while place < len(words):
        found = _fact(words[place:], now, tz)
        if found is None:
            if words[place].casefold() not in _FILLERS:
                left.append(words[place])
            place += 1
            continue
        length, facts = found
        for name in facts:
            if getattr(said, name) is not None:
                raise BadValueError(f"{quote(' '.join(words[place : place + length]))} says a second {_SAID[name]}")
        said = replace(said, **facts)  # type: ignore[arg-type]  # the fields of Said
        place += length
    return said, left


_SAID: Final = {"when": "time", "minutes": "duration", "kind": "kind"}


def _fact(words: Sequence[str], now: datetime, tz: ZoneInfo) -> tuple[int, dict[str, object]] | None:
    """How many of the first words say a time, a duration or a kind, and what; the longest run counts."""
    for length in range(min(len(words), _MOST_WORDS), 0, -1):
        run = " ".join(words[:length])
        for name, value in _readings(run, now, tz):
            if value is not None:
                return length, {name: value}
    return None


def _readings(run: str, now: datetime, tz: ZoneInfo) -> Iterator[tuple[str, object]]:
    yield "kind", _KIND_OF.get(run.casefold().replace(" ", "-"))
    yield "when", _when(run, now, tz)
    yield "minutes", _minutes(run)


def _when(run: str, now: datetime, tz: ZoneInfo) -> When | None:
    try:
        return parse_when(run, now=now, tz=tz, past=True)
    except BadValueError:
        return None


def _minutes(run: str) -> int | None:
    try:
        return parse_duration(run)
    except BadValueError as error:
        if "hours or minutes" in error.message:
            raise
        return None
