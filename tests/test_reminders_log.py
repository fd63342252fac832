"""The file channel's reminders.log: it does not grow for ever, and no message is lost when it is put aside."""

import stat
import threading
from pathlib import Path

import pytest
from channel_support import message

from crm.files import generations
from reminders.channels import file

BLOCK = "[Mon 5 Jan 2026 09:00] Write to Jane Roe\n    Done: crm done t1.\n    id id{}@x\n\n"


@pytest.fixture
def options(tmp_path):
    return file.Options(tmp_path / "reminders.log")


@pytest.fixture
def small(monkeypatch):
    """A file is full with so many bytes."""

    def is_full_with(count):
        monkeypatch.setattr(file, "LARGEST_BYTES", count)

    return is_full_with


def kept(options):
    """All that is in the files, the oldest first."""
    return "".join(each.read_text() for each in reversed(generations(options.path)) if each.exists())


def test_a_full_file_is_put_aside(options):
    """What would grow beyond 5 MB becomes reminders.log.1 as it is, and a new file begins with the message."""
    with options.path.open("wb") as full:
        full.truncate(file.LARGEST_BYTES - 10)
    file.send(message(), options)
    assert file.LARGEST_BYTES == 5_000_000
    assert options.path.with_name("reminders.log.1").stat().st_size == file.LARGEST_BYTES - 10
    assert options.path.read_text() == BLOCK.format(1)
    assert stat.S_IMODE(options.path.stat().st_mode) == 0o600


def test_five_are_kept_and_the_newest_messages_are_whole(options, small):
    """However much is said, six files at most, none too large; they hold the newest messages, each once, in order."""
    small(3 * len(BLOCK))
    for number in range(10, 60):
        file.send(message(number=number), options)
    names = sorted(each.name for each in options.path.parent.iterdir())
    assert names == ["reminders.log", *(f"reminders.log.{number}" for number in range(1, 6))]
    assert all(each.stat().st_size <= file.LARGEST_BYTES for each in generations(options.path))
    assert kept(options) == "".join(BLOCK.format(number) for number in range(60 - kept(options).count("id id"), 60))
    assert kept(options).count("id id") > 3 * 5


def test_a_message_larger_than_a_file_is_said(options, small):
    """It has a file of its own."""
    small(50)
    for number in (1, 2):
        file.send(message(number=number), options)
    assert kept(options) == BLOCK.format(1) + BLOCK.format(2)


def test_several_writers_lose_nothing_when_the_file_is_renamed(options, small):
    """Eight at once, while the file is put aside four times: every message is there, once and whole."""
    small(65 * len(BLOCK.format(100)))
    start = threading.Barrier(8)

    def send(first):
        start.wait()
        for number in range(first, first + 40):
            file.send(message(number=number), options)

    threads = [threading.Thread(target=send, args=[100 + 40 * number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([each for each in generations(options.path) if each.exists()]) == 5
    blocks = kept(options).split("\n\n")[:-1]
    assert sorted(blocks) == sorted(BLOCK.format(number).rstrip("\n") for number in range(100, 420))


def test_a_gap_that_a_crash_left_is_no_harm(options, small):
    """Killed between two renames, a number is missing: what comes before it moves up, and nothing is overwritten."""
    small(len(BLOCK))
    files = generations(options.path)
    for number in (0, 2, 5):
        files[number].write_text(BLOCK.format(number))
    file.send(message(number=7), options)
    there = {number: each.read_text() for number, each in enumerate(files) if each.exists()}
    assert there == {0: BLOCK.format(7), 1: BLOCK.format(0), 3: BLOCK.format(2), 5: BLOCK.format(5)}


def test_what_cannot_be_put_aside_grows(options, small, monkeypatch):
    """A folder in which nothing can be renamed: the message is said all the same."""
    small(len(BLOCK))
    file.send(message(number=1), options)

    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(Path, "replace", refuse)
    file.send(message(number=2), options)
    assert options.path.read_text() == BLOCK.format(1) + BLOCK.format(2)


def test_who_is_forgotten_is_in_none_of_them(crm, home):
    """`crm contact forget` looks into the files that were put aside as well."""
    crm("contact", "add", "Zephyrina Quill")
    crm("task", "add", "Write again", "--for", "c1", "--due", "today")
    crm("config", "set", "reminders.channels", "file")
    crm("reminder", "tick")
    log = home / "reminders.log"
    assert "Zephyrina" in log.read_text()
    for each in generations(log)[1:4:2]:
        each.write_bytes(log.read_bytes())
    crm("contact", "forget", "c1", "--yes")
    there = [each for each in generations(log) if each.exists()]
    assert len(there) == 3
    assert not any("Zephyrina" in each.read_text() for each in there)
