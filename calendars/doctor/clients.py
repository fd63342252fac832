"""Whether each calendar program gets to see the calendars as things are set up, and if not, what would help."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from calendars.doctor.programs import Program, Where


class Reach(StrEnum):
    """Who can reach an address."""

    MACHINE = "this machine alone"
    NETWORK = "your local network"
    TAILNET = "the devices in your tailnet"
    PUBLIC = "everybody"


class Outcome(StrEnum):
    """Whether a program shows the calendars."""

    NOW = "works now"
    WHILE_ON = "works while this machine is on"
    NOT_NOW = "set up, but not working just now"
    CANNOT = "cannot see it"


@dataclass(frozen=True, slots=True)
class Pushed:
    """One place that the calendars are pushed to.

    Attributes:
        name: its address or path.
        kind: caldav, webdav or folder.
        reach: who can reach it; of a folder, nobody knows where it is carried.
        works: whether it answers and lets one in; None if it was not asked.
    """

    name: str
    kind: str
    reach: Reach = Reach.PUBLIC
    works: bool | None = None


@dataclass(frozen=True, slots=True)
class Setup:
    """What a person has set up, and what of it answers.

    Attributes:
        serves: whether `crm serve` answers on this machine; None if it was not asked.
        address: who can reach `serve.address`; None if it is not set.
        secure: whether that address is https.
        answers: whether it answers; None if it was not asked.
        files: whether the .ics files are up to date; None if there are none.
        pushed: the places that the calendars are pushed to.
        port: where `crm serve` is to listen.
    """

    serves: bool | None = None
    address: Reach | None = None
    secure: bool = True
    answers: bool | None = None
    files: bool | None = None
    pushed: tuple[Pushed, ...] = ()
    port: int = 8765


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of the calendars in a program: the outcome, why, and what would help where it does not work."""

    outcome: Outcome
    why: str
    remedy: str = ""

    @property
    def works(self) -> bool:
        """Whether the program shows them."""
        return self.outcome in {Outcome.NOW, Outcome.WHILE_ON}


_SEES: Final = {
    Where.HERE: frozenset(Reach),
    Where.DEVICE: frozenset({Reach.NETWORK, Reach.TAILNET, Reach.PUBLIC}),
    Where.OUTSIDE: frozenset({Reach.PUBLIC}),
}
_PUSH: Final = "crm config set calendar.publish.url https://HOST/PATH"
_ANEW: Final = "crm calendar export"
_ORDER: Final = tuple(Outcome)


def verdict(program: Program, setup: Setup) -> Verdict:
    """What becomes of the calendars in a program: by the best of the ways that are set up."""
    ways = [*_by_push(program, setup), *_by_file(program, setup), *_by_address(program, setup)]
    return min(ways, key=lambda each: _ORDER.index(each.outcome), default=_cannot(program, setup))


def _by_push(program: Program, setup: Setup) -> Iterator[Verdict]:
    """The places that it looks at, or that are its own."""
    for each in setup.pushed:
        seen = each.reach in _SEES[program.where]
        if each.kind == "caldav" and (_is_own(program, each) or (program.caldav and seen)):
            yield _if(each.works, Outcome.NOW, f"through the calendar {each.name}, to which yours are pushed")
        elif each.kind == "webdav" and program.subscribes and seen:
            told = f"subscribed to the file at {each.name}, where it can be read without a password"
            yield _if(each.works, Outcome.NOW, told)
        elif each.kind == "folder" and program.files:
            yield _if(each.works, Outcome.NOW, f"through the files in {each.name}, where they are carried to")


def _if(works: bool | None, outcome: Outcome, why: str) -> Verdict:
    """That outcome, unless what it needs is known to fail."""
    if works is False:
        return Verdict(Outcome.NOT_NOW, why, "see what is wrong with it: crm calendar publish --dry-run")
    return Verdict(outcome, why if works else f"{why} (it was not asked now)")


def _is_own(program: Program, place: Pushed) -> bool:
    """Whether it is the program's own server."""
    host, _, path = place.name.partition("://")[2].partition("/")
    name = host.rpartition(":")[0] or host
    return any(
        f"/{path}".startswith(each) if each.startswith("/") else f".{name.lower()}".endswith(f".{each}")
        for each in program.hosts
    )


def _by_file(program: Program, setup: Setup) -> Iterator[Verdict]:
    """The file on this machine; a stale one shows what was."""
    if program.where is not Where.HERE or not program.files or setup.files is None:
        return
    if setup.files:
        yield Verdict(Outcome.NOW, "through the file on this machine; crm calendar export names it")
        return
    asked = " (whether crm serve runs was not asked now)" if setup.serves is None else ""
    yield Verdict(Outcome.NOT_NOW, f"through the file on this machine, which shows what was{asked}", _ANEW)


def _by_address(program: Program, setup: Setup) -> Iterator[Verdict]:
    """What `crm serve` serves, here or where others reach it."""
    if not program.subscribes:
        return
    if program.where is Where.HERE and setup.serves is not False:
        stale = program.files and setup.files is False  # which is known, where the server was not asked
        asked = "" if setup.serves else ", if crm serve runs (it was not asked now)"
        if setup.serves or not stale:
            yield Verdict(Outcome.NOW, f"subscribed to what crm calendar url shows{asked}")
    elif setup.address in _SEES[program.where] and (setup.secure or program.where is not Where.OUTSIDE):
        yield _from_afar(setup)


def _from_afar(setup: Setup) -> Verdict:
    why = f"subscribed to what crm calendar url shows, which {setup.address} can reach"
    if setup.serves is False:
        return Verdict(Outcome.NOT_NOW, why, "start the server: crm serve")
    if setup.answers is False:
        return Verdict(Outcome.NOT_NOW, why, "see why serve.address does not answer: crm calendar doctor")
    return Verdict(Outcome.WHILE_ON, why if setup.answers else f"{why} (it was not asked now)")


def _cannot(program: Program, setup: Setup) -> Verdict:
    """Nothing that is set up is of use to it: why, and the way that takes least."""
    if program.where is Where.HERE:
        needed = _ANEW if program.files else "crm serve"
        why = "there is no file yet, and crm serve does not run" if program.files else "crm serve does not run"
        return Verdict(Outcome.CANNOT, why, needed)
    if program.where is Where.DEVICE:
        return _no_device(program, setup)
    why = "its servers fetch from outside, and cannot see this machine"
    if program.hosts:
        return Verdict(Outcome.CANNOT, why, f"make a calendar there, and push to it: {_PUSH}")
    if setup.address is Reach.TAILNET:
        more = "unless tailscale funnel is on"
        return Verdict(Outcome.CANNOT, f"{why}, {more}", f"open it to everybody: tailscale funnel --bg {setup.port}")
    if setup.address is Reach.PUBLIC:
        told = "put HTTPS before it, then: crm config set serve.address https://HOST"
        return Verdict(Outcome.CANNOT, "serve.address is http, which is not encrypted", told)
    address = f"tailscale funnel --bg {setup.port}, then: crm config set serve.address https://NAME.ts.net"
    return Verdict(Outcome.CANNOT, why, address)


def _no_device(program: Program, setup: Setup) -> Verdict:
    if program.caldav:
        why = "the device sees nothing on this machine, and nothing is pushed to where it looks"
        if unseen := next((each for each in setup.pushed if each.kind == "caldav"), None):
            why = f"yours are pushed to {unseen.name}, which {unseen.reach} can reach; the device cannot"
            return Verdict(Outcome.CANNOT, why, f"push to a server that it can reach: {_PUSH}")
        return Verdict(Outcome.CANNOT, why, f"push to a CalDAV server: {_PUSH}")
    address = f"tailscale serve --bg {setup.port}, then: crm config set serve.address https://NAME.ts.net"
    if program.files:
        address = f"crm config set calendar.publish.folder DIR (a synced one), or {address}"
    return Verdict(Outcome.CANNOT, "the device sees nothing on this machine", address)
