"""What the channels speak to in tests: a small HTTP server, and a session bus with something that shows messages."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from http_support import Handler, served
from reminder_support import LOS_ANGELES, MONDAY

from reminders.message import Item, Message

HAS_BUS = shutil.which("dbus-daemon") is not None


def message(title: str = "Write to Jane Roe", body: str = "Done: crm done t1.", number: int = 1) -> Message:
    """A message of one reminder."""
    at: datetime = MONDAY.astimezone(LOS_ANGELES)
    item = Item(key=f"k{number}", title=title, body=body)
    return Message(key=item.key, message_id=f"id{number}@x", title=title, body=body, items=(item,), at=at)


@dataclass
class Web:
    """What was posted to a server, and what it answers; `behaves` is answer, hang, drop or trickle."""

    status: int = 200
    behaves: str = "answer"
    headers: dict[str, str] = field(default_factory=dict)
    reply: bytes = b"{}"
    posted: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def bodies(self) -> list[str]:
        """What was posted, as text."""
        return [body.decode() for _, _, body in self.posted]


@contextlib.contextmanager
def web(**values: object) -> Iterator[Web]:
    """A server on loopback."""
    seen = Web(**values)  # type: ignore[arg-type]

    class Post(Handler):
        def do_POST(self) -> None:  # noqa: N802 - http.server's name
            seen.posted.append((self.path, {key.lower(): value for key, value in self.headers.items()}, self.body()))
            if seen.behaves == "hang":
                seen.over.wait(30)
            if seen.behaves == "trickle":
                self._trickle()
            if seen.behaves == "answer":
                self.reply(seen.status, seen.reply, seen.headers)
            self.close_connection = True

        def _trickle(self) -> None:
            with contextlib.suppress(OSError):
                while not seen.over.wait(0.05):
                    self.connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    with served(Post, ending=seen.over.set) as seen.port:
        yield seen


SHOWER = """
import json, sys
from jeepney import DBusAddress, HeaderFields, MessageType, new_error, new_method_return
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection

capabilities, behaves, log = json.loads(sys.argv[1]), sys.argv[2], open(sys.argv[3], "a")
connection = open_dbus_connection()
connection.send_and_get_reply(message_bus.RequestName("org.freedesktop.Notifications"), timeout=5)
print("ready", flush=True)
while True:
    asked = connection.receive()
    if asked.header.message_type is not MessageType.method_call:
        continue
    member = asked.header.fields.get(HeaderFields.member)
    if member == "GetCapabilities":
        connection.send(new_method_return(asked, "as", (capabilities,)))
    elif member == "Notify":
        log.write(json.dumps(asked.body) + "\\n")
        log.flush()
        if behaves == "refuse":
            connection.send(new_error(asked, "org.freedesktop.Notifications.Error.ExcessNotificationGeneration"))
        elif behaves == "show":
            connection.send(new_method_return(asked, "u", (1,)))
"""


@dataclass
class Desktop:
    """A session bus, and what was shown on it."""

    address: str
    log: Path

    def shown(self) -> list[list[object]]:
        """The arguments of each notification."""
        return [json.loads(line) for line in self.log.read_text().splitlines()] if self.log.exists() else []


@contextlib.contextmanager
def desktop(
    folder: Path, *, behaves: str = "show", capabilities: tuple[str, ...] = ("body", "body-markup")
) -> Iterator[Desktop]:
    """A session bus of its own; `behaves` is show, refuse, hang or nobody (no service at all)."""
    address = f"unix:path={folder}/bus"
    configuration = folder / "bus.conf"
    configuration.write_text(
        f"<busconfig><type>session</type><listen>{address}</listen><policy context='default'>"
        "<allow send_destination='*'/><allow receive_sender='*'/><allow own='*'/></policy></busconfig>"
    )
    found = Desktop(address, folder / "shown.jsonl")
    with contextlib.ExitStack() as stack:
        bus = stack.enter_context(
            _running("dbus-daemon", f"--config-file={configuration}", "--nofork", "--print-address")
        )
        assert bus.stdout is not None
        assert bus.stdout.readline()
        if behaves != "nobody":
            arguments = (sys.executable, "-c", SHOWER, json.dumps(capabilities), behaves, str(found.log))
            shower = stack.enter_context(_running(*arguments, DBUS_SESSION_BUS_ADDRESS=address))
            assert shower.stdout is not None
            assert shower.stdout.readline() == "ready\n"
        yield found


@contextlib.contextmanager
def _running(*command: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **variables}) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGKILL)


def closed_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
