"""Google Contacts, "Google CSV", as exported before and since 2024.

Columns are numbered (`E-mail 1 - Value`, `E-mail 2 - Value` ...), as many as the fullest entry needs. Several values in
one cell are joined by ` ::: `; a `* ` before a label marks the main one. Of what Google holds, the photo, gender,
initials, and the fields that only Outlook fills (mileage, billing, directory server, priority, subject) are left out.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from itertools import zip_longest
from typing import BinaryIO, Final

from crm import address_fields as fields
from crm.address_fields import Entry
from crm.importers import base_name
from crm.person_rows import Job
from crm.rows import Method, Row
from crm.tables import Record, header_of

Group = dict[str, str]

_NUMBERED: Final = re.compile(
    r"(e-mail|phone|address|organization|website|im|event|relation|custom field) (\d{1,4}) - (.+)"
)
_JOINER: Final = re.compile(r"\s*:::\s*")
_ADDRESS: Final = ("street", "extended address", "po box", "city", "region", "postal code", "country")
_SYSTEM_LABELS: Final = frozenset({"mycontacts", "my contacts"})
_TIES: Final = {"referredby": "introduced", "manager": "manages"}
_EXTRAS: Final = ("Maiden Name", "Occupation", "Hobby", "Language")


def sniff(head: bytes) -> bool:
    """Whether the columns are Google's."""
    return header_of(head, _is_ours) is not None


def rows(file: BinaryIO, *, encoding: str | None = None) -> Iterator[Row]:
    """The people of an export, and who introduced or manages whom.

    Raises:
        BadValueError: the file is damaged, or has other columns.
    """
    records = fields.table(file, _is_ours, encoding=encoding)
    return fields.people(map(_entry, records), file=base_name(file))


def _is_ours(names: frozenset[str]) -> bool:
    is_named = "name" in names or {"first name", "last name"} <= names
    return is_named and ({"organization name", "labels"} <= names or any(map(_place, names)))


@lru_cache(maxsize=4096)
def _place(column: str) -> tuple[str, int, str] | None:
    """`e-mail 2 - value` as kind, number and field."""
    found = _NUMBERED.fullmatch(column)
    return (found[1], int(found[2]), found[3]) if found else None


def _groups(record: Record) -> dict[str, list[Group]]:
    """The filled numbered cells: for each kind, one group a number, in the order of the numbers."""
    numbered: defaultdict[tuple[str, int], Group] = defaultdict(dict)
    for column, cell in record.cells.items():
        place = _place(column)
        if place and cell:
            numbered[place[:2]][place[2]] = cell
    groups: defaultdict[str, list[Group]] = defaultdict(list)
    for (kind, _number), group in sorted(numbered.items()):
        groups[kind].append(group)
    return groups


def _entry(record: Record) -> Entry:
    groups = _groups(record)
    return Entry(
        line=record.line,
        surplus=record.surplus,
        name=_name(record),
        aliases=_aliases(record),
        tags=_tags(record),
        jobs=list(_jobs(record, groups)),
        methods=list(_methods(groups)),
        places=[*_places(groups), *([("Location", record["Location"])] if record["Location"] else [])],
        birthday=record["Birthday"],
        notes=record["Notes"],
        extras=list(_extras(record, groups)),
        ties=list(_ties(groups)),
        private=fields.is_private(record["Sensitivity"]),
    )


def _name(record: Record) -> str:
    """The name without title and suffix, in the order that the file has it."""
    parts = fields.full_name(
        record["Given Name"] or record["First Name"],
        record["Additional Name"] or record["Middle Name"],
        record["Family Name"] or record["Last Name"],
    )
    is_titled = record["Name Prefix"] or record["Name Suffix"]
    return parts if is_titled and parts else record["Name"] or parts or _filed_as(record)


def _filed_as(record: Record) -> str:
    """How Google sorts them; a company's own name does not make it a person."""
    name = record["File As"]
    return "" if name == record["Organization Name"] else name


def _aliases(record: Record) -> list[str]:
    phonetic = fields.full_name(
        record["Phonetic First Name"] or record["Given Name Yomi"],
        record["Phonetic Middle Name"] or record["Additional Name Yomi"],
        record["Phonetic Last Name"] or record["Family Name Yomi"],
    )
    more = (record["Nickname"], record["Short Name"], record["Yomi Name"] or phonetic)
    return fields.other_names(_name(record), prefix=record["Name Prefix"], suffix=record["Name Suffix"], more=more)


def _split(cell: str) -> list[str]:
    return [each for each in _JOINER.split(cell) if each]


def _tags(record: Record) -> list[str]:
    """The labels; the one that everybody has says nothing."""
    labels = (each.removeprefix("* ") for each in _split(record["Labels"] or record["Group Membership"]))
    return [each for each in labels if each.casefold() not in _SYSTEM_LABELS]


def _label(group: Group) -> tuple[str, bool]:
    """The label of a numbered value, and whether it is the main one."""
    label = group.get("label") or group.get("type") or ""
    return label.removeprefix("*").strip(), label.startswith("*")


def _jobs(record: Record, groups: dict[str, list[Group]]) -> Iterator[Job]:
    pairs = [(record["Organization Name"], record["Organization Title"])]
    pairs += [(each.get("name", ""), each.get("title", "")) for each in groups["organization"]]
    for names, titles in pairs:
        for name, title in zip_longest(_split(names), _split(titles)):
            yield Job(name, title)


def _methods(groups: dict[str, list[Group]]) -> Iterator[Method]:
    for kind, group_name in (("email", "e-mail"), ("phone", "phone"), ("url", "website")):
        for group in groups[group_name]:
            label, primary = _label(group)
            actual = "other" if kind == "phone" and "fax" in label.casefold() else kind
            yield from fields.ways(actual, _split(group.get("value", "")), label, primary=primary)
    for group in groups["im"]:
        yield from fields.ways(
            "other", _split(group.get("value", "")), group.get("service") or _label(group)[0] or "IM"
        )


def _places(groups: dict[str, list[Group]]) -> Iterator[tuple[str, str]]:
    """Each address in one line, the main one first."""
    for group in sorted(groups["address"], key=lambda each: not _label(each)[1]):
        label = " ".join(filter(None, (_label(group)[0], "address"))).capitalize()
        parts = ["formatted"] if "formatted" in group else _ADDRESS
        for each in zip_longest(*(_split(group.get(part, "")) for part in parts), fillvalue=""):
            yield label, fields.one_line(*each)


def _extras(record: Record, groups: dict[str, list[Group]]) -> Iterator[tuple[str, str]]:
    yield "Department", record["Organization Department"]
    for group in groups["organization"]:
        yield "Department", group.get("department", "")
    for name in _EXTRAS:
        yield name.capitalize(), record[name]
    for kind in ("event", "relation", "custom field"):
        for group in groups[kind]:
            label, _primary = _label(group)
            if kind != "relation" or _verb(label) is None:
                yield label or kind.capitalize(), ", ".join(_split(group.get("value", "")))


def _ties(groups: dict[str, list[Group]]) -> Iterator[tuple[str, str]]:
    for group in groups["relation"]:
        verb = _verb(_label(group)[0])
        if verb:
            yield from ((verb, name) for name in _split(group.get("value", "")))


def _verb(label: str) -> str | None:
    """`Referred by`, `referredBy`, `referred-by`: what that person did for this one."""
    return _TIES.get(re.sub(r"[\W_]", "", label).casefold())
