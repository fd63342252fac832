"""A machine with a real systemd, booted for a test: process 1, logind, and a user manager of one person.

It needs root and a kernel that lets it mount. The root file system is seen through an overlay in memory, so nothing
that happens inside stays; every process inside is in a process namespace that ends with the process that booted it.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

BOOT = Path(__file__).with_name("boot.sh")
USER, UID, TARGET = "rig-person", 4242, "crm-rig.target"
TOOLS = ("systemd-nspawn", "unshare", "nsenter", "setpriv", "runuser", "dbus-daemon")
PREFIX = "crm-rig-"
BOOT_SECONDS, STOP_SECONDS, COMMAND_SECONDS = 40, 10, 60
POWER_OFF = signal.SIGRTMIN + 4  # what systemd takes as poweroff.target (systemd(1))


class CannotBootError(Exception):
    """This machine has not what it takes; the message says what."""


@dataclass(frozen=True)
class Machine:
    """A booted machine; `first` is the number of its process 1, as seen from outside."""

    first: int

    def as_root(self, *command: str, content: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command inside, as root."""
        enter = ["nsenter", "-t", str(self.first), "-m", "-u", "-i", "-n", "-p", "-C", "--", *command]
        return subprocess.run(
            enter,
            input=content or "",
            capture_output=True,
            text=True,
            check=False,
            timeout=COMMAND_SECONDS,
            cwd="/",
        )

    def run(self, *command: str, content: str | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command inside, as the person."""
        runtime = f"/run/user/{UID}"
        environment = {
            "HOME": f"/home/{USER}",
            "USER": USER,
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "XDG_RUNTIME_DIR": runtime,
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={runtime}/bus",
        } | variables
        said = [f"{name}={value}" for name, value in environment.items()]
        return self.as_root("runuser", "-u", USER, "--", "env", "-i", *said, *command, content=content)

    def shell(self, script: str) -> str:
        """What a script prints, run inside as the person; it has to succeed."""
        done = self.run("sh", "-euc", script)
        assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
        return done.stdout.strip()


def await_that(holds: Callable[[], bool], seconds: float) -> bool:
    """Look again and again whether something holds, for so long at most."""
    ends = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > ends:
            return False
        time.sleep(0.1)
    return True


@contextlib.contextmanager
def booted(folder: Path, *shown: Path) -> Iterator[Machine]:
    """A machine in which the folders `shown` can be read at their own paths.

    Args:
        folder: an empty one for the machine's mounts, which nobody but the machine sees.
        shown: what lies on another mount than the root file system, or below a closed folder.

    Raises:
        CannotBootError: this is no place for it.
    """
    _refuse_unfit()
    with _groups() as groups, (folder / "boot.log").open("w+") as log:
        process = _start(folder, shown, groups, log.fileno())
        try:
            yield _up(process, groups[0], log.name)
        finally:
            _down(process, groups[0])


def _refuse_unfit() -> None:
    if os.geteuid() != 0:
        raise CannotBootError("booting a systemd needs root")
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        raise CannotBootError(
            f"{', '.join(missing)} missing; Debian has systemd-container dbus-user-session util-linux"
        )
    if not list(Path("/usr/lib").glob("*/security/pam_systemd.so")) + list(
        Path("/lib").glob("*/security/pam_systemd.so")
    ):
        raise CannotBootError("pam_systemd missing; Debian has libpam-systemd")


@contextlib.contextmanager
def _groups() -> Iterator[list[Path]]:
    """A control group of our own in cgroup2, and in systemd's hierarchy of version 1 where that is mounted too."""
    roots = [Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/unified")]
    found = [root for root in roots if (root / "cgroup.controllers").exists()]
    if not found:
        raise CannotBootError("no cgroup2 is mounted")
    bases = [found[0], *[each for each in [Path("/sys/fs/cgroup/systemd")] if (each / "cgroup.procs").exists()]]
    groups = [base / f"{PREFIX}{os.getpid()}" for base in bases]
    for base in bases:
        _sweep(base)
    try:
        for group in groups:
            group.mkdir()
    except OSError as error:
        raise CannotBootError(f"no control group can be made: {error}") from error
    try:
        yield groups
    finally:
        for group in groups:
            await_that(lambda group=group: _gone(group), STOP_SECONDS)


def _sweep(base: Path) -> None:
    """Remove the groups that runs which were killed have left."""
    for group in base.glob(f"{PREFIX}*"):
        if not Path("/proc", group.name.removeprefix(PREFIX)).exists():
            _gone(group)


def _gone(group: Path) -> bool:
    """Remove a group and those below it; processes that still end keep it for a moment."""
    with contextlib.suppress(OSError):
        for below in sorted(group.rglob("*/"), key=lambda each: len(each.parts), reverse=True):
            below.rmdir()
        group.rmdir()
    return not group.exists()


def _start(folder: Path, shown: tuple[Path, ...], groups: list[Path], log: int) -> subprocess.Popen[bytes]:
    """Start the machine; `exec` keeps the number of the shell that has put itself into the groups."""
    mounts = folder / "machine"
    mounts.mkdir()
    join = 'for group; do [ "$group" = -- ] && break; echo $$ > "$group/cgroup.procs"; shift; done; shift; exec "$@"'
    space = ["unshare", "--mount", "--cgroup", "--pid", "--fork", "--mount-proc", "--kill-child"]
    space += ["--propagation", "private"]
    machine = ["sh", str(BOOT), str(mounts), USER, str(UID), TARGET]
    options = [f"--bind-ro={path}" for path in shown]
    return subprocess.Popen(
        # If this process is killed the machine dies with it.
        ["setpriv", "--pdeathsig", "KILL", "sh", "-c", join, "sh", *map(str, groups), "--", *space, *machine, *options],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )


def _up(process: subprocess.Popen[bytes], group: Path, log: str) -> Machine:
    """The machine, once its person's manager runs."""
    found: list[Machine] = []

    def ready() -> bool:
        if process.poll() is not None:
            raise CannotBootError(f"it ended: {Path(log).read_text()[-500:]}")
        first = _first_process(group)
        if first is None:
            return False
        found[:] = [Machine(first)]
        return found[0].run("systemctl", "--user", "is-system-running").stdout.strip() in {"running", "degraded"}

    if not await_that(ready, BOOT_SECONDS):
        raise CannotBootError(f"it did not come up within {BOOT_SECONDS} s: {Path(log).read_text()[-500:]}")
    return found[0]


def _first_process(group: Path) -> int | None:
    """The process in the groups below that is number 1 of its namespace and called systemd."""
    for listed in group.rglob("cgroup.procs"):
        with contextlib.suppress(OSError):
            for number in listed.read_text().split():
                about = Path("/proc", number)
                numbers = next(line for line in (about / "status").read_text().splitlines() if line.startswith("NSpid"))
                if numbers.split()[-1] == "1" and (about / "comm").read_text().strip() == "systemd":
                    return int(number)
    return None


def _down(process: subprocess.Popen[bytes], group: Path) -> None:
    """Power off; what does not end by itself is killed with its namespaces."""
    first = _first_process(group)
    if first is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(first, POWER_OFF)
    try:
        process.wait(STOP_SECONDS if first is not None else 0)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(STOP_SECONDS)
