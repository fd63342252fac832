"""A real daemon whose wall clock jumps under it: it wakes at once, says what fell due, and nothing twice."""

import os
import shutil
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from reminder_support import World

from crm import clock
from crm.cadence import day_of

DAY = timedelta(days=1)
PATIENCE = 60.0  # seconds; nothing waits that long unless it is broken
DRIVER = """
from crm.settings import load
from crm.store.engine import make_engine
from reminders import daemon

daemon.WATCH_SECONDS = 0.05
settings = load()
daemon.run(make_engine(settings.database_url.value), settings)
"""


@pytest.fixture(scope="module")
def shim(tmp_path_factory):
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None or not sys.platform.startswith("linux"):
        pytest.skip("no C compiler, or no Linux: THE DAEMON IS NOT TESTED UNDER A CLOCK THAT JUMPS")
    made = tmp_path_factory.mktemp("shim") / "wallshift.so"
    source = Path(__file__).with_name("wallshift.c")
    command = [compiler, "-Wall", "-Werror", "-shared", "-fPIC", "-O2", "-o", made, source, "-ldl"]
    subprocess.run(command, check=True, timeout=PATIENCE)
    return made


class Shifted:
    """A daemon, and the clock that it goes by."""

    def __init__(self, listener, file):
        self.listener = listener
        self.file = file

    def turn(self):
        """Wait until it has taken a turn that ended after this call."""
        while "WATCHDOG=1" not in self.listener.recv(4096).decode().splitlines():
            pass

    def shift(self, by):
        """Let its clock be off by so much from now on, at once."""
        beside = self.file.with_suffix(".new")
        beside.write_text(f"{by.total_seconds():.0f}")
        beside.replace(self.file)


@pytest.fixture
def shifted(home, shim, tmp_path, monkeypatch):
    """A daemon that by itself would take one turn an hour, and has taken its first."""
    monkeypatch.delenv("CRM_NOW")
    (home / "config.toml").write_text('[reminders]\ntick_seconds = 3600\nat = "00:00"\n[daemon]\nchannels = ["file"]\n')
    world, today = World.at(home), day_of(clock.now(), World.tz)
    world.task("Write to Jane Roe", today - DAY)
    world.task("Call Kim Poe", today + DAY)
    notify, file = tmp_path / "notify", tmp_path / "shift"
    variables = {"NOTIFY_SOCKET": str(notify), "WALLSHIFT": str(file), "LD_PRELOAD": str(shim)}
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(notify))
        listener.settimeout(PATIENCE)
        with subprocess.Popen(
            [sys.executable, "-c", DRIVER], env=os.environ | variables, stderr=subprocess.PIPE
        ) as process:
            found = Shifted(listener, file)
            try:
                found.turn()
                yield found
            finally:
                process.kill()


def test_a_day_ahead_and_two_back(shifted, home):
    """As after a suspend, what fell due is said at once; set back, turns go on at once, and nothing is said again."""

    def said():
        text = (home / "reminders.log").read_text()
        return [text.count(title) for title in ("Write to Jane Roe", "Call Kim Poe")]

    assert said() == [1, 0]
    shifted.shift(DAY)
    shifted.turn()
    assert said() == [1, 1]
    for by in (-DAY, DAY, timedelta(0)):
        shifted.shift(by)
        shifted.turn()
    assert said() == [1, 1]
