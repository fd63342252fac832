"""Choosing the one thing that a person's words mean among a few: activities, commitments, reviews. Never a guess."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from crm.errors import AmbiguousError
from crm.escaping import quote
from crm.folding import fold
from crm.models import Record

R = TypeVar("R", bound=Record)

_WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """The words of a text, without case, accents and punctuation: `Reading/research` has two."""
    return _WORD.findall(fold(text))


def has_words(text: str, wanted: Sequence[str]) -> bool:
    """Whether each wanted word begins a word of the text."""
    return bool(wanted) and all(any(word.startswith(each) for word in words(text)) for each in wanted)


def only(text: str, stages: Iterable[Sequence[R]], *, label: Callable[[R], str]) -> R | None:
    """The one record of the first stage that has any; None when no stage has.

    Raises:
        AmbiguousError: that stage has several; they are listed.
    """
    found = next((stage for stage in stages if stage), ())
    if len(found) > 1:
        candidates = [f"{each.ref} {label(each)}" for each in found[:10]]
        raise AmbiguousError(f"{quote(text)} could be any of {len(found)}; name one", candidates=candidates)
    return found[0] if found else None


def by_id(text: str, among: Sequence[R]) -> list[R]:
    """The record whose short id (`m2`) or uid is `text`, if it is there."""
    wanted = text.strip().lower()
    return [each for each in among if wanted in {each.ref, each.uid}]
