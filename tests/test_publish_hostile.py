"""Pushing to a server that means harm, or is broken: it ends soon and clearly, and nothing but ours is touched."""

import socket
import threading
from contextlib import contextmanager, suppress
from datetime import date

import pytest
from database_support import engine_of
from dav_support import dav
from publish_support import FOREIGN, configure, counts
from reminder_support import MONDAY

from calendars.remote import dav as client
from crm import models as m
from crm.store import records
from crm.store.engine import writing

HEAD = b"HTTP/1.1 207 Multi-Status\r\nContent-Type: application/xml\r\n"
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaaaaaaaa">'
    + b"".join(
        b'<!ENTITY %c "%s">' % (new, b"&%c;" % old * 20) for old, new in zip(b"abcdefgh", b"bcdefghi", strict=True)
    )
    + b']><d:multistatus xmlns:d="DAV:"><d:response><d:href>/cal/&i;</d:href></d:response></d:multistatus>'
)
SECRET = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
    b'<d:multistatus xmlns:d="DAV:"><d:response><d:href>/cal/&a;</d:href></d:response></d:multistatus>'
)


def whole(body):
    return [HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body]


def for_ever(piece):
    yield HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    for _ in range(2000):
        yield b"%x\r\n%s\r\n" % (len(piece), piece)


ANSWERS = {
    "200 MB": (lambda: for_ever(b" " * 100_000), "has no end"),
    "chunks that are none": (lambda: [HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nwhat\r\n"], "127.0.0.1"),
    "no HTTP": (lambda: [b"\x00\xff SSH-2.0\r\n\r\n"], "127.0.0.1"),
    "cut off": (lambda: [HEAD + b"Content-Length: 500\r\n\r\n<d:multi"], "127.0.0.1"),
    "no XML": (lambda: whole(b"<d:multistatus"), "in no way that is known"),
    "another root": (lambda: whole(b'<html xmlns:d="DAV:"><d:href/></html>'), "127.0.0.1"),
    "a bomb of entities": (lambda: whole(BOMB), "127.0.0.1"),
    "a file of this machine": (lambda: whole(SECRET), "127.0.0.1"),
    "very deep": (lambda: whole(b"<d>" * 100_000), "127.0.0.1"),
    "packed, and no pack": (lambda: [HEAD + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd"], "127.0.0.1"),
}


@contextmanager
def answering(pieces):
    """A server that answers each request with the same bytes, and closes the connection."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(20)

        def serve():
            with suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    with connection, suppress(OSError):
                        connection.settimeout(20)
                        connection.recv(65_536)
                        for each in pieces():
                            connection.sendall(each)
                        connection.shutdown(socket.SHUT_WR)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/cal/"
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


def add(home, number=1):
    with writing(engine_of(home), now=MONDAY, name="test") as session:
        for each in range(number):
            records.add(session, m.Review(name=f"Week {each + 1}", due_on=date(2026, 1, 19)))


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_that_cannot_be_is_told_in_a_line(crm, home, monkeypatch, answer):
    """It is neither kept in memory whole, nor taken apart for ever, nor shown."""
    monkeypatch.setattr(client, "LARGEST_ANSWER", 2**20)
    pieces, said = ANSWERS[answer]
    add(home)
    with answering(pieces) as url:
        configure(home, url, user="")
        err = crm("calendar", "publish", code=1).err
    assert said in err
    assert "fault in this program" not in err
    assert len(err) < 400


def test_an_answer_that_drips_ends(crm, home, monkeypatch):
    """No piece of it is late, but the whole takes too long."""
    monkeypatch.setattr(client, "LONGEST_ANSWER", 0)
    add(home)
    with answering(lambda: for_ever(b" ")) as url:
        configure(home, url, user="")
        assert "has no end" in crm("calendar", "publish", code=1).err


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(crm, home, status):
    """Neither the password nor a calendar goes to another server, nor to another address of the same one."""
    add(home)
    with dav() as server, dav() as other:
        configure(home, server.url)
        for target in (other.url, f"{server.url}else/"):
            server.headers, server.fails = {"Location": target}, lambda *_: status
            assert "sends elsewhere" in crm("calendar", "publish", code=1).err
        assert other.asked == []
        assert {name for _, name in server.asked} == {""}


def test_names_that_a_server_makes_up_do_no_harm(crm, home, monkeypatch):
    """Paths of other hosts, with dots, blanks, percent signs and the same twice: what is ours is found, once."""
    add(home, 2)
    with dav() as server:
        configure(home, server.url, user="")
        crm("calendar", "publish")
        server.held["dentist.ics"] = FOREIGN % b"theirs"
        own, listed = min(server.held), server._listed
        made_up = (
            "../../etc/x.ics",
            "http://other.example/cal/x.ics",
            "%2e%2e%2fx.ics",
            "a b%zz.ics",
            "ü%ff.ics",
            "",
            own,
        )
        items = "".join(
            f"<d:response><d:href>{each}</d:href><d:propstat><d:prop><d:getetag>{tag}</d:getetag></d:prop>"
            "<d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"
            for each, tag in [*((each, '"1"') for each in made_up[:-1]), (f"/cal/{own}", server.etag(own))]
        )
        monkeypatch.setattr(
            server, "_listed", lambda: listed().replace(b"</d:multistatus>", items.encode() + b"</d:multistatus>")
        )
        assert counts(crm("calendar", "publish", "--json")) == {"unchanged": 2}
        crm("calendar", "withdraw", "--all", "--yes")
        assert set(server.held) == {"dentist.ics"}


def test_no_proxy_and_no_netrc_is_taken_from_the_surroundings(crm, home, monkeypatch):
    """A variable that names a proxy would hand it the password."""
    add(home)
    with dav() as server, dav() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        configure(home, server.url, user="")
        assert counts(crm("calendar", "publish", "--json")) == {"written": 1}
        assert proxy.asked == []


@pytest.mark.parametrize("status", [413, 423])
def test_one_that_is_locked_or_too_large_is_left_for_the_next_time(crm, home, status):
    """The others are removed all the same, and it stays known."""
    add(home, 3)
    with dav() as server:
        configure(home, server.url, user="")
        crm("calendar", "publish")
        first = min(server.held)
        server.fails = lambda method, name: status if method == "DELETE" and name == first else None
        (item,) = crm("calendar", "withdraw", "--all", "--yes", "--json").json["items"]
        assert (item["removed"], item["left"]) == (2, 1)
        assert str(status) in item["problems"][0]
        server.fails = lambda *_: None
        crm("calendar", "withdraw", "--all", "--yes")
        assert server.held == {}


def test_where_it_cannot_be_noted_nothing_is_doubled(crm, home, monkeypatch):
    """The disk is full when it is to be noted: that is told, and the next push finds what is there."""
    from calendars.remote import push
    from crm.errors import CrmError

    def full(*_, **__):
        raise CrmError("the disk is full")

    add(home, 3)
    with dav() as server:
        configure(home, server.url, user="")
        with monkeypatch.context() as broken:
            broken.setattr(push.published, "note", full)
            assert "disk is full" in crm("calendar", "publish", code=1).err
        assert len(server.held) == 3
        assert counts(crm("calendar", "publish", "--json", now="2026-01-04T17:00:00Z")) == {"unchanged": 3}


def test_stopped_by_hand_it_is_said_how_to_go_on(crm, home):
    """Ctrl-C in the middle: what is there by then is noted, and the next push does the rest."""
    add(home, 3)
    with dav() as server:
        configure(home, server.url, user="")
        answer = client._Dav.put

        def stopped(*arguments):
            if len(server.held) == 2:
                raise KeyboardInterrupt
            return answer(*arguments)

        with pytest.MonkeyPatch.context() as pressed:
            pressed.setattr(client._Dav, "put", stopped)
            assert "to go on: crm calendar publish" in crm("calendar", "publish", code=130).err
        assert counts(crm("calendar", "publish", "--json")) == {"written": 1, "unchanged": 2}
        assert [method for method, _ in server.asked].count("PUT") == 3
