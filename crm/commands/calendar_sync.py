"""`crm calendar sync`: keep to-dos in step with a list on the phone, and take chats from the person's own calendar."""

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, TypeVar

import typer
from rich.console import Console

from crm.commands.base import App, command
from crm.commands.calendar_publish import only_one, warn
from crm.errors import ConfigurationError, CrmError
from crm.render import text

if TYPE_CHECKING:
    from calendars.remote.chats import Chats
    from calendars.remote.sync import Synced

T = TypeVar("T")
MOST_TOLD = 10
NOTHING = (
    "no calendar is configured to keep to-dos in or to take chats from; name one that takes to-dos: "
    "crm config set calendar.sync.url https://HOST/PATH, or your own: crm config set calendar.sync.chats ADDRESS"
)


def register(app: typer.Typer) -> None:
    """Add the command to `crm calendar`."""
    command(app, example="crm calendar sync")(sync)


def sync(crm: App) -> None:
    """Keep follow-ups, promises and commitments in step with a calendar's to-dos, and take chats from your calendar.

    To-dos (calendar.sync.url): done or moved there is so here. What was changed on both sides since the last time:
    whether it is done is as it is here, and of two days the one that was set later counts. What others put into that
    calendar is not touched.

    Chats (calendar.sync.chats): an appointment to come that you accepted, and that names a contact, is planned here;
    moved or cancelled there is so here. That calendar is only read.

    Each change that is taken over is a command of its own, which crm undo takes back.
    """
    wants_to_dos = bool(crm.settings["calendar.sync.url"])
    wants_chats = bool(crm.settings["calendar.sync.chats"] or crm.settings["calendar.sync.chats_file"])
    if not wants_to_dos and not wants_chats:
        raise ConfigurationError(NOTHING)
    faults: list[CrmError] = []
    with only_one(crm, "sync"):
        to_dos = _tried(lambda: _to_dos(crm), faults) if wants_to_dos else None
        chats = _tried(lambda: _chats(crm), faults) if wants_chats else None
    faults += [CrmError(each) for each in (to_dos and to_dos.pushed.error, chats and chats.error) if each]
    told = {
        "items": [asdict(to_dos.pushed)] if to_dos else [],
        "taken": [asdict(each) for each in to_dos.taken] if to_dos else [],
        "put_back": to_dos.put_back if to_dos else [],
        "chats": asdict(chats) if chats else None,
        "errors": [each.message for each in faults],
    }
    crm.show(told, lambda console: _draw(console, to_dos, chats))
    warn(crm, to_dos.pushed.problems if to_dos else [])
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise CrmError("; ".join(each.message for each in faults))


def _tried(do: Callable[[], T], faults: list[CrmError]) -> T | None:
    """What it gives; None where it fails, which does not stop the other."""
    try:
        return do()
    except CrmError as error:
        faults.append(error)
        return None


def _to_dos(crm: App) -> "Synced":
    from calendars.remote.configured import to_do_list  # noqa: PLC0415 - everyday commands must not wait for it
    from calendars.remote.sync import sync as run  # noqa: PLC0415 - as above

    place = to_do_list(crm.settings)
    try:
        return run(place, crm, crm.settings, now=crm.now, tz=crm.tz)
    finally:
        place.close()


def _chats(crm: App) -> "Chats":
    from calendars.remote.chats import chats  # noqa: PLC0415 - as above
    from calendars.remote.configured import appointments  # noqa: PLC0415 - as above

    source = appointments(crm.settings)
    try:
        return chats(source, crm, crm.settings, now=crm.now, tz=crm.tz)
    finally:
        source.close()


def _draw(console: Console, to_dos: "Synced | None", chats: "Chats | None") -> None:
    if to_dos:
        _draw_to_dos(console, to_dos)
    if chats:
        _draw_chats(console, chats)
    if (to_dos and to_dos.taken) or (chats and any(each.what != "kept" for each in chats.taken)):
        console.print(text.hint("To take the last one back: crm undo"))


def _draw_to_dos(console: Console, done: "Synced") -> None:
    console.print(text.safe(done.pushed.place, text.NAME), soft_wrap=True)
    for each in done.taken:
        console.print(text.safe(f"  {each.words}"))
        if each.conflict:
            console.print(text.hint(f"    {each.conflict}"))
    for words in done.put_back:
        console.print(text.safe(f"  {words}"))
    if not done.taken and not done.put_back:
        console.print(text.safe("  Nothing was changed there."))
    counts = [(done.pushed.written, "written"), (done.pushed.removed, "removed"), (done.pushed.unchanged, "unchanged")]
    said = ", ".join(f"{count:,} {word}" for count, word in counts if count)
    console.print(text.safe(f"  To-dos there: {said or 'none'}"))


def _draw_chats(console: Console, done: "Chats") -> None:
    console.print(text.join(text.safe(done.place, text.NAME), text.safe("your appointments")), soft_wrap=True)
    for each in done.taken:
        console.print(text.safe(f"  {each.words}"))
        for remark in each.remarks:
            console.print(text.hint(f"    {remark}"))
    for words in done.told[:MOST_TOLD]:
        console.print(text.safe(f"  {words}"))
    if len(done.told) > MOST_TOLD:
        console.print(text.hint(f"  and {len(done.told) - MOST_TOLD:,} more: crm calendar sync --json"))
    if done.error:
        return
    if not done.taken and not done.told:
        console.print(text.safe("  Nothing new that names anybody you know."))
        console.print(text.hint('  What names somebody is planned: an appointment such as "Coffee with Jane Roe"'))
    console.print(text.safe(f"  Appointments to come: {done.seen:,}"))
