"""Names that stand where no person is read: lines without a bullet, rows of tables, notes below somebody's bullet."""

import shlex
from collections.abc import Iterable

from crm.escaping import quote
from crm.importers.worksheet import labels
from crm.importers.worksheet.blocks import Line
from crm.importers.worksheet.markup import plain
from crm.importers.worksheet.names import people_in
from crm.importers.worksheet.reading import Reading
from crm.importers.worksheet.words import BRANDS

_LONGEST_ALONE = 4
_DASHES = "-*+\u2013\u2022 "


def report_unmarked(lines: Iterable[Line], reading: Reading) -> None:
    """A line that looks like a name but is no bullet, or a row of a table, is reported and not read."""
    for line in lines:
        if _is_name_alone(line.text) or _is_table_row(line.text) or _is_person_and_more(line.text):
            text = f"{quote(line.text)} is no bullet and was not read as a person"
            remedy = reading.sheet.rewrite(line.number, "write line {line} of {name} as '- Name, how you know them'")
            reading.rows.append(reading.sheet.warning(line.number, text, subject=line.text, remedy=remedy))


def ask_about_notes(notes: Iterable[Line], whose: str, reading: Reading) -> None:
    """What stands below a bullet tells about its person; if it begins with a name it may be another one."""
    for line in notes:
        names = names_begun(line.text)
        if names or _is_table_row(line.text):
            text = f"{quote(line.text)} stands below {quote(whose)} and was read as no person of its own"
            who = shlex.quote(names[0]) if len(names) == 1 else "NAME"
            reading.ask(line.number, text, about=whose, remedy=f"if it is one: crm contact add {who}")


def without_strays(lines: tuple[Line, ...]) -> tuple[list[Line], list[Line]]:
    """The lines of a bullet without those that Markdown joins to it by accident: a name right below a bare name."""
    own, strays = list(lines[:1]), list[Line]()
    bare = not people_in(plain(labels.unboxed(lines[0].text))[0]).rest.strip(" .")
    for line in lines[1:]:
        accident = (bare and len(own) == 1) or line.text[0] in _DASHES
        (strays if accident and _is_name_alone(line.text) else own).append(line)
    return own, strays


def _is_person_and_more(text: str) -> bool:
    """Whether a line begins with a full name and goes on as a bullet about that person would."""
    found = people_in(text)
    full = bool(found.names) and " " in found.names[0] and not found.names[0].islower()
    return full and not found.unsure and not found.rest.startswith(":")


def _is_table_row(text: str) -> bool:
    """Whether a line is a row of a table, with words in it."""
    return text.startswith("|") and any(letter.isalpha() for letter in text)


def _is_name_alone(text: str) -> bool:
    """Whether a line holds one or more names and nothing else, a dash without a space before them or not."""
    found = people_in(text.lstrip(_DASHES))
    return bool(found.names) and not found.rest.strip() and len(text.split()) <= _LONGEST_ALONE


def names_begun(text: str) -> tuple[str, ...]:
    """The names that a note begins with, if they may be people's and no label's, verb's or service's."""
    words = plain(labels.unboxed(text.lstrip(_DASHES)))[0]
    found = people_in(words)
    first = found.names[0] if found.names else ""
    single = " " not in first
    if first[:1].islower() or any(word.casefold() in BRANDS for word in first.split()[:1]):
        return ()
    return () if single and (found.unsure or found.rest.lstrip().startswith((":", "\uff1a"))) else found.names
