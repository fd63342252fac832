"""`crm serve`: a real server on a free port of this machine, spoken to as calendar programs do, and as others might."""

import asyncio
import gzip
import http.client
import json
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from functools import partial

import database_support
import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from calendars import feeds
from calendars.server import cache as caching
from calendars.server import protocol, run, tokens
from calendars.server.app import make_app
from calendars.server.cache import Cache
from calendars.server.conditional import not_modified, takes_gzip
from crm import clock, settings
from crm import models as m
from crm.errors import ConfigurationError
from crm.store import contacts, interactions, records
from crm.store.engine import make_engine, writing

pytestmark = database_support.of_sqlite  # the feeds themselves are tested on both

DAY = timedelta(days=1)
SECONDS = 20
START = "import crm.cli as c; c.main()"


class Served:
    """A home of its own and a server for it."""

    def __init__(self, folder, url):
        self.folder = folder
        self.began_at, self.changes = clock.now(), 0
        self.engine = make_engine(url)
        variables = {"CRM_HOME": str(folder), "CRM_TIMEZONE": "America/Los_Angeles"}
        self.settings = partial(settings.load, variables)
        self.tokens = tokens.load(folder)
        self.cache = Cache(self.engine, self.settings)
        self.listening = run.listen("127.0.0.1", 0)
        self.server = run.make_server(make_app(self.cache, folder))
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.listening]})
        self.where = self.listening.getsockname()

    @contextmanager
    def change(self):
        """Write to the database; what is asked next is not answered from before."""
        with writing(self.engine, now=clock.now(), name="test") as session:
            yield session
        self.look_again()

    def now(self):
        """The clock, which goes on by a minute with each change."""
        return self.began_at + self.changes * timedelta(minutes=1)

    def look_again(self):
        """Let nothing be answered from before."""
        self.changes += 1
        for kept in self.cache._kept.values():
            kept.checked_at = None

    def path(self, feed="all"):
        return f"/calendars/{tokens.load(self.folder).token(feed)}/{feed}.ics"

    def ask(self, path=None, method="GET", **headers):
        """The answer and its body."""
        with closing(http.client.HTTPConnection(*self.where, timeout=SECONDS)) as connection:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path or self.path(), headers=named)
            answer = connection.getresponse()
            return answer, answer.read()

    def connect(self):
        return socket.create_connection(self.where, timeout=SECONDS)

    def send(self, data):
        """Everything that comes back for some bytes; nothing where the connection is cut."""
        with self.connect() as client:
            try:
                client.sendall(data)
                client.shutdown(socket.SHUT_WR)
                return received(client)
            except OSError:
                return b""


def received(client):
    """What comes until the other side closes."""
    found = b""
    try:
        while piece := client.recv(65536):
            found += piece
    except ConnectionError:
        pass
    return found


@pytest.fixture(scope="module")
def served(tmp_path_factory, empty_database):
    """One server for all tests here, with a review, a chat and somebody in it."""
    folder = tmp_path_factory.mktemp("served")
    found = Served(folder, database_support.copy(empty_database, folder))
    with found.change() as session:
        records.add(session, m.Review(name="Week 2", due_on=clock.now().date() + 14 * DAY))
        jane = contacts.add_contact(session, "Jane Roe")
        interactions.add(session, [jane], kind="coffee", state="planned", starts_at=clock.now() + DAY)
    found.thread.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", found.now)
        yield found
    found.server.should_exit = True
    found.thread.join(SECONDS)
    assert not found.thread.is_alive()
    found.engine.dispose()


# What a calendar program sees


@pytest.mark.parametrize("feed", feeds.names())
def test_a_calendar_is_served(served, feed):
    """Under its address, as a calendar in UTF-8 that is nobody else's, with a strong tag and the time of its change."""
    answer, body = served.ask(served.path(feed))
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert re.fullmatch('"[0-9a-f]{32}"', answer.headers["ETag"])
    assert parsedate_to_datetime(answer.headers["Last-Modified"]) <= clock.now()
    assert "private" in answer.headers["Cache-Control"]
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["Content-Length"] == str(len(body))
    assert "Server" not in answer.headers
    assert Calendar.from_ical(body).calendar_name == feeds.load(feed).title


def test_the_second_time_it_is_not_sent(served):
    """304 without a body, with the headers that tell what the client has; a fetch without conditions is the same."""
    first, body = served.ask()
    again, nothing = served.ask(If_None_Match=first.headers["ETag"])
    assert (again.status, nothing) == (304, b"")
    assert "Content-Length" not in again.headers
    for name in ("ETag", "Last-Modified", "Cache-Control", "Vary"):
        assert again.headers[name] == first.headers[name]
    assert served.ask()[1] == body


def test_head_tells_what_get_would(served):
    """The same headers, no body; conditional as well."""
    get, _ = served.ask()
    head, nothing = served.ask(method="HEAD")
    assert (head.status, nothing) == (200, b"")
    assert {k: v for k, v in head.headers.items() if k != "date"} == {
        k: v for k, v in get.headers.items() if k != "date"
    }
    assert served.ask(method="HEAD", If_None_Match=head.headers["ETag"])[0].status == 304


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ("{}", 304),
        ("W/{}", 304),
        ('"x", {}', 304),
        ('W/"a,b" ,{},"y"', 304),
        ("*", 304),
        (" * ", 304),
        ('"x"', 200),
        ("", 200),
        ('"x", *', 200),
        ("{}x", 200),
        ("w/{}", 200),
        ("\xff", 200),
    ],
)
def test_if_none_match(served, condition, status):
    """A tag, a weak one, one of a list or any; another, or a header that is malformed, gets it all."""
    etag = served.ask()[0].headers["ETag"]
    assert served.ask(If_None_Match=condition.format(etag))[0].status == status


def test_if_modified_since(served):
    """From the time of the change on there is nothing new; before it, or with no sound date, there is."""
    told = served.ask()[0].headers["Last-Modified"]
    at = parsedate_to_datetime(told)
    for since, status in (
        (told, 304),
        (format_datetime(at + DAY, usegmt=True), 304),
        (format_datetime(at - timedelta(seconds=1), usegmt=True), 200),
        ("yesterday", 200),
        ("Mon, 99 Jan 2026 00:00:00 GMT", 200),
    ):
        assert served.ask(If_Modified_Since=since)[0].status == status


def test_a_change_that_lies_ahead_is_told_as_of_now(served):
    """After a clock that was set back the time told is never in the future, and no change is missed for it."""
    with served.change() as session:
        records.add(session, m.Review(name="One more", due_on=clock.now().date()))
    served.ask()
    served.changes -= 1
    answer = served.ask()[0]
    assert parsedate_to_datetime(answer.headers["Last-Modified"]) == clock.now()
    assert served.ask(If_Modified_Since=answer.headers["Last-Modified"])[0].status == 200
    served.changes += 1
    told = served.ask()[0].headers["Last-Modified"]
    assert served.ask(If_Modified_Since=told)[0].status == 304


def test_if_none_match_counts_before_if_modified_since(served):
    """Where both are there, the time does not count, either way."""
    answer = served.ask()[0]
    assert served.ask(If_None_Match='"x"', If_Modified_Since=answer.headers["Last-Modified"])[0].status == 200
    old = "Mon, 05 Jan 1998 00:00:00 GMT"
    assert served.ask(If_None_Match=answer.headers["ETag"], If_Modified_Since=old)[0].status == 304


def test_a_packed_calendar_has_a_tag_of_its_own(served):
    """gzip where it is taken; what a client has of the one form says nothing of the other."""
    plain, body = served.ask()
    packed, bytes_ = served.ask(Accept_Encoding="br, gzip;q=0.5")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(bytes_) == body
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert served.ask(Accept_Encoding="gzip", If_None_Match=packed.headers["ETag"])[0].status == 304
    assert served.ask(Accept_Encoding="gzip", If_None_Match=plain.headers["ETag"])[0].status == 200
    for refused in ("gzip;q=0", "identity", "*;q=0", "gzip;q=0, *", "gzip;q=nan"):
        assert "Content-Encoding" not in served.ask(Accept_Encoding=refused)[0].headers


def test_a_change_is_seen_at_the_next_look(served):
    """A moved review has another tag, the same UID and a higher SEQUENCE; the others' calendars keep theirs."""

    def review():
        answer, body = served.ask(served.path("reviews"))
        (event,) = [each for each in Calendar.from_ical(body).events if "Week 2" in str(each["SUMMARY"])]
        return answer.headers["ETag"], event

    chats = served.ask(served.path("chats"))[0].headers["ETag"]
    tag, before = review()
    with served.change() as session:
        moved = records.every(session, m.Review)[0]
        moved.scheduled_on = (moved.scheduled_on or moved.due_on) + DAY
    changed, after = review()
    assert changed != tag
    assert (after["UID"], after.start) == (before["UID"], before.start + DAY)
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert served.ask(served.path("chats"))[0].headers["ETag"] == chats


# What nobody is to see


def test_every_wrong_address_looks_alike(served):
    """A wrong, short, long or otherwise written token, another calendar's, an unknown one, and any other path: 404."""
    token = served.tokens.token("all")
    bare = {served.ask("/")[1]}
    for path in (
        f"/calendars/{token[:-1]}/all.ics",
        f"/calendars/{token}x/all.ics",
        f"/calendars/{token.swapcase()}/all.ics",
        f"/calendars/{token}/chats.ics",
        f"/calendars/{token}/birthdays.ics",
        f"/calendars/{token}/all",
        f"/calendars/{token}/",
        f"/calendars/{token}/x/../all.ics",
        f"/calendars/{token}/..%2fall.ics",
        f"/calendars/{token}/%2e%2e/%2e%2e/crm.db",
        f"/calendars//{token}/all.ics",
        f"/calendars/{token}/all.ics%00",
        "/calendars/%ff%fe/all.ics",
        "/../../../../etc/passwd",
        "/calendars/../crm.db",
        "/calendar-secret.json",
        "//",
    ):
        answer, body = served.ask(path)
        assert (answer.status, body) == (404, *bare)
        assert "ETag" not in answer.headers


@pytest.mark.parametrize(
    "method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "REPORT", "MKCOL"]
)
def test_it_can_only_be_read(served, method):
    """Any other method is refused, and what is allowed is said, whether the address is right or wrong."""
    told = [served.ask(path, method) for path in (served.path(), "/calendars/x/all.ics", "/")]
    assert {(answer.status, answer.headers["Allow"], body) for answer, body in told} == {(405, "GET, HEAD", told[0][1])}


def test_a_changed_address_counts_at_once(served):
    """The old one leads nowhere, the new one does, and those of other calendars stay."""
    old, other = served.path("hours"), served.path("chats")
    tokens.rotate(served.folder, "hours")
    assert served.ask(old)[0].status == 404
    assert served.ask(served.path("hours"))[0].status == 200
    assert served.path("chats") == other
    assert served.ask(other)[0].status == 200


# What others might send


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 1_000_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 20_000 + b"\r\n",
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\x00" * 1000,
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n Folded: y\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
        b"GET /\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=["header", "headers", "url", "tls", "nul", "no host", "length", "folded", "two lengths", "version", "letters"],
)
def test_what_is_no_request_is_refused(served, data):
    """It gets an error or nothing, and the next who asks gets an answer."""
    assert re.match(rb"(HTTP/1\.1 (4\d\d|505) .*)?$", served.send(data).partition(b"\r\n")[0])
    assert served.ask()[0].status == 200


def drip_until_cut(client):
    """Send a byte every now and then, until the other side has had enough."""
    client.settimeout(0.05)
    until = clock.monotonic() + SECONDS
    while clock.monotonic() < until:
        try:
            client.send(b"a")
            if client.recv(1) == b"":
                return
        except TimeoutError:
            continue
        except ConnectionError:
            return
    pytest.fail("it was never cut")


def test_a_half_open_request_is_dropped(served, monkeypatch):
    """Its deadline is that of its first byte, however it goes on; whole requests are answered meanwhile."""
    monkeypatch.setattr(protocol, "REQUEST_SECONDS", 0.3)
    half = [served.connect() for _ in range(20)]
    for client in half:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
    assert served.ask()[0].status == 200
    drip_until_cut(half[0])
    assert [received(client) for client in half[1:]] == [b""] * 19
    for client in half:
        client.close()


def test_a_connection_that_says_nothing_is_dropped(served, monkeypatch):
    """So is one that sends a request and then the beginning of another."""
    monkeypatch.setattr(protocol, "REQUEST_SECONDS", 0.3)
    with served.connect() as silent:
        assert received(silent) == b""
    with served.connect() as client:
        client.sendall(b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(65536).startswith(b"HTTP/1.1 404")
        client.sendall(b"HEAD / HT")
        assert received(client) == b""


def test_a_body_that_never_comes_is_not_waited_for(served, monkeypatch):
    """The refusal is sent; then the connection is cut."""
    monkeypatch.setattr(protocol, "REQUEST_SECONDS", 0.3)
    with served.connect() as client:
        client.sendall(b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nabc")
        assert received(client).startswith(b"HTTP/1.1 405")


def test_a_client_that_does_not_read_is_dropped(served, monkeypatch):
    """What it asked for is not kept for it for ever; others are answered meanwhile."""
    large = caching.Copy.of(b"x" * 20_000_000, before=None, now=clock.now())
    monkeypatch.setattr(protocol, "ANSWER_SECONDS", 0.3)
    monkeypatch.setattr(served.cache, "_kept", {"all": caching._Kept(large, checked_at=float("inf"))})
    connections = served.server.server_state.connections
    with served.connect() as client:
        client.sendall(f"GET {served.path()} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert client.recv(100).startswith(b"HTTP/1.1 200")
        (held,) = [each for each in connections if each.client == client.getsockname()]
        until = clock.monotonic() + SECONDS
        while held in connections and clock.monotonic() < until:
            assert served.ask("/")[0].status == 404
        assert held not in connections


def test_too_many_connections_are_not_kept(served, monkeypatch):
    """Who has asked for nothing for longest makes room, whoever it is; so those who do ask are always answered."""
    monkeypatch.setattr(protocol, "MOST_CONNECTIONS", 5)
    with ExitStack() as stack:
        many = []
        for _ in range(12):
            client = stack.enter_context(served.connect())
            client.sendall(b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert client.recv(65536).startswith(b"HTTP/1.1 404")
            client.sendall(b"HEAD / HT")
            many.append(client)
        assert [received(client) for client in many[:7]] == [b""] * 7
        many[-1].sendall(b"TP/1.1\r\nHost: x\r\n\r\n")
        assert many[-1].recv(65536).startswith(b"HTTP/1.1 404")
        assert served.ask()[0].status == 200


def test_many_ask_at_once(served):
    """500 requests on as many connections are all answered, with the same bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4096)), hard))
    try:
        served.look_again()
        clients = [served.connect() for _ in range(500)]
        request = f"GET {served.path()} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
        for client in clients:
            client.sendall(request)
        answers = {re.sub(rb"(?m)^date:.*\r\n", b"", received(client)) for client in clients}
    finally:
        for client in clients:
            client.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    (answer,) = answers
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert answer.endswith(b"END:VCALENDAR\r\n")


@given(condition=st.text(st.characters(max_codepoint=255), max_size=40), taken=st.text(max_size=40))
def test_any_header_is_judged(condition, taken):
    """Whatever stands in it, it is a yes or a no."""
    at = datetime(2026, 1, 5, tzinfo=UTC)
    for name in ("if-none-match", "if-modified-since"):
        assert not_modified({name: [condition]}, etag='"never"', modified_at=at) in {True, False}
    assert takes_gzip([taken]) in {True, False}


# The copies


def copies(served, **options):
    return Cache(served.engine, served.settings, **options)


def test_a_restart_changes_nothing(served):
    """Another server with the same data serves the same bytes, tags and times."""
    served.ask()
    again = asyncio.run(copies(served).get("reviews"))
    answer, body = served.ask(served.path("reviews"))
    assert (again.body, again.etag(packed=False)) == (body, answer.headers["ETag"])
    assert again.modified_at == parsedate_to_datetime(answer.headers["Last-Modified"])


def test_what_cannot_be_made_stays_as_it_was(served, monkeypatch, caplog):
    """A feed's fault leaves its last copy; without one the client is told to come again."""

    def fail(*_args, **_options):
        raise ValueError("a damaged row")

    cache = copies(served)
    before = asyncio.run(cache.get("chats"))
    monkeypatch.setattr(caching, "render_feed", fail)
    cache._kept["chats"].checked_at = cache._kept["chats"].made_of = None
    assert asyncio.run(cache.get("chats")) == before
    assert asyncio.run(copies(served).get("chats")) is None
    assert "chats could not be made" in caplog.text
    monkeypatch.setattr(served.cache, "_kept", {})
    answer, _ = served.ask()
    assert (answer.status, answer.headers["Retry-After"]) == (503, "30")


def test_nothing_is_made_twice(served, monkeypatch):
    """As long as nothing changes, a new look costs no new calendar."""
    cache = copies(served)
    first = asyncio.run(cache.get("all"))
    monkeypatch.setattr(caching, "render_feed", None)
    cache._kept["all"].checked_at = None
    assert asyncio.run(cache.get("all")) is first


def test_what_leaves_the_machine_names_people_by_their_first_name(served):
    """Unless the person chose otherwise."""
    assert b"Jane Roe" in asyncio.run(copies(served).get("chats")).body
    told = asyncio.run(copies(served, leaves=True).get("chats")).body
    assert b"Coffee with Jane" in told
    assert b"Roe" not in told


# The secret


def test_the_secret_is_the_persons_alone(tmp_path):
    """Its file is 0600, also if it was not; it stays the same, and each calendar's token is another."""
    first = tokens.load(tmp_path)
    file = tmp_path / tokens.FILE_NAME
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o644)
    assert tokens.load(tmp_path) == first
    assert file.stat().st_mode & 0o777 == 0o600
    assert len({first.token(name) for name in feeds.names()}) == len(feeds.names())
    assert re.fullmatch("[A-Za-z0-9_-]{43}", first.token("all"))
    assert first.secret.hex() not in repr(first)


def test_all_addresses_can_be_changed(tmp_path):
    """Then no token is as it was; another person's secret makes other ones."""
    before = tokens.load(tmp_path)
    after = tokens.rotate(tmp_path, None)
    assert tokens.load(tmp_path) == after
    assert not {before.token(name) for name in feeds.names()} & {after.token(name) for name in feeds.names()}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"secret": "00", "changes": {}}', '{"secret": "zz"}', "\udcff"])
def test_a_damaged_secret(tmp_path, text):
    """It is named with the way out; nothing is served for it."""
    (tmp_path / tokens.FILE_NAME).write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(ConfigurationError, match=r"remove it.*crm calendar url"):
        tokens.load(tmp_path)


# The commands


def test_serving_others_is_a_conscious_choice(crm):
    """Where nobody can be asked it is refused, and the way to say yes is named."""
    done = crm("serve", "--host", "0.0.0.0", code=5)  # noqa: S104 - what is refused
    assert "--yes" in done.err
    assert "not encrypted" in done.err


def test_a_person_is_asked_before_others_are_served(crm, monkeypatch):
    """On a terminal the question says what it means; a no ends it before anything listens."""
    asked = []

    def no(question, **_options):
        asked.append(question)
        raise typer.Abort

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr(typer, "confirm", no)
    monkeypatch.setattr(run, "listen", None)
    crm("serve", "--host", "::", code=130)
    assert "not encrypted" in asked[0]


@pytest.mark.parametrize(
    ("host", "alone"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104 - what is told apart
        ("::", False),
        ("192.168.1.5", False),
        ("laptop.example.org", False),
        ("", False),
    ],
)
def test_which_addresses_are_this_machine_alone(host, alone):
    """Loopback is; anything that may not be is asked about."""
    assert run.is_loopback(host) is alone


def test_a_port_that_is_taken(crm, served):
    """It is said, with the way out; so is a host that is none."""
    assert "--port" in crm("serve", "--port", str(served.where[1]), code=75).err
    for sure in ((), ("--yes",)):
        assert "--host" in crm("serve", "--host", "no such host", *sure, code=2).err


@pytest.fixture
def process(home):
    """Start `crm serve` as a program of its own; it ends with the test."""
    started = []

    def start(*arguments, **options):
        line = [sys.executable, "-c", START, "serve", "--json", *arguments]
        made = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
        started.append(made)
        return made

    yield start
    for each in started:
        each.kill()
        each.communicate(timeout=SECONDS)


def test_it_ends_cleanly(process):
    """It says where it listens; SIGTERM ends it with 0 at once, though somebody holds a half-open request."""
    server = process("--port", "0")
    told = ""
    while not told.endswith("}\n"):
        told += server.stdout.readline()
    port = int(json.loads(told)["addresses"][0].rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as client:
        client.sendall(b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(65536).startswith(b"HTTP/1.1 404")
        client.sendall(b"HEAD / HT")
        server.send_signal(signal.SIGTERM)
        assert server.wait(SECONDS) == 0
    assert server.stderr.read() == ""


def test_no_other_command_loads_the_server():
    """Neither the help nor `crm calendar` costs what only a server needs."""
    code = """
import sys, crm.commands.calendar, crm.commands.serve
assert not {"starlette", "uvicorn", "segno", "anyio", "h11"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=SECONDS)
