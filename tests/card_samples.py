"""Invented people, and the files that address books would write of them: vCards of four programs, Monica's export.

The same seed gives the same people. The writers here share no code with what is tested.
"""

import binascii
import json
import random
import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

GIVEN = ("Wilma", "Bela", "Cato", "Dora", "Ines", "Gábor", "Zoë", "Łukasz", "Søren", "Þóra", "Nguyễn", "Ödön", "Anaïs")
FAMILY = ("Stern", "Falk", "Roe", "O'Dell", "van der Berg", "Ćwik", "Smith-Jones", "de la Cruz", "Åberg", "Müller")
WHOLE = ("山田太郎", "דנה לוי", "محمد علي", "Iris 🦉 Vogel", "Prince", "Quill, Ann", "Dr. Nils Holm Jr.", "X Æ A-12")
COMPANIES = ("Acme", "Initech, Inc.", "Hooli; Labs", "Globex GmbH & Co. KG", "Société Générique", "C:\\Works")
TITLES = ("Data engineer", "VP, Platform", "Head of R&D; interim", "CTO")
TAGS = ("climbing", "berlin", "data, big", "hiring")
NOTES = (
    "Met at the harbour fair.\nLikes tea; not coffee, though.",
    "A very long note " + "about pipelines and their many joints, " * 12,
    "Path C:\\new\\table, 50% off: \\n is no line end here?",
    "日本語のメモ。" * 20,
    "Bring https://example.org/a,b;c?d=e next time",
)
PLACES = ("Lisbon", "12 Elm St., Springfield", "Köln, Ehrenfeld")
BIRTHDAYS = ("1990-04-12", "1900-01-31", "--02-29", "--05-09", "1969-12-28")


@dataclass(frozen=True)
class Someone:
    """An invented person; methods are kind, value and label."""

    uid: str
    name: str
    given: str
    family: str
    methods: tuple[tuple[str, str, str | None], ...]
    company: str | None
    title: str | None
    tags: tuple[str, ...]
    notes: str | None
    place: str | None
    birthday: str | None
    alias: str | None


def someone(number: int, chance: random.Random) -> Someone:
    """One invented person; the number keeps their addresses their own."""
    if chance.random() < 0.15:
        name = f"{chance.choice(WHOLE)} {number}"
        given, family = name, ""
    else:
        given, family = f"{chance.choice(GIVEN)} {number}", chance.choice(FAMILY)
        name = f"{given} {family}"
    methods: list[tuple[str, str, str | None]] = []
    if chance.random() < 0.8:
        methods.append(("email", f"person{number}@example.org", chance.choice(("work", "home", None))))
    if chance.random() < 0.7:
        methods.append(("phone", f"+1 555 01{number:04}", chance.choice(("cell", "work", None))))
    if chance.random() < 0.3:
        methods.append(("linkedin", f"https://www.linkedin.com/in/person-{number}", None))
    if chance.random() < 0.2:
        methods.append(("url", f"https://person{number}.example.net/about?a=1,2;b", None))
    some = chance.random() < 0.5
    return Someone(
        uid=str(UUID(int=chance.getrandbits(128), version=4)),
        name=name,
        given=given,
        family=family,
        methods=tuple(methods),
        company=chance.choice(COMPANIES) if some else None,
        title=chance.choice(TITLES) if some else None,
        tags=tuple(sorted(chance.sample(TAGS, chance.randrange(3)))),
        notes=chance.choice(NOTES) if chance.random() < 0.4 else None,
        place=chance.choice(PLACES) if chance.random() < 0.3 else None,
        birthday=chance.choice(BIRTHDAYS) if chance.random() < 0.4 else None,
        alias=f"Nick {number}" if chance.random() < 0.2 else None,
    )


def people(count: int = 220, seed: int = 7) -> list[Someone]:
    """So many invented people."""
    chance = random.Random(seed)  # noqa: S311 - samples, no secrets
    return [someone(number, chance) for number in range(1, count + 1)]


# vCards ------------------------------------------------------------------------------------------------------------


def escape(text: str) -> str:
    return re.sub(r"([\\;,])", r"\\\1", text).replace("\n", "\\n")


def folded(line: str) -> bytes:
    """A line folded by octets, as programs do that care nothing for characters."""
    raw = line.encode()
    pieces = [raw[:75], *(b" " + raw[start : start + 74] for start in range(75, len(raw), 74))]
    return b"\r\n".join(pieces) + b"\r\n"


def apple(one: Someone) -> list[str]:
    """vCard 3.0 with labels in groups, as Apple's Contacts writes them."""
    lines = ["VERSION:3.0", "PRODID:-//Apple Inc.//macOS 14.0//EN", f"N:{escape(one.family)};{escape(one.given)};;;"]
    lines += [f"FN:{escape(one.name)}", "PHOTO;ENCODING=b;TYPE=JPEG:" + "/9j/4AAQ" * 40, f"UID:{one.uid.upper()}"]
    if one.company:
        lines += [f"ORG:{escape(one.company)};", f"TITLE:{escape(one.title or '')}"]
    for number, (kind, value, label) in enumerate(one.methods, start=1):
        name = {"email": "EMAIL;type=INTERNET", "phone": "TEL;type=VOICE", "url": "URL"}.get(kind)
        if kind == "linkedin":
            lines.append(f"X-SOCIALPROFILE;type=linkedin:{value}")
        elif label:
            lines += [f"item{number}.{name}:{value}", f"item{number}.X-ABLabel:_$!<{label.capitalize()}>!$_"]
        else:
            lines.append(f"{name}:{value}".replace("https:", "https\\:"))
    if one.birthday:
        year = "1604" if one.birthday.startswith("--") else one.birthday[:4]
        omitted = ";X-APPLE-OMIT-YEAR=1604" if year == "1604" and int(one.birthday[-2:]) % 2 else ""
        lines.append(f"BDAY{omitted};VALUE=date:{year}{one.birthday[-6:]}")
    return lines


def google(one: Someone) -> list[str]:
    """vCard 3.0 as Google Contacts writes it."""
    lines = [
        "VERSION:3.0",
        f"FN:{escape(one.name)}",
        f"N:{escape(one.family)};{escape(one.given)};;;",
        "item1.ADR:;;;;;;",
    ]
    types = {"email": "EMAIL;TYPE=INTERNET", "phone": "TEL"}
    for kind, value, label in one.methods:
        lines.append(f"{types.get(kind, 'URL')}{f';TYPE={label.upper()}' if label else ''}:{value}")
    if one.company:
        lines += [f"item2.ORG:{escape(one.company)}", f"item2.TITLE:{escape(one.title or '')}"]
    if one.birthday:
        lines.append(f"BDAY:{one.birthday.replace('--', '1604-')}")
    lines.append("CATEGORIES:" + ",".join([*map(escape, one.tags), "myContacts"]))
    return lines


def android(one: Someone) -> list[str]:
    """vCard 2.1 in quoted-printable, as phones write it; the lines are not folded but broken softly."""

    def soft(name: str, *values: str) -> str:
        texts = [binascii.b2a_qp(each.replace("\n", "\r\n").encode(), istext=False).decode() for each in values]
        texts = [each.replace("=\n", "").replace(";", "=3B") for each in texts]
        joined = ";".join(texts)
        cut = re.sub(r"((?:=[0-9A-F]{2}|[^=]){60})(?=.)", "\\1=\r\n", joined)
        return f"{name};CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:{cut}"

    lines = ["VERSION:2.1", soft("N", one.family, one.given, "", "", ""), soft("FN", one.name)]
    for kind, value, label in one.methods:
        name = {"email": "EMAIL", "phone": "TEL"}.get(kind, "URL")
        lines.append(f"{name}{f';{label.upper()}' if label else ''}:{value}")
    if one.company:
        lines += [soft("ORG", one.company.replace(";", "\\;")).replace("\\=3B", "\\;"), soft("TITLE", one.title or "")]
    if one.notes:
        lines.append(soft("NOTE", one.notes.replace("\\", "\\\\")))
    if one.birthday and not one.birthday.startswith("--"):
        lines.append(f"BDAY:{one.birthday.replace('-', '')}")
    return lines


def standard(one: Someone) -> list[str]:
    """vCard 4.0 by the book."""
    lines = ["VERSION:4.0", f"UID:urn:uuid:{one.uid}", f"FN:{escape(one.name)}", "PHOTO:data:image/jpeg;base64,AAAA"]
    types = {"email": "EMAIL", "phone": "TEL;VALUE=uri", "url": "URL", "linkedin": "URL"}
    for place, (kind, value, label) in enumerate(one.methods, start=1):
        parameters = f";PREF={place}" + (f';TYPE="{label}"' if label else "")
        lines.append(f"{types[kind]}{parameters}:{'tel:' if kind == 'phone' else ''}{value}")
    if one.company:
        lines += [f"ORG:{escape(one.company)}", f"TITLE:{escape(one.title or '')}"]
    if one.birthday:
        lines.append("BDAY:" + ("--" if one.birthday.startswith("--") else "") + one.birthday.replace("-", ""))
    if one.alias:
        lines.append(f"NICKNAME:{escape(one.alias)}")
    if one.notes:
        lines.append(f"NOTE:{escape(one.notes)}")
    if one.place:
        lines.append(f"ADR:;;{escape(one.place)};;;;")
    if one.tags:
        lines.append("CATEGORIES:" + ",".join(map(escape, one.tags)))
    return lines


STYLES = {"apple": apple, "google": google, "android": android, "standard": standard}


def vcf(some: list[Someone], style: str) -> bytes:
    """The file that a program writes of these people."""
    lines = [["BEGIN:VCARD", *STYLES[style](one), "END:VCARD"] for one in some]
    if style == "android":
        return "".join(f"{line}\r\n" for card in lines for line in card).encode()
    return b"".join(folded(line) for card in lines for line in card)


# Monica ------------------------------------------------------------------------------------------------------------

FIELD_TYPES = {"email": "type-email", "phone": "type-phone", "linkedin": "type-linkedin", "url": "type-site"}


def collection(kind: str, values: list[Any]) -> list[dict[str, Any]]:
    """A collection as Monica writes it: left out where it is empty."""
    return [{"count": len(values), "type": kind, "values": values}] if values else []


def monica_person(one: Someone, number: int) -> dict[str, Any]:
    """A contact of Monica's, with a call, a task or a reminder now and then."""
    properties: dict[str, Any] = {"first_name": one.given, "last_name": one.family or None, "tags": list(one.tags)}
    properties |= {"job": one.title, "company": one.company, "nickname": one.alias, "stay_in_touch_frequency": 30}
    if one.birthday:
        unknown = one.birthday.startswith("--")
        day = f"{one.birthday.replace('--', '2000-')}T00:00:00Z"
        properties["birthdate"] = {"uuid": "d", "is_age_based": False, "is_year_unknown": unknown, "date": day}
    fields = [{"properties": {"data": value, "type": FIELD_TYPES[kind]}} for kind, value, _label in one.methods]
    call = {"called_at": "2025-03-04T00:00:00Z", "content": "About the plan", "contact_called": number % 2 == 0}
    data = [
        *collection("call", [{"properties": call}] if number % 3 == 0 else []),
        *collection("contact_field", fields),
        *collection("note", [{"properties": {"body": one.notes}}] if one.notes else []),
        *collection("task", [{"properties": {"title": "Send the book", "completed": True}}] if number % 7 == 0 else []),
        *collection("gift", [{"properties": {"name": "Tea"}}] if number % 50 == 0 else []),
    ]
    kept = {key: value for key, value in properties.items() if value is not None}
    return {"uuid": one.uid, "created_at": "2024-01-02T03:04:05Z", "properties": kept, "data": data}


def monica(some: list[Someone], *, kind: str = "contact", relationships: list[dict[str, Any]] | None = None) -> bytes:
    """Monica's export of these people."""
    types = [
        {"uuid": uuid, "properties": {"name": name.capitalize(), "type": name if name in {"email", "phone"} else None}}
        for name, uuid in FIELD_TYPES.items()
    ]
    data = [
        *collection(kind, [monica_person(one, number) for number, one in enumerate(some)]),
        *collection("relationship", relationships or []),
    ]
    account = {"uuid": "a", "data": data, "properties": {}, "instance": {"contact_field_types": types}}
    told = {
        "version": "1.0-preview.1",
        "app_version": "4.1.2",
        "export_date": "2026-01-01",
        "url": "",
        "exported_by": "x",
    }
    return json.dumps(told | {"account": account}, indent=1).encode()
