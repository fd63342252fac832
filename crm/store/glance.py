"""A quick look for names, for completion in the shell: plain SQLite, since loading more would take longer than typing.

Whatever is wrong with the database, nothing is offered; the command itself will say what it is.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

MOST: Final = 50
"""How many names are offered."""

_QUERIES: Final = {
    "people": (
        "SELECT name, COALESCE(context, place, ''), name_key FROM contact WHERE archived_at IS NULL"
        " AND name_key LIKE ?1 ESCAPE '\\'"
        " ORDER BY tier = 'none', last_contact_at IS NULL, last_contact_at DESC, id LIMIT ?2"
    ),
    "organizations": (
        "SELECT name, CASE WHEN target THEN 'target' ELSE '' END, name_key FROM organization"
        " WHERE name_key LIKE ?1 ESCAPE '\\' ORDER BY target DESC, id LIMIT ?2"
    ),
    "tags": "SELECT '@' || name, COALESCE(description, ''), '@' || lower(name) FROM tag ORDER BY id",
    "questions": "SELECT 'q' || id, text, 'q' || id FROM question WHERE state = 'open' ORDER BY id",
    "tasks": "SELECT 't' || id, title, 't' || id FROM task WHERE done_at IS NULL ORDER BY due_on IS NULL, due_on, id",
    "interactions": (
        "SELECT 'i' || id, kind || ' ' || substr(starts_at, 1, 10), 'i' || id FROM interaction ORDER BY starts_at DESC"
    ),
    "introductions": "SELECT 'n' || id, want, 'n' || id FROM introduction ORDER BY id",
    "referrals": "SELECT 'f' || id, state, 'f' || id FROM referral ORDER BY id",
    "reminders": "SELECT 'r' || id, title, 'r' || id FROM reminder WHERE state = 'open' ORDER BY id",
    "reviews": (
        "SELECT replace(lower(name), ' ', '-'), due_on, replace(lower(name), ' ', '-') FROM review ORDER BY due_on"
    ),
    "activities": "SELECT name, role, lower(name) FROM activity ORDER BY id",
    "commitments": "SELECT 'm' || id, title, 'm' || id FROM commitment WHERE state <> 'ended' ORDER BY id",
}
KINDS: Final = frozenset(_QUERIES)
"""What can be looked for."""

Found = tuple[str, str, str]
"""A name, a word on what it is, and the text it is found by."""


def matching(database: Path, kind: str, begin: str) -> list[Found]:
    """Names of one kind that begin so, `begin` being folded; at most `MOST`, the likeliest first."""
    try:
        with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True, timeout=0.2)) as connection:
            return list(_matching(connection, _QUERIES[kind], begin))
    except (sqlite3.Error, OSError):
        return []


def _matching(connection: sqlite3.Connection, query: str, begin: str) -> Iterator[Found]:
    if "?1" in query:
        pattern = begin.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        yield from connection.execute(query, (pattern, MOST))
        return
    count = 0
    for row in connection.execute(query):
        if row[2].startswith(begin):
            yield row
            count += 1
        if count == MOST:
            return
