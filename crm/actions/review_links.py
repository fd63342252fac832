"""Saying what is to have happened by a review."""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlmodel import Session

from crm.actions.checked import brief
from crm.errors import RefusedError
from crm.models import Contact, Question, Review, ReviewLink, Task
from crm.store import journal, records, review_links
from crm.store.review_links import Linkable

_REF: Final = re.compile(r"([qt])\d{1,18}", re.ASCII | re.IGNORECASE)
_MODELS: Final[dict[str, type[Question] | type[Task]]] = {"q": Question, "t": Task}


def named(
    session: Session, words: Sequence[str], *, choose: Callable[[Session, Sequence[str]], Sequence[Contact]]
) -> list[Linkable]:
    """What the words name: questions (`q2`), tasks (`t3`), and people, whom `choose` finds.

    Raises:
        NotFoundError, AmbiguousError: there is no such question, task or person, or there are several.
    """
    refs = [(match[1].lower(), each) for each in words if (match := _REF.fullmatch(each))]
    who = [each for each in words if not _REF.fullmatch(each)]
    things: list[Linkable] = list(choose(session, who)) if who else []
    return things + [records.by_ref(session, _MODELS[letter], each) for letter, each in refs]


def link(session: Session, review: Review, things: Sequence[Linkable]) -> list[Linkable]:
    """Let these be things that are to have happened by the review; gives those that were not before.

    Raises:
        RefusedError: the review is completed, so nothing is to happen by it any more.
    """
    if review.completed_at is not None:
        raise RefusedError(f"{review.name} is completed; link to one that is to come: crm review list")
    there = {each.about.uid for each in review_links.of(session, review)}
    new = [each for each in things if each.uid not in there]
    for each in new:
        records.add(session, ReviewLink(review_id=review.id, **_column(each)))
    journal.summarize(session, f"Linked {_said(new)} to {brief(review.name)}")
    return new


def unlink(session: Session, review: Review, things: Sequence[Linkable]) -> list[Linkable]:
    """Let these be no such things any more; gives those that were before."""
    named_here = {each.uid for each in things}
    found = [each for each in review_links.of(session, review) if each.about.uid in named_here]
    for each in found:
        records.remove(session, each.link)
    journal.summarize(session, f"Unlinked {_said([each.about for each in found])} from {brief(review.name)}")
    return [each.about for each in found]


def _column(thing: Linkable) -> dict[str, Any]:
    return {f"{thing.__tablename__}_id": thing.id}


def say(thing: Linkable) -> str:
    """A person by name; a question or a task by its short id and first words."""
    if isinstance(thing, Contact):
        return brief(thing.name)
    return f"{thing.ref} {brief(thing.text if isinstance(thing, Question) else thing.title)}"


def _said(things: Sequence[Linkable]) -> str:
    shown = ", ".join(say(each) for each in things[:3])
    return f"{shown} and {len(things) - 3} more" if len(things) > 3 else shown or "nothing"
