"""The channels: what all of them keep to, and what each does with a message."""

import os
import resource
import stat
import sys
import threading
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reminder_support import LOS_ANGELES, MONDAY

from crm import settings
from crm.errors import ConfigurationError, DeliveryError
from reminders import channels
from reminders.channels import console, file
from reminders.message import Item, Message

HOSTILE = "Kim \x1b]0;owned\x07\x1b[31mred\x9b2J [bold]Poe[/bold] \u202eevil\r\nfake line\u2028x"
HARMFUL = set("\x1b\x07\x9b\u202e\r\u2028")


def message(title="Write to Jane Roe", body="Done: crm done t1.", number=1):
    at: datetime = MONDAY.astimezone(LOS_ANGELES)
    item = Item(key=f"k{number}", title=title, body=body)
    return Message(key=item.key, message_id=f"id{number}@x", title=title, body=body, items=(item,), at=at)


@pytest.fixture
def outlet(bare_home, capsys, monkeypatch):
    """Send on a channel of that name with the person's settings, and give all that came out anywhere."""
    bare_home.mkdir()
    chosen = settings.load()

    def send(name, *messages):
        ready = channels.ready([name], chosen)[name]
        for each in messages:
            ready(each)
        path = chosen.paths.reminders_file
        return capsys.readouterr().out + (path.read_text() if path.exists() else "")

    return send


# What all channels keep to


@pytest.mark.parametrize("name", channels.names())
def test_a_channel_says_what_it_is(name):
    """Each channel has a docstring, options made from the settings, and says when sending fails."""
    module = channels.load(name)
    assert module.__doc__
    assert "DeliveryError" in (module.send.__doc__ or "")
    assert module.Options.from_settings.__doc__


@pytest.mark.parametrize("name", channels.names())
def test_a_message_arrives_whole_and_once(outlet, name):
    """Title and body of each message come out, in the order of sending."""
    out = outlet(name, message("First thing", "with a body", 1), message("Second thing", "and another\nline", 2))
    places = [out.index(words) for words in ("First thing", "with a body", "Second thing", "and another", "line")]
    assert places == sorted(places)
    assert out.count("Second thing") == 1


@pytest.mark.parametrize("name", channels.names())
@pytest.mark.parametrize("where", ["title", "body"])
def test_hostile_text_is_harmless(outlet, name, where):
    """Escapes, markup, direction marks and line ends in people's text are shown, not obeyed."""
    out = outlet(name, message(**{where: HOSTILE}))
    assert not HARMFUL & set(out)
    assert "[bold]Poe[/bold]" in out
    assert not any(line.startswith("fake line") for line in out.splitlines())


@pytest.mark.parametrize("name", channels.names())
def test_a_long_message_is_not_cut(outlet, name):
    """Ten thousand characters come out, every one."""
    assert outlet(name, message("x" * 10_000)).count("x") >= 10_000


def test_an_unknown_channel_is_named_with_the_known_ones():
    """A channel that is not there: the message says which there are, and it counts as configuration."""
    with pytest.raises(ConfigurationError, match=r"pigeon.*console, file"):
        channels.ready(["pigeon"], settings.load())


# The file


@pytest.fixture
def options(tmp_path):
    return file.Options(tmp_path / "reminders.log")


def test_the_file_is_private_and_grows(options):
    """It is made 0600, and each message is one block under the time at which it was sent."""
    file.send(message(), options)
    first = options.path.read_text()
    assert first == "[Mon 5 Jan 2026 09:00] Write to Jane Roe\n    Done: crm done t1.\n    id id1@x\n\n"
    assert stat.S_IMODE(options.path.stat().st_mode) == 0o600
    file.send(message(number=2), options)
    assert options.path.read_text() == first + first.replace("id1@x", "id2@x")


@given(st.text(max_size=200), st.text(max_size=400))
def test_only_heads_of_blocks_start_a_line(tmp_path_factory, title, body):
    """Whatever is in a message, its block has one line that is not indented, so that blocks can be told apart."""
    path = tmp_path_factory.mktemp("log") / "log"
    for number in (1, 2):
        file.send(message(title, body, number), file.Options(path))
    lines = path.read_bytes().decode().split("\n")
    assert [line[:1] for line in lines if line and not line.startswith("    ")] == ["[", "["]
    assert [line for line in lines if line.startswith("    id id")][-1] == "    id id2@x"


def test_a_message_that_does_not_fit_leaves_nothing_behind(options):
    """The disk is full in the middle of a message: nothing of it is in the file, and it can be tried again."""
    file.send(message(), options)
    before = options.path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 40, hard))
    try:
        with pytest.raises(DeliveryError, match="cannot be written") as caught:
            file.send(message(number=2), options)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.permanent is False
    assert options.path.read_bytes() == before
    file.send(message(number=2), options)
    assert b"id2@x" in options.path.read_bytes()


@pytest.mark.parametrize("path", ["missing/reminders.log", "."])
def test_a_file_that_cannot_be_written_is_named(tmp_path, path):
    """A folder that is not there, or a folder in the file's place: the error names it, and trying again may help."""
    with pytest.raises(DeliveryError, match=str(tmp_path)) as caught:
        file.send(message(), file.Options(tmp_path / path))
    assert caught.value.permanent is False


def test_a_full_device_is_told_in_its_own_words():
    """The system's own reason reaches the person."""
    with pytest.raises(DeliveryError, match="No space left"):
        file.send(message(), file.Options(Path("/dev/full")))


def test_messages_of_several_senders_do_not_mix(options):
    """Eight threads with forty messages each: every block is whole."""

    def send(start):
        for number in range(start, start + 40):
            file.send(message("A title", "one\ntwo\nthree", number), options)

    threads = [threading.Thread(target=send, args=[start * 40]) for start in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    blocks = options.path.read_text().split("\n\n")
    assert blocks.pop() == ""
    whole = "[Mon 5 Jan 2026 09:00] A title\n    one\n    two\n    three\n    id id{}@x"
    assert sorted(blocks) == sorted(whole.format(number) for number in range(320))


# The console


def test_a_closed_output_is_a_failed_delivery(monkeypatch):
    """Output that nobody reads (a pipe whose reader has gone) is no delivery: it is tried again."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as output, Path(os.devnull).open("w") as nowhere, monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", output)
        with pytest.raises(DeliveryError, match="Broken pipe"):
            console.send(message(), console.Options())
        os.dup2(nowhere.fileno(), writer)  # what is left in the buffer goes there


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_the_console_folds_at_its_width(capsys, monkeypatch, columns):
    """No line is wider than the terminal, the body is indented, and nothing trails."""
    monkeypatch.setenv("COLUMNS", str(columns))
    console.send(message("word " * 60, "other " * 60), console.Options())
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= columns
    assert [line for line in lines if "other" in line and not line.startswith("  ")] == []
    assert lines == [line.rstrip() for line in lines]
