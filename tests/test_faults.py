"""A table of faults on the way out: each has its stated outcome, the person can read it, and nothing is lost."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from channel_support import closed_port, web
from reliability_support import configure, fill, small_disk
from reminder_support import DAY, HOUR, MONDAY, World, days
from smtp_support import Mailbox, authority, hanging, scripted, served, server_context, trickling, until

from crm import settings
from reminders import channels
from reminders.backoff import FIRST_WAITS, LONGEST_WAIT
from reminders.channels import email

TICK = ("reminder", "tick", "--json")
MINUTE = timedelta(minutes=1)
TITLE = "Write to Jane Roe"


@dataclass(frozen=True)
class Fault:
    """What a mail server does to one who is in a hurry, what the person reads, and how many copies it took."""

    serve: Callable[[Mailbox], AbstractContextManager[int]]
    said: str
    copies: int = 0
    email: dict[str, str] = field(default_factory=dict)


def does(act) -> Callable[[Mailbox], AbstractContextManager[int]]:
    return lambda _box: scripted(act)


def replies(**said) -> Callable[[Mailbox], AbstractContextManager[int]]:
    return lambda box: served(replace(box, replies=said))


def drops(box):
    return served(replace(box, drops_after_dot=True))


def untrusted(box):
    return served(box, tls=server_context(authority()))


MAY_PASS = {
    "nobody listens": Fault(lambda _box: nullcontext(closed_port()), "Connection refused"),
    "silent from the start": Fault(does(hanging(b"")), "cannot be reached"),
    "silent in the middle": Fault(does(hanging(b"RCPT")), "cannot be reached"),
    "never comes to an end": Fault(does(trickling(b"MAIL")), "cannot be reached"),
    "hangs up in the middle": Fault(does(until(b"DATA")), "cannot be reached"),
    "421 to the sender": Fault(replies(MAIL="421 going down"), "refused the sender (421): going down"),
    "450 to the recipient": Fault(replies(RCPT="450 mailbox busy"), "refused the recipient (450): mailbox busy"),
    "451 to the message": Fault(replies(DATA="451 try later"), "refused the message (451): try later"),
    "silent behind the dot": Fault(does(hanging(b".")), "has the message, or not"),
    "takes it and hangs up": Fault(drops, "has the message, or not", copies=1),
    "bad certificate": Fault(
        untrusted, "the certificate of localhost is not trusted", email={"host": "localhost", "security": "tls"}
    ),
}
NOBODY_KNOWS = ("silent behind the dot", "takes it and hangs up")


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch):
    """E-mail waits for half a second instead of 25."""
    usual = email.Options.from_settings
    monkeypatch.setattr(email.Options, "from_settings", lambda settings: replace(usual(settings), seconds=0.5))


@pytest.fixture
def due(home):
    """A reminder is due."""
    World.at(home).task(TITLE, date(2026, 1, 5))


def turn(crm, now=MONDAY, code=0):
    """What became of each delivery in a turn."""
    told = crm(*TICK, now=now.isoformat(), code=code).json["deliveries"]
    return [(each["channel"], each["state"]) for each in told]


def story(crm):
    """The deliveries as `crm reminder history` tells them, in the order in which they were planned."""
    return sorted(crm("reminder", "history", "--json").json["items"], key=lambda each: each["id"])


def ids(box):
    return [str(mail["Message-ID"]).strip("<>") for mail in box.mails]


@pytest.mark.parametrize("fault", MAY_PASS.values(), ids=MAY_PASS)
def test_what_may_pass_is_tried_again_and_arrives(fault, crm, home, due):
    """It waits a minute, says why, and arrives when the fault is over, at most once more than the server took it
    before, and then under the same id; nothing follows."""
    box = Mailbox()
    with fault.serve(box) as port:
        configure(home, port, **fault.email)
        assert turn(crm) == [("email", "retryable")]
    (told,) = story(crm)
    assert fault.said in told["error"]
    assert "retryable" in crm("reminder", "list").out
    with served(box) as port:
        configure(home, port)
        assert turn(crm, MONDAY + MINUTE - timedelta(seconds=1)) == []
        assert turn(crm, MONDAY + 2 * MINUTE) == [("email", "completed")]
        assert turn(crm, MONDAY + DAY) == []
    assert ids(box) == [told["message_id"]] * (fault.copies + 1)


@pytest.mark.parametrize("decides", ["snooze", "done"])
@pytest.mark.parametrize("name", NOBODY_KNOWS)
def test_held_is_what_nobody_knows_of_until_the_person_decides(name, decides, crm, home, due):
    """With `on_unknown = hold` it is `unknown` and not sent again, and `crm today` asks; snoozed it is, done not."""
    box, fault = Mailbox(), MAY_PASS[name]
    with fault.serve(box) as port:
        configure(home, port, on_unknown="hold")
        assert turn(crm) == [("email", "unknown")]
    assert "unknown" in crm("reminder", "list").out
    with served(box) as port:
        configure(home, port, on_unknown="hold")
        assert turn(crm, MONDAY + HOUR) == []
        assert "Reminders that reached nobody" in crm("today").out
        (reminder,) = crm("reminder", "list", "--json").json["items"]
        crm(decides, reminder["ref"], *(["in 1 hour"] if decides == "snooze" else []))
        again = [("email", "completed")] if decides == "snooze" else []
        assert turn(crm, MONDAY + DAY) == again
        assert "Reminders that reached nobody" not in crm("today").out
    assert len(box.mails) == fault.copies + len(again)


def test_what_is_refused_for_good_goes_to_the_next_of_the_chain(crm, home, due):
    """550 ends it on e-mail with exit 1; the file, the end of the chain, gets it, and both are in the history."""
    box = Mailbox(replies={"RCPT": "550 no such user"})
    with served(box) as port:
        configure(home, port)
        done = turn(crm, code=1) + turn(crm, MONDAY + MINUTE)
        assert turn(crm, MONDAY + DAY) == []
    assert done == [("email", "discarded"), ("file", "completed")]
    assert [(each["channel"], each["state"]) for each in story(crm)] == done
    assert "550" in story(crm)[0]["error"]
    assert "no such user" in crm("reminder", "history").out
    assert (home / "reminders.log").read_text().count(TITLE) == 1
    assert box.mails == []


def test_a_chain_is_gone_along_until_somebody_takes_it(crm, home, due):
    """Refused by mail and by ntfy, it lands in the file; each refusal is told."""
    with served(Mailbox(replies={"MAIL": "554 no"})) as port, web(status=403) as server:
        configure(home, port)
        crm("config", "set", "reminders.fallback", "ntfy")
        crm("config", "set", "ntfy.server", server.url)
        crm("config", "set", "ntfy.topic", "a-topic-of-mine")
        done = turn(crm, code=1) + turn(crm, MONDAY + MINUTE) + turn(crm, MONDAY + HOUR)
    assert done == [("email", "discarded"), ("ntfy", "discarded"), ("file", "completed")]
    assert "403" in story(crm)[1]["error"]
    assert (home / "reminders.log").read_text().count(TITLE) == 1


def test_ntfy_down_for_a_day(crm, home, due):
    """A server that is down for a day is asked after 1, 5 and 30 minutes, 2 hours and then every 6 hours, and gets the
    reminder once when it is back; the file got it at once."""
    world = World.at(home)
    with web(status=503) as server:
        crm("config", "set", "ntfy.server", server.url)
        crm("config", "set", "ntfy.topic", "a-topic-of-mine")
        both = channels.ready(["file", "ntfy"], settings.load())
        for now in [*days(MONDAY, 9, MINUTE), *days(MONDAY + HOUR / 2, 24, HOUR)]:
            world.tick(now, **both)
        refused = len(server.posted)
        assert sorted(world.states()) == ["completed", "retryable"]
        server.status = 200
        for now in days(MONDAY + DAY, 8, HOUR):
            world.tick(now, **both)
        posted = server.bodies()
    assert (len(posted), world.states()) == (refused + 1, ["completed", "completed"])
    assert len({json.loads(body)["sequence_id"] for body in posted}) == 1
    assert "503" in world.attempts()[-2].detail
    file, *asked = world.attempts()
    waits = [after.started_at - before.started_at for before, after in pairwise(asked)]
    for waited, least in zip(waits, [*FIRST_WAITS, *[LONGEST_WAIT] * 3], strict=True):
        assert least <= waited <= least * 1.1 + HOUR  # turns are up to an hour apart
    assert file.outcome == "completed"
    assert (home / "reminders.log").read_text().count(TITLE) == 1


def test_a_file_on_a_full_disk(crm, home, due, tmp_path, monkeypatch):
    """Nothing of a message is written where the whole does not fit; it is told, and comes when there is room."""
    url = World.at(home).url
    with small_disk(tmp_path / "small", 1) as disk:
        monkeypatch.setenv("CRM_HOME", str(disk))
        monkeypatch.setenv("CRM_DATABASE_URL", url)
        configure(disk, closed_port(), "file")
        log = disk / "reminders.log"
        log.write_text("before\n")
        filler = fill(disk)
        log.write_bytes(log.read_bytes().ljust(4000, b"\n"))  # its page has room for a part of the message
        assert turn(crm) == [("file", "retryable")]
        assert "is the disk full?" in story(crm)[0]["error"]
        assert len(log.read_bytes()) == 4000
        filler.unlink()
        assert turn(crm, MONDAY + 2 * MINUTE) == [("file", "completed")]
        assert log.read_text().count(TITLE) == 1
