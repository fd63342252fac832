"""The lists the project starts from: TOML files of facts, each entry with the worksheet line it was taken from.

A file holds arrays of tables named after the kinds of rows: `[[contact]]`, `[[task]]` ... Their keys are the row's
fields, and besides them `line`, and `inferred = true` for what the worksheet only suggests. The lists hold no way to
reach anybody, so `methods` is no key here.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields
from datetime import date, datetime
from typing import Any, BinaryIO, Final, get_type_hints

from crm import data
from crm import rows as row_types
from crm.errors import BadValueError, ConfigurationError
from crm.escaping import quote, refuse_unstorable
from crm.importers import base_name
from crm.rows import Row, Source

WORKSHEET: Final = "1metalearning.md"
"""The file that the lines of the lists refer to."""

MAX_BYTES: Final = 1_000_000
"""The largest list read, in bytes."""

_KINDS: Final[dict[str, type[Row]]] = {
    each.KIND: each
    for each in vars(row_types).values()
    if isinstance(each, type) and issubclass(each, Row) and each is not Row
}
_LARGEST: Final = 1_000_000
_HEADER = re.compile(rf"^\[\[(?:{'|'.join(_KINDS)})\]\]\s*(?:#.*)?$", re.MULTILINE)
_FORMS: Final[dict[object, tuple[tuple[type, ...], str]]] = {
    str: ((str,), "a text"),
    int: ((int,), "a whole number"),
    float: ((int, float), "a number"),
    bool: ((bool,), "true or false"),
    date: ((date,), "a day like 2026-01-05"),
}
_WORDS: Final = {
    ("contact", "kind"): ("person", "source"),
    ("task", "horizon"): ("this-week", "next-two-weeks", "before-start"),
    ("activity", "role"): ("projects", "drills", "reading", "retrieval", "networking", "metalearning", "other"),
    ("commitment", "per"): ("day", "week", "month"),
    ("commitment", "state"): ("proposed", "accepted"),
    ("notice", "level"): ("gap", "warning"),
}


def read() -> list[Row]:
    """All rows of the lists shipped with the project, file by file.

    Raises:
        ConfigurationError: a list cannot be read, or an entry is wrong; the message names the file and the entry.
    """
    found: list[Row] = []
    for path in data.files("seed", "*.toml"):
        try:
            found += parse(path.read_bytes(), name=path.name)
        except (OSError, BadValueError) as error:
            raise ConfigurationError(f"{error}; repair {path} or install networking-crm again") from error
    return found


def sniff(head: bytes) -> bool:
    """Whether a file that begins so is such a list."""
    return _HEADER.search(head.decode("utf-8", "replace").replace("\r\n", "\n")) is not None


def rows(file: BinaryIO) -> Iterator[Row]:
    """The rows of one list; as `parse`."""
    yield from parse(file.read(MAX_BYTES + 1), name=base_name(file))


def parse(content: bytes, *, name: str) -> list[Row]:
    """The rows of one list, in the file's order; `name` is the file's, for messages.

    Raises:
        BadValueError: too large, no TOML, no entries, or an entry is wrong.
    """
    if len(content) > MAX_BYTES:
        raise BadValueError(f"{name} is larger than {MAX_BYTES:,} bytes, too large for a list")
    try:
        tables = tomllib.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadValueError(f"{name} is no TOML: {error}") from None
    found = [_row(*entry, name=name) for entry in _entries(tables, name=name)]
    if not found:
        raise BadValueError(f"{name} has no entries; it needs some such as [[contact]]")
    return found


def _entries(tables: Mapping[str, Any], *, name: str) -> Iterator[tuple[str, int, dict[str, Any]]]:
    for kind, entries in tables.items():
        if kind not in _KINDS:
            raise BadValueError(f"{name}: there are no entries called {quote(kind)}; known: {', '.join(_KINDS)}")
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise BadValueError(f"{name}: write [[{kind}]] above each entry")
        yield from ((kind, number, entry) for number, entry in enumerate(entries, start=1))


def _row(kind: str, number: int, entry: dict[str, Any], *, name: str) -> Row:
    """One row, every key checked against the row's fields."""
    row_type = _KINDS[kind]
    where = f"{name}, {kind} {number}{_called(entry)}"
    known = {each.name: each for each in fields(row_type) if each.name not in {"source", "methods"}}
    for key in entry:
        if key not in known and key not in {"line", "inferred"}:
            raise BadValueError(f"{where}: unknown key {quote(key)}; known: {', '.join([*known, 'line', 'inferred'])}")
    missing = [each.name for each in known.values() if _is_required(each) and each.name not in entry]
    if missing:
        raise BadValueError(f"{where}: {missing[0]} is missing")
    hints = get_type_hints(row_type)
    values = {key: _value(hints[key], entry[key], (kind, key), where) for key in known if key in entry}
    line = _value(int, entry["line"], (kind, "line"), where) if "line" in entry else None
    inferred = _value(bool, entry.get("inferred", False), (kind, "inferred"), where)
    return row_type(**values, source=Source(WORKSHEET, line, inferred))


def _called(entry: Mapping[str, Any]) -> str:
    """The entry's own words, to find it by."""
    said = next((entry[key] for key in ("name", "title", "text", "contact", "connector") if key in entry), None)
    return f" ({quote(said)})" if isinstance(said, str) else ""


def _is_required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _value(hint: Any, value: Any, key: tuple[str, str], where: str) -> Any:  # noqa: ANN401 - any type TOML has
    """The value, of the type that the row's field has and one of its words."""
    if hint == tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
            raise BadValueError(f"{where}: {key[1]} must be a list of texts")
        return tuple(refuse_unstorable(each, what=f"{where}: {key[1]}") for each in value)
    form = next(each for each in _FORMS if each in (hint, *getattr(hint, "__args__", ())))
    types, description = _FORMS[form]
    is_other = isinstance(value, bool) is not (form is bool) or isinstance(value, datetime)
    if is_other or not isinstance(value, types) or value == "":
        raise BadValueError(f"{where}: {key[1]} must be {description}")
    if isinstance(value, str):
        refuse_unstorable(value, what=f"{where}: {key[1]}")
    if isinstance(value, int | float) and not 0 <= value <= _LARGEST:
        raise BadValueError(f"{where}: {key[1]} must lie between 0 and {_LARGEST:,}")
    if value not in _WORDS.get(key, (value,)):
        raise BadValueError(f"{where}: {key[1]} must be one of {', '.join(_WORDS[key])}")
    return float(value) if form is float and isinstance(value, int) else value
