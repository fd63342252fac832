"""What the proofs of reliability share: programs that can be killed, a mail server that sees it, and full disks."""

import asyncio
import contextlib
import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from queue import SimpleQueue

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from database_support import ON_POSTGRES
from reminder_support import World
from smtp_support import Mailbox

WHOLE = bool(os.environ.get("CRM_SOAK"))
PATIENCE = 60.0  # seconds; nothing waits that long unless it is broken
ME = "me@example.org"
CRM = [sys.executable, "-m", "crm"]
SHELLS = """
import json, os, sys, typer
from crm import boundary, cli
import crm.commands.contact, crm.commands.log_contact, crm.commands.reminder, reminders.channels.email

def serve(asked, said, forks):
    for line in asked:
        now, *arguments = json.loads(line)
        os.environ["CRM_NOW"] = now
        if not forks:
            print(boundary.run(command, arguments), file=said, flush=True)
            continue
        child = os.fork()
        if not child:
            os._exit(boundary.run(command, arguments))
        print(child, file=said, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), file=said, flush=True)

command = typer.main.get_command(cli.root)
boundary.run(command, ["reminder", "list", "--json"])  # loads what a turn needs
forks, *pairs = json.loads(sys.argv[1])
for asked, said in pairs:
    if not os.fork():
        serve(os.fdopen(asked), os.fdopen(said, "w"), forks)
        os._exit(0)
for _ in pairs:
    os.wait()
"""


def world_on(database: str, request: pytest.FixtureRequest, home: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """The world of a home whose commands use an empty database of that kind."""
    if database == "sqlite" and ON_POSTGRES:
        pytest.skip("SQLite has its turn where the whole suite runs on it")
    if database == "postgresql" and WHOLE and not ON_POSTGRES:
        pytest.skip("PostgreSQL has its turn with CRM_TEST_DATABASE=postgresql")
    if database == "postgresql" and not ON_POSTGRES:
        monkeypatch.setenv("CRM_DATABASE_URL", request.getfixturevalue("postgres_url"))
    return World.at(home)


def configure(home: Path, port: int, *channels: str, at: str = "08:00", **email: str) -> None:
    """Let reminders go out one by one on these channels, e-mail by the server at that port of this machine."""
    names = json.dumps(channels or ["email"])
    given = {"host": "127.0.0.1", "security": "none", "to": ME, "detail": "full", **email}
    lines = [
        *("[reminders]", f"channels = {names}", "digest = false", f'at = "{at}"'),
        *("[daemon]", f"channels = {names}"),
        *("[email]", f"port = {port}", *(f'{key} = "{value}"' for key, value in given.items())),
    ]
    (home / "config.toml").write_text("\n".join([*lines, ""]))


@dataclass
class Shell:
    """A command line in a process of its own: one command after the other, each at its own instant."""

    asks: int
    answers: int
    heard: str = ""

    def say(self, now: datetime | None, *arguments: str) -> None:
        """Begin a command, at an instant or by the clock that runs."""
        os.write(self.asks, f"{json.dumps([now.isoformat() if now else '', *arguments])}\n".encode())

    def code(self) -> int:
        """Wait for the command to end, and give its exit code; of a killed one, less than 0."""
        return int(self.line())

    def line(self) -> str:
        """Wait for what it says next."""
        while "\n" not in self.heard:
            assert self.speaks_within(PATIENCE)
            new = os.read(self.answers, 4096).decode()
            assert new, "the process is gone"
            self.heard += new
        line, _, self.heard = self.heard.partition("\n")
        return line

    def speaks_within(self, seconds: float) -> bool:
        """Whether it says something in that time."""
        return bool(self.heard or select.select([self.answers], [], [], seconds)[0])


@contextlib.contextmanager
def shells(count: int, *, forks: bool = False) -> Iterator[list[Shell]]:
    """So many command lines, all from one start; with `forks` each command has a process to itself, told first."""
    ends = [(*os.pipe(), *os.pipe()) for _ in range(count)]
    theirs = [(asked, said) for asked, _, _, said in ends]
    command = [sys.executable, "-c", SHELLS, json.dumps([forks, *theirs])]
    process = subprocess.Popen(
        command, pass_fds=[each for pair in theirs for each in pair], stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield [Shell(asks, answers) for _, asks, answers, _ in ends]
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for end in (each for four in ends for each in four):
            os.close(end)


@dataclass(frozen=True)
class Shot:
    """Kill that process at that occurrence of an SMTP command (from 1 on), so many seconds after it came."""

    pid: int
    command: str
    occurrence: int = 1
    delay: float = 0.0

    def fire(self) -> None:
        """Kill it, if it is still there."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


@dataclass
class Post(Mailbox):
    """A mail server that tells when it has no client any more, and kills one at the command that it is told."""

    shot: Shot | None = None
    once: dict[str, Callable[[], object]] = field(default_factory=dict)
    """What is done when a command comes the next time."""
    seen: Counter[str] = field(default_factory=Counter)
    open: int = 0
    changed: threading.Condition = field(default_factory=threading.Condition)

    def aim(self, shot: Shot | None) -> None:
        """Count commands anew, and shoot at that one; at none, if the process may be gone."""
        self.shot = shot
        self.seen.clear()

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, session: Session, _envelope: Envelope, host: str, responses: list[str]
    ) -> list[str]:
        """A client has come; the task that serves it ends with the connection."""
        serving = asyncio.current_task()
        assert serving is not None
        with self.changed:
            self.open += 1
        serving.add_done_callback(self._gone)
        session.host_name = host
        self._comes("EHLO")
        return responses

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """The sender."""
        self._comes("MAIL")
        return await super().handle_MAIL(server, session, envelope, address, options)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """A recipient."""
        self._comes("RCPT")
        return await super().handle_RCPT(server, session, envelope, address, options)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """The message, which is accepted whatever becomes of the client."""
        answer = await super().handle_DATA(server, session, envelope)
        self._comes("DATA")
        return answer

    async def handle_QUIT(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """The client has read that its message was accepted."""
        self._comes("QUIT")
        return "221 bye"

    def _comes(self, command: str) -> None:
        self.seen[command] += 1
        self.once.pop(command, bool)()
        shot = self.shot
        if shot is not None and (command, self.seen[command]) == (shot.command, shot.occurrence):
            if shot.delay:
                asyncio.get_running_loop().call_later(shot.delay, self._fire, shot)
            else:
                shot.fire()

    def _fire(self, shot: Shot) -> None:
        if shot is self.shot:
            shot.fire()

    def _gone(self, _task: object) -> None:
        with self.changed:
            self.open -= 1
            self.changed.notify_all()

    def quiet(self) -> None:
        """Wait until every client that ever said hello is gone: what was not accepted by then never is."""
        with self.changed:
            assert self.changed.wait_for(lambda: self.open == 0, PATIENCE)

    def ids(self) -> list[str]:
        """The Message-IDs in the order of acceptance, as the database writes them."""
        return [str(mail["Message-ID"]).strip("<>") for mail in self.mails]

    def texts(self) -> list[str]:
        """What each mail says, in the order of acceptance."""
        bodies = (mail.get_body(["plain"]) for mail in self.mails)
        return [body.get_content() if body else "" for body in bodies]


def notes(text: str) -> list[str]:
    """The tasks that a text tells of: the tests call them `Note 0001` and so on."""
    return re.findall(r"Note \d{4}", text)


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int = 2) -> Iterator[Path]:
    """A disk of its own size; skips where none can be mounted."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small disk can be mounted by root only")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(disk: Path) -> Path:
    """Take the room that is left on a disk, and give the file that holds it."""
    filler = disk / "filler"
    with contextlib.suppress(OSError), filler.open("ab", buffering=0) as file:
        for size in (65536, 4096, 1):
            with contextlib.suppress(OSError):
                while file.write(b"x" * size):
                    pass
    return filler


def weak(*command: str) -> "subprocess.CompletedProcess[str]":
    """Run a command that cannot write where nobody may, though root runs it."""
    if os.geteuid() == 0 and not shutil.which("setpriv"):
        pytest.skip("root may write everywhere, and setpriv is not installed")
    less = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"] if os.geteuid() == 0 else []
    return subprocess.run([*less, *command], capture_output=True, text=True, check=False, timeout=PATIENCE)


@contextlib.contextmanager
def heard(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """What daemons would tell systemd; gives a function that waits for a word, so many times."""
    path, lines, over = folder / "notify", SimpleQueue[str](), b"over"

    def listen() -> None:  # all the time, since who speaks to somebody who does not listen is held up
        while (said := listener.recv(4096)) != over:
            for line in said.decode().splitlines():
                lines.put(line)

    def wait_for(word: str, times: int = 1) -> None:
        while times > 0:
            times -= lines.get(timeout=PATIENCE) == word

    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(path))
        thread = threading.Thread(target=listen)
        thread.start()
        monkeypatch.setenv("NOTIFY_SOCKET", str(path))
        try:
            yield wait_for
        finally:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as last:
                last.sendto(over, str(path))
            thread.join()
