"""Reading the lossless document: every value is checked against its column before anything is written."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from math import isfinite
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from crm import models as m
from crm.clock import YEARS
from crm.date_words import WEEKDAYS
from crm.errors import BadValueError
from crm.escaping import quote, refuse_unstorable
from crm.store.shape import FORMAT, SHAPES, VERSION, Column, Nested, Shape, columns, kind_of, table_of


@dataclass(frozen=True, slots=True)
class Item:
    """One record or part: plain column values, and links by what they name."""

    where: str
    values: dict[str, Any]
    links: dict[str, str]
    ref: str | None = None
    parts: list[tuple[Nested, "Item"]] = field(default_factory=list)


def sniff(head: bytes) -> bool:
    """Whether the first bytes look like the document."""
    return head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{") and FORMAT.encode() in head


def read(data: bytes) -> list[tuple[Shape, list[Item]]]:
    """The document's records, table by table, those that others refer to first.

    Raises:
        BadValueError: it is no such document, or a value does not fit; the message says where.
    """
    document = _parsed(data)
    unknown = set(document) - {"format", "version", "exported_at"} - {shape.key for shape in SHAPES}
    if unknown:
        raise BadValueError(f"the document has parts this program does not know: {', '.join(sorted(unknown))[:100]}")
    return [(shape, [_item(shape, told, where) for where, told in _records(document, shape)]) for shape in SHAPES]


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        document = json.loads(data.decode("utf-8-sig"), parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise BadValueError(f"the file is not UTF-8 (byte {error.start}); export it again") from error
    except json.JSONDecodeError as error:
        raise BadValueError(f"the file is no JSON: line {error.lineno}, column {error.colno}: {error.msg}") from error
    except RecursionError as error:
        raise BadValueError("the file is no such document: it is nested too deep") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise BadValueError(f'the file is no document of this program: it lacks "format": "{FORMAT}"')
    if document.get("version") != VERSION:
        raise BadValueError(
            f"the document has version {quote(str(document.get('version')))}, this program reads {VERSION}; "
            "upgrade with: pipx upgrade networking-crm"
        )
    return document


def _no_constant(name: str) -> float:
    raise BadValueError(f"the file holds {name}, which is no JSON")


def _records(document: dict[str, Any], shape: Shape) -> Iterator[tuple[str, dict[str, Any]]]:
    told = document.get(shape.key)
    if shape.key == "plan":
        told = [] if told is None else [told]
    elif shape.key == "availability":
        told = list(_weekdays(told or {}))
    for place, each in enumerate(_expect([] if told is None else told, list, shape.key)):
        where = f"{shape.key}[{place}]"
        yield where, _expect(each, dict, where)


def _weekdays(told: object) -> Iterator[dict[str, Any]]:
    for name, each in _expect(told, dict, "availability").items():
        if name not in WEEKDAYS:
            raise BadValueError(f"availability: {quote(name)} is no weekday")
        yield {**_expect(each, dict, f"availability.{name}"), "weekday": WEEKDAYS.index(name)}


def _expect(value: object, kind: type, where: str) -> Any:  # noqa: ANN401 - of the kind asked for
    if not isinstance(value, kind):
        raise BadValueError(
            f"{where}: expected {'an object' if kind is dict else 'a list'}, found {quote(repr(value))}"
        )
    return value


def _item(shape: Shape, told: dict[str, Any], where: str) -> Item:
    values, links = _columns(shape.model, told, where, private=shape.private)
    item = Item(where, values, links, ref=told.get("ref") if issubclass(shape.model, m.Record) else None)
    for nested in shape.nested:
        for place, part in enumerate(_expect(told.get(nested.key, []), list, f"{where}.{nested.key}")):
            item.parts.append((nested, _part(nested, part, f"{where}.{nested.key}[{place}]")))
    return item


def _part(nested: Nested, told: object, where: str) -> Item:
    if nested.flat is None:
        values, links = _columns(nested.model, _expect(told, dict, where), where)
        return Item(where, values, links)
    if not isinstance(told, str):
        raise BadValueError(f"{where}: expected a text, found {quote(repr(told))}")
    return Item(where, {}, {nested.flat: told})


def _columns(
    model: type[SQLModel], told: dict[str, Any], where: str, *, private: frozenset[str] = frozenset()
) -> tuple[dict[str, Any], dict[str, str]]:
    values: dict[str, Any] = {}
    links: dict[str, str] = {}
    table = table_of(model)
    for column in columns(model):
        place = _group(told, column.group, where) if column.group else told
        path = ".".join(filter(None, (where, column.group, column.key)))
        if column.key not in place:
            _refuse_absent(table.c[column.name], column, path, private)
            continue
        value = _value(table.c[column.name], column, place[column.key], path)
        if column.target is not None and value is not None:
            links[column.name] = value
        else:
            values[column.name] = value
    return values, links


def _group(told: dict[str, Any], group: str, where: str) -> dict[str, Any]:
    """Columns that stand in an object of their own; null is an empty one."""
    held = told.get(group)
    return {} if held is None else dict(_expect(held, dict, f"{where}.{group}"))


def _refuse_absent(column: sa.Column[Any], told: Column, path: str, private: frozenset[str]) -> None:
    optional = column.nullable or told.group or column.name in private or column.default is not None
    if not optional:
        raise BadValueError(f"{path} is missing")


def _value(column: sa.Column[Any], told: Column, value: object, path: str) -> Any:  # noqa: ANN401 - a column's value
    if value is None:
        if not column.nullable:
            raise BadValueError(f"{path} is missing")
        return None
    if told.target is not None:
        return _text(value, path)
    if told.hours:
        return round(_number(value, path) * 60)
    words = column.info.get("words")
    if words is not None and value not in [each.value for each in words]:
        raise BadValueError(f"{path}: {quote(str(value))} is none of {', '.join(words)}")
    if "texts" in column.info:
        return _texts(column.info["texts"], value, path)
    return _of_type(kind_of(column), value, path)


def _of_type(kind: type, value: object, path: str) -> Any:  # noqa: ANN401 - a column's value
    if kind is str:
        return _text(value, path)
    if issubclass(kind, date):
        return _moment(kind, value, path)
    if kind is float:
        return _number(value, path)
    if kind is int and (isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 2**63):
        raise BadValueError(f"{path}: {quote(repr(value))} is no whole number")
    if kind is bool and not isinstance(value, bool):
        raise BadValueError(f"{path}: {quote(repr(value))} is neither true nor false")
    return value


def _texts(kind: type, value: object, path: str) -> Any:  # noqa: ANN401 - a list or an object
    """A list of texts, or an object of them."""
    held = _expect(value, kind, path)
    for each in [*held, *(held.values() if kind is dict else ())]:
        _text(each, path)
    return held


def _text(value: object, path: str) -> str:
    if not isinstance(value, str):
        raise BadValueError(f"{path}: expected a text, found {quote(repr(value))}")
    return refuse_unstorable(value, what=path)


def _number(value: object, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise BadValueError(f"{path}: {quote(repr(value))} is no number")
    return float(value)


def _moment(kind: type, value: object, path: str) -> date:
    try:
        moment = datetime.fromisoformat(str(value)) if issubclass(kind, datetime) else date.fromisoformat(str(value))
    except ValueError as error:
        raise BadValueError(f"{path}: {quote(str(value))} is no ISO 8601 date") from error
    if isinstance(moment, datetime) and moment.tzinfo is None:
        raise BadValueError(f"{path}: {quote(str(value))} lacks its zone; write Z at the end")
    if moment.year not in YEARS:
        years = f"{YEARS.start} to {YEARS.stop - 1}"
        raise BadValueError(f"{path}: {quote(str(value))} is out of range; the years go from {years}")
    return moment
