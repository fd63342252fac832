"""What the daemon says on standard error: a line for each event, for people or programs, without anybody's name."""

import json
import os
from dataclasses import replace
from datetime import date

import pytest
from reminder_support import World

from crm.errors import CrmError, DeliveryError
from reminders import log
from reminders.daemon import Daemon
from reminders.job import Job
from reminders.orders import Orders


@pytest.fixture(autouse=True)
def _as_before(monkeypatch):
    monkeypatch.delenv("CRM_NOW", raising=False)
    yield
    log.use("text")


@pytest.fixture
def world(empty_database, tmp_path):
    return World.copy(empty_database, tmp_path)


@pytest.fixture
def logged(capsys):
    """The lines since the last call, as JSON."""
    log.use("json")
    capsys.readouterr()
    return lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def of(event, lines):
    (found,) = [each for each in lines if each["event"] == event]
    return found


def daemon(world, *, jobs=(), **channels):
    return Daemon(world.engine, Orders(lambda: world.terms(**channels), 30.0), jobs=jobs)


def test_a_turn_is_a_line_of_counts(world, logged):
    """Instant, level, event and counts, under names that stay; nothing that the reminder says."""
    world.task("Write to Jane Roe", date(2026, 1, 5))
    daemon(world).turn()
    line = of("turn", logged())
    assert (line["level"], line["planned"], line["sent"], line["failed"], line["errors"]) == ("info", 1, 1, 0, [])
    assert line["at"].endswith("Z")
    assert "Jane" not in json.dumps(line)


def test_a_refusal_is_told_without_what_the_server_repeats(world, logged):
    """The channel and its reason; the title and the address that the server's words hold are left out."""
    world.task("Write to Jane Roe", date(2026, 1, 5))
    said = 'mail.example.org refused the message (554): "Write to Jane Roe" for <jane@example.org> is spam'
    world.console.faults.append(DeliveryError(said, permanent=True))
    one = daemon(world)
    one.turn()
    line = of("turn", logged())
    assert (line["level"], line["failed"]) == ("warning", 1)
    assert line["errors"] == [
        {"channel": "console", "error": 'mail.example.org refused the message (554): "…" for … is spam'}
    ]
    assert "Jane" not in one.last_error


def test_channels_are_told_when_they_change_and_only_then(world, logged, monkeypatch):
    """A desktop that comes or goes is a line with its reason; a turn with the same channels is none."""
    gone = {"desktop": "there is no desktop session"}
    terms = world.terms()
    without = replace(terms, outlets=replace(terms.outlets, absent=gone))
    given = iter([without, without, terms, terms])
    one = Daemon(world.engine, Orders(lambda: next(given), 30.0))
    told = []
    for _ in range(4):
        one.turn()
        told.append([each["absent"] for each in logged() if each["event"] == "channels"])
    assert told == [[gone], [], [{}], []]


def test_terms_that_cannot_be_told_any_more_stay_as_they_were(world, logged):
    """A package that is being upgraded, say: the turn goes by the last terms, and that is told once."""
    good = [world.terms()]

    def terms():
        if good:
            return good.pop()
        raise CrmError("Apprise is not installed")

    one = Daemon(world.engine, Orders(terms, 30.0))
    world.task("Write to Jane Roe", date(2026, 1, 5))
    for _ in range(3):
        one.turn()
    assert of("configuration", logged())["error"] == "Apprise is not installed"
    assert world.console.titles() == ["Write to Jane Roe"]


def test_jobs_have_lines_too(world, logged):
    """What a job did, and what it could not; what has nothing to tell tells nothing."""

    def full(_now):
        raise CrmError("the disk is full")

    one = daemon(world)
    for run in (lambda _now: "3 backups removed", full, lambda _now: None):
        one._do(Job("backup", 1, run))
    done, failed = logged()
    assert (done["level"], done["job"], done["message"]) == ("info", "backup", "backup: 3 backups removed")
    assert (failed["level"], failed["job"], failed["error"]) == ("error", "backup", "backup: the disk is full")
    assert one.last_error == "backup: the disk is full"


@pytest.mark.parametrize("hostile", ["a\nb", "\x1b[31mred", "\ud800", "\u202ereversed"])
def test_an_event_is_one_harmless_line(capsys, hostile):
    """Whatever an error holds, it cannot break the line or move a cursor, in either form."""
    for form in ("text", "json"):
        log.use(form)
        log.say("failed", f"it said {hostile}", error=hostile)
        (line,) = capsys.readouterr().err.splitlines()
        assert line.isprintable()


def test_auto_is_json_where_the_journal_listens(tmp_path, monkeypatch):
    """JOURNAL_STREAM names the device and inode of standard error; another's, or none, is not the journal."""
    with (tmp_path / "journal").open("w+") as stream:
        about = os.fstat(stream.fileno())
        monkeypatch.setattr("sys.stderr", stream)
        for named in (f"{about.st_dev}:{about.st_ino}", f"{about.st_dev}:{about.st_ino + 1}", ""):
            monkeypatch.setenv("JOURNAL_STREAM", named)
            log.use("auto")
            log.say("started", "reminding")
        stream.seek(0)
        lines = stream.read().splitlines()
    assert [line.startswith("{") for line in lines] == [True, False, False]


def test_that_nobody_listens_does_no_harm(tmp_path, monkeypatch):
    """Standard error that is closed, broken or not there: the daemon goes on."""
    read, write = os.pipe()
    os.close(read)
    closed = (tmp_path / "closed").open("w")
    closed.close()
    broken = os.fdopen(write, "w")
    for stream in (None, closed, broken):
        monkeypatch.setattr("sys.stderr", stream)
        log.use("auto")
        log.say("started", "reminding")
    monkeypatch.undo()
    with pytest.raises(BrokenPipeError):
        broken.close()
