"""The form of a review: its questions, the answers, and the priorities that become tasks.

What was answered is kept at once, so that a form can be left and taken up again.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions import phrases
from crm.actions import review_links as linking
from crm.actions import reviews as milestones
from crm.actions import tasks as todo
from crm.actions.checked import brief
from crm.cadence import day_of
from crm.errors import BadValueError, RefusedError
from crm.escaping import on_one_line, quote, refuse_unstorable, shorten
from crm.folding import fold
from crm.models import Review, ReviewAnswer, Task
from crm.models.words import TaskKind
from crm.store import choice, journal, records, reviews, tasks

GENERAL: Final = ("What went well?", "What did not go well?", "What did I learn?", "What do I change?")
PRIORITIES: Final = "What comes first until the next review?"
MOST_OWN: Final = 5
MOST_PRIORITIES: Final = 10
LONGEST_QUESTION: Final = 200

_ENDS = re.compile("([.!?\n;:\u2013\u2014])")
_NUMBERED = re.compile(r"\s*(\d{1,3})\s*=(.*)", re.ASCII | re.DOTALL)
_MARK = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])?\s*(?:\[[ xX]?\])?\s+", re.ASCII)
_TASK = re.compile(r"(t\d{1,9})(\s+by\s.+)?", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Item:
    """One question of the form, by its number from 1 on, and what was answered so far."""

    number: int
    question: str
    answer: str

    @property
    def asks_for_priorities(self) -> bool:
        """Whether each line of its answer becomes a task."""
        return self.question == PRIORITIES


def own_questions(text: str) -> list[str]:
    """What a review's own text asks: `Major review—is the plan working? Adjust` asks `Is the plan working?`."""
    pieces = _ENDS.split(text)
    asked = (on_one_line(each) for each, end in zip(pieces[::2], pieces[1::2], strict=False) if end == "?")
    found = (shorten(f"{each[0].upper()}{each[1:]}?", LONGEST_QUESTION) for each in asked if choice.words(each))
    return list(dict.fromkeys(found))[:MOST_OWN]


def form(session: Session, review: Review) -> list[Item]:
    """The review's questions: its own, those that fit any, what was answered besides, and last the priorities."""
    answers = {each.question: each.text for each in records.parts(session, ReviewAnswer, review)}
    questions = dict.fromkeys([*own_questions(review.text), *GENERAL, *answers])
    questions.pop(PRIORITIES, None)
    return [Item(at, each, answers.get(each, "")) for at, each in enumerate([*questions, PRIORITIES], start=1)]


def parse_answers(given: Sequence[str]) -> dict[int, str]:
    """Answers by the question's number, from `N=TEXT`; several to one question are lines of one answer.

    Raises:
        BadValueError: one is not written so.
    """
    found: dict[int, str] = {}
    for each in given:
        match = _NUMBERED.fullmatch(each)
        if match is None:
            raise BadValueError(f'{quote(each)} is no answer; write the question\'s number first: "1=Mornings work"')
        number, text = int(match[1]), match[2].strip()
        found[number] = f"{found[number]}\n{text}" if number in found else text
    return found


def begin(session: Session, review: Review, *, now: datetime) -> bool:
    """Mark a review as started; False when it was before.

    Raises:
        RefusedError: it is completed.
    """
    _refuse_completed(review)
    if review.started_at is not None:
        return False
    review.started_at = now
    journal.summarize(session, f"Started {brief(review.name)}")
    return True


def save(session: Session, review: Review, given: Mapping[int, str], *, now: datetime) -> list[Item]:
    """Keep answers, by the number of their question; a blank one takes back what was there. Gives what changed.

    Raises:
        BadValueError: there is no such question, an answer cannot be stored, or there are too many priorities.
        NotFoundError: a priority names a task that is not there.
        RefusedError: the review is completed.
    """
    begin(session, review, now=now)
    items = {each.number: each for each in form(session, review)}
    there = {each.question: each for each in records.parts(session, ReviewAnswer, review)}
    changed = []
    for number, text in given.items():
        item = _item(items, number, review)
        refuse_unstorable(text, what=f"The answer to question {number}")
        answer = _by_title(session, text) if item.asks_for_priorities else text
        if not _same(answer, item.answer):
            _put(session, review, item.question, answer, there.get(item.question))
            changed.append(Item(number, item.question, answer))
    if changed:
        journal.summarize(session, f"Answered {_said(changed)} of {brief(review.name)}")
    return changed


def _item(items: Mapping[int, Item], number: int, review: Review) -> Item:
    if number not in items:
        raise BadValueError(f"{brief(review.name)} has the questions 1 to {len(items)}; there is no question {number}")
    return items[number]


def _same(text: str, other: str) -> bool:
    """Whether two answers say the same; line ends and blanks around do not count."""
    return text.replace("\r\n", "\n").strip() == other.replace("\r\n", "\n").strip()


def _by_title(session: Session, text: str) -> str:
    """Priorities, one a line; a task's short id becomes its title, by which it is found again.

    A ` by ` and a day may follow.
    """
    lines = priorities(text)
    if len(lines) > MOST_PRIORITIES:
        raise BadValueError(f"{len(lines)} things can't all come first; name at most {MOST_PRIORITIES}")
    named = ((_TASK.fullmatch(each), each) for each in lines)
    return "\n".join(
        f"{records.by_ref(session, Task, match[1]).title}{match[2] or ''}" if match else each for match, each in named
    )


def _put(session: Session, review: Review, question: str, text: str, there: ReviewAnswer | None) -> None:
    if not text.strip():
        if there is not None:
            session.delete(there)
    elif there is None:
        session.add(ReviewAnswer(review_id=review.id, question=question, text=text))
    else:
        there.text = text
    session.flush()


def _said(changed: Sequence[Item]) -> str:
    return f"question {changed[0].number}" if len(changed) == 1 else f"{len(changed)} questions"


def _refuse_completed(review: Review) -> None:
    if review.completed_at is not None:
        name = milestones.handle(review)
        raise RefusedError(
            f"{brief(review.name)} is completed; read it: crm review report {name}; "
            f"change its note: crm review edit {name} --note TEXT"
        )


def priorities(text: str) -> list[str]:
    """The lines of an answer without bullets, numbers and boxes; each once, blank ones left out."""
    lines = (_MARK.sub("", f" {each}", count=1).strip() for each in text.split("\n"))
    return list(dict.fromkeys(each for each in lines if each))


def following(session: Session, review: Review, *, today: date) -> Review | None:
    """The open review that comes after this one, and whose day is not past already."""
    in_turn = reviews.every(session)
    at = next(place for place, each in enumerate(in_turn) if each.id == review.id)
    still_open = (each for each in in_turn[at + 1 :] if each.completed_at is None)
    return next((each for each in still_open if (reviews.day_due(each) or date.max) > today), None)


def complete(
    session: Session, review: Review, *, note: str | None, now: datetime, tz: ZoneInfo
) -> tuple[list[Task], Review | None]:
    """Complete a review, and let its priorities be tasks for the next one; gives these tasks and that review.

    Raises:
        BadValueError: the note is blank, or there is neither a note nor an answer.
        RefusedError: it was completed before.
    """
    made = _make_tasks(session, review, now=now, tz=tz) if review.completed_at is None else ([], None)
    milestones.complete(session, review, note=note, now=now)
    return made


def _make_tasks(session: Session, review: Review, *, now: datetime, tz: ZoneInfo) -> tuple[list[Task], Review | None]:
    """Tasks out of the priorities, linked to the next review; the title of an open one is that.

    A new one is to be done by that review, unless its line says by when.
    """
    lines = priorities(next((each.answer for each in form(session, review) if each.asks_for_priorities), ""))
    coming = following(session, review, today=day_of(now, tz)) if lines else None
    due_on = reviews.day_due(coming) if coming else None
    still_open = {fold(each.task.title): each.task for each in tasks.listed(session)} if lines else {}
    first = {}
    for each in lines:
        title, by_on = (each, None) if fold(each) in still_open else _dated(each, now=now, tz=tz)
        task = still_open.get(fold(title))
        if task is None:
            task = todo.add_task(session, title=title, kind=TaskKind.OTHER, due_on=by_on or due_on, now=now)
            still_open[fold(title)] = task
        elif by_on is not None:
            task.due_on, task.snoozed_until_on = by_on, None
        first[task.uid] = task
    found = list(first.values())
    if coming is not None:
        linking.link(session, coming, found)
    return found, coming


def _dated(line: str, *, now: datetime, tz: ZoneInfo) -> tuple[str, date | None]:
    """A priority and its own day, where it is said as a promise is: `Ship it by fri`."""
    try:
        return phrases.promise(line, now=now, tz=tz)
    except BadValueError:
        return line, None
