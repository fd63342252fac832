"""What the tests of introductions, referrals and etiquette share: lines as one types them, and the database itself."""

import shlex
from contextlib import AbstractContextManager

from plan_support import NOW
from sqlmodel import Session

from crm import settings
from crm.store.engine import make_engine, writing


def typed(crm, line, **options):
    """Run a line as one types it."""
    return crm(*shlex.split(line), **options)


def database() -> AbstractContextManager[Session]:
    """A write transaction on the home's database, whichever it is."""
    return writing(make_engine(settings.load().database_url.value), now=NOW, name="test")
