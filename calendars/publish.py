"""The .ics files of all feeds, each written only when its bytes change."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from heapq import nsmallest
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlmodel import Session

from calendars import feeds
from calendars.entry import Entry
from calendars.feeds import Feed
from calendars.ical import Rendered, render
from calendars.terms import Terms
from calendars.window import MOST_ENTRIES, Window
from crm.errors import CrmError
from crm.files import write_if_changed
from crm.store import calendar_chats

# What one feed's code or one damaged row can raise; a database that fails altogether is nobody's fault here.
FAULTS = (ArithmeticError, AttributeError, ImportError, LookupError, TypeError, ValueError)


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
    terms: Terms | None = None,
) -> list[Published]:
    """Write `folder`/NAME.ics for each feed, or for those named; one that fails does not stop the others.

    Args:
        session: reads only.
        folder: where the files go; made if need be.
        now: the present instant, aware UTC; it only moves the window, once a day.
        tz: the person's zone.
        names: the feeds; None means all.
        terms: what was set for each feed; None means the defaults.
    """
    terms = terms or Terms()
    chosen = feeds.names() if names is None else names
    return [_publish(session, name, folder, now=now, tz=tz, terms=terms) for name in chosen]


def _publish(session: Session, name: str, folder: Path, *, now: datetime, tz: ZoneInfo, terms: Terms) -> Published:
    path = folder / f"{name}.ics"
    try:
        rendered = render_feed(session, feeds.load(name), now=now, tz=tz, terms=terms)
        changed = write_if_changed(path, rendered.data)
    except CrmError as error:
        return Published(name=name, path=path, failed=True, problems=(error.message,))
    except FAULTS as error:
        fault = f"the calendar {name} could not be made ({type(error).__name__}: {error!s:.200}); {path} is as it was"
        return Published(name=name, path=path, failed=True, problems=(fault,))
    return Published(name=name, path=path, changed=changed, entries=rendered.entries, problems=rendered.problems)


def render_feed(session: Session, feed: Feed, *, now: datetime, tz: ZoneInfo, terms: Terms | None = None) -> Rendered:
    """One feed as a calendar of at most `MOST_ENTRIES` entries, those nearest to today, as `terms` have it."""
    shown, of = shown_entries(session, feed, now=now, tz=tz, terms=terms)
    rendered = render(feed.title, shown, tz=tz, description=feed.about, color=feed.color)
    if len(shown) == of:
        return rendered
    cut = f"the calendar {feed.name} has {of:,} entries; only the {len(shown):,} nearest to today are in it"
    return replace(rendered, problems=(cut, *rendered.problems))


def shown_entries(
    session: Session, feed: Feed, *, now: datetime, tz: ZoneInfo, terms: Terms | None = None
) -> tuple[list[Entry], int]:
    """A feed's entries as `terms` have them, at most `MOST_ENTRIES`, nearest to today; and how many there were."""
    terms = terms or Terms()
    own = terms.of(feed.name)
    shown = own.shown(session)
    found = list(feed.entries(session, Window(now, tz, terms.week_starts_on, own.to_dos, terms.silent)))
    if not terms.from_calendar:  # what the person's own calendar tells already
        theirs = calendar_chats.told_there(session)
        found = [each for each in found if each.uid[:36] not in theirs]
    kept = _nearest(found, now=now, tz=tz)
    return [shown(each) for each in kept], len(found)


def _nearest(entries: Sequence[Entry], *, now: datetime, tz: ZoneInfo) -> Sequence[Entry]:
    if len(entries) <= MOST_ENTRIES:
        return entries
    here = now.astimezone(tz).replace(tzinfo=None)
    return nsmallest(MOST_ENTRIES, entries, key=lambda each: (abs(_wall(each, tz) - here), each.uid))


def upcoming(entries: Iterable[Entry], *, now: datetime, tz: ZoneInfo) -> Entry | None:
    """The next entry from now on, today's whole days included; what is cancelled or done does not count."""
    here = now.astimezone(tz).replace(tzinfo=None)
    today = datetime.combine(here, time())
    ahead = [
        each
        for each in entries
        if each.rings and _wall(each, tz) >= (here if isinstance(each.starts, datetime) else today)
    ]
    return min(ahead, key=lambda each: (_wall(each, tz), each.uid), default=None)


def _wall(entry: Entry, tz: ZoneInfo) -> datetime:
    """What the clock in `tz` shows when it starts; naive, so that no day is too early or late to be compared.

    What has no day is the farthest.
    """
    if entry.starts is None:
        return datetime.combine(date.max, time())
    if isinstance(entry.starts, datetime):
        return entry.starts.astimezone(tz).replace(tzinfo=None)
    return datetime.combine(entry.starts, time())
