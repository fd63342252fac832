"""Mail servers on loopback: a real one that does as it is told, and scripted ones that misbehave below SMTP."""

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

USER, PASSWORD = "me@example.org", "correct horse battery"


@dataclass
class Mailbox:
    """A handler of aiosmtpd that keeps each mail; `replies` says what a command gets instead of a yes."""

    replies: dict[str, str] = field(default_factory=dict)
    drops_after_dot: bool = False
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    logged_in: int = 0

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """The sender."""
        envelope.mail_from = address
        return self.replies.get("MAIL", "250 OK")

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """A recipient."""
        if "RCPT" in self.replies:
            return self.replies["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """The message, which is kept before anything can go wrong."""
        if "DATA" in self.replies:
            return self.replies["DATA"]
        parsed = message_from_bytes(envelope.original_content or b"", policy=default)
        assert isinstance(parsed, EmailMessage)
        self.mails.append(parsed)
        self.recipients.append(envelope.rcpt_tos)
        if self.drops_after_dot:
            server.transport.abort()
        return "250 accepted"

    def log_in(self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: Any) -> AuthResult:
        """Whether user and password are right."""
        self.logged_in += 1
        right = (given.login, given.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=right, handled=False, message=None if right else f"535 5.7.8 no, {PASSWORD} is wrong")


def authority() -> trustme.CA:
    """Who signs certificates; nobody trusts it by default."""
    return trustme.CA()


def server_context(ca: trustme.CA, name: str = "localhost") -> ssl.SSLContext:
    """What a server needs that calls itself `name`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(name).configure_cert(context)
    return context


@contextlib.contextmanager
def served(
    mailbox: Mailbox, *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None, auth: bool = False
) -> Iterator[int]:
    """A real server on loopback; gives its port."""

    def protocol() -> SMTP:
        return SMTP(
            mailbox,
            tls_context=starttls,
            authenticator=mailbox.log_in if auth else None,
            auth_require_tls=False,
            loop=loop,
        )

    listening = socket.create_server(("127.0.0.1", 0))
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(loop.create_server(protocol, sock=listening, ssl=tls))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end(server: asyncio.Server) -> None:
    server.close()
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


GREETING = b"220 hello\r\n"
YES = b"250 yes\r\n"


@contextlib.contextmanager
def scripted(act: Callable[[socket.socket, threading.Event], None]) -> Iterator[int]:
    """A server that does `act` with one connection, and is over when the block is; gives its port."""
    over = threading.Event()

    def serve() -> None:
        with contextlib.suppress(OSError), listening.accept()[0] as connection:
            act(connection, over)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(10)
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            over.set()
            thread.join()


def until(command: bytes, *, then: bytes = b"") -> Callable[[socket.socket, threading.Event], None]:
    """A server that says yes until that command comes; then it says `then`, and ends the connection."""

    def act(connection: socket.socket, _over: threading.Event) -> None:
        _agree(connection, command)
        connection.sendall(then)

    return act


def hanging(command: bytes) -> Callable[[socket.socket, threading.Event], None]:
    """A server that says nothing more once that command came."""

    def act(connection: socket.socket, over: threading.Event) -> None:
        _agree(connection, command)
        over.wait(30)

    return act


def trickling(command: bytes) -> Callable[[socket.socket, threading.Event], None]:
    """A server that from that command on says a little again and again, and never comes to an end."""

    def act(connection: socket.socket, over: threading.Event) -> None:
        _agree(connection, command)
        while not over.wait(0.05):
            connection.sendall(b"250-wait\r\n")

    return act


def _agree(connection: socket.socket, command: bytes) -> None:
    """Say yes to every command before that one; `.` is the end of the message, and empty is the connection itself."""
    if not command:
        return
    connection.sendall(GREETING)
    with connection.makefile("rb") as lines:
        for line in lines:
            said = line.upper()
            if command != b"." and said.startswith(command):
                return
            if said.startswith(b"DATA"):
                connection.sendall(b"354 go on\r\n")
                while lines.readline() not in {b"", b".\r\n"}:
                    pass
                return
            connection.sendall(YES)
