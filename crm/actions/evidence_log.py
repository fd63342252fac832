"""What the log holds that can prove a checklist item, in words and with whom it was."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import Any, Final

from sqlmodel import Session

from crm.actions.checked import brief
from crm.actions.phrases import say_kind
from crm.actions.proofs import Proof
from crm.durations import say_duration
from crm.folding import fold
from crm.models import CheckIn, Commitment, Contact, Record, Task
from crm.models.words import TALKS, ContactKind, Direction, InteractionKind, InteractionState
from crm.store import choice
from crm.store import evidence as store
from crm.store.interactions import Chat

_TO: Final = {
    InteractionKind.EMAIL.value: "e-mail to",
    InteractionKind.MESSAGE.value: "message to",
    InteractionKind.LINKEDIN.value: "LinkedIn message to",
}
_POSTS: Final = ("post", "publish", "share", "blog", "linkedin")


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing in the log: its table, short id and uid, who it is of (ids of contacts), in words, and when."""

    kind: str
    number: int
    ref: str
    uid: str
    people: frozenset[int]
    what: str
    at: datetime


@dataclass
class Log:
    """What came since an instant, read when it is first asked for."""

    session: Session
    since_at: datetime
    now: datetime

    def of(self, proof: Proof) -> list[Evidence]:
        """All that can prove a claim of that kind, the newest first."""
        read: dict[Proof, Callable[[], list[Evidence]]] = {
            Proof.REFERRAL: partial(self._asked, store.referrals, "referral", "the referral you asked {} for on"),
            Proof.INTRODUCTION: partial(
                self._asked, store.introductions, "introduction", "the introduction you asked {} for on"
            ),
            Proof.PLANNED: lambda: [_planned(each) for each in self._arranged if _is_talk(each)],
            Proof.MOCK_INTERVIEW: lambda: self._of_kind(InteractionKind.MOCK_INTERVIEW),
            Proof.EVENT: lambda: self._of_kind(InteractionKind.EVENT),
            Proof.POST: lambda: [_checked_in(*each) for each in self._check_ins if _is_post(*each)],
            Proof.HOURS: self._hours,
            Proof.ANSWER: self._answers,
            Proof.TALK: lambda: [of_chat(each) for each in self._happened if each.interaction.kind in TALKS],
            Proof.WROTE: lambda: [
                of_chat(each) for each in self._happened if each.interaction.direction == Direction.OUT
            ],
            Proof.PEOPLE: self._people,
            Proof.CHECK_IN: lambda: [_checked_in(*each) for each in self._check_ins],
        }
        return read[proof]()

    def meant(self, task: Task) -> frozenset[int] | None:
        """Whom an item is about; None where anybody will do."""
        if task.contact_id is not None:
            return frozenset({task.contact_id})
        named = frozenset(each.id for each in self._known if _is_named(each, task.title))
        if named:
            return named
        words = {_singular(each) for each in choice.words(task.title)}
        meant = [who for name, who in self._groups.items() if {_singular(each) for each in choice.words(name)} <= words]
        return frozenset().union(*meant) if meant else None

    @cached_property
    def _known(self) -> list[Contact]:
        return store.known_people(self.session)

    @cached_property
    def _groups(self) -> dict[str, frozenset[int]]:
        return {name: who for name, who in store.groups(self.session).items() if choice.words(name)}

    @cached_property
    def _happened(self) -> list[Chat]:
        found = store.happened(self.session, since_at=self.since_at, until_at=self.now + timedelta(seconds=1))
        return [each for each in found if each.contacts]

    @cached_property
    def _arranged(self) -> list[Chat]:
        return [each for each in store.arranged(self.session, since_at=self.since_at) if each.contacts]

    @cached_property
    def _check_ins(self) -> list[tuple[CheckIn, Commitment]]:
        return store.check_ins(self.session, since_at=self.since_at)

    def _of_kind(self, kind: InteractionKind) -> list[Evidence]:
        return [of_chat(each) for each in self._happened if each.interaction.kind == kind]

    def _asked(self, read: Callable[..., list[Any]], kind: str, words: str) -> list[Evidence]:
        return [
            _evidence(kind, record, words.format(brief(whom.name)), record.asked_at, {whom.id})
            for record, whom in read(self.session, since_at=self.since_at)
        ]

    def _hours(self) -> list[Evidence]:
        return [
            _evidence(
                "time_entry", entry, f"{say_duration(entry.minutes or 0)} of {brief(of.name)} on", entry.started_at
            )
            for entry, of in store.entries(self.session, since_at=self.since_at)
        ]

    def _answers(self) -> list[Evidence]:
        return [
            _evidence("answer", answer, f"{brief(who.name)}'s answer to {question.ref} on", answer.asked_at, {who.id})
            for answer, question, who in store.answers(self.session, since_at=self.since_at)
        ]

    def _people(self) -> list[Evidence]:
        """Whom one studies, and whom one put into a group."""
        grouped = frozenset[int]().union(*self._groups.values())
        return [
            _evidence("contact", each, brief(each.name), each.added_at, {each.id})
            for each in self._known
            if each.kind == ContactKind.SOURCE or each.id in grouped
        ]


def _evidence(kind: str, record: Record, what: str, at: datetime, people: Collection[int] = frozenset()) -> Evidence:
    return Evidence(kind, record.id, record.ref, record.uid, frozenset(people), what, at)


def of_chat(chat: Chat) -> Evidence:
    """Something that passed between the person and others, as evidence."""
    it = chat.interaction
    how = _TO.get(it.kind) if it.direction == Direction.OUT else None
    with_whom = f"your {how or say_kind(it.kind, other='contact') + ' with'} {_names(chat)} on"
    return _evidence("interaction", it, with_whom, it.starts_at, {each.id for each in chat.contacts})


def _planned(chat: Chat) -> Evidence:
    it, people = chat.interaction, {each.id for each in chat.contacts}
    planned = "planned for" if it.state == InteractionState.PLANNED else "on"
    return _evidence("interaction", it, f"your {say_kind(it.kind)} with {_names(chat)} {planned}", it.starts_at, people)


def _names(chat: Chat) -> str:
    return brief(chat.names(2))


def _is_talk(chat: Chat) -> bool:
    return chat.interaction.kind in TALKS or chat.interaction.kind == InteractionKind.OTHER


def _checked_in(check_in: CheckIn, commitment: Commitment) -> Evidence:
    where = f" ({brief(check_in.url)})" if check_in.url else ""
    return _evidence("check_in", check_in, f'your check-in "{brief(commitment.title)}"{where} on', check_in.done_at)


def _is_post(check_in: CheckIn, commitment: Commitment) -> bool:
    return bool(check_in.url) or any(each.startswith(_POSTS) for each in choice.words(commitment.title))


def _is_named(contact: Contact, title: str) -> bool:
    """Whether the title has the whole name, or the first name as it is spelt."""
    words = title.replace("'s", " ").split()
    bare = {each.strip(".,;:!?()\"'") for each in words}
    first = contact.name.split()[0] if contact.name.split() else ""
    return (first[:1].isupper() and len(first) > 1 and first in bare) or fold(contact.name) in fold(title)


def _singular(word: str) -> str:
    return word.removesuffix("s")
