"""What the tests of plan, hours, commitments and reviews share."""

import io
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime

from database_support import engine_of
from sqlmodel import Session

from crm.models import Task
from crm.store.engine import writing

NOW = datetime(2026, 1, 5, 17, tzinfo=UTC)
MOVING = {"revision", "updated_at", "exported_at"}


class Typed(io.StringIO):
    """Standard input at which a person sits who types these lines."""

    def isatty(self):
        return True


def database(home, now=NOW) -> AbstractContextManager[Session]:
    """A write transaction on the home's database."""
    return writing(engine_of(home), now=now, name="test")


def add_checklist(home, *items):
    """Checklist items as (title, horizon)."""
    with database(home) as session:
        for title, horizon in items:
            session.add(Task(title=title, kind="checklist", horizon=horizon))


def document(crm):
    """The lossless document without what every change moves on."""
    return still(crm("export", "json").json)


def still(value):
    """The value without revisions and instants of change, at any depth."""
    if isinstance(value, dict):
        return {key: still(each) for key, each in value.items() if key not in MOVING}
    return [still(each) for each in value] if isinstance(value, list) else value


def undone(crm, *arguments, now=None):
    """Run a command that must change the document, and undo it, which must bring back what was there."""
    before = document(crm)
    crm(*arguments, now=now)
    assert document(crm) != before
    crm("undo")
    assert document(crm) == before


def on(day: str) -> date:
    """A day, briefly."""
    return date.fromisoformat(day)
