"""Whether the files and what was pushed are what they would be now, and whether anything renews them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from calendars.doctor.look import Look
from calendars.doctor.places import Opened
from calendars.publish import FAULTS
from calendars.remote.items import Item
from crm.actions.doctor import Check
from crm.dates import say_instant
from crm.models import Published
from crm.settings import Settings
from crm.store import journal, published

PATIENCE: Final = timedelta(minutes=5)
"""A daemon that runs has written the files by then; it does each minute."""
PUSH_PATIENCE: Final = timedelta(hours=2)
"""By then it has pushed; after a failure it waits an hour at most."""
MOST_COMMANDS: Final = 500


@dataclass(frozen=True, slots=True)
class Clock:
    """The present instant (aware UTC), the person's zone, and whether a daemon runs."""

    now: datetime
    tz: ZoneInfo
    daemon_runs: bool

    def say(self, at: datetime) -> str:
        """An instant in words."""
        return say_instant(at, tz=self.tz)


def fresh(
    session: Session, looks: Sequence[Look], opened: Sequence[Opened], settings: Settings, clock: Clock
) -> Iterator[Check]:
    """Look at the files, the daemon, and what was noted of each place; nothing is asked over the network."""
    yield _files(session, looks, clock)
    told = "" if clock.daemon_runs else "it is not running, so nothing is renewed by itself; crm service install"
    yield Check("daemon", ok=True, remedy=told)
    for each in opened:
        if each.place is not None:
            yield _pushed(session, each, settings, clock)


def up_to_date(session: Session, looks: Sequence[Look], clock: Clock) -> bool | None:
    """Whether all files are there as they would be written now, or will be in a moment; None if there are none."""
    if all(each.file is None for each in looks):
        return None
    wrong = [each for each in looks if not each.is_fresh]
    return not wrong or (all(each in _stale(looks) for each in wrong) and _renewed(session, wrong, clock))


def _stale(looks: Sequence[Look]) -> list[Look]:
    """The files that can be read, and hold something else than would be told now."""
    return [
        each for each in looks if each.file is not None and each.now is not None and each.is_whole and not each.is_fresh
    ]


def _renewed(session: Session, stale: Sequence[Look], clock: Clock) -> bool:
    """Whether the daemon is about to write these anew."""
    since = _since(session, stale)
    return clock.daemon_runs and since is not None and clock.now - since <= PATIENCE


def _files(session: Session, looks: Sequence[Look], clock: Clock) -> Check:
    there = [each for each in looks if each.file is not None]
    if not there:
        return Check("files", ok=True, remedy="there are none yet; if a program is to read them: crm calendar export")
    missing = [each.path.name for each in looks if each.file is None and not each.unread]
    stale = _stale(looks)
    told = f"files in {there[0].path.parent}"
    if not stale and not missing:
        broken = ", ".join(each.path.name for each in looks if not each.is_whole)
        return Check(told, ok=True, remedy=f"apart from {broken}, see above" if broken else "")
    if not missing and _renewed(session, stale, clock):
        return Check(told, ok=True, remedy="the daemon is about to renew them")
    said = [_say_stale(stale, _since(session, stale), clock)] if stale else []
    said += [f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing"] if missing else []
    by_itself = (
        "its log says why the daemon did not: crm service status" if clock.daemon_runs else "crm service install"
    )
    return Check(told, ok=False, remedy=f"{'; '.join(said)}; crm calendar export (to have it done: {by_itself})")


def _say_stale(stale: Sequence[Look], since: datetime | None, clock: Clock) -> str:
    names = ", ".join(each.path.name for each in stale)
    written_at = min(each.written_at for each in stale if each.written_at)
    told = f"{names} {'is' if len(stale) == 1 else 'are'} not as of now: written {clock.say(written_at)}"
    return f"{told}, and changed since {clock.say(since)}" if since else told


def _since(session: Session, stale: Sequence[Look]) -> datetime | None:
    """When something was first done, or taken back, after the oldest of these files was written."""
    written = [each.written_at for each in stale if each.written_at]
    if not written:
        return None
    oldest = min(written)
    done = journal.commands(session, limit=MOST_COMMANDS)
    times = [at for each in done for at in (each.at, each.undone_at) if at is not None]
    return min((at for at in times if at > oldest), default=None)


def _pushed(session: Session, opened: Opened, settings: Settings, clock: Clock) -> Check:
    rows = published.of(session, opened.target)
    times = [each.published_at for each in rows.values() if each.published_at]
    told = f"{opened.verb} {opened.name}" + (f" (last {clock.say(max(times))})" if times else "")
    if opened.items is None:
        return Check(told, ok=True, remedy="" if times else "nothing was put there yet; do it: crm calendar sync")
    try:
        items, _ = opened.items(session, settings, now=clock.now, tz=clock.tz)
    except FAULTS:
        return Check(told, ok=False, remedy="what is to be there could not be made; to see why: crm calendar export")
    waits = len(_waiting(items, rows))
    if not waits:
        return Check(told, ok=True)
    latest = journal.commands(session, limit=1)
    late = clock.daemon_runs and bool(latest) and clock.now - latest[0].at > PUSH_PATIENCE
    why = "the daemon did not push it; to see why" if late else "push it"
    return Check(told, ok=not late, remedy=f"{waits:,} wait{'s' if waits == 1 else ''}; {why}: crm calendar publish")


def _waiting(items: Sequence[Item], rows: Mapping[str, Published]) -> set[str]:
    """What was not put there as it is now, and what was not yet removed there, by our own notes."""
    wanted = {each.uid: (each.fingerprint, each.name) for each in items}
    noted = {uid: (row.fingerprint, row.href) if row.published_at else None for uid, row in rows.items()}
    return {uid for uid in wanted.keys() | noted.keys() if uid not in wanted or noted.get(uid) != wanted[uid]}
