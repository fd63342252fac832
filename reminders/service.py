"""The reminders as a service of the machine: what is handed to it, who keeps it running, and its last words."""

import os
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, cast

import sqlalchemy as sa

from crm import settings as reading_settings
from crm.errors import CrmError, DeliveryError, RefusedError
from crm.files import expanded, generations
from crm.settings import Settings
from crm.store.engine import sqlite_path
from reminders import channels, launchd, systemd
from reminders.channels import Channel
from reminders.message import Item, Message, message_id
from reminders.supervisor import LINGERING_OURS, Supervisor, Wanted
from reminders.unit import SERVER, CalendarServer, Form, Place

HOPELESS: Final = 78
_PUBLIC: Final = ("CRM_HOME", "CRM_TIMEZONE")
_FOLDERS: Final = ("XDG_CONFIG_HOME", "XDG_DATA_HOME")  # they tell where the files are if CRM_HOME does not
_NOT_FOR_SERVICES: Final = ("CRM_NOW", "CRM_DEBUG", "CRM_WARM")
_WITHOUT: Final = (
    "there is no systemd user manager here, and no launchd, to keep reminders running. Leave open: crm daemon run\n"
    "or put into your crontab (crontab -e): */5 * * * * crm reminder tick"
)


def manager() -> Supervisor:
    """Who keeps programs running on this machine.

    Raises:
        CrmError: nobody does; the message says what to run instead.
    """
    if sys.platform == "darwin":
        return cast("Supervisor", launchd)
    if not systemd.usable():
        raise CrmError(_WITHOUT)
    return cast("Supervisor", systemd)


def renderer() -> Supervisor:
    """Whose files to show where none can be installed: this platform's."""
    return cast("Supervisor", launchd if sys.platform == "darwin" else systemd)


def wanted(
    settings: Settings, engine: sa.Engine, environ: Mapping[str, str], form: Form, *, server: bool = False
) -> Wanted:
    """What a service needs to find the same database, settings and time zone as this command.

    Args:
        settings: all settings.
        engine: the database.
        environ: the variables of this command.
        form: how reminders are kept going.
        server: whether the calendar server is wanted too.

    Raises:
        RefusedError: a timer's turns would speak where nobody reads them, or launchd is to hand a socket over.
    """
    if server and sys.platform == "darwin":
        raise RefusedError("launchd hands no socket over as systemd does; leave open instead: crm serve")
    if form == Form.TIMER and "console" in settings["reminders.channels"]:
        raise RefusedError(
            "a timer's turns have no console to print on; choose other channels for them first, such as\n"
            "crm config set reminders.channels file"
        )
    secrets = _private(environ)
    place = Place(
        python=Path(sys.executable),
        writable=_writable(settings, engine),
        environment=_public(settings, environ),
        secrets=systemd.folder() / systemd.SECRETS if secrets else None,
        tick_seconds=settings["reminders.tick_seconds"],
        sending_seconds=channels.longest_seconds([*settings["daemon.channels"], *settings["reminders.fallback"]]),
        server=_server(settings, engine) if server else None,
    )
    return Wanted(form, place, secrets, settings.paths.data / "daemon.log")


def _server(settings: Settings, engine: sa.Engine) -> CalendarServer:
    """The calendar server has no business with backups, nor with the files of calendars, which may tell more."""
    paths = settings.paths
    return CalendarServer(
        port=settings["serve.port"],
        writable=_folders(settings, engine),
        readable=(paths.backups, paths.calendars),
        networked=sqlite_path(engine) is None,
    )


def _public(settings: Settings, environ: Mapping[str, str]) -> dict[str, str]:
    if environ.get("CRM_HOME"):  # absolute, whatever folder the command was typed in
        found = {"CRM_HOME": str(settings.paths.data)}
    else:
        found = {name: environ[name] for name in _FOLDERS if environ.get(name)}
    return found | {name: environ[name] for name in ("CRM_TIMEZONE",) if environ.get(name)}


def _private(environ: Mapping[str, str]) -> dict[str, str]:
    """Every other variable of this program: the database's URL may hold a password."""
    known = {*_PUBLIC, *_NOT_FOR_SERVICES}
    found = {name: value for name, value in environ.items() if name.startswith("CRM_") and value and name not in known}
    files = {name: str(expanded(value).absolute()) for name, value in found.items() if name.endswith("_FILE")}
    return found | files


def _writable(settings: Settings, engine: sa.Engine) -> tuple[Path, ...]:
    """The data folder, where everything is written by default, and elsewhere that of the database and a synced one."""
    found, synced = list(_folders(settings, engine)), settings["calendar.publish.folder"]
    if synced and (folder := expanded(synced)).is_dir():
        found.append(folder.absolute())
    return tuple(dict.fromkeys(found))


def _folders(settings: Settings, engine: sa.Engine) -> tuple[Path, ...]:
    """The data folder and that of the database."""
    database = sqlite_path(engine)
    found = [settings.paths.data, *([database.absolute().parent] if database else [])]
    return tuple(dict.fromkeys(found))


def serves(present: Sequence[Path]) -> bool:
    """Whether the calendar server is among the installed files."""
    return any(path.name == SERVER[0] for path in present)


def lingering_was_ours(present: list[Path]) -> bool:
    """Whether an installed file tells that lingering was turned on for its sake."""
    return any(LINGERING_OURS in path.read_text(encoding="utf-8", errors="replace") for path in present)


def alert(settings: Settings, environ: Mapping[str, str], *, now: datetime) -> list[str]:
    """Leave word that the daemon ended for good, on the channels of this machine; give those that took it.

    Nothing is said of an end after which systemd starts the daemon again by itself, nor the same thing twice a day: a
    timer's turns fail every five minutes.
    """
    if environ.get("MONITOR_EXIT_STATUS", str(HOPELESS)) != str(HOPELESS):
        return []
    message = _last_words(now.astimezone(settings.tz))
    if _told_already(settings.paths.reminders_file, message):
        return []
    here = channels.ready(("file", "desktop"), settings)
    return [name for name, send in here.items() if _said(send, message)]


def _last_words(at: datetime) -> Message:
    title, body = "Reminders have stopped", f"{_reason()}\nAfter that, start them again: crm service install"
    key = f"service-alert:{at.date()}:{body}"
    return Message(
        key=key,
        message_id=message_id(key, "file", None),
        title=title,
        body=body,
        items=(Item(key=key, title=title, body=body),),
        at=at,
    )


def _told_already(file: Path, message: Message) -> bool:
    said = message.message_id.encode()
    return any(each.is_file() and said in each.read_bytes() for each in generations(file)[:2])


def _said(send: Channel, message: Message) -> bool:
    try:
        send(message)
    except DeliveryError:
        return False
    return True


def _reason() -> str:
    try:
        reading_settings.load(os.environ)
    except CrmError as error:
        return f"The configuration is wrong: {error.message}"
    return "The database or the configuration can't be used. What is wrong, and the remedy: crm doctor"
