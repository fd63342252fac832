"""The desktop's own notifications, by D-Bus (Desktop Notifications Specification 1.2).

Where nobody is logged in at a desktop there is nothing to show a notification on: then the channel is absent, and no
delivery is planned for it. A desktop that goes away in between is a failure to be tried again, for it comes back.
"""

import html
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jeepney import DBusAddress, DBusErrorResponse, new_method_call  # type: ignore[import-untyped]  # it ships no types
from jeepney.bus_messages import message_bus  # type: ignore[import-untyped]  # as above
from jeepney.io.blocking import (  # type: ignore[import-untyped]  # as above
    DBusConnection,
    Proxy,
    open_dbus_connection,
)

from crm.errors import DeliveryError
from crm.escaping import for_terminal
from crm.settings import Settings
from reminders import wire
from reminders.message import Message

NAME: Final = "org.freedesktop.Notifications"
SERVICE: Final = DBusAddress("/org/freedesktop/Notifications", bus_name=NAME, interface=NAME)
CHECK_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Options:
    """Where the session's bus is; empty where there is none."""

    bus: str
    seconds: float = 10

    @classmethod
    def from_settings(cls, _settings: Settings) -> "Options":
        """The bus of the session that this process is part of."""
        return cls(session_bus(os.environ))


def session_bus(environ: Mapping[str, str]) -> str:
    """The address of the session's bus, or empty: what the variable says, else the socket of the systemd user bus."""
    said = environ.get("DBUS_SESSION_BUS_ADDRESS")
    if said is not None:
        return said
    folder = environ.get("XDG_RUNTIME_DIR")
    return f"unix:path={folder}/bus" if folder and (Path(folder) / "bus").is_socket() else ""


def absent() -> str:
    """Why no notification can be shown here now; empty where it can."""
    bus = session_bus(os.environ)
    if not bus:
        return "there is no desktop session"
    try:
        with _connected(bus, wire.Deadline(CHECK_SECONDS)) as connection:
            known = Proxy(message_bus, connection, timeout=CHECK_SECONDS)
            shown = known.NameHasOwner(NAME)[0] or NAME in known.ListActivatableNames()[0]
    except _FAULTS as error:
        return f"the desktop session cannot be reached: {_told(error)}"
    return "" if shown else "nothing in the desktop session shows notifications"


def send(message: Message, options: Options) -> None:
    """Show the message.

    Raises:
        DeliveryError: there is no desktop session now, or it did not take the message.
    """
    if not options.bus:
        raise DeliveryError("there is no desktop session to show a notification in")
    deadline, asked = wire.Deadline(options.seconds), False
    try:
        with _connected(options.bus, deadline) as connection:
            markup = "body-markup" in _call(connection, deadline, "GetCapabilities")[0]
            asked = True
            _call(connection, deadline, "Notify", "susssasa{sv}i", _notification(message, markup=markup))
    except DBusErrorResponse as error:
        raise DeliveryError(f"the desktop did not take the notification: {_told(error)}") from None
    except _FAULTS as error:
        raise DeliveryError(f"the desktop session cannot be reached: {_told(error)}", unknown=asked) from None


_FAULTS: Final = (OSError, RuntimeError, ValueError, StopIteration, DBusErrorResponse)


def _notification(message: Message, *, markup: bool) -> tuple[Any, ...]:
    """What Notify takes. The body is markup where the service says so; elsewhere escapes would be shown."""
    title, body = for_terminal(message.title), for_terminal(message.body, multiline=True)
    shown = html.escape(body, quote=False) if markup else body
    return ("networking-crm", 0, "appointment-soon", title, shown, [], {"category": ("s", "im.received")}, -1)


def _call(
    connection: DBusConnection,
    deadline: wire.Deadline,
    method: str,
    signature: str | None = None,
    body: tuple[Any, ...] = (),
) -> tuple[Any, ...]:
    asked = new_method_call(SERVICE, method, signature, body)
    answer = connection.send_and_get_reply(asked, timeout=deadline.left())
    if answer.header.message_type.name == "error":
        raise DBusErrorResponse(answer)
    return tuple(answer.body)


@contextmanager
def _connected(bus: str, deadline: wire.Deadline) -> Iterator[DBusConnection]:
    with open_dbus_connection(bus, auth_timeout=deadline.left()) as connection, wire.cut_at(deadline, connection.sock):
        yield connection


def _told(error: Exception) -> str:
    """Its name for a refusal by D-Bus, which says more than its text, and the reason of anything else."""
    return for_terminal(str(error.name)) if isinstance(error, DBusErrorResponse) else wire.reason(error)
