"""Whose birthday it is."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlmodel import Session, col, select

from crm.models import Contact
from crm.models.words import ContactKind, Tier


def on(session: Session, days: Iterable[str]) -> list[Contact]:
    """Tended people who were born on one of these days of a year, written 04-12, in the order they came.

    Sources, archived people and tier none are left out.
    """
    born = col(Contact.birthday)
    query = select(Contact).where(
        # A birthday ends with month and day, whether it has a year or not.
        sa.func.substr(born, sa.func.length(born) - 4).in_(set(days)),
        Contact.kind == ContactKind.PERSON,
        Contact.tier != Tier.NONE,
        col(Contact.archived_at).is_(None),
    )
    return list(session.exec(query.order_by(col(Contact.id))))
