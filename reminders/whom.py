"""Whom one may have to write to: what several rules ask of the same session, read once."""

from typing import Final, cast

from sqlmodel import Session

from crm.actions import next_
from crm.actions.next_ import Known

_READ: Final = "reminders.whom"


def known(session: Session) -> Known:
    """What `crm next` goes by, as it is when a rule first asks; the rules read only, so it stays so."""
    if _READ not in session.info:
        session.info[_READ] = next_.gather(session)
    return cast("Known", session.info[_READ])
