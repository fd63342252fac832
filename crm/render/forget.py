"""Forgetting a person on a screen: what would go, what is gone, and what is out of reach."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from crm.actions.checked import counted
from crm.actions.forget import Forgotten
from crm.escaping import shorten
from crm.render import text

MOST = 12
LONGEST_NAME = 60


def ahead(name: str, told: Forgotten, *, backups: int, keep_backups: bool) -> Iterator[RenderableType]:
    """What would go, before the person is asked."""
    yield text.join("This erases", text.safe(shorten(name, LONGEST_NAME), text.NAME), text.hint(told.ref), "for good.")
    yield text.facts(
        [
            ("With them", counted(told.counts) or "nothing that hangs on them"),
            ("Stays", f"{len(told.shared)} with others, without them: {_some(told.shared)}" if told.shared else None),
            ("Backups", _backups_ahead(backups, keep=keep_backups)),
        ]
    )
    yield text.safe("Nothing brings them back: not crm undo, and no backup that this program keeps.")


def _backups_ahead(count: int, *, keep: bool) -> str | None:
    if not count:
        return None
    if keep:
        return f"{count} still hold them and are kept"
    return f"{count} still hold them and are removed; a fresh one is made (to keep them: --keep-backups)"


def in_short(name: str, told: Forgotten) -> str:
    """What would go, in one sentence."""
    hanging = f" with {counted(told.counts)}" if told.counts else ""
    return f"this erases {shorten(name, LONGEST_NAME)} ({told.ref}){hanging} for good; nothing brings them back"


def done(told: Forgotten) -> Iterator[RenderableType]:
    """What is gone, and what is out of reach."""
    if told.ref:
        yield text.safe(f"Forgotten: {told.ref}, with {counted(told.counts) or 'nothing else'}.", text.HEADING)
    else:
        yield text.safe("Finished: nobody of that name is left, and the files are clean now.", text.HEADING)
    yield from _backups(told)
    if told.namesakes:
        again = f"If they are the same person: crm contact forget {told.namesakes[0]}"
        yield text.join(f"Still here under the same name: {_some(told.namesakes)}.", text.hint(again))
    reach = list(_out_of_reach(told))
    yield ""
    yield text.section("Out of this program's reach", text.bullets(reach))
    yield text.hint("crm undo does not bring them back; it would take back what you did before.")


def _backups(told: Forgotten) -> Iterator[RenderableType]:
    if told.backups:
        yield text.safe(f"Backups removed, for they held them: {len(told.backups)}.")
    if told.fresh_backup:
        yield text.safe(f"Made instead: {told.fresh_backup}")
    if told.kept_backups:
        yield text.safe("These backups still hold them; remove them when you can:")
        yield text.bullets(told.kept_backups)


def _out_of_reach(told: Forgotten) -> Iterator[text.Cell]:
    if told.shared:
        yield f"talks with others stay, without them, and so do the notes: {_some(told.shared)}"
    if told.mentions:
        yield Text.assemble(
            f"texts of yours still name them: {_some(told.mentions)}. ",
            text.hint("Look with crm find, change with crm ... edit"),
        )
    for file, line in told.sources[:MOST]:
        where = f"{file}, line {line}" if line else file
        yield f"they stand in {where}; strike them out there, or reading it again may bring them back"
    if len(told.sources) > MOST:
        yield f"and {len(told.sources) - MOST} more lines of such files"
    if told.calendars:
        yield f"calendar files that could not be written anew; run crm calendar export: {_some(told.calendars)}"
    for path in told.files[:MOST]:
        yield f"this file names them: {path}"
    yield "exports and calendars that you put elsewhere or that others subscribe to, and copies on other machines"


def _some(items: Sequence[str]) -> str:
    more = len(items) - MOST
    return ", ".join(items[:MOST]) + (f" and {more} more" if more > 0 else "")
