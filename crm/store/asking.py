"""What to ask whom: the open questions of several people at once."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set

from sqlmodel import Session, col, select

from crm.models import Answer, ContactTag, Question, QuestionAudience
from crm.models.words import QuestionState

Audience = Set[tuple[int | None, int | None]]
"""Whom a question is for: (contact, None) and (None, tag)."""


def to_ask(session: Session, ids: Sequence[int]) -> dict[int, list[Question]]:
    """The open questions that each contact has not answered, by contact id: as `questions.to_ask` does it for one.

    Those for them by name come first, then those for their tags, then those for anybody. Four queries.
    """
    opened = session.exec(select(Question).where(Question.state == QuestionState.OPEN).order_by(col(Question.id))).all()
    audiences = select(QuestionAudience.question_id, QuestionAudience.contact_id, QuestionAudience.tag_id)
    audience = defaultdict[int, set[tuple[int | None, int | None]]](set)
    for question, contact, tag in session.exec(audiences):
        audience[question].add((contact, tag))
    in_tags = select(ContactTag.contact_id, ContactTag.tag_id).where(col(ContactTag.contact_id).in_(ids))
    answers = select(Answer.contact_id, Answer.question_id).where(col(Answer.contact_id).in_(ids))
    theirs, answered = _grouped(session.exec(in_tags)), _grouped(session.exec(answers))
    return {
        number: _sorted_for(
            number, theirs[number], [each for each in opened if each.id not in answered[number]], audience
        )
        for number in ids
    }


def _grouped(pairs: Iterable[tuple[int, int]]) -> defaultdict[int, set[int]]:
    found = defaultdict[int, set[int]](set)
    for one, other in pairs:
        found[one].add(other)
    return found


def _sorted_for(
    contact: int, tags: Collection[int], questions: Sequence[Question], audience: Mapping[int, Audience]
) -> list[Question]:
    """Those of the questions that concern a contact in these tags."""
    by_name, by_tag = (contact, None), {(None, each) for each in tags}
    near: tuple[list[Question], list[Question], list[Question]] = ([], [], [])
    for each in questions:
        wanted = audience.get(each.id, frozenset())
        if by_name in wanted:
            near[0].append(each)
        elif by_tag & wanted:
            near[1].append(each)
        elif not wanted:
            near[2].append(each)
    return [each for some in near for each in some]
