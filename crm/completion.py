"""Completion in the shell, quick enough to type by: it loads no command, and looks names up without the object mapper.

What each command takes stands in `crm.completion_table`, which `make docs` writes from the commands themselves.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from crm import settings
from crm.completion_table import TABLE
from crm.errors import CrmError
from crm.escaping import for_terminal, shorten
from crm.folding import fold
from crm.store import glance

_COMMON: Final = ("--json", "--yes", "--help")
_LONGEST_HELP: Final = 60
_LONGEST_NAME_WORDS: Final = 4


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to offer, as the shells' own formats want it."""

    value: str
    help: str | None = None
    type: str = "plain"


def offered(words: Sequence[str], begin: str) -> list[Item]:
    """What may come next on a command line.

    Args:
        words: those before the one that is typed at, without the program's name.
        begin: what of it is there already.
    """
    path, rest = _command(words)
    if path not in TABLE:
        return [Item(name) for name in _below(path) if name.startswith(begin)]
    takes, options = _taken_apart(TABLE[path])
    if rest and rest[-1] in options:
        return list(_values(options[rest[-1]], [], begin))
    if begin.startswith("-"):
        return [Item(name) for name in (*options, *_COMMON) if name.startswith(begin)]
    return list(_values(takes, rest, begin))


def _command(words: Sequence[str]) -> tuple[str, list[str]]:
    """The command that the words name, as the table does, and what stands behind it."""
    plain = [word for word in words if word not in _COMMON]
    for length in (2, 1):
        path = " ".join(plain[:length])
        if len(plain) >= length and path in TABLE:
            return path, plain[length:]
    return " ".join(plain[:1]), plain[1:]


def _below(path: str) -> list[str]:
    """The commands there are at the top, or below a noun."""
    front = f"{path} " if path else ""
    return list(dict.fromkeys(each[len(front) :].split()[0] for each in TABLE if each.startswith(front)))


def _taken_apart(entry: str) -> tuple[str, dict[str, str]]:
    """What the arguments are, and each option with what its value is."""
    takes, *options = entry.split(" ")
    return takes, dict(each.partition("=")[::2] for each in options)


def _values(kinds: str, before: Sequence[str], begin: str) -> Iterator[Item]:
    """What of these kinds begins so; a kind that is nothing to look up is a word itself."""
    for kind in filter(None, kinds.split("|")):
        if kind in glance.KINDS:
            yield from _looked_up(kind, before, begin)
        elif kind.startswith(begin):
            yield Item(kind)


def _looked_up(kind: str, before: Sequence[str], begin: str) -> Iterator[Item]:
    database = _database()
    if database is None:
        return
    if kind == "tags" and before[-1:] == ["@"]:  # bash takes `@` for the end of a word
        yield from (Item(each.value[1:], each.help) for each in _looked_up(kind, [], f"@{begin}"))
        return
    for words in range(min(len(before), _LONGEST_NAME_WORDS), -1, -1):
        typed = " ".join([*before[len(before) - words :], begin])
        found = glance.matching(database, kind, fold(typed) + (" " if typed.endswith(" ") else ""))
        if found:
            yield from (_item(name, about, key, typed, begin) for name, about, key in found)
            return


def _item(name: str, about: str, key: str, typed: str, begin: str) -> Item:
    """A name written on from what was typed: shells offer only what begins with that."""
    exact = name.startswith(typed)
    value = name[len(typed) - len(begin) :] if exact else key[len(fold(typed)) - len(fold(begin)) :]
    told = for_terminal(shorten(" ".join(about.split()), _LONGEST_HELP))
    return Item(for_terminal(value), told.replace("[", r"\[") or None)  # the shells' formats read markup in it


def _database() -> Path | None:
    """The SQLite file of the home; another database is not looked into."""
    if not os.environ.get("CRM_DATABASE_URL", "sqlite:").startswith("sqlite:"):
        return None
    try:
        url = settings.load(lenient=True).database_url.value
    except CrmError:
        return None
    return Path(url.removeprefix("sqlite:///"))
