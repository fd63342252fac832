"""Real calendar programs, what each of them reads in a feed, and how that is compared.

Each is run once for all files of a test run, whichever worker asks first, in an environment of its own: `.clients`.
"""

import ctypes
import functools
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

ROOT = Path(__file__).parent.parent
PROGRAMS = ROOT / ".clients" / "bin"
MODULES = ROOT / ".clients" / "node" / "node_modules"
SCRIPTS = ROOT / "tests" / "clients"
SABRE = Path("/usr/share/php/Sabre/VObject/includes.php")
READERS = ("home_assistant", "icaljs", "libical", "recurring_events", "sabre", "vobject")
"""Those that read a file; the others, khal and Radicale, get theirs from a server or are one."""

Item = dict[str, Any]
Told = tuple[str, str, str | None, int]


def missing(what: str, remedy: str, *, always_skips: bool = False) -> None:
    """Skip the test and say what is missing and what puts it there; where CI runs the tests, fail."""
    told = f"{what} is not installed; to install it: {remedy}"
    if os.environ.get("CI", "").lower() in {"1", "true"} and not always_skips:
        pytest.fail(told)
    pytest.skip(told)


def program(name: str) -> Path:
    """The path of a calendar program."""
    path = PROGRAMS / name
    if not path.exists():
        missing(f"the calendar program {name}", "make .clients/.ready")
    return path


def node() -> Path:
    """The path of node, which is the system's; ical.js is there as well."""
    found = shutil.which("node")
    if found is None:
        missing("node", "see https://nodejs.org, then make .clients/.node", always_skips=True)
    if not (MODULES / "ical.js").exists():
        missing("ical.js", "make .clients/.node")
    return Path(str(found))


def php() -> Path:
    """The path of PHP, which is the system's; sabre/vobject is there as well."""
    found = shutil.which("php")
    if found is None or not SABRE.exists():
        missing("sabre/vobject", "apt install php-cli php-sabre-vobject", always_skips=True)
    return Path(str(found))


def python_with_libical() -> Path:
    """The path of Python, which finds libical; that is the system's."""
    try:
        ctypes.CDLL("libical.so.3")
    except OSError:
        missing("libical 3", "apt install libical3", always_skips=True)
    return program("python")


def command(client: str) -> tuple[Path, Path]:
    """What runs a client's script, and that script."""
    match client:
        case "icaljs":
            return node(), SCRIPTS / "with_icaljs.mjs"
        case "sabre":
            return php(), SCRIPTS / "with_sabre.php"
        case "libical":
            return python_with_libical(), SCRIPTS / "with_libical.py"
        case _:
            return program("python"), SCRIPTS / f"with_{client}.py"


def read(client: str, paths: Sequence[Path]) -> dict[str, Any]:
    """What a client makes of each path, see clients/told.py: by the path, its items or why it is refused."""
    return dict(json.loads(run(*command(client), *paths)))


def run(*words: object, **options: Any) -> str:
    """Run a program that must succeed, and give what it printed."""
    words = tuple(map(str, words))
    done = subprocess.run(words, check=False, capture_output=True, text=True, encoding="utf-8", timeout=60, **options)
    assert done.returncode == 0, f"{words[:3]} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of the test run have in common."""
    base = factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


def once(folder: Path, name: str, make: Callable[[], Any]) -> Any:
    """What `make` gives, made by whichever worker comes first and kept in the folder."""
    kept = folder / f"{name}.json"
    with FileLock(folder / f"{name}.lock"):
        if not kept.exists():
            kept.write_text(json.dumps(make()), encoding="utf-8")
    return _kept(kept)


@functools.cache
def _kept(path: Path) -> Any:
    """What the file says; nobody may change it."""
    return json.loads(path.read_text(encoding="utf-8"))


def told(items: Iterable[Item]) -> list[Told]:
    """Summary, start, end and number of alarms of each, sorted: what a person sees."""
    return sorted((each["summary"], each["start"], each["end"], len(each["alarms"])) for each in items)


def by_uid(items: Iterable[Item]) -> dict[str, Item]:
    """The items by their UIDs, of which no two may be alike."""
    items = list(items)
    found = {each["uid"]: each for each in items}
    assert len(found) == len(items), "a UID is there twice"
    return found
