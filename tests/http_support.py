"""A web server of a test's own, on a free port of the loopback, for as long as the test needs it."""

import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Handler(BaseHTTPRequestHandler):
    """Says nothing on the terminal."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name it has there
        """Say nothing."""

    def body(self) -> bytes:
        """What was sent with the request."""
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def reply(self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        """Answer it; the length is told unless the headers have one."""
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """A client that hangs up, is killed or waits no longer is what some tests are about."""


@contextmanager
def served(
    handler: Callable[..., BaseHTTPRequestHandler],
    *,
    context: ssl.SSLContext | None = None,
    ending: Callable[[], None] = lambda: None,
) -> Iterator[int]:
    """The port of a running server.

    Args:
        handler: what answers a request.
        context: for HTTPS.
        ending: called before it is stopped, for answers that wait.
    """
    with _Server(("127.0.0.1", 0), handler) as server:
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_port
        finally:
            ending()
            server.shutdown()
            thread.join()
