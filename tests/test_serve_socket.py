"""`crm serve` with a socket that systemd opened: what it takes, and how it ends by itself without losing a request."""

import http.client
import os
import re
import socket
import subprocess
import sys
import threading
from contextlib import closing

import database_support
import pytest

from calendars.server import activation, run, tokens
from calendars.server.app import make_app
from calendars.server.cache import Cache
from crm import clock, settings
from crm.errors import ConfigurationError
from crm.store.engine import make_engine

pytestmark = database_support.of_sqlite
SECONDS = 20
OURS = str(os.getpid())


def test_without_variables_there_is_no_socket():
    """Nor with those that are meant for another process; none of them is left for programs that this one starts."""
    assert activation.inherited({}) is None
    assert activation.inherited({"LISTEN_FDS": "1"}) is None
    variables = {"LISTEN_PID": "1", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "x"}
    assert activation.inherited(variables) is None
    assert variables == {}


@pytest.mark.parametrize(
    ("process", "count", "told"),
    [
        (OURS, "0", "no numbers"),
        (OURS, "-1", "no numbers"),
        (OURS, "one", "no numbers"),
        (OURS, "9" * 5000, "no numbers"),
        (OURS, "\u0661", "no numbers"),
        ("me", "1", "no numbers"),
        (OURS, "2", "2 sockets"),
    ],
    ids=["none", "negative", "a-word", "huge", "another-script", "a-process-in-words", "two"],
)
def test_what_is_not_one_socket_is_refused(process, count, told):
    """Damaged numbers and several sockets are an error that names the remedy, and no guess."""
    with pytest.raises(ConfigurationError, match=told):
        activation.inherited({"LISTEN_PID": process, "LISTEN_FDS": count})


OPENED = """
import os, socket, sys
from calendars.server import activation
from crm.errors import ConfigurationError
made = {{
    "good": lambda: socket.create_server(("127.0.0.1", 0)),
    "silent": lambda: socket.socket(),
    "udp": lambda: socket.socket(type=socket.SOCK_DGRAM),
    "unix": lambda: socket.socketpair()[0],
    "file": lambda: open("/dev/null"),
}}[{kind!r}]()
os.dup2(made.fileno(), 3)
try:
    found = activation.inherited({{"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}})
except ConfigurationError as error:
    sys.exit(f"refused: {{error.message}}")
assert found.getsockname() == made.getsockname()
assert not found.get_inheritable()
"""


@pytest.mark.parametrize("kind", ["good", "silent", "udp", "unix", "file"])
def test_only_a_tcp_socket_that_listens_is_taken(kind):
    """Any other descriptor is told apart, with what the unit should say."""
    code = OPENED.format(kind=kind)
    line = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(line, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert (done.returncode == 0) is (kind == "good"), done.stderr
    if kind != "good":
        assert re.match("refused: .*ListenStream=", done.stderr)


class Activated:
    """A server as systemd starts it, in a thread; the socket is kept, as systemd keeps it."""

    def __init__(self, folder, url):
        self.engine = make_engine(url)
        self.kept = run.listen("127.0.0.1", 0)
        self.where = self.kept.getsockname()
        load = lambda: settings.load({"CRM_HOME": str(folder), "CRM_TIMEZONE": "UTC"})  # noqa: E731 - short
        self.app = make_app(Cache(self.engine, load), folder)
        self.path = f"/calendars/{tokens.load(folder).token('all')}/all.ics"

    def start(self):
        ready = threading.Event()
        server = run.make_server(self.app, ready=ready.set, idle_seconds=run.IDLE_SECONDS)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [self.kept.dup()]})
        thread.start()
        assert ready.wait(SECONDS)
        return server, thread

    def ask(self, path="/"):
        with closing(http.client.HTTPConnection(*self.where, timeout=SECONDS)) as connection:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            return answer.status


@pytest.fixture
def activated(tmp_path, empty_database):
    made = Activated(tmp_path, database_support.copy(empty_database, tmp_path))
    yield made
    made.kept.close()
    made.engine.dispose()


def test_it_ends_by_itself_and_loses_no_request(activated, monkeypatch):
    """Not while somebody asks or is connected; then it ends, and whoever comes after is answered by the next one."""
    later = [0.0]
    running = clock.monotonic
    monkeypatch.setattr(clock, "monotonic", lambda: running() + later[0])
    server, thread = activated.start()
    assert activated.ask(activated.path) == 200
    with socket.create_connection(activated.where, timeout=SECONDS) as client:
        client.sendall(b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(65536).startswith(b"HTTP/1.1 404")
        later[0] += 10 * run.IDLE_SECONDS
        client.sendall(b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(65536).startswith(b"HTTP/1.1 404")
    assert not server.should_exit
    until = running() + SECONDS
    while thread.is_alive() and running() < until:
        later[0] += run.IDLE_SECONDS
        thread.join(0.05)
    assert not thread.is_alive()
    with socket.create_connection(activated.where, timeout=SECONDS) as client:  # nobody runs: systemd's queue holds it
        client.sendall(b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")
        server, thread = activated.start()
        assert client.recv(65536).startswith(b"HTTP/1.1 404")
    server.should_exit = True
    thread.join(SECONDS)


def test_one_that_nobody_started_for_a_socket_stays(activated, monkeypatch):
    """Without a limit no time is too long."""
    monkeypatch.setattr(run, "IDLE_SECONDS", None)
    server, thread = activated.start()
    later = clock.monotonic() + 1e6
    monkeypatch.setattr(clock, "monotonic", lambda: later)
    for _ in range(3):
        assert activated.ask() == 404
    assert thread.is_alive()
    server.should_exit = True
    thread.join(SECONDS)


def test_the_help_says_whose_decision_the_address_is(crm):
    """With a socket of systemd's, neither --host nor --port counts."""
    assert "systemd" in crm("serve", "--help").out
