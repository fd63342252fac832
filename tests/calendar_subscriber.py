"""`crm serve` as a process, and a person's calendar on another machine: vdirsyncer fetches, khal shows."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any

import calendar_clients as clients
import calendar_year
from calendar_year import Somebody
from http_support import Handler, served

PAIR = """
[pair {name}]
a = "{name}_here"
b = "{name}_there"
collections = null
[storage {name}_here]
type = "filesystem"
path = "{folder}/{name}"
fileext = ".ics"
[storage {name}_there]
type = "http"
url = "{address}"
"""


@contextlib.contextmanager
def serving(home: Somebody, *, zone: str, port: int = 0) -> Iterator[str]:
    """`crm serve` on this port, or on a free one: its address, such as `http://127.0.0.1:8765`."""
    words = [sys.executable, "-m", "crm", "serve", "--port", str(port), "--json"]
    known = {"CRM_HOME": str(home.home), "CRM_TIMEZONE": zone, "CRM_NOW": calendar_year.NOW.isoformat()}
    there = {name: each for name, each in os.environ.items() if not name.startswith("CRM_")} | known
    with subprocess.Popen(words, env=there, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield _first(iter(process.stdout.readline, ""))
        finally:
            process.send_signal(signal.SIGTERM)
    assert process.returncode == 0


def _first(lines: Iterator[str]) -> str:
    """The first of the addresses that it says."""
    told = ""
    for line in lines:
        told += line
        if line == "}\n":
            return str(json.loads(told)["addresses"][0])
    raise AssertionError(f"crm serve did not start: {told}")


@contextlib.contextmanager
def files_served(folder: Path) -> Iterator[str]:
    """The address of a server of a folder's files, as any web server has them."""
    with served(partial(_Files, directory=str(folder))) as port:
        yield f"http://127.0.0.1:{port}"


class _Files(Handler, SimpleHTTPRequestHandler):
    """Says nothing on the terminal."""


@dataclass
class Subscriber:
    """What is subscribed to, and the folder where vdirsyncer keeps it."""

    folder: Path
    addresses: dict[str, str] = field(default_factory=dict)

    def sync(self) -> None:
        """Fetch all there is."""
        config = self.folder / "config"
        told = f'[general]\nstatus_path = "{self.folder}/status"\n'
        pairs = (PAIR.format(name=name, folder=self.folder, address=at) for name, at in self.addresses.items())
        config.write_text(told + "".join(pairs), encoding="utf-8")
        for name in self.addresses:
            (self.folder / name).mkdir(exist_ok=True)
        program = clients.program("vdirsyncer")
        if not (self.folder / "status").exists():
            clients.run(program, "-c", config, "discover")
        clients.run(program, "-c", config, "sync")

    def items(self) -> dict[str, Any]:
        """What khal shows of each, and the things to do beside it; see clients/told.py."""
        read = clients.read("khal", [self.folder / name for name in self.addresses])
        return {Path(path).name: each for path, each in read.items()}
