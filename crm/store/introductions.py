"""Introductions with the people they are about."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from crm.folding import fold
from crm.models import Contact, ContactMethod, Introduction, Organization
from crm.models.words import IntroductionState
from crm.store.dossier import Route

ARTICLES = ("a ", "an ", "the ")


def listed(session: Session, *, states: Collection[IntroductionState] = tuple(IntroductionState)) -> list[Route]:
    """The introductions in these states, in the order they came in."""
    return _routes(session, col(Introduction.state).in_(states))


def of(session: Session, ids: Collection[int]) -> list[Route]:
    """The introductions with these ids."""
    return _routes(session, col(Introduction.id).in_(ids))


def route(session: Session, introduction: Introduction) -> Route:
    """An introduction with everybody it is about."""
    (only,) = _routes(session, col(Introduction.id) == introduction.id)
    return only


def _routes(session: Session, condition: Any) -> list[Route]:  # noqa: ANN401 - SQLAlchemy's own expressions
    connector, contact = aliased(Contact), aliased(Contact)
    query = (
        select(Introduction, connector, contact, Organization)
        .join(connector, col(connector.id) == Introduction.connector_id)
        .outerjoin(contact, col(contact.id) == Introduction.contact_id)
        .outerjoin(Organization, col(Organization.id) == Introduction.organization_id)
        .where(condition)
        .order_by(col(Introduction.id))
    )
    return [Route(*row) for row in session.exec(query)]


def toward(
    session: Session, connector: Contact, target: Contact | str, organization: Organization | None
) -> list[Introduction]:
    """The connector's introductions to that contact, or to somebody unnamed described so, in the order they came in.

    `a software engineer` is `software engineer`; where both name an organization, it must be the same.
    """
    query = select(Introduction).where(Introduction.connector_id == connector.id)
    if isinstance(target, Contact):
        return list(session.exec(query.where(Introduction.contact_id == target.id).order_by(col(Introduction.id))))
    unnamed = session.exec(query.where(col(Introduction.contact_id).is_(None)).order_by(col(Introduction.id)))
    return [
        each
        for each in unnamed
        if _described(each.placeholder or "") == _described(target)
        and (organization is None or each.organization_id in (None, organization.id))
    ]


def channels(session: Session, ids: Collection[int]) -> defaultdict[int, set[str]]:
    """The kinds of channel of each of these contacts."""
    found = defaultdict[int, set[str]](set)
    query = select(ContactMethod.contact_id, ContactMethod.kind).where(col(ContactMethod.contact_id).in_(ids))
    for number, kind in session.exec(query):
        found[number].add(kind)
    return found


def _described(text: str) -> str:
    folded = fold(text)
    return next((folded.removeprefix(each) for each in ARTICLES if folded.startswith(each)), folded)
