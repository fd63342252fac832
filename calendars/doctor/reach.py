"""Whether `crm serve` answers, here and where others are to reach it, with what would be told now."""

import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from calendars.doctor.clients import Reach
from calendars.doctor.net import START_SECONDS, ask, reach_of
from calendars.remote.http import Answer
from calendars.server import tokens
from crm.actions.doctor import Check
from crm.errors import CrmError
from crm.settings import Settings

FEED = "all"
SKIPPED = "not asked: --offline"
LOOPBACK = "127.0.0.1"
BEGIN = b"BEGIN:VCALENDAR"
START = "if programs are to subscribe: crm serve (for good: crm service install --server)"
NO_WAY = "look at the proxy or tunnel there (for tailscale: tailscale serve status), then: crm calendar doctor"


@dataclass(frozen=True, slots=True)
class Told:
    """What a calendar would be now: as it leaves this machine, and with all that is known here."""

    leaves: bytes
    full: bytes


@dataclass(slots=True)
class Served:
    """What was found out besides; see `clients.Setup`."""

    serves: bool | None = None
    address: Reach | None = None
    secure: bool = True
    answers: bool | None = None


def served(settings: Settings, told: Callable[[], Told], found: Served, *, offline: bool) -> Iterator[Check]:
    """Ask the server on this machine, and the address that others are to use, if one is set.

    Args:
        settings: what the person configured.
        told: gives what would be told now; asked for only when there is an answer to compare.
        found: what is learnt goes in here.
        offline: ask nothing, and say so.
    """
    address = settings["serve.address"].rstrip("/")
    if address:
        found.address, found.secure = reach_of(address, look_up=not offline), address.startswith("https://")
    if offline:
        if not (settings.paths.data / tokens.FILE_NAME).exists():
            found.serves = False  # crm serve makes it when it starts
        yield Check("crm serve", ok=True, remedy=SKIPPED)
        yield from [_address(address, found, SKIPPED)] if address else []
        return
    path, wrong = _path(settings)
    if wrong:
        yield wrong
        return
    local = f"http://{LOOPBACK}:{settings['serve.port']}"
    yield _here(local, path, told, found, address)
    if address:
        yield _there(address, path, told, found)


def _path(settings: Settings) -> tuple[str, Check | None]:
    """The secret path of a calendar; it is not made here, and its file not mended."""
    file = settings.paths.data / tokens.FILE_NAME
    if not file.exists():
        return f"/calendars/none/{FEED}.ics", None
    try:
        if stat.S_IMODE(file.stat().st_mode) & 0o077:
            told = f"others can read {file}, and with it your calendars; crm calendar rotate --yes changes it"
            return "", Check("crm serve", ok=False, remedy=told)
        return f"/calendars/{tokens.load(settings.paths.data).token(FEED)}/{FEED}.ics", None
    except CrmError as error:
        return "", Check("crm serve", ok=False, remedy=error.message)


def _here(local: str, path: str, told: Callable[[], Told], found: Served, address: str) -> Check:
    name = f"crm serve ({local})"
    answer = ask(local + path, seconds=START_SECONDS)
    if answer.refused:
        found.serves = False
        return Check(name, ok=not address, remedy=f"it is not running; start it, {START}")
    wrong, note = _judged(local + path, answer, told, leaves=bool(address))
    found.serves = not wrong
    return Check(name, ok=not wrong, remedy=wrong or note)


def _there(address: str, path: str, told: Callable[[], Told], found: Served) -> Check:
    if not found.secure and found.address is Reach.PUBLIC:
        found.answers = False
        return _address(
            address,
            found,
            "it is not encrypted, so that others on the way can read your calendars; put HTTPS before it, then: "
            "crm config set serve.address https://HOST",
            ok=False,
        )
    if found.serves is False:
        found.answers = False
        return _address(address, found, "not asked: crm serve has to answer first")
    answer = ask(address + path)
    wrong, note = _judged(address + path, answer, told, leaves=True)
    found.answers = not wrong
    return _address(address, found, wrong or note or _note(found), ok=not wrong)


def _note(found: Served) -> str:
    if found.address is Reach.MACHINE:
        return "it leads nobody else here; name one that does: crm config set serve.address https://HOST"
    if not found.secure and found.address is Reach.NETWORK:
        return "it is not encrypted: in a network that you do not trust, others can read along"
    return ""


def _address(address: str, found: Served, remedy: str, *, ok: bool = True) -> Check:
    return Check(f"serve.address ({address}, reached by {found.address})", ok=ok, remedy=remedy)


def _judged(url: str, answer: Answer, told: Callable[[], Told], *, leaves: bool) -> tuple[str, str]:
    """What is wrong with an answer, or what else there is to say."""
    if wrong := _refused(url, answer):
        return wrong, ""
    now = told()
    if answer.body not in {now.leaves, now.full}:
        return "it tells something else than would be told now; end crm serve and start it anew: crm serve", ""
    if leaves and answer.body != now.leaves:
        return "it tells whole names, though others can ask: an older one runs; end it and start it anew: crm serve", ""
    again = ask(url, {"If-None-Match": answer.etag}) if answer.etag else Answer()
    if again.status == HTTPStatus.NOT_MODIFIED:
        return "", ""
    return "", "it sends all of it each time, though nothing changed; a proxy may take the ETag away"


def _refused(url: str, answer: Answer) -> str:
    """Why there is no calendar in an answer, with the way out; nothing if there is one."""
    if answer.status == HTTPStatus.OK and answer.body.startswith(BEGIN):
        return ""
    if answer.status == HTTPStatus.SERVICE_UNAVAILABLE:
        return "it cannot make the calendar just now; look at the database: crm doctor"
    return _refused_here(answer) if urlsplit(url).hostname == LOOPBACK else _refused_there(url, answer)


def _refused_here(answer: Answer) -> str:
    if answer.error:
        return f"{answer.error}; end it, then: crm serve"
    return f"something else listens there ({answer.status}); end it, or: crm config set serve.port PORT"


def _refused_there(url: str, answer: Answer) -> str:
    if answer.error:
        return f"{answer.error}; some routers do not lead back, so try it from outside, too; {NO_WAY}"
    if answer.status in range(300, 400):
        where = f"{answer.host or urlsplit(url).netloc:.100}"
        return f"it sends on to {where}; name what it sends to: crm config set serve.address https://{where}"
    if answer.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return "it asks for a password, which programs do not have; let /calendars/ through, then: crm calendar doctor"
    return f"it does not lead to your crm serve (it answered {answer.status}); {NO_WAY}"
