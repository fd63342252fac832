"""`crm serve` when something is wrong with the database, the settings, the secret or a request; and with very much."""

import http.client
import logging
import re
import socket
import threading
from contextlib import closing
from datetime import timedelta
from zoneinfo import ZoneInfo

import database_support
import pytest
import sqlalchemy as sa

from calendars import feeds
from calendars.publish import render_feed
from calendars.server import cache as caching
from calendars.server import run, tokens
from calendars.server.app import make_app
from calendars.server.cache import Cache, Copy, Remembered
from calendars.server.conditional import http_date, not_modified
from calendars.window import MOST_ENTRIES
from crm import clock, settings
from crm import models as m
from crm.store import contacts, interactions, records
from crm.store.engine import make_engine, reading, writing

pytestmark = database_support.of_sqlite
SECONDS = 20
HOST = b"\r\nHost: x\r\n"
CLOSE = b"Connection: close\r\n\r\n"


class Served:
    """A home and a server for it, which looks again at each request."""

    def __init__(self, folder, url):
        self.folder, self.engine = folder, make_engine(url)
        self.cache = Cache(self.engine, self.settings)
        self.listening = run.listen("127.0.0.1", 0)
        self.where = self.listening.getsockname()
        self.server = run.make_server(make_app(self.cache, folder))
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.listening]})
        self.path = f"/calendars/{tokens.load(folder).token('all')}/all.ics"

    def settings(self):
        return settings.load({"CRM_HOME": str(self.folder), "CRM_TIMEZONE": "UTC"})

    def add(self, *titles):
        with writing(self.engine, now=clock.now(), name="test") as session:
            for title in titles:
                records.add(session, m.Task(title=title, kind="follow-up", due_on=clock.now().date()))

    def ask(self):
        with closing(http.client.HTTPConnection(*self.where, timeout=SECONDS)) as connection:
            connection.request("GET", self.path)
            answer = connection.getresponse()
            return answer, answer.read().decode()

    def send(self, data):
        with socket.create_connection(self.where, timeout=SECONDS) as client:
            client.sendall(data)
            found = b""
            try:
                while piece := client.recv(65536):
                    found += piece
            except ConnectionError:
                pass
            return found


@pytest.fixture
def served(tmp_path, empty_database, monkeypatch):
    monkeypatch.setattr(caching, "CHECK_SECONDS", 0.0)
    found = Served(tmp_path, database_support.copy(empty_database, tmp_path))
    found.add("Call Jane Roe")
    found.thread.start()
    yield found
    found.server.should_exit = True
    found.thread.join(SECONDS)
    found.engine.dispose()


def refused(served, caplog):
    """Whether the answer is: later; without a word of where what lies, and without a traceback."""
    answer, body = served.ask()
    assert (answer.status, answer.headers["Retry-After"]) == (503, "30")
    assert str(served.folder) not in body + str(answer.headers)
    assert "Traceback" not in caplog.text
    return True


@pytest.mark.parametrize("what", ["gone", "damaged", "newer"])
def test_a_database_that_cannot_be_used(served, caplog, what):
    """Who asks is told to come again, and nobody is named from memory; mended, it goes on by itself."""
    assert "Jane Roe" in served.ask()[1]
    file = served.folder / "crm.db"
    served.engine.dispose()
    whole = file.read_bytes()
    for beside in served.folder.glob("crm.db-*"):
        beside.unlink()
    if what == "gone":
        file.unlink()
    elif what == "damaged":
        file.write_bytes(b"rubbish" * 1000)
    else:
        with served.engine.begin() as connection:
            connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    assert refused(served, caplog)
    assert caplog.text.count("cannot be served") == 1
    assert refused(served, caplog)
    assert caplog.text.count("cannot be served") == 1  # said once, not for each who asks
    for beside in served.folder.glob("crm.db-*"):
        beside.unlink()
    file.write_bytes(whole)
    assert "Jane Roe" in served.ask()[1]


def test_a_database_that_is_busy(served, caplog, monkeypatch):
    """Nobody is kept waiting for it: who has nothing yet is told to come again, others get what there was."""
    before = served.ask()[1]
    free = threading.Event()
    monkeypatch.setattr(caching, "WAIT_SECONDS", 0.05)
    monkeypatch.setattr(Cache, "_renew", lambda *_given: free.wait(SECONDS))
    assert served.ask()[1] == before
    monkeypatch.setattr(served.cache, "_kept", {})
    assert refused(served, caplog)
    free.set()


def test_wrong_settings_tell_no_more_than_those_before(served, caplog):
    """A slip of the pen in config.toml does not bring names back into a calendar that is to hold none."""
    config = served.folder / "config.toml"
    config.write_text('[calendar.all]\ndetail = "busy"\n')
    assert "Jane Roe" not in served.ask()[1]
    config.write_text('[calendar.all\ndetail = "busy"\n')
    served.add("Write to John Doe")
    body = served.ask()[1]
    assert body.count("BEGIN:VEVENT") == 2
    assert "Doe" not in body
    assert "the settings from before count" in caplog.text


def test_wrong_settings_from_the_start(served, caplog):
    """Nobody knows how much may be told, so nothing is."""
    (served.folder / "config.toml").write_text("[calendar.all\n")
    assert refused(served, caplog)


def test_a_secret_that_is_damaged_or_gone(served, caplog):
    """Damaged: come again. Gone: no address leads anywhere, and none is made up for who asks."""
    file = served.folder / tokens.FILE_NAME
    whole = file.read_bytes()
    file.write_text("{")
    assert refused(served, caplog)
    file.unlink()
    assert served.ask()[0].status == 404
    assert not file.exists()
    file.write_bytes(whole)
    assert served.ask()[0].status == 200


@pytest.mark.parametrize(
    ("data", "answers"),
    [
        (b"GET {} HTTP/1.0\r\n\r\n", [200]),
        (b"GET http://elsewhere.example{} HTTP/1.1" + HOST + CLOSE, [200]),
        (b"OPTIONS * HTTP/1.1" + HOST + CLOSE, [405]),
        ((b"GET {} HTTP/1.1" + HOST + b"\r\n") * 3 + b"GET / HTTP/1.1" + HOST + CLOSE, [200, 200, 200, 404]),
        (b"GET {} HTTP/1.1" + HOST + b"Range: bytes=0-3\r\n" + CLOSE, [200]),
        (b"GET {} HTTP/1.1" + HOST + b"\r\n\x00\xff\r\n\r\n", [200, 400]),
        (
            b"POST / HTTP/1.1" + HOST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
            b"GET {} HTTP/1.1" + HOST + CLOSE,
            [400],
        ),
        (b"PUT / HTTP/1.1" + HOST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", []),
    ],
    ids=["1.0", "absolute", "asterisk", "pipelined", "range", "then garbage", "smuggled", "chunk"],
)
def test_odd_requests(served, caplog, data, answers):
    """Each is answered as RFC 9112 has it; two lengths end the connection, so that nothing is smuggled in behind."""
    found = served.send(data.replace(b"{}", served.path.encode()))
    assert [int(each) for each in re.findall(rb"HTTP/1\.1 (\d+)", found)] == answers
    assert "Traceback" not in caplog.text


def test_packed_head_tells_what_get_would(served):
    """The same headers and no body, also for the packed form."""
    told = []
    for method in (b"GET", b"HEAD"):
        data = method + b" " + served.path.encode() + b" HTTP/1.1" + HOST + b"Accept-Encoding: gzip\r\n" + CLOSE
        head, _, body = served.send(data).partition(b"\r\n\r\n")
        told.append(re.sub(rb"date: .*\r\n", b"", head))
        assert (body == b"") is (method == b"HEAD")
    assert told[0] == told[1]


def test_the_last_change_is_never_earlier_than_the_one_before():
    """Two changes within a second, or a clock that was set back, are seen also by who asks with a time alone."""
    now = clock.now()
    for before in (now, now + timedelta(days=1)):
        copy = Copy.of(b"new", before=Remembered("old", before), now=now)
        assert copy.modified_at > before
        since = {"if-modified-since": [http_date(before)]}
        assert not not_modified(since, etag=copy.etag(packed=False), modified_at=copy.modified_at)


def test_empty_elements_of_a_list_count_as_none():
    """RFC 9110 5.6.1.2; much that is no list is judged at once."""
    at = clock.now()
    assert not_modified({"if-none-match": [', "x",, "y" ,']}, etag='"y"', modified_at=at)
    for evil in (", " * 8000 + "x", '"a"' + " " * 16000 + "x", '"a",' * 5000 + "x"):
        assert not not_modified({"if-none-match": [evil]}, etag='"y"', modified_at=at)


def test_who_does_not_read_cannot_hold_up_the_end(served, monkeypatch, caplog):
    """A server that is to end cuts whom it is still sending to, and says nothing odd about it."""
    monkeypatch.setattr(run, "END_SECONDS", 0.2)
    large = Copy.of(b"x" * 20_000_000, before=None, now=clock.now())
    monkeypatch.setattr(served.cache, "_kept", {"all": caching._Kept(large, checked_at=float("inf"))})
    with socket.create_connection(served.where, timeout=SECONDS) as client:
        client.sendall(b"GET " + served.path.encode() + b" HTTP/1.1" + HOST + b"\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 200")
        served.server.should_exit = True
        served.thread.join(SECONDS)
        assert not served.thread.is_alive()
    assert [each for each in caplog.records if each.levelno >= logging.WARNING] == []


MANY = 5_000


def cloned(engine, table, times, **others):
    """Copy the last row of a table so often: as the program wrote it, with an id and uid of its own."""
    columns = [each.name for each in m.Task.metadata.tables[table].columns]
    fresh = {"id": "id + n", "uid": "uid || '-' || n"} | others
    told = ", ".join(fresh.get(each, each) for each in columns)
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                f"WITH RECURSIVE copy(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copy WHERE n < {times}) "  # noqa: S608 - our own words
                f"INSERT INTO {table} ({', '.join(columns)}) "
                f"SELECT {told} FROM (SELECT * FROM {table} ORDER BY id DESC LIMIT 1), copy"
            )
        )


def told(engine):
    """How many queries it takes to make the calendar of everything, and what comes of it."""
    ran = []
    with reading(engine) as session:
        sa.event.listen(session.connection(), "before_cursor_execute", lambda *given: ran.append(given[2]))
        rendered = render_feed(session, feeds.load("all"), now=clock.now(), tz=ZoneInfo("UTC"))
    return len(ran), rendered


def test_ten_thousand_entries(tmp_path, empty_database):
    """5,000 follow-ups and as many chats: cut to those nearest to today, with a warning, in as many queries as two."""
    engine = make_engine(database_support.copy(empty_database, tmp_path))
    with writing(engine, now=clock.now(), name="test") as session:
        jane = contacts.add_contact(session, "Jane Roe")
        records.add(session, m.Task(title="Call Jane Roe", kind="follow-up", due_on=clock.now().date()))
        interactions.add(session, [jane], kind="call", state="planned", starts_at=clock.now() + timedelta(hours=1))
    few, _ = told(engine)
    cloned(engine, "task", MANY)
    cloned(engine, "interaction", MANY)
    cloned(engine, "interaction_contact", MANY, interaction_id="interaction_id + n")
    many, rendered = told(engine)
    engine.dispose()
    assert many == few
    assert rendered.entries == MOST_ENTRIES
    assert rendered.problems[0].startswith("the calendar all has 10,002 entries; only the 1,000 nearest to today")
    assert rendered.data.count(b"BEGIN:VEVENT") == MOST_ENTRIES
    assert len(rendered.data) < 2_000_000
