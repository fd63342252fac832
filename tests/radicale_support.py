"""A real CalDAV server for the tests: Radicale on a free port of the loopback, its folder the test's own."""

import contextlib
import socket
import subprocess
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from typing import IO
from urllib.parse import quote

from calendar_clients import program

USER, PASSWORD = "jane", "correct horse battery"
_CONFIG = """
[server]
hosts = 127.0.0.1:{port}
delay_on_error = 0
[auth]
type = htpasswd
htpasswd_filename = {folder}/users
htpasswd_encryption = plain
delay = 0
[rights]
type = owner_only
[storage]
filesystem_folder = {folder}/collections
[web]
type = none
[logging]
level = info
"""


@dataclass
class Server:
    """A Radicale server with one user; it can be stopped and started again at the same address.

    Attributes:
        folder: where its config, its log and the user's collections are (`collections/collection-root/USER/`).
        more: lines of config besides, such as `[server]` and `max_resource_size = 2000` below it.
        port: where it listens; 0 until it has been started, when it takes a free one.
    """

    folder: Path
    more: str = ""
    user: str = USER
    password: str = PASSWORD
    port: int = 0
    _running: subprocess.Popen[str] | None = field(default=None, repr=False)
    _reader: threading.Thread | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """Its root, with a slash at the end; the user's collections are below `url + user + "/"`."""
        return f"http://127.0.0.1:{self.port}/"

    @property
    def log(self) -> str:
        """What it has told so far of the requests it got."""
        return (self.folder / "log").read_text(encoding="utf-8")

    def request(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        """The status and the body of the answer to what the user asks; `path` is below the user's own collections."""
        known = b64encode(f"{self.user}:{self.password}".encode()).decode()
        sent = {"Authorization": f"Basic {known}"} | {name.replace("_", "-"): each for name, each in headers.items()}
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request(method, f"/{self.user}/{path}", body, sent)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def put(self, name: str, calendar: bytes) -> str:
        """Put a whole calendar into the collection of that name, made if need be; what was there goes.

        Returns:
            Its address, with the user and the password in it.
        """
        status, said = self.request("PUT", f"{name}/", calendar, Content_Type="text/calendar; charset=utf-8")
        assert status == HTTPStatus.CREATED, (status, said[:300])
        return f"http://{self.user}:{quote(self.password)}@127.0.0.1:{self.port}/{self.user}/{name}/"

    def start(self) -> None:
        """Start it and wait until it listens."""
        assert self._running is None, "it runs already"
        self.port = self.port or _free_port()
        config = self.folder / "config"
        config.write_text(_CONFIG.format(port=self.port, folder=self.folder), encoding="utf-8")
        (self.folder / "more").write_text(self.more, encoding="utf-8")
        (self.folder / "users").write_text(f"{self.user}:{self.password}\n", encoding="utf-8")
        command = [program("radicale"), "--config", f"{config}:{self.folder / 'more'}"]
        self._running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, encoding="utf-8")
        assert self._running.stderr is not None
        _wait(self._running.stderr)
        self._reader = threading.Thread(target=_keep, args=(self._running.stderr, self.folder / "log"), daemon=True)
        self._reader.start()

    def stop(self) -> None:
        """End it at once, as a server that goes down does; what was put into it stays."""
        if self._running is not None:
            self._running.kill()
            self._running.wait()
        if self._reader is not None:
            self._reader.join()
        self._running = self._reader = None


def _free_port() -> int:
    """One that nobody listens on; Radicale cannot choose one itself."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def _wait(log: IO[str]) -> None:
    """Read what the server says until it is ready."""
    told = []
    for line in log:
        told.append(line)
        if "Radicale server ready" in line:
            return
    raise AssertionError("Radicale did not start:\n" + "".join(told))


def _keep(log: IO[str], path: Path) -> None:
    """Write down all that the server says, so that it never waits for somebody to read it."""
    with log, path.open("a", encoding="utf-8", buffering=1) as kept:
        kept.writelines(log)


@contextlib.contextmanager
def radicale(tmp_path: Path, more: str = "") -> Iterator[Server]:
    """A running server of the test's own; skips where Radicale is not installed.

    Args:
        tmp_path: where it makes its folder.
        more: lines of config besides its own.
    """
    program("radicale")
    folder = tmp_path / "radicale"
    folder.mkdir()
    server = Server(folder, more)
    try:
        server.start()
        yield server
    finally:
        server.stop()
