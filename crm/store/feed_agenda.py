"""What there is to ask the people of a chat, and how often that changed.

A number that never falls has to count what once was to be asked: questions that were removed or are now for others, and
answers that were taken back. A question counts for everybody unless it was for certain contacts alone ever since, and
so does an answer that was not always the same contact's, since the two were merged.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from crm.models import (
    Answer,
    Contact,
    ContactTag,
    JournalChange,
    JournalCommand,
    Question,
    QuestionAudience,
)
from crm.models.words import QuestionState
from crm.store.shape import table_of
from crm.store.told import OF_A_QUESTION, OF_AN_ANSWER, TAGS_OF_A_CONTACT, Version, Versions

_NEVER: Final = datetime.min.replace(tzinfo=UTC)
_NOTHING: Final = Version(0, _NEVER)


@dataclass(frozen=True, slots=True)
class Agenda:
    """Questions by the contact they are for, those for anybody, and each contact's answers by question.

    Attributes:
        common: the version of the questions and answers that count for everybody.
        own: by contact, the versions of the questions for them alone, of their answers, and of their tags.
    """

    addressed: dict[int, list[Question]]
    general: list[Question]
    answers: dict[int, set[int]]
    common: Version
    own: dict[int, list[Version]]

    def open_for(self, contacts: Sequence[Contact]) -> list[Question]:
        """Each open question that one of the contacts has not answered, once; those for anybody come last."""
        found = [question for each in contacts for question in self._open(each, self.addressed.get(each.id, []))]
        found += [question for each in contacts for question in self._open(each, self.general)]
        return list({question.id: question for question in found}.values())

    def _open(self, contact: Contact, questions: list[Question]) -> Iterator[Question]:
        answered = self.answers.get(contact.id, set())
        return (each for each in questions if each.state == QuestionState.OPEN and each.id not in answered)

    def version(self, contacts: Sequence[Contact]) -> Version:
        """How often what there is to ask them, or their answers, changed; and when that last happened."""
        if not contacts:
            return _NOTHING
        return _together([self.common, *(version for each in contacts for version in self.own.get(each.id, []))])


def agenda(session: Session, contacts: sa.Select[Any]) -> Agenda:
    """What there is to ask the contacts whose ids a statement selects."""
    named, tagged = table_of(QuestionAudience), table_of(ContactTag)
    directly = sa.select(named.c.question_id, named.c.contact_id).where(named.c.contact_id.in_(contacts))
    by_tag = (
        sa.select(named.c.question_id, tagged.c.contact_id)
        .join(tagged, tagged.c.tag_id == named.c.tag_id)
        .where(tagged.c.contact_id.in_(contacts))
    )
    audience = directly.union(by_tag).subquery()
    addressed: dict[int, list[Question]] = defaultdict(list)
    query = select(Question, audience.c.contact_id).join(audience, audience.c.question_id == col(Question.id))
    for question, number in session.exec(query.order_by(col(Question.id))):
        addressed[number].append(question)
    answered: dict[int, set[int]] = defaultdict(set)
    answers = list(session.exec(select(Answer).where(col(Answer.contact_id).in_(contacts))))
    for answer in answers:
        answered[answer.contact_id].add(answer.question_id)
    questions = list(session.exec(select(Question)))
    common, own = _versions(session, questions, answers, contacts)
    return Agenda(addressed, _for_anybody(session), answered, common, own)


def _for_anybody(session: Session) -> list[Question]:
    addressed = sa.select(col(QuestionAudience.question_id))
    return list(session.exec(select(Question).where(col(Question.id).not_in(addressed)).order_by(col(Question.id))))


def _versions(
    session: Session, questions: Sequence[Question], answers: Sequence[Answer], contacts: sa.Select[Any]
) -> tuple[Version, dict[int, list[Version]]]:
    own: dict[int, list[Version]] = defaultdict(list)
    alone = _for_them_alone(session)
    common: list[Version] = []
    for values, version in Versions(session, OF_A_QUESTION).of_every(questions):
        for number in alone.get(values.get("id", 0), ()):
            own[number].append(version)
        if values.get("id") not in alone:
            common.append(version)
    of_answers = Versions(session, OF_AN_ANSWER)
    whose: dict[int, set[int]] = defaultdict(set)
    for _, values in of_answers.ever():
        whose[values["id"]].add(values["contact_id"])
    for values, version in of_answers.of_every(answers):
        is_one_persons = values and whose[values["id"]] <= {values["contact_id"]}
        (own[values["contact_id"]] if is_one_persons else common).append(version)
    tags = Versions(session, TAGS_OF_A_CONTACT, ids=contacts)
    for contact in session.exec(select(Contact).where(col(Contact.id).in_(contacts))):
        own[contact.id].append(tags.of(contact))
    return _together(common), own


def _together(versions: Iterable[Version]) -> Version:
    found = list(versions)
    return Version(sum(each.revision for each in found), max((each.updated_at for each in found), default=_NEVER))


def _for_them_alone(session: Session) -> dict[int, set[int]]:
    """By question, the contacts that it was for since it was added, if it was never for a tag or for anybody."""
    change, command = table_of(JournalChange).c, table_of(JournalCommand)
    question, audience = table_of(Question).name, table_of(QuestionAudience).name
    query = (
        sa.select(change.table_name, change.row_id, change.command_id, change.before, change.after, command.c.undone_at)
        .join(command, command.c.id == change.command_id)
        .where(change.table_name.in_([question, audience]))
    )
    added_by: dict[int, int] = {}
    gone_by: dict[int, int] = {}
    named: dict[int, set[int]] = defaultdict(set)
    first_by: dict[int, int] = {}
    parted: set[tuple[int, int]] = set()
    not_alone: set[int] = set()
    for table, row, number, before, after, undone_at in session.connection().execute(query.order_by(change.id)):
        if table == question:
            added_by.setdefault(row, number)
            if after is None:
                gone_by[row] = number
            continue
        values = after or before
        asked, who = values["question_id"], values["contact_id"]
        first_by.setdefault(asked, number)
        named[asked].add(who)
        if before:
            parted.add((asked, number))
        if who is None or (undone_at and number != added_by.get(asked)):
            not_alone.add(asked)
    not_alone |= {asked for asked, number in parted if gone_by.get(asked) != number}
    return {
        asked: who for asked, who in named.items() if asked not in not_alone and added_by.get(asked) == first_by[asked]
    }
