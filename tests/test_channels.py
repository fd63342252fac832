"""The channels: what all of them keep to, and what each does with a message."""

import contextlib
import os
import resource
import socket
import stat
import subprocess
import sys
import threading
import time
import traceback
from dataclasses import replace
from pathlib import Path

import pytest
from channel_support import HAS_BUS, desktop, message, web
from hypothesis import given
from hypothesis import strategies as st
from smtp_support import Mailbox, hanging, scripted, served

from crm import setting_specs, settings
from crm.errors import ConfigurationError, DeliveryError
from crm.privacy import Detail, Mentioned
from reminders import channels
from reminders.channels import console, file

HOSTILE = "Kim \x1b]0;owned\x07\x1b[31mred\x9b2J [bold]Poe[/bold] \u202eevil\r\nfake line\u2028x"
HIDDEN = "tk-hunter2correcthorse"
HARMFUL = set("\x1b\x07\x9b\u202e\r\u2028")


class Outlet:
    """Each channel with something real behind it: send on it, and see all that came out there."""

    def __init__(self, crm, capsys, folder, stack):
        self.crm, self.capsys, self.folder, self.stack = crm, capsys, folder, stack
        self.mailbox, self.web, self.desktop = Mailbox(), None, None

    def open(self, name, monkeypatch, **values):
        """Make the channel's other end, and configure it."""
        set_up = {"email": self._email, "desktop": self._desktop}.get(name, self._web)
        if name not in {"console", "file"}:
            set_up(name, monkeypatch, values)
        return channels.configured(name, settings.load())

    def _email(self, _name, _monkeypatch, values):
        self.mailbox.__dict__.update(values)
        port = self.stack.enter_context(served(self.mailbox))
        for key, value in {"host": "127.0.0.1", "port": str(port), "security": "none", "to": "me@example.org"}.items():
            self.crm("config", "set", f"email.{key}", value)

    def _desktop(self, _name, monkeypatch, values):
        if not HAS_BUS:
            pytest.skip("dbus-daemon is not installed, so that nothing can be shown on a desktop")
        self.desktop = self.stack.enter_context(desktop(self.folder, **values))
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", self.desktop.address)

    def _web(self, name, monkeypatch, values):
        self.web = self.stack.enter_context(web(**values))
        (self.folder / "secret").write_text({"apprise": f"json://127.0.0.1:{self.web.port}/{HIDDEN}"}.get(name, HIDDEN))
        secret = {
            "apprise": "CRM_APPRISE_URLS_FILE",
            "ntfy": "CRM_NTFY_TOKEN_FILE",
            "webhook": "CRM_WEBHOOK_SECRET_FILE",
        }
        monkeypatch.setenv(secret[name], str(self.folder / "secret"))
        if name == "ntfy":
            self.crm("config", "set", "ntfy.topic", "my-topic")
            self.crm("config", "set", "ntfy.server", self.web.url)
        if name == "webhook":
            self.crm("config", "set", "webhook.url", f"{self.web.url}/hook")

    def came_out(self):
        """Everything, in the order it came."""
        path = settings.load().paths.reminders_file
        mails = [f"{each['Subject']}\n{_text(each)}" for each in self.mailbox.mails]
        posted = self.web.bodies() if self.web else []
        shown = [f"{each[3]}\n{each[4]}" for each in self.desktop.shown()] if self.desktop else []
        written = path.read_text() if path.exists() else ""
        return "\n".join([self.capsys.readouterr().out + written, *mails, *posted, *shown])


def _text(mail):
    """A mail's plain text; its lines end with CRLF on the way (RFC 5322 section 2.1)."""
    return mail.get_body(["plain"]).get_content().replace("\r\n", "\n")


@pytest.fixture
def outlet(crm, capsys, tmp_path, monkeypatch):
    """The other ends of all channels."""
    with contextlib.ExitStack() as stack:
        yield Outlet(crm, capsys, tmp_path, stack)


# What all channels keep to


@pytest.mark.parametrize("name", channels.names())
def test_a_channel_says_what_it_is(name):
    """Each channel has a docstring, options made from the settings, and says when sending fails."""
    module = channels.load(name)
    assert module.__doc__
    assert "DeliveryError" in (module.send.__doc__ or "")
    assert module.Options.from_settings.__doc__


@pytest.mark.parametrize("name", channels.names())
def test_a_message_arrives_whole_and_once(outlet, monkeypatch, name):
    """Title and body of each message come out, in the order of sending."""
    send = outlet.open(name, monkeypatch)
    send(message("First thing", "with a body", 1))
    send(message("Second thing", "and another\nline", 2))
    out = outlet.came_out()
    places = [out.index(words) for words in ("First thing", "with a body", "Second thing", "and another", "line")]
    assert places == sorted(places)
    assert out.count("Second thing") == (2 if name in {"email", "webhook"} else 1)  # subject and text, message and item


@pytest.mark.parametrize("name", channels.names())
@pytest.mark.parametrize("where", ["title", "body"])
def test_hostile_text_is_harmless(outlet, monkeypatch, name, where):
    """Escapes, markup, direction marks and line ends in people's text are shown, not obeyed."""
    outlet.open(name, monkeypatch)(message(**{where: HOSTILE}))
    out = outlet.came_out()
    assert not HARMFUL & set(out)
    assert "[bold]Poe[/bold]" in out
    fakes = [line for line in out.splitlines() if line.startswith("fake line")]
    assert len(fakes) == (where == "body" and name in {"desktop", "email"})  # where a message stands by itself


@pytest.mark.parametrize("name", [each for each in channels.names() if each != "ntfy"])
def test_a_long_message_is_not_cut(outlet, monkeypatch, name):
    """Ten thousand characters come out, every one; ntfy alone takes no more than 4,096 bytes."""
    outlet.open(name, monkeypatch)(message("A long one", "x" * 10_000))
    assert outlet.came_out().count("x") >= 10_000


@pytest.mark.parametrize("name", channels.names())
def test_a_channel_has_its_detail(name):
    """What stays on this machine is told in full; what leaves it, with first names."""
    here = name in {"console", "desktop", "file"}
    assert setting_specs.BY_NAME[f"{name}.detail"].default == ("full" if here else "first-names")


@pytest.mark.parametrize("name", channels.names())
@pytest.mark.parametrize("detail", list(Detail))
def test_no_more_is_said_than_the_detail_allows(outlet, monkeypatch, name, detail):
    """Full: the name as it is; first-names: no last name; busy: no name at all."""
    outlet.crm("config", "set", f"{name}.detail", detail)
    told = replace(message("Write to Jane Roe", "Ask Mrs Roe."), people=(Mentioned("Jane Roe", about=True),))
    outlet.open(name, monkeypatch)(told)
    out = outlet.came_out()
    assert ("Roe" in out) == (detail == Detail.FULL)
    assert ("Jane" in out) == (detail != Detail.BUSY)
    assert ("You have 1 reminder" in out) == (detail == Detail.BUSY)


@pytest.mark.parametrize("name", [each for each in channels.names() if each not in {"console", "file"}])
def test_a_channel_that_hangs_is_left_in_time(outlet, monkeypatch, name):
    """The other side takes the message and says nothing: the send ends, and nobody knows."""
    if name == "email":
        port = outlet.stack.enter_context(scripted(hanging(b".")))
        for key, value in {"host": "127.0.0.1", "port": str(port), "security": "none", "to": "me@example.org"}.items():
            outlet.crm("config", "set", f"email.{key}", value)
        ready = channels.configured("email", settings.load())
    else:
        ready = outlet.open(name, monkeypatch, behaves="hang")
    monkeypatch.setattr(socket, "getfqdn", lambda *_: pytest.fail("a look-up of this machine's name takes its time"))
    options = ready.sends.keywords["options"]
    assert 0 < options.seconds < channels.LONGEST_SEND_SECONDS
    started = time.monotonic()
    with pytest.raises(DeliveryError) as caught:
        channels.load(name).send(message(), replace(options, seconds=2 if name == "apprise" else 0.5))
    assert (caught.value.unknown, caught.value.permanent) == (True, False)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("name", ["apprise", "ntfy", "webhook"])
@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 500, 503])
def test_no_secret_is_in_an_error(outlet, monkeypatch, name, status):
    """The server refuses and repeats what it got: neither the error nor its cause holds the secret."""
    ready = outlet.open(name, monkeypatch, status=status, reply=f"no: {HIDDEN}".encode())
    with pytest.raises(DeliveryError) as caught:
        ready(message())
    told = "".join(traceback.format_exception(caught.value))
    assert HIDDEN not in told
    permanent = status < 500 and name != "apprise"  # which says no more than that it failed
    assert (caught.value.permanent, caught.value.unknown) == (permanent, False)


@pytest.mark.parametrize("name", [each for each in channels.names() if each not in {"console", "file"}])
def test_a_test_message_is_sent_by_command(outlet, monkeypatch, name):
    """`crm reminder test CHANNEL` sends one on each."""
    outlet.open(name, monkeypatch)
    assert f"Sent a test message on {name}" in outlet.crm("reminder", "test", name).out
    assert "This is a test" in outlet.came_out()


@pytest.mark.parametrize("on_unknown", ["resend", "hold"])
@pytest.mark.parametrize("name", ["apprise", "email", "ntfy", "webhook"])
def test_what_may_have_arrived_is_resent_or_held(outlet, monkeypatch, name, on_unknown):
    """`on_unknown` reaches the one who delivers."""
    outlet.crm("config", "set", f"{name}.on_unknown", on_unknown)
    assert outlet.open(name, monkeypatch).hold == (on_unknown == "hold")


def test_an_unknown_channel_is_named_with_the_known_ones(bare_home):
    """A channel that is not there: the message says which there are, and it counts as configuration."""
    with pytest.raises(ConfigurationError, match=r"pigeon.*console, desktop, email, file"):
        channels.ready(["pigeon"], settings.load())


def test_nothing_heavy_is_loaded_before_it_is_used():
    """The channels' names, and the two that need nothing, load no client of another's protocol."""
    code = (
        "import sys; from crm import settings; from reminders import channels;"
        "channels.ready(['console', 'file'], settings.load());"
        "print(sorted({'smtplib', 'http.client', 'jeepney', 'apprise', 'keyring'} & set(sys.modules)))"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "[]\n"


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
