"""What people type in one breath, taken apart, and what to type next, put together.

Taken apart: a promise and its day, a question and its answer, people and a time. Put together: the command that logs a
chat, and the words for its kind.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from crm import date_words
from crm.cadence import day_of
from crm.dates import When, parse_day, parse_when, say_day
from crm.errors import BadValueError
from crm.escaping import quote, refuse_unstorable
from crm.models import Interaction
from crm.models.words import InteractionKind

_SPOKEN: Final = {
    InteractionKind.VIDEO.value: "video call",
    InteractionKind.LINKEDIN.value: "LinkedIn message",
    InteractionKind.MOCK_INTERVIEW.value: "mock interview",
}


@dataclass(frozen=True, slots=True)
class Split:
    """Who and when; `doubt` is what would be wrong with the time if some of `who` were meant as part of it."""

    who: tuple[str, ...]
    when: When
    doubt: BadValueError | None


def due_day(text: str, *, now: datetime, tz: ZoneInfo) -> date:
    """A day to do something on: today or later.

    Raises:
        BadValueError: it is no day, or has passed.
    """
    day = parse_day(text, now=now, tz=tz)
    if day < day_of(now, tz):
        raise BadValueError(f"{quote(text)} is {say_day(day)}, which has passed; name today or a later day.")
    return day


def promise(text: str, *, now: datetime, tz: ZoneInfo) -> tuple[str, date]:
    """What was promised, and by which day: `send the repo by fri` is cut at its last ` by `.

    Raises:
        BadValueError: there is no ` by `, nothing before it, or no day to come behind it.
    """
    what, cut, when = text.rpartition(" by ")
    if not cut or not what.strip():
        raise BadValueError(f'{quote(text)} does not say by when; write for example "send the repo by fri".')
    return refuse_unstorable(what.strip(), what="The promise"), due_day(when, now=now, tz=tz)


def answer(text: str) -> tuple[str, str]:
    """The question's id and what was said: `q2=learn system design` is cut at its first `=`.

    Raises:
        BadValueError: there is no `=`, or nothing on one side of it.
    """
    question, cut, said = (part.strip() for part in text.partition("="))
    if not (question and cut and said):
        raise BadValueError(f'{quote(text)} is no answer; write the question\'s id, "=" and what was said: q2="..."')
    return question, refuse_unstorable(said, what="The answer")


def who_and_when(words: Sequence[str], *, now: datetime, tz: ZoneInfo) -> Split:
    """Take `casey brown next tue 14:30` apart: the longest ending that is a time, and before it at least one word.

    Raises:
        BadValueError: no ending is a day or time, or one is that the calendar does not have.
    """
    doubt: BadValueError | None = None
    for place in range(1, len(words)):
        try:
            when = parse_when(" ".join(words[place:]), now=now, tz=tz)
        except BadValueError as error:
            if _begins_a_time(words[place]):
                doubt = doubt or error
            if words[place][:1].isdigit():
                break
        else:
            return Split(tuple(words[:place]), when, doubt)
    raise doubt or BadValueError("Say with whom and when, for example: crm schedule casey fri 14:30")


def _begins_a_time(word: str) -> bool:
    plain = date_words.plain(word)
    return (
        plain[:1].isdigit()
        or plain in {"next", "last", "in", "at"}
        or date_words.weekday_named(plain) is not None
        or date_words.day_and_month(f"{plain} 1") is not None
    )


def say_kind(kind: str, *, other: str = "chat") -> str:
    """A kind of interaction as one says it; `other` stands for one that is no kind in particular."""
    return other if kind == InteractionKind.OTHER else _SPOKEN.get(kind, kind)


def to_log(who: Sequence[str], chat: Interaction | None, *, said: str = '--note "..."') -> str:
    """The command that logs a planned chat when it is over, with the kind and length it was planned with."""
    known = [f"--kind {chat.kind}"] if chat and chat.kind != InteractionKind.OTHER else []
    known += [f"--duration {chat.minutes}m"] if chat and chat.minutes else []
    return " ".join(["crm log-contact", *who, *known, said])
