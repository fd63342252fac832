"""Forgetting a person: what goes from the database, from the files beside it, and what is out of reach."""

import contextlib
import fcntl
import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sqlmodel import Session

from crm.errors import CrmError
from crm.escaping import for_terminal
from crm.files import generations
from crm.models import Contact
from crm.settings import Paths
from crm.store import about
from crm.store.about import Found
from crm.store.traces import NOBODY, Naming

MOST_BYTES: Final = 64 * 1024 * 1024
"""A file larger than this is no list of people; it is not looked into."""

_LINE: Final = re.compile(r"(\s*(?:\[[^\]]*\] |- )?)(.*?)(\s*)", re.DOTALL)
"""A line of the reminders' log: what stands before its words, the words, and the line's end."""


@dataclass
class Forgotten:
    """What became of it all, without a name.

    Attributes:
        ref: the short id that was theirs.
        uid: likewise; a tombstone keeps both.
        counts: how much went with them, by kind.
        shared: talks with others, which stay without them.
        sources: the files they came from, with the line; reading one again may bring them back.
        mentions: records of which a text still names them.
        namesakes: contacts who are called the same, and may be another entry of the same person.
        backups: backups that were removed.
        kept_backups: backups that still hold them, because the person wanted so.
        fresh_backup: the one that was made instead.
        files: other files beside the database that still name them.
        calendars: calendar files that could not be written anew.
    """

    ref: str = ""
    uid: str = ""
    counts: Counter[str] = field(default_factory=Counter)
    shared: list[str] = field(default_factory=list)
    sources: list[tuple[str, int | None]] = field(default_factory=list)
    mentions: list[str] = field(default_factory=list)
    namesakes: list[str] = field(default_factory=list)
    backups: list[str] = field(default_factory=list)
    kept_backups: list[str] = field(default_factory=list)
    fresh_backup: str | None = None
    files: list[str] = field(default_factory=list)
    calendars: list[str] = field(default_factory=list)


def look(session: Session, contact: Contact) -> tuple[Found, Forgotten]:
    """Everything that is about a contact, and what can be said of it beforehand; reads only."""
    found = about.gather(session, contact)
    told = Forgotten(contact.ref, contact.uid, found.counts, found.shared, found.sources)
    return found, told


# The reminders' log


def clean_log(path: Path, found: Found) -> None:
    """Take the person out of the file that reminders are appended to, and out of those before it; nothing else changes.

    One that is renamed meanwhile comes next again.

    Raises:
        CrmError: one cannot be written.
    """
    for each in generations(path):
        _clean_file(each, found)


def _clean_file(path: Path, found: Found) -> None:
    if not path.exists():
        return
    try:
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        with open(handle, "r+b") as file:  # noqa: PTH123 - a descriptor, not a path
            fcntl.flock(handle, fcntl.LOCK_EX)  # as the file channel does
            old = file.read()
            new = _cleaned(old.decode("utf-8", "surrogateescape"), found).encode("utf-8", "surrogateescape")
            if new != old:
                file.seek(0)
                file.write(new)
                file.truncate()
                file.flush()
                os.fsync(handle)
    except OSError as error:
        raise CrmError(f"{path} cannot be written: {error.strerror or error}; nothing was changed") from error


def _cleaned(text: str, found: Found) -> str:
    """The log, line by line: what was said of the person, what was written of them, and their name."""
    said = {for_terminal(each): for_terminal(told) for each, told in found.said.items()}
    naming = found.naming.on_terminal()
    return "".join(naming.surely().scrubbed(_resaid(line, said, naming)) for line in text.splitlines(keepends=True))


def _resaid(line: str, said: Mapping[str, str], naming: Naming) -> str:
    taken = _LINE.fullmatch(line)
    assert taken is not None  # it matches any line
    head, title, rest = taken.groups()
    if any(each in title for each in naming.texts):
        return f"{head}{NOBODY}{rest}"
    return f"{head}{said.get(title, title)}{rest}"


# Other files


def naming_files(paths: Paths, naming: Naming, *, passed: Sequence[Path]) -> Iterator[Path]:
    """Files in the person's folders that still hold a name of the forgotten; `passed` ones are known already."""
    wanted = [form for name in naming.sure for form in _forms(name)]
    known = {*passed, *(paths.database.with_name(paths.database.name + end) for end in ("", "-wal", "-shm"))}
    folders = [paths.data] if paths.config == paths.data else [paths.data, paths.config]
    for path in sorted(each for folder in folders for each in folder.rglob("*")):
        if path not in known and _holds(path, wanted):
            yield path


def _forms(name: str) -> set[bytes]:
    escaped = json.dumps(name)[1:-1]
    return {name.encode(), escaped.encode(), name.encode("utf-16-le"), name.encode("utf-16-be")}


def _holds(path: Path, wanted: Sequence[bytes]) -> bool:
    with contextlib.suppress(OSError):
        if path.is_file() and path.stat().st_size <= MOST_BYTES:
            data = path.read_bytes()
            return any(each in data for each in wanted)
    return False
