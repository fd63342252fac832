"""The .ics files of all feeds, each written only when its bytes change."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from heapq import nsmallest
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlmodel import Session

from calendars import feeds
from calendars.entry import Entry
from calendars.feeds import Feed
from calendars.ical import Rendered, render
from calendars.window import MOST_ENTRIES
from crm.errors import CrmError
from crm.files import write_if_changed

# What one feed's code or one damaged row can raise; a database that fails altogether is nobody's fault here.
_FAULTS = (ArithmeticError, AttributeError, ImportError, LookupError, TypeError, ValueError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What became of one feed.

    Attributes:
        name: the feed's name, such as `follow-ups`.
        path: its file.
        changed: whether the file was written.
        entries: how many entries stand in it; 0 if it failed.
        problems: a line on each entry that was left out or altered, and on why the feed failed.
        failed: it could not be made or written; its old file, if any, is untouched.
    """

    name: str
    path: Path
    changed: bool = False
    entries: int = 0
    problems: tuple[str, ...] = ()
    failed: bool = False


def export_feeds(
    session: Session,
    folder: Path,
    *,
    now: datetime,
    tz: ZoneInfo,
    names: Sequence[str] | None = None,
    alarms: bool = True,
) -> list[Published]:
    """Write `folder`/NAME.ics for each feed, or for those named; one that fails does not stop the others.

    Args:
        session: reads only.
        folder: where the files go; made if need be.
        now: the present instant, aware UTC; it only moves the window, once a day.
        tz: the person's zone.
        names: the feeds; None means all.
        alarms: whether entries carry their alarms.
    """
    chosen = feeds.names() if names is None else names
    return [_publish(session, name, folder, now=now, tz=tz, alarms=alarms) for name in chosen]


def _publish(session: Session, name: str, folder: Path, *, now: datetime, tz: ZoneInfo, alarms: bool) -> Published:
    path = folder / f"{name}.ics"
    try:
        rendered = render_feed(session, feeds.load(name), now=now, tz=tz, alarms=alarms)
        changed = write_if_changed(path, rendered.data)
    except CrmError as error:
        return Published(name=name, path=path, failed=True, problems=(error.message,))
    except _FAULTS as error:
        fault = f"the calendar {name} could not be made ({type(error).__name__}: {error!s:.200}); {path} is as it was"
        return Published(name=name, path=path, failed=True, problems=(fault,))
    return Published(name=name, path=path, changed=changed, entries=rendered.entries, problems=rendered.problems)


def render_feed(session: Session, feed: Feed, *, now: datetime, tz: ZoneInfo, alarms: bool = True) -> Rendered:
    """One feed as a calendar of at most `MOST_ENTRIES` entries: those nearest to today."""
    found = list(feed.entries(session, now=now, tz=tz))
    kept = _nearest(found, now=now, tz=tz)
    rendered = render(
        feed.title, kept if alarms else [replace(each, alarms=()) for each in kept], tz=tz, description=feed.about
    )
    if len(kept) == len(found):
        return rendered
    cut = f"the calendar {feed.name} has {len(found):,} entries; only the {len(kept):,} nearest to today are in it"
    return replace(rendered, problems=(cut, *rendered.problems))


def _nearest(entries: Sequence[Entry], *, now: datetime, tz: ZoneInfo) -> Sequence[Entry]:
    if len(entries) <= MOST_ENTRIES:
        return entries
    here = now.astimezone(tz).replace(tzinfo=None)
    return nsmallest(MOST_ENTRIES, entries, key=lambda each: (abs(_wall(each, tz) - here), each.uid))


def upcoming(entries: Iterable[Entry], *, now: datetime, tz: ZoneInfo) -> Entry | None:
    """The next entry from now on, today's whole days included; cancelled ones do not count."""
    here = now.astimezone(tz).replace(tzinfo=None)
    today = datetime.combine(here, time())
    ahead = [
        each
        for each in entries
        if each.status != "cancelled" and _wall(each, tz) >= (here if isinstance(each.starts, datetime) else today)
    ]
    return min(ahead, key=lambda each: (_wall(each, tz), each.uid), default=None)


def _wall(entry: Entry, tz: ZoneInfo) -> datetime:
    """What the clock in `tz` shows when it starts; naive, so that no day is too early or late to be compared."""
    if isinstance(entry.starts, datetime):
        return entry.starts.astimezone(tz).replace(tzinfo=None)
    return datetime.combine(entry.starts, time())
