"""`crm calendar doctor`: what is wrong with a calendar is named with file, line and remedy, and nothing is written."""

import ast
import itertools
import os
import re
import socket
import ssl
import threading
from contextlib import closing, contextmanager
from datetime import date, datetime
from functools import partial
from http.client import RemoteDisconnected
from pathlib import Path

import pytest
import trustme
import typer
from dav_support import dav
from filelock import FileLock
from http_support import Handler, served
from hypothesis import given
from hypothesis import strategies as st
from publish_support import Collection, configure
from radicale_support import radicale
from rich.console import Console

from calendars.doctor import appointments, net, places, programs
from calendars.doctor.clients import Outcome, Pushed, Reach, Setup, verdict
from calendars.doctor.net import reach_of
from calendars.doctor.programs import PROGRAMS, Where, named
from calendars.doctor.validity import faults
from calendars.entry import Entry
from calendars.ical import render
from calendars.remote import http
from calendars.server import run, tokens
from calendars.server.app import make_app
from calendars.server.cache import Cache
from crm import cli, clock, setting_specs, settings
from crm.errors import AmbiguousError, NotFoundError
from crm.store.engine import make_engine

FILLED = (
    "contact add 'Jane Roe' --place Cafe",
    "schedule Jane 2026-01-07 10:00 --kind coffee",
    "task add Read --due 2026-01-09",
)
MORNING = datetime.fromisoformat("2026-01-05T09:30:00-08:00").timestamp()


def looked(crm, *words, code=0, now=None):
    """What was looked at, by name up to the first bracket, and of each program the verdict."""
    found = crm("calendar", "doctor", *words, "--json", code=code, now=now).json
    checks = {each["check"].partition(" (")[0]: each for each in found["items"]}
    return checks, {each["name"]: each for each in found["clients"]}


@pytest.fixture
def filled(prepared):
    """A chat and a task."""
    return prepared(*FILLED)


@pytest.fixture
def unheard(home):
    """The port of crm serve is one at which nothing listens."""
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    with (home / "config.toml").open("a") as config:
        config.write(f"[serve]\nport = {port}\n")
    return port


# Validity.

STREAM = render(
    "Chats",
    [
        Entry(
            uid=f"{number}@networking-crm",
            sequence=number,
            stamped_at=clock.now(),
            summary="Coffee with José " * 5,
            starts=datetime.fromisoformat(f"2026-0{number}-07T10:00:00+00:00"),
            minutes=30,
            alarms=(60,),
        )
        for number in (1, 7)
    ],
    tz=settings.ZoneInfo("America/Los_Angeles"),
).data
LINES = STREAM.split(b"\r\n")


def swapped(old, new, count=1):
    assert old in STREAM
    return STREAM.replace(old, new, count)


def without(begin):
    """The stream without the first line that begins so."""
    at = next(number for number, line in enumerate(LINES) if line.startswith(begin))
    return b"\r\n".join(LINES[:at] + LINES[at + 1 :])


def line_of(begin, times=1):
    """The number of a line."""
    found = [number for number, line in enumerate(LINES, 1) if line.startswith(begin)]
    return found[times - 1]


def test_what_is_written_is_valid():
    """Nothing is found in a calendar with time zone, alarms, folded lines and letters beyond ASCII."""
    assert b"\r\n " in STREAM
    assert b"BEGIN:VTIMEZONE" in STREAM
    assert faults(STREAM) == []


BROKEN = [
    ("cut off in an entry", STREAM[: STREAM.index(b"END:VEVENT") - 3], "cut off", None),
    ("cut off before the end", without(b"END:VCALENDAR"), "cut off: the VCALENDAR of line 1", None),
    ("one line end", swapped(b"VERSION:2.0\r\n", b"VERSION:2.0\n"), "does not end with CR LF", line_of(b"VERSION")),
    ("all line ends", STREAM.replace(b"\r\n", b"\n"), "does not end with CR LF", 1),
    ("NUL", swapped(b"SUMMARY:Cof", b"SUMMARY:C\0f"), "NUL", line_of(b"SUMMARY")),
    ("escape", swapped(b"SUMMARY:Cof", b"SUMMARY:C\x1b["), "U+001B", line_of(b"SUMMARY")),
    ("separator", swapped(b"SUMMARY:Cof", "SUMMARY:C\u2028".encode()), "U+2028", line_of(b"SUMMARY")),
    ("next line", swapped(b"SUMMARY:Cof", "SUMMARY:C\x85".encode()), "U+0085", line_of(b"SUMMARY")),
    ("no UTF-8", swapped(b"SUMMARY:Cof", b"SUMMARY:\xe9"), "not in UTF-8", line_of(b"SUMMARY")),
    ("long line", swapped(b"SUMMARY:", b"SUMMARY:" + b"x" * 75), "longer than 75", line_of(b"SUMMARY")),
    ("doubled UID", swapped(b"UID:7@", b"UID:1@"), "has the UID of that of line", line_of(b"BEGIN:VEVENT", 2)),
    ("no UID", without(b"UID:1@"), "no UID", line_of(b"BEGIN:VEVENT")),
    ("no stamp", without(b"DTSTAMP"), "no DTSTAMP", line_of(b"BEGIN:VEVENT")),
    ("no sequence", without(b"SEQUENCE"), "no SEQUENCE", line_of(b"BEGIN:VEVENT")),
    ("calendar's UID", swapped(b"VERSION", b"UID:x\r\nVERSION"), "the calendar itself has a UID", line_of(b"VERSION")),
    ("RDATE zone", swapped(b"TZOFFSETFROM", b"RDATE:20260101T000000\r\nTZOFFSETFROM"), "RDATE", line_of(b"TZOFFSETF")),
    ("untold zone", swapped(b"\r\nTZID:America", b"\r\nTZID:Mars"), "is named and nowhere told", line_of(b"DTSTART;")),
    ("silent alarm", STREAM.replace(b"\r\nDESCRIPTION:", b"\r\nX-OTHER:"), "VALARM", line_of(b"BEGIN:VALARM")),
    ("edited", swapped(b"SEQUENCE:", b"hello there\r\nSEQUENCE:"), "no content line", line_of(b"SEQUENCE")),
    ("two joined", STREAM + STREAM, "2 calendars", 0),
    ("no date", swapped(b"DTSTAMP:20", b"DTSTAMP:zz"), "cannot be read back", 0),
    ("empty", b" \r\n", "empty", 0),
    ("something else", b"<html>hello</html>\r\n", "no content line", 1),
    ("huge", b"x" * (8 * 1024 * 1024 + 1), "bytes", 0),
]


@pytest.mark.parametrize(("data", "said", "line"), [each[1:] for each in BROKEN], ids=[each[0] for each in BROKEN])
def test_what_breaks_a_calendar_is_found(data, said, line):
    """What an editor, a full disk or another writer does to it, with the number of the line."""
    found = [each for each in faults(data) if said in each.text]
    assert found, faults(data)
    assert line is None or found[0].line == line


def test_a_thing_to_do_need_not_have_a_day():
    """But it has not two."""
    same = {"sequence": 0, "stamped_at": datetime.fromisoformat("2026-01-05T10:00:00+00:00")}
    undated = Entry(uid="1@x", summary="Read", starts=None, to_do=True, **same)
    due = Entry(uid="2@x", summary="Write", starts=date(2026, 1, 9), to_do=True, **same)
    data = render("To-dos", [undated, due], tz=settings.ZoneInfo("America/Los_Angeles")).data
    assert (data.count(b"BEGIN:VTODO"), faults(data)) == (2, [])
    line = b"DUE;VALUE=DATE:20260109\r\n"
    assert [each.text for each in faults(data.replace(line, line + line))] == [
        "the VTODO that begins here has more than one DUE"
    ]


def test_too_many_entries():
    """More than a thousand make programs slow."""
    event = STREAM[STREAM.index(b"BEGIN:VEVENT") : STREAM.index(b"END:VCALENDAR")]
    many = b"".join(event.replace(b"UID:", b"UID:%d-" % number) for number in range(501))
    found = faults(STREAM.replace(event, many))
    assert [each.text for each in found] == ["it has 1,002 entries; programs grow slow from 1,000"]


@given(st.integers(0, len(STREAM)), st.binary(max_size=6), st.integers(0, 40))
def test_no_damage_makes_it_fail(at, put, cut):
    """Whatever is put in or taken out anywhere, it is looked at to the end, and each fault has its line."""
    data = STREAM[:at] + put + STREAM[at + cut :]
    assert all(0 <= each.line <= data.count(b"\n") + 1 for each in faults(data))


@given(st.integers(1, len(STREAM) - 3))
def test_a_part_of_a_calendar_is_never_valid(end):
    """Wherever it was cut off."""
    assert faults(STREAM[:end])


# Files.


def test_an_empty_home_has_notes_only(crm, unheard):
    """Every calendar is valid; that there are no files, no daemon and no server is advice with a command."""
    checks, clients = looked(crm)
    assert all(each["ok"] for each in checks.values())
    assert "crm calendar export" in checks["files"]["remedy"]
    assert "crm service install" in checks["daemon"]["remedy"]
    assert "crm serve" in checks["crm serve"]["remedy"]
    assert not any(each["works"] for each in clients.values())


def test_nothing_is_written(filled, home, unheard):
    """Neither a file, nor a secret, nor a row: the home is as it was."""

    def there():
        paths = sorted(each for each in home.rglob("*") if not each.name.startswith("crm.db-"))
        return [(each, each.stat().st_mtime_ns, each.is_file() and each.read_bytes()) for each in paths]

    filled("calendar", "export")
    (home / "calendars" / "all.ics").write_bytes(b"BEGIN:VCALENDAR")
    before = there()
    looked(filled, code=1)
    assert there() == before


def test_a_broken_file_is_named_with_its_line(filled, home, unheard):
    """The file, the line, what it is, and what writes it anew; after that nothing is left to say."""
    filled("calendar", "export")
    file = home / "calendars" / "chats.ics"
    file.write_bytes(file.read_bytes().replace(b"\r\nUID:", b"\r\nX-UID:"))
    number = file.read_bytes().split(b"\r\n").index(b"BEGIN:VEVENT") + 1
    checks, _ = looked(filled, "--offline", code=1)
    told = checks["file chats.ics"]
    assert not told["ok"]
    assert f"{file}, line {number}: " in told["remedy"]
    assert "crm calendar export" in told["remedy"]
    assert checks[f"files in {file.parent}"]["ok"]
    assert str(file) in filled("doctor", code=1).out.replace("\n", "")
    filled("calendar", "export")
    assert "file chats.ics" not in looked(filled, "--offline")[0]
    filled("doctor")


@pytest.mark.parametrize("breaks", ["folder", "forbidden", "dangling"])
def test_a_file_that_is_none(filled, home, breaks):
    """A folder in its place, or one that cannot be read, is a fault with a way out, and no crash."""
    filled("calendar", "export")
    file = home / "calendars" / "all.ics"
    file.unlink()
    if breaks == "folder":
        file.mkdir()
    elif breaks == "dangling":
        file.symlink_to(file)
    else:
        file.write_bytes(b"")
        file.chmod(0)
        if os.access(file, os.R_OK):
            pytest.skip("who runs the tests may read everything")
    checks, _ = looked(filled, "--offline", code=1)
    assert "crm calendar export" in checks["file all.ics"]["remedy"]


def test_stale_files(filled, home):
    """Since when they are stale, and what renews them; a program that reads the file is told so."""
    filled("calendar", "export")
    for each in (home / "calendars").iterdir():
        os.utime(each, (MORNING, MORNING))
    folder = f"files in {home / 'calendars'}"
    checks, clients = looked(filled, "--offline")
    assert (checks[folder]["ok"], checks[folder]["remedy"]) == (True, "")
    assert clients["thunderbird"]["verdict"] == "works now"
    filled("schedule", "Jane", "2026-01-08", "10:00", now="2026-01-05T18:00:00Z")
    checks, clients = looked(filled, "--offline", code=1)
    told = checks[folder]["remedy"]
    assert not checks[folder]["ok"]
    assert clients["thunderbird"]["verdict"] == "set up, but not working just now"
    assert clients["thunderbird"]["remedy"] == "crm calendar export"
    assert "all.ics, chats.ics are not as of now: written Mon 5 Jan 2026 09:30" in told
    assert "crm calendar export" in told
    with FileLock(home / "crm.db.daemon.lock"):
        checks, clients = looked(filled, "--offline")
        assert "about to renew" in checks[folder]["remedy"]
        assert clients["thunderbird"]["works"]
        assert (
            "crm service status" in looked(filled, "--offline", code=1, now="2026-01-05T18:30:00Z")[0][folder]["remedy"]
        )


@pytest.mark.parametrize("state", ["none", "stale", "missing"])
def test_a_program_is_told_the_same_with_and_without_asking(filled, home, unheard, state):
    """Where no server was ever started, --offline changes no verdict; one program alone is told what the table has."""
    if state != "none":
        filled("calendar", "export")
    if state == "stale":
        filled("schedule", "Jane", "2026-01-08", "10:00")
    if state == "missing":
        (home / "calendars" / "hours.ics").unlink()
    bad = int(state != "none")
    all_ = [looked(filled, *words, code=bad)[1] for words in ((), ("--offline",))]
    assert {name: each["verdict"] for name, each in all_[0].items()} == {
        name: each["verdict"] for name, each in all_[1].items()
    }
    told = "cannot see it" if state == "none" else "set up, but not working just now"
    (one,) = looked(filled, "thunderbird", "--offline", code=bad)[1].values()
    assert one == all_[0]["thunderbird"] == all_[1]["thunderbird"]
    assert (one["verdict"], one["remedy"]) == (told, "crm calendar export")


def test_a_missing_file(filled, home):
    """It is named."""
    filled("calendar", "export")
    (home / "calendars" / "hours.ics").unlink()
    told = looked(filled, "--offline", code=1)[0][f"files in {home / 'calendars'}"]["remedy"]
    assert "hours.ics is missing" in told


def test_a_wrong_setting_is_told_and_the_rest_looked_at(crm, home):
    """config.toml that cannot be read is a failed check."""
    (home / "config.toml").write_text("[serve]\nport = 'x'\n")
    checks, _ = looked(crm, "--offline", code=1)
    assert "serve.port" in checks["config.toml"]["remedy"]
    assert checks["calendar all"]["ok"]


# The server.


@pytest.fixture
def server(filled, home):
    """`crm serve` for this home; its port is configured, and it is told what leaves this machine."""
    variables = {"CRM_HOME": str(home), "CRM_TIMEZONE": "America/Los_Angeles"}
    found = {"leaves": False}
    tokens.load(home)
    listening = run.listen("127.0.0.1", 0)
    url = settings.load().database_url.value
    cache = Cache(make_engine(url), partial(settings.load, variables | {"CRM_DATABASE_URL": url}))
    made = run.make_server(make_app(cache, home))
    thread = threading.Thread(target=made.run, kwargs={"sockets": [listening]})
    found |= {"port": listening.getsockname()[1], "cache": cache}
    (home / "config.toml").write_text(f"[serve]\nport = {found['port']}\n")
    thread.start()
    yield found
    made.should_exit = True
    thread.join(20)
    cache.engine.dispose()


def web(answer, context=None):
    """A web server that answers each GET with a status, headers and a body."""

    class Get(Handler):
        def do_GET(self):  # noqa: N802 - http.server's name
            status, headers, body = answer(self.path, self.headers)
            self.reply(status, body, headers)

    return served(Get, context=context)


def test_the_server_answers(filled, server):
    """With what would be told now, and 304 when asked again; what subscribes here works."""
    checks, clients = looked(filled)
    assert checks["crm serve"] == checks["crm serve"] | {"ok": True, "remedy": ""}
    assert clients["khal"]["verdict"] == "works now"
    assert clients["google"]["verdict"] == "cannot see it"
    assert looked(filled, "--offline")[0]["crm serve"]["remedy"] == "not asked: --offline"


def test_the_server_tells_too_much(filled, home):
    """Where others can ask, an older one that still tells surnames is a fault, and so is one that stayed behind."""
    filled("calendar", "url")
    full = filled("calendar", "export", "--json").json["items"][0]["path"]
    body = Path(full).read_bytes()
    assert b"Roe" in body
    with web(lambda *_: (200, {"ETag": '"1"'}, body)) as port:
        (home / "config.toml").write_text(f'[serve]\nport = {port}\naddress = "http://127.0.0.1:{port}"\n')
        assert "whole names" in looked(filled, code=1)[0]["crm serve"]["remedy"]
        filled("schedule", "Jane", "2026-01-08", "10:00")
        told = looked(filled, code=1)[0]
    assert "start it anew: crm serve" in told["crm serve"]["remedy"]
    assert told["serve.address"]["remedy"] == "not asked: crm serve has to answer first"


@pytest.mark.parametrize("status", [200, 302, 404, 500])
def test_another_program_at_the_port(filled, home, status):
    """It is not taken for crm serve."""
    with web(lambda *_: (status, {}, b"hello")) as port:
        (home / "config.toml").write_text(f"[serve]\nport = {port}\n")
        checks, _ = looked(filled, code=1)
    assert "something else listens there" in checks["crm serve"]["remedy"]


@pytest.fixture
def proxied(filled, server, home, monkeypatch):
    """An https address before the server that answers as a test wants; its authority is trusted if told so."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    server["cache"].leaves = True

    @contextmanager
    def ran(answer=None, *, trusted=True):
        if trusted:
            with authority.cert_pem.tempfile(dir=str(home)) as file:
                monkeypatch.setenv("SSL_CERT_FILE", file)
                with web(answer or through, context) as port:
                    address(port)
                    yield port
        else:
            with web(answer or through, context) as port:
                address(port)
                yield port

    def address(port):
        told = f'[serve]\nport = {server["port"]}\naddress = "https://localhost:{port}/"\n'
        (home / "config.toml").write_text(told)

    def through(path, headers):
        known = {"If-None-Match": headers.get("If-None-Match", "")}
        found = net.ask(f"http://127.0.0.1:{server['port']}{path}", known)
        return found.status, {"ETag": found.etag}, found.body

    ran.through = through
    return ran


def test_the_address_that_others_use(filled, proxied):
    """https with a trusted certificate, the same calendar, and 304."""
    with proxied():
        checks, _ = looked(filled)
    assert checks["serve.address"]["ok"]
    assert "it leads nobody else here" in checks["serve.address"]["remedy"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            (301, {"Location": "https://elsewhere.example.org/x?token=abc"}, b""),
            "serve.address https://elsewhere.example.org",
        ),
        ((401, {}, b""), "asks for a password"),
        ((502, {}, b""), "it answered 502"),
        ((200, {}, b"<html>log in</html>"), "does not lead to your crm serve"),
        ((200, {}, b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"), "something else than would be told now"),
    ],
)
def test_what_may_stand_before_the_server(filled, proxied, answer, said):
    """Each is told with a way out, and no redirect is followed."""
    with proxied(lambda *_: answer):
        checks, _ = looked(filled, code=1)
    assert not checks["serve.address"]["ok"]
    assert said in checks["serve.address"]["remedy"]
    assert "token=abc" not in checks["serve.address"]["remedy"]


def test_a_proxy_that_forgets_the_etag(filled, proxied):
    """It works, with a note."""

    def forgets(path, headers):
        status, _, body = proxied.through(path, {})
        return status, {}, body

    with proxied(forgets):
        assert "ETag" in looked(filled)[0]["serve.address"]["remedy"]


def test_a_certificate_that_nobody_trusts(filled, proxied):
    """It is a fault, as it is for calendar programs."""
    with proxied(trusted=False):
        assert "certificate is not trusted" in looked(filled, code=1)[0]["serve.address"]["remedy"]


def test_an_address_that_keeps_silent(filled, home, monkeypatch):
    """It is waited for no longer than told, though it trickles."""
    monkeypatch.setattr(net, "OVERALL_SECONDS", 0.2)
    going = threading.Event()

    def trickles(*_):
        going.wait(20)
        return 200, {}, b""

    with web(trickles) as port:
        (home / "config.toml").write_text(f"[serve]\nport = {port}\n")
        assert "did not answer in time" in looked(filled, code=1)[0]["crm serve"]["remedy"]
        going.set()


class ConnectTimeoutError(OSError):
    """As the libraries call theirs."""


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (http.EndlessError(), "its answer has no end"),
        (TimeoutError("hi"), "it did not answer in time"),
        (ConnectTimeoutError("hi"), "it did not answer in time"),
        (ConnectionRefusedError(111, "hi"), "nothing listens there"),
        (socket.gaierror(-2, "hi"), "there is no host of that name"),
        (ssl.SSLError(1, "hi"), "it does not speak TLS as this machine does"),
        (OSError("bad certificate hi"), "its certificate is not trusted here"),
        (RemoteDisconnected("hi"), "it answers in no way that is known here"),
        (ValueError("hi"), "it answers in no way that is known here"),
        (SyntaxError("hi"), "it answers in no way that is known here"),
        (OSError(113, "No route to host"), "no route to host"),
        (OSError("hi"), "there is no connection to it"),
    ],
)
def test_why_there_is_no_answer(error, said):
    """In words of this program or the machine's own, whatever the other side wrote."""
    assert http.why(error).startswith(said)
    assert "hi" not in http.why(error).split()


@pytest.mark.parametrize(
    ("url", "reach"),
    [
        ("http://127.0.0.1:1", Reach.MACHINE),
        ("http://[::1]:1/x", Reach.MACHINE),
        ("http://LOCALHOST/", Reach.MACHINE),
        ("http://192.168.1.4", Reach.NETWORK),
        ("http://[fe80::1]", Reach.NETWORK),
        ("http://[::ffff:10.0.0.1]", Reach.NETWORK),
        ("http://laptop:8765", Reach.NETWORK),
        ("http://laptop.local", Reach.NETWORK),
        ("http://100.64.0.1", Reach.TAILNET),
        ("http://100.127.255.254", Reach.TAILNET),
        ("https://laptop.tail1234.ts.net", Reach.TAILNET),
        ("https://notts.net", Reach.PUBLIC),
        ("http://100.128.0.1", Reach.PUBLIC),
        ("https://93.184.216.34/", Reach.PUBLIC),
        ("https://calendars.example.org", Reach.PUBLIC),
    ],
)
def test_who_can_reach_an_address(url, reach):
    """By its number or name alone."""
    assert reach_of(url, look_up=False) is reach


def test_an_address_that_is_public_and_not_encrypted(filled, server, home):
    """It is a fault, and not asked."""
    with (home / "config.toml").open("a") as config:
        config.write('address = "http://93.184.216.34"\n')
    server["cache"].leaves = True
    assert "not encrypted" in looked(filled, code=1)[0]["serve.address"]["remedy"]


# Where they are pushed to.


@pytest.fixture(scope="module")
def caldav(tmp_path_factory):
    with radicale(tmp_path_factory.mktemp("radicale")) as running:
        yield running


def test_a_calendar_that_is_pushed_to(filled, caldav, home, unheard):
    """What waits is counted before and after a push; nothing is put there by looking; wrong passwords are told."""
    there = Collection(caldav, "doctor")
    configure(home, there.url)
    checks, clients = looked(filled)
    assert checks[f"published {there.url}"]["remedy"].startswith("1 waits; push it: crm calendar publish")
    assert (checks[f"reach {there.url}"]["ok"], there.names()) == (True, set())
    assert clients["thunderbird"]["verdict"] == "works now"
    assert not clients["davx5"]["works"]
    filled("calendar", "publish")
    assert looked(filled, "--offline")[0][f"published {there.url}"]["remedy"] == ""
    (home / "password").write_text("wrong")
    told = looked(filled, code=1)[0][f"reach {there.url}"]["remedy"]
    assert "does not let jane in" in told
    (home / "password").unlink()
    told = looked(filled, "--offline", code=1)[0][f"reach {there.url}"]["remedy"]
    assert "cannot be read" in told
    assert "crm calendar publish --dry-run" in told


def test_a_place_that_is_no_calendar_or_is_gone(filled, caldav, home):
    """Each is told by its name."""
    configure(home, f"{caldav.url}jane/none/")
    assert "there is no calendar at" in looked(filled, code=1)[0][f"reach {caldav.url}jane/none/"]["remedy"]


def test_a_calendar_that_can_only_be_read(filled, home):
    """Rights that a server tells are heeded (RFC 3744); it is asked nothing but PROPFIND."""
    with dav() as fake:
        rights = b"<d:current-user-privilege-set><d:privilege><d:read/></d:privilege></d:current-user-privilege-set>"
        listed = fake._listed
        fake._listed = lambda: listed().replace(b"<d:resourcetype>", rights + b"<d:resourcetype>")
        configure(home, fake.url)
        checks, clients = looked(filled, code=1)
        assert places.NO_WRITING in checks[f"reach {fake.url}"]["remedy"]
        assert {method for method, _ in fake.asked} == {"PROPFIND"}
    assert clients["thunderbird"]["verdict"] != "works now"


def test_a_list_of_to_dos(filled, home):
    """It has to take things to do."""
    with dav() as fake:
        fake.components = ("VEVENT",)
        (home / "config.toml").write_text(f'[calendar.sync]\nurl = "{fake.url}"\n')
        checks, _ = looked(filled, code=1)
    assert "takes no things to do" in checks[f"reach {fake.url}"]["remedy"]


def test_a_list_of_to_dos_that_does_not_answer(filled, home, unheard):
    """It is told with what to try; with --offline nothing is asked."""
    url = f"http://127.0.0.1:{unheard}/cal/"
    with (home / "config.toml").open("a") as config:
        config.write(f'[calendar.sync]\nurl = "{url}"\n')
    told = looked(filled, code=1)[0][f"reach {url}"]["remedy"]
    assert "cannot be reached" in told
    assert told.endswith("then: crm calendar sync")
    assert looked(filled, "--offline")[0][f"reach {url}"]["remedy"] == "not asked: --offline"


# The person's own calendar, which chats are taken from.

OWN = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//x//EN\r\nBEGIN:VEVENT\r\nUID:1@x\r\nDTSTAMP:20260101T000000Z\r\n"
    "DTSTART:20260109T223000Z\r\nSUMMARY:Dentist\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.mark.parametrize(
    ("text", "ok", "said"),
    [
        (OWN, True, ""),
        (OWN.replace("20260109", "20250109"), True, "none is to come"),
        (None, False, "there is no file"),
        ("<html>", False, "is no calendar (.ics)"),
        (OWN[:-20], False, "is cut off"),
        (OWN.replace("END:VEVENT\r\n", ""), False, "cannot be read as iCalendar"),
    ],
)
def test_the_file_that_chats_are_taken_from(filled, home, text, ok, said):
    """It is looked at with --offline too: whether it is there, whole, and holds anything."""
    file = home / "own.ics"
    if text is not None:
        file.write_bytes(text.encode())
    (home / "config.toml").write_text(f'[calendar.sync]\nchats = "{file}"\n')
    told = looked(filled, "--offline", code=int(not ok))[0][f"your appointments in {file}"]
    assert (told["ok"], said in told["remedy"], bool(told["remedy"])) == (ok, True, bool(said))
    assert ok or told["remedy"].endswith("then: crm calendar sync")
    assert "nothing was changed" not in told["remedy"]


def test_the_secret_address_that_chats_are_taken_from(filled, home, unheard):
    """Asked once and never told; what its file lacks is told."""
    secret = home / "address"
    with (home / "config.toml").open("a") as config:
        config.write(f'[calendar.sync]\nchats_file = "{secret}"\n')
    assert str(secret) in looked(filled, "--offline", code=1)[0]["calendar.sync.chats"]["remedy"]
    asked = []
    with web(lambda path, _: (asked.append(path), (200, {}, OWN.encode()))[1]) as port:
        secret.write_text(f"http://127.0.0.1:{port}/private-abc/basic.ics")
        secret.chmod(0o600)
        result = filled("calendar", "doctor", "--offline", "--json")
        assert asked == []
        assert "not asked: --offline" in result.out
        result = filled("calendar", "doctor", "--json")
        assert asked == ["/private-abc/basic.ics"]
    assert "your appointments in 127.0.0.1/..." in result.out
    assert "private-abc" not in result.out + result.err
    assert "cannot be reached" in filled("calendar", "doctor", "--json", code=1).out


def test_the_calendar_that_chats_are_taken_from(filled, caldav, home, unheard, monkeypatch):
    """One that lets nobody in says what is missing; one that keeps silent is not waited for."""
    there = Collection(caldav, "own")
    there.ask("PUT", "1.ics", OWN.encode())
    silent = socket.create_server(("127.0.0.1", 0))

    def told(url, more="", code=1):
        (home / "config.toml").write_text(f'[serve]\nport = {unheard}\n[calendar.sync]\nchats = "{url}"\n{more}')
        return looked(filled, code=code)[0][f"your appointments in {url}"]["remedy"]

    with closing(silent):
        assert "asks for a user and a password" in told(there.url)
        (home / "password").write_text("correct horse battery")
        login = f'[calendar.publish]\nurl = "{there.url}"\nuser = "jane"\npassword_file = "{home / "password"}"\n'
        assert told(there.url, login, code=0) == ""
        monkeypatch.setattr(appointments, "OVERALL_SECONDS", 0.2)
        assert "did not answer in time" in told(f"http://127.0.0.1:{silent.getsockname()[1]}/cal/")


def test_a_folder_that_is_pushed_to(filled, home, tmp_path):
    """Its files are counted as what waits; one that is gone is a fault."""
    folder = tmp_path / "synced"
    folder.mkdir()
    (home / "config.toml").write_text(f'[calendar.publish]\nfolder = "{folder}"\n')
    checks, clients = looked(filled, "--offline")
    assert checks[f"published {folder}"]["remedy"].startswith("1 waits")
    assert clients["icsx5"]["verdict"] == "works now"
    filled("calendar", "publish")
    assert looked(filled, "--offline")[0][f"published {folder}"]["remedy"] == ""
    (folder / "all.ics").unlink()
    folder.rmdir()
    checks, clients = looked(filled, "--offline", code=1)
    assert "is no folder" in checks[f"reach {folder}"]["remedy"]
    assert clients["icsx5"]["verdict"] == "set up, but not working just now"


# Programs.

PLACES = [
    (),
    *((Pushed("/home/jane/Sync", "folder", Reach.MACHINE, works),) for works in (True, False)),
    *(
        (Pushed(f"https://{host}", kind, reach, works),)
        for host in ("dav.example.org/jane/", "caldav.fastmail.com/dav/", "cloud.example.org/remote.php/dav/x/")
        for kind in ("caldav", "webdav")
        for reach in Reach
        for works in (True, False, None)
    ),
]


def test_every_program_has_a_verdict_in_every_set_up():
    """What does not work has a command that helps; nothing works that cannot be seen from where it is fetched."""
    shapes = itertools.product(
        (True, False, None), (None, *Reach), (True, False), (True, False, None), (True, False, None), PLACES
    )
    for serves, address, secure, answers, files, pushed in shapes:
        setup = Setup(serves, address, secure, answers, files, pushed)
        for program in PROGRAMS:
            found = verdict(program, setup)
            assert found.why
            assert found.works or any(word in found.remedy for word in ("crm ", "tailscale "))
            if program.where is Where.OUTSIDE and found.works:
                afar = address is Reach.PUBLIC and secure and serves is not False and answers is not False
                assert afar or any(each.works is not False for each in pushed)
            if found.outcome is Outcome.WHILE_ON:
                assert program.where is not Where.HERE


@pytest.mark.parametrize(
    ("name", "setup", "outcome"),
    [
        ("google", Setup(serves=True), Outcome.CANNOT),
        ("google", Setup(serves=True, address=Reach.TAILNET, answers=True), Outcome.CANNOT),
        ("google", Setup(serves=True, address=Reach.PUBLIC, answers=True), Outcome.WHILE_ON),
        ("google", Setup(serves=True, address=Reach.PUBLIC, secure=False), Outcome.CANNOT),
        ("google", Setup(serves=False, address=Reach.PUBLIC), Outcome.NOT_NOW),
        ("google", Setup(pushed=(Pushed("https://h.example.org/", "webdav", works=True),)), Outcome.NOW),
        ("google", Setup(pushed=(Pushed("https://h.example.org/", "caldav", works=True),)), Outcome.CANNOT),
        ("apple", Setup(serves=True, address=Reach.TAILNET, answers=True), Outcome.WHILE_ON),
        ("apple", Setup(serves=True, address=Reach.MACHINE, answers=True), Outcome.CANNOT),
        ("apple", Setup(pushed=(Pushed("https://h.example.org/", "caldav", works=True),)), Outcome.NOW),
        ("davx5", Setup(serves=True, address=Reach.PUBLIC, answers=True), Outcome.CANNOT),
        ("nextcloud", Setup(pushed=(Pushed("https://c.example.org/remote.php/dav/x", "caldav"),)), Outcome.NOW),
        ("fastmail", Setup(pushed=(Pushed("https://caldav.fastmail.com:443/dav/", "caldav"),)), Outcome.NOW),
        ("fastmail", Setup(pushed=(Pushed("https://caldav.notfastmail.com/dav/", "caldav"),)), Outcome.CANNOT),
        ("thunderbird", Setup(serves=False, files=True), Outcome.NOW),
        ("thunderbird", Setup(serves=False), Outcome.CANNOT),
        ("thunderbird", Setup(serves=False, files=False), Outcome.NOT_NOW),
        ("thunderbird", Setup(serves=None, files=False), Outcome.NOT_NOW),
        ("thunderbird", Setup(serves=True, files=False), Outcome.NOW),
        ("khal", Setup(serves=False, files=False), Outcome.CANNOT),
        ("khal", Setup(serves=False, files=True), Outcome.CANNOT),
    ],
)
def test_what_a_program_sees(name, setup, outcome):
    """From its maker's servers, from a device, and from this machine."""
    assert verdict(named(name), setup).outcome is outcome


def test_a_calendar_that_only_this_machine_reaches_is_told_as_that():
    """What helps is another server, and not to push at all, for one does."""
    told = verdict(named("davx5"), Setup(pushed=(Pushed("http://127.0.0.1:5232/jane/", "caldav", Reach.MACHINE),)))
    assert "http://127.0.0.1:5232/jane/, which this machine alone can reach" in told.why
    assert "push to a server that it can reach" in told.remedy


def test_a_way_that_works_counts_more_than_one_that_does_not():
    """A push that fails hides no server that answers."""
    setup = Setup(serves=True, pushed=(Pushed("https://h.example.org/", "caldav", works=False),))
    assert verdict(named("thunderbird"), setup).outcome is Outcome.NOW


def test_a_program_by_its_name():
    """A unique beginning is enough, other names count, spaces and case do not."""
    assert [named(each).name for each in ("goo", "iPhone", "Home Assistant", "evolution", "KHAL")] == [
        "google",
        "apple",
        "home-assistant",
        "gnome",
        "khal",
    ]
    with pytest.raises(AmbiguousError) as error:
        named("o")
    assert error.value.candidates == ("outlook", "nextcloud")
    for unknown in ("", "lotus", "x" * 10_000, "\x1b[2J"):
        with pytest.raises(NotFoundError) as missing:
            named(unknown)
        assert missing.value.candidates == tuple(each.name for each in PROGRAMS)
        assert "\x1b" not in missing.value.message


def test_one_program(crm, unheard):
    """All about it, with how it is known; an unknown one names those that are."""
    out = " ".join(crm("calendar", "doctor", "goo").out.split())
    assert "Google Calendar: cannot see it" in out
    assert "its servers fetch from outside" in out
    assert "every 8 to 24 hours" in out
    assert "reported by others" in out
    (told,) = crm("calendar", "doctor", "goo", "--json").json["clients"]
    assert (told["name"], told["works"]) == ("google", False)
    assert {"about", "text", "source", "version"} == set(told["expect"][0])
    assert "thunderbird" in crm("calendar", "doctor", "lotus", code=3).err


def test_every_fact_says_how_it_is_known():
    """What was measured, of which version; each program is told how it fetches or what it does with to-dos."""
    for program in PROGRAMS:
        for fact in program.facts:
            assert bool(fact.version) == (fact.source is programs.Source.MEASURED)
        assert {"fetches"} <= {each.about for each in program.facts}


# What helps.

COMMAND = re.compile(r"\bcrm ([a-z-]+)(?: ([a-z-]+))?(?: ([a-z_]+(?:\.[a-z_]+)+) (\S+))?((?: --[a-z-]+)*)")
MODULES = [each for each in sorted(Path(places.__file__).parent.glob("*.py")) if "crm " in each.read_text("utf-8")]


def texts(module):
    """What a module tells; of what is put together, the parts."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    descriptions = {id(each.value) for each in ast.walk(tree) if isinstance(each, ast.Expr)}
    constants = [each for each in ast.walk(tree) if isinstance(each, ast.Constant) and id(each) not in descriptions]
    return [each.value for each in constants if isinstance(each.value, str)]


def typed(name, below, setting, value, options):
    """Read a command line as the program would; click's UsageError if it has no such command or option."""
    command = typer.main.get_command(cli.root).get_command(None, name)
    assert command, name
    if isinstance(command, typer.core.TyperGroup):
        command = command.get_command(None, below)
        assert command, (name, below)
    if setting:
        assert setting in {each.name for each in setting_specs.SPECS}
    with command.make_context(name, [*filter(None, (setting, value)), *options.split()]):
        pass


@pytest.mark.parametrize("module", MODULES, ids=lambda each: each.stem)
def test_every_command_that_is_said_to_help_exists(module):
    """Each `crm ...` that is told can be typed: the command and its options are there, and so are its settings."""
    found = [each.groups("") for text in texts(module) for each in COMMAND.finditer(text)]
    assert found
    for words in found:
        typed(*words)


def test_a_command_that_does_not_exist_would_be_found():
    """Neither an unknown command nor an unknown option or setting passes."""
    for line in ("crm nope", "crm calendar nope", "crm calendar export --nope", "crm config set serve.nope 1"):
        with pytest.raises((AssertionError, typer.BadParameter.__base__)):
            typed(*COMMAND.search(line).groups(""))


def test_the_port_is_the_one_that_is_configured(crm, home):
    """What helps those that fetch from elsewhere names serve.port."""
    (home / "config.toml").write_text("[serve]\nport = 9123\n")
    _, clients = looked(crm, "--offline")
    assert "tailscale funnel --bg 9123" in clients["google"]["remedy"] + clients["outlook"]["remedy"]
    assert "tailscale serve --bg 9123" in clients["icsx5"]["remedy"]


@pytest.mark.parametrize("columns", [80, 120])
def test_the_screen_fits(filled, unheard, monkeypatch, columns):
    """No line is wider, none of the table's is folded, and it reads without colour."""
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("NO_COLOR", "1")
    out = filled("calendar", "doctor").out
    assert max(map(len, out.splitlines())) <= columns
    assert all(sum(f"  {each.title} " in line for line in out.splitlines()) == 1 for each in PROGRAMS)
    assert "\x1b" not in out
    assert Console().width
