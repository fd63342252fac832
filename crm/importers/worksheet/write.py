"""Filling one blank place in a line of a worksheet, in the line's own style; nothing else of the line changes."""

import re

from crm.importers.worksheet.labels import is_blank

_COLON = re.compile(r"[:\uff1a](?!//)")
_LEAD = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,3}[.)])(?:[ \t]+|$))?(?:\[[^\[\]\w]{0,3}\][ \t]*)?")
_ITEM = re.compile(r"(?P<lead>[ \t>]*(?:[-*+]|\d{1,3}[.)]))(?P<rest>(?:[ \t].*)?)", re.DOTALL)
_OPEN_BOX = re.compile(r"(?P<lead>\ufeff?[ \t>]*(?:(?:[-*+]|\d{1,3}[.)])[ \t]+)?)(?:\[[^\[\]\w]{0,3}\](?!\()|☐)")
_BLOCK = re.compile(r"(?:[-*+]|\d{1,9}[.)]|#{1,6})(?:[ \t]|$)|[>|<\[]|```|~~~")
"""How a text begins that would be a block of its own behind a list marker."""

_BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_LONGEST_LABEL = 200
LONGEST = 2_000
"""A longer value is not written into a line."""


def after_label(line: str, value: str) -> str | None:
    """`- Name: ___` with its blank filled; None if the line has no label with a blank after it."""
    lead = _LEAD.match(line)
    start = lead.end() if lead else 0
    colon = _COLON.search(line, start, start + _LONGEST_LABEL)
    if colon is None or not is_writable(value):
        return None
    name, head = line[start : colon.start()].lstrip(), colon.end()
    mark = name[:2]
    if mark in {"**", "__"} and name.count(mark) == 1 and line.startswith(mark, head):
        head += len(mark)
    return _filled(line[:head], line[head:], value)


def after_marker(line: str, value: str) -> str | None:
    """`3.` or `- ___` with its blank filled; None if the line is no item or has something in it."""
    found = None if _BLOCK.match(value) else _ITEM.fullmatch(line)
    return _filled(found["lead"], found["rest"], value) if found and is_writable(value) else None


def replaced(line: str, old: str, value: str) -> str | None:
    """The line with `value` in place of what stands at its end; None if that is not `old`, as a whole."""
    bare = line.rstrip()
    head = bare.removesuffix(old)
    if not old or head == bare or head[-1:].isalnum() or not is_writable(value):
        return None
    return f"{head}{value}{line[len(bare) :]}"


def ticked(line: str) -> str | None:
    """The line with its open box ticked; None if it has none."""
    found = _OPEN_BOX.match(line)
    if found is None:
        return None
    box = "☑" if found[0].endswith("☐") else "[x]"
    return f"{found['lead']}{box}{line[found.end() :]}"


def is_writable(value: str) -> bool:
    """Whether a value fits into a line and would not be read as a blank."""
    return value == value.strip() and len(value) <= LONGEST and not _BREAKS.search(value) and not is_blank(value)


def _filled(head: str, rest: str, value: str) -> str | None:
    """The value in place of the blank in `rest`; white space around it stays, and one space at least stands before."""
    if not is_blank(rest):
        return None
    bare = rest.strip(" \t")
    if not bare:
        return f"{head}{rest[:1] or ' '}{value}{rest[1:]}"
    before = rest[: rest.index(bare)]
    return f"{head}{before or ' '}{value}{rest[len(before) + len(bare) :]}"
