"""The screens of `crm worksheet`: blanks by part, what a check found, and what was written line by line."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.console import Console, RenderableType

from crm.actions.import_compare import Difference, Side
from crm.actions.worksheet_check import Checked
from crm.actions.worksheet_values import Edit
from crm.actions.worksheet_words import called
from crm.actions.worksheet_write import Written
from crm.escaping import shorten
from crm.importers.worksheet.blanks import Blank
from crm.render import text
from crm.render.init import NOUNS
from crm.rows import NoticeRow

MOST = 10
"""So many lines of a part or list are shown, unless all are asked for."""

_LONGEST = 300
_SIDES = {
    Side.NEW: "new in the worksheet",
    Side.FILE: "changed in the worksheet; reading it takes this",
    Side.BOTH: "changed in the worksheet and here; yours stays unless you choose the worksheet's",
    Side.PROGRAM: "changed here; it stays",
    Side.REMOVED: "removed here; it stays removed",
}


def draw_blanks(console: Console, found: Sequence[Blank], *, name: str, every: bool) -> None:
    """The blanks, grouped by part."""
    if not found:
        text.lines(console, text.safe(f"Nothing is blank in {name}. Check it: crm worksheet check FILE"))
        return
    cut = False
    for part, each in groupby(sorted(found, key=_first_line(found)), key=lambda blank: blank.part):
        blanks = list(each)
        shown = blanks if every else blanks[:MOST]
        cut = cut or len(shown) < len(blanks)
        rows = [(f"line {blank.line}", blank.kind, _short(blank.text)) for blank in shown]
        if len(shown) < len(blanks):
            rows.append(("", "", f"and {len(blanks) - len(shown)} more"))
        text.lines(console, text.section(part or "Above all headings", text.rows(rows, wide=2), count=len(blanks)))
    text.lines(console, text.safe(f"{_many(len(found), 'blank')} in {name}."))
    text.lines(console, text.hint("All of them: crm worksheet gaps FILE --all" if cut else _FILL))


_FILL = "Fill in what the program knows by itself: crm worksheet write FILE -o NEW"


def _first_line(found: Sequence[Blank]) -> Any:  # noqa: ANN401 - a sort key
    """Parts in the order of their first blank."""
    first: dict[str, int] = {}
    for each in found:
        first.setdefault(each.part, each.line)
    return lambda each: (first[each.part], each.part, each.line)


def told_check(found: Checked) -> dict[str, Any]:
    """A check as `--json` tells it."""
    return {
        "readable": True,
        "counts": dict(found.counts),
        "blanks": found.blanks,
        "warnings": [_told(each) for each in found.warnings],
        "unsure": [_told(each) for each in found.unsure],
        "differences": found.differences,
        "gone": found.gone,
    }


def _told(notice: NoticeRow) -> dict[str, Any]:
    return {
        "line": notice.source.line,
        "text": notice.text,
        "subject": notice.subject,
        "remedy": notice.remedy,
    }


def draw_check(console: Console, found: Checked, *, name: str, every: bool) -> None:
    """What reading the worksheet would find."""
    text.lines(console, *_check(found, name, None if every else MOST))


def _check(found: Checked, name: str, most: int | None) -> Iterator[RenderableType]:
    read = [_counted(kind, found.counts[kind]) for kind in NOUNS if found.counts.get(kind)]
    yield text.section(f"{name} is readable", text.bullets(read or ["the plan, and nothing else"]))
    if found.warnings:
        body = _cut(map(_notice, found.warnings), len(found.warnings), most)
        yield text.section("Odd or contradictory", body, count=len(found.warnings))
    if found.unsure:
        body = _cut(map(_notice, found.unsure), len(found.unsure), most)
        yield text.section("Unsure; only you can say", body, count=len(found.unsure))
    if found.differences is None:
        yield text.hint("There is no database to compare it with yet: crm init --worksheet FILE")
    else:
        yield from _differences(found, most)
    yield text.safe(f"{_many(found.blanks, 'blank')}; see them by line: crm worksheet gaps FILE")


def _differences(found: Checked, most: int | None) -> Iterator[RenderableType]:
    for side, meaning in _SIDES.items():
        some = [each for each in found.differences or [] if each.side is side]
        if some:
            yield text.section(meaning[0].upper() + meaning[1:], _cut(map(_difference, some), len(some), most))
    if found.gone:
        said = (f"{_noun(each.kind)}: {called(each.kind, each.key)}" for each in found.gone)
        yield text.section("No longer in the worksheet; stays here", _cut(said, len(found.gone), most))
    if not found.differences and not found.gone:
        yield text.safe("It says what the program says; reading it changes nothing.")


def _difference(each: Difference) -> text.Cell:
    line = f"line {each.line}: " if each.line else ""
    if not each.field:
        return text.safe(f"{line}{_noun(each.kind)} {_short(each.name)}")
    before = f" (was {each.read})" if each.read is not None and each.side is not Side.PROGRAM else ""
    return text.safe(
        f"{line}{_short(each.name)}: worksheet {each.file or '(blank)'}{before}, here {each.here or '(blank)'}"
    )


def _cut(items: Iterable[text.Cell], count: int, most: int | None) -> RenderableType:
    shown = list(items)[:most]
    if len(shown) < count:
        shown.append(text.hint(f"and {count - len(shown)} more: crm worksheet check FILE --all"))
    return text.bullets(shown)


def _counted(kind: str, count: int) -> str:
    one, many = NOUNS[kind]
    return f"{count} {one if count == 1 else many}"


def _noun(kind: str) -> str:
    return NOUNS.get(kind, (kind, kind))[0]


def _notice(notice: NoticeRow) -> text.Cell:
    line = f"line {notice.source.line}: " if notice.source.line else ""
    return text.join(f"{line}{_short(notice.text)}", notice.remedy, gap="; ")


def told_write(found: Written, *, path: str | None, backup: str | None, dry_run: bool) -> dict[str, Any]:
    """What was written as `--json` tells it."""
    return {
        "path": path,
        "backup": backup,
        "dry_run": dry_run,
        "items": found.edits,
        "not_written": found.left,
        "differing": found.differing,
        "unread": found.unread,
    }


def draw_write(console: Console, found: Written, *, path: str | None, backup: str | None, dry_run: bool) -> None:
    """What was written, line by line."""
    verb = "Would write" if dry_run else "Wrote"
    if not found.edits:
        told = "Nothing to fill in: every blank that the program knows something for is filled."
        text.lines(console, text.safe(told))
    else:
        body = text.rows((_edit(each) for each in found.edits), wide=1)
        text.lines(console, text.section(f"{verb} {_many(len(found.edits), 'line')}", body))
    if found.left:
        body = text.rows((_edit(each) for each in found.left), wide=1)
        text.lines(console, text.section("Left out, since they would not be read back as they are", body))
    if found.differing:
        text.lines(console, text.safe(_differing([each.name for each in found.differing])))
    if path and not dry_run:
        text.lines(console, text.safe(f"Written to {path}; every other byte is as it was."))
    if backup:
        text.lines(console, text.safe(f"What {Path(path or backup).name} said before: {backup}"))


def _differing(names: Sequence[str]) -> str:
    said = "1 field differs" if len(names) == 1 else f"{len(names)} fields differ"
    verb = "was" if len(names) == 1 else "were"
    shown = [shorten(each, 100) for each in names[:MOST]]
    more = [f"and {len(names) - MOST} more"] if len(names) > MOST else []
    return f"{said} here and {verb} left: {'; '.join([*shown, *more])}. What they say: crm worksheet check FILE"


def _many(count: int, noun: str) -> str:
    return f"1 {noun}" if count == 1 else f"{count} {noun}s"


def _edit(each: Edit) -> Sequence[text.Cell]:
    said = text.safe(_short(each.old.strip()) or "(blank)", text.QUIET)
    said.append("\n→ ").append_text(text.safe(_short(each.new.strip())))
    return (f"line {each.line}", said)


def _short(words: str) -> str:
    return shorten(words, _LONGEST)
