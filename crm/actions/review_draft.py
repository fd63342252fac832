"""A review's form as a text to be written in an editor, and read back: Markdown, each question a heading.

Only a line that begins with `## ` is a heading. Where an answer has such a line, a backslash stands before it, as it
does before a line that begins with backslashes and `## `; reading takes one off.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from crm.actions.review_form import Item
from crm.errors import BadValueError
from crm.escaping import on_one_line, quote

HEADING: Final = "## "
OPENS: Final = "<!--"
CLOSES: Final = "-->"
HELP: Final = (
    "Write below each question, then save and close. This comment is not read.",
    "An answer left blank changes nothing. Headings of your own begin with ###.",
)
PRIORITIES_HELP: Final = "(one a line; each becomes a task for the next review; t3 is the task with that id)"

_HEADING = re.compile(r"## (\d{1,3})\.(.*)", re.ASCII)
_ESCAPED = re.compile(r"\\+## ")
_LIKE_A_HEADING = re.compile(r"\\*## ")


def write(title: str, facts: Sequence[str], items: Sequence[Item]) -> str:
    """The form with what was answered so far; `facts` are lines to look at, put into a comment."""
    comment = [*HELP, "", *facts]
    lines = [f"# {on_one_line(title)}", "", OPENS, *map(_harmless, comment), CLOSES]
    for each in items:
        lines += ["", _heading(each), ""]
        if each.asks_for_priorities:
            lines += [f"{OPENS} {PRIORITIES_HELP} {CLOSES}", ""]
        if each.answer.strip():
            lines += [*(_escape(line) for line in _lines(each.answer)), ""]
    return "\n".join(lines) + "\n"


def renewed(text: str, fresh: str) -> str:
    """What was left, below the title and the facts of a `fresh` form; as it is where something else stands above."""
    lines = text.removeprefix("\ufeff").split("\n")
    at = _first_heading(lines)
    try:
        _refuse_text_before(lines[:at])
    except BadValueError:
        return text
    head = fresh.split("\n")
    return "\n".join([*head[: _first_heading(head)], *lines[at:]]) if at < len(lines) else text


def _first_heading(lines: Sequence[str]) -> int:
    return next((number for number, line in enumerate(lines) if line.startswith(HEADING)), len(lines))


def _heading(item: Item) -> str:
    return f"{HEADING}{item.number}. {on_one_line(item.question)}"


def _harmless(text: str) -> str:
    """One line that neither ends the comment nor is a heading."""
    return _escape(" ".join(text.splitlines()).replace(CLOSES, "-- >"))


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").strip("\n").split("\n")


def _escape(line: str) -> str:
    return f"\\{line}" if _LIKE_A_HEADING.match(line) else line


def read(text: str, items: Sequence[Item]) -> dict[int, str]:
    """What was written below each question, by its number; nothing where all of the text is blank.

    Raises:
        BadValueError: a heading is none of the form's, stands there twice or is missing, or there is text before the
            first one; the message names the line, counted from 1.
    """
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    if not any(each.strip() for each in lines):
        return {}
    at = [number for number, line in enumerate(lines) if line.startswith(HEADING)]
    _refuse_text_before(lines[: at[0]] if at else lines)
    found: dict[int, str] = {}
    for start, end in pairwise([*at, len(lines)]):
        item = _item(lines[start], start + 1, items)
        if item.number in found:
            raise BadValueError(
                f"question {item.number} stands there twice, again on line {start + 1}; keep one of them"
            )
        found[item.number] = _answer(lines[start + 1 : end], item)
    missing = [each for each in items if each.number not in found]
    if missing:
        raise BadValueError(
            f"the heading of question {missing[0].number}, {quote(missing[0].question)}, is missing; put it back"
        )
    return found


def _item(line: str, number: int, items: Sequence[Item]) -> Item:
    match = _HEADING.fullmatch(line.rstrip())
    if match is not None:
        for each in items:
            if each.number == int(match[1]) and on_one_line(each.question) == on_one_line(match[2]):
                return each
    raise BadValueError(
        f"line {number} is no heading of this form: {quote(line)}; the form has {HEADING}1. to {HEADING}{len(items)}., "
        "and headings of your own begin with ###"
    )


def _answer(lines: Sequence[str], item: Item) -> str:
    help_line = f"{OPENS} {PRIORITIES_HELP} {CLOSES}"
    kept = [each for each in lines if not (item.asks_for_priorities and each.strip() == help_line)]
    return "\n".join(each[1:] if _ESCAPED.match(each) else each for each in kept).strip("\n")


def _refuse_text_before(lines: Sequence[str]) -> None:
    """Before the first heading stand the title and a comment, and nothing else."""
    for number, line in _outside_comments(lines):
        if line.strip() and not line.startswith("# "):
            raise BadValueError(f"line {number} stands above the first question: {quote(line)}; move it below one")


def _outside_comments(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    inside = False
    for number, line in enumerate(lines, start=1):
        if not inside and line.startswith(OPENS):
            inside = True
        if not inside:
            yield number, line
        if inside and CLOSES in line:
            inside = False
