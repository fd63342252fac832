"""What PostgreSQL refuses, in errors that name the way out; none repeats the URL, which may hold a password."""

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from crm.errors import BusyError, ConfigurationError, CrmError


@dataclass(frozen=True, slots=True)
class _Fault:
    """An error known by how its SQLSTATE begins or, where no connection came about, by words in it."""

    error: type[CrmError]
    message: str
    states: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


_URL: Final = "CRM_DATABASE_URL"
_FAULTS: Final = (
    _Fault(BusyError, "the database is busy: another program held it for 30 s; try again", ("55P03",)),
    _Fault(CrmError, "the disk of {where} is full; nothing was changed. Free some space and try again", ("53100",)),
    _Fault(CrmError, "{where} cannot be written by {user}; nothing was changed. Check its rights", ("25006", "42501")),
    _Fault(
        ConfigurationError,
        f"{{where}} does not let {{user}} in; check user and password in {_URL}, and pg_hba.conf on the server",
        ("28",),
        ("authentication failed", "no password supplied", "role ", "no pg_hba.conf entry", "permission denied"),
    ),
    _Fault(
        ConfigurationError,
        "{where} does not exist; create it with: createdb {database}, then: crm init",
        ("3D000",),
        ("does not exist",),
    ),
    _Fault(
        ConfigurationError,
        f"{{where}} cannot be found; check the host in {_URL}",
        (),
        (
            "could not translate host name",
            "Name or service not known",
            "failed to resolve host",
            "nodename nor servname",
        ),
    ),
    _Fault(BusyError, "{where} has no room for another connection; try again", ("53300",), ("too many clients",)),
    _Fault(BusyError, "the connection to {where} broke; nothing was changed. Try again", ("08", "57P", "25P03")),
)


def translate(error: DBAPIError, engine: sa.Engine) -> CrmError:
    """The error that tells a person what is wrong and what to do."""
    url, said = engine.url, " ".join(str(error.orig or error).split())
    state = getattr(error.orig, "sqlstate", None) or ""
    named = {
        "database": f"{url.database!s:.60}",
        "where": f"the database {url.database!s:.60} at {url.host or url.query.get('host') or 'this machine'!s:.80}",
        "user": f"{url.username or 'this user'!s:.60}",
    }
    for fault in _FAULTS:
        if (state and state.startswith(fault.states)) or (not state and any(words in said for words in fault.words)):
            return fault.error(fault.message.format(**named))
    if state:
        return CrmError(f"the database refused: {said:.200}")
    return BusyError("{where} cannot be reached; see that the server runs, and try again".format(**named))
