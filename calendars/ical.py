"""Entries as an iCalendar stream (RFC 5545, 7986), through icalendar.

The same entries give the same bytes, in whatever order they come. Every text is made harmless first, and an entry that
cannot be written is left out and reported, so that one bad record never costs a person the whole calendar.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from urllib.parse import quote as percent_encode
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, Todo, vCategory, vDuration, vText

from calendars.entry import Entry, in_utc
from calendars.timezones import vtimezone
from crm.escaping import for_ics, quote

_PRODID = "-//networking-crm//networking-crm//EN"
_NO_WORDS = "(no words)"
_REFRESH = timedelta(hours=1)
_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
_REORDERING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_TO_DO_STATUS = {
    "confirmed": "NEEDS-ACTION",
    "tentative": "NEEDS-ACTION",
    "done": "COMPLETED",
    "cancelled": "CANCELLED",
}


@dataclass(frozen=True, slots=True)
class Rendered:
    """A calendar's bytes, how many entries stand in it, and a line on each one that was left out or altered."""

    data: bytes
    entries: int
    problems: tuple[str, ...] = ()


class _Text(vText):
    r"""A TEXT value (RFC 5545 3.3.11). icalendar's own reads `\N` as a new line, which breaks `C:\Notes`."""

    __slots__ = ()

    def to_ical(self) -> bytes:
        """The text with backslash, semicolon, comma and newline escaped."""
        text = self.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
        return text.replace("\n", "\\n").encode()


def harmless(text: str) -> str:
    """The text without what breaks a client, marks that would turn about what stands after it, and blanks at its ends.

    Some clients drop such blanks and others show them, and libical notes an error where nothing else is there.
    """
    return _REORDERING.sub("", for_ics(text)).strip()


def _text(text: str) -> _Text:
    """A person's or a file's text as a TEXT value that harms no client."""
    return _Text(harmless(text))


def _summary(entry: Entry) -> _Text:
    """Its one line; there must be one, for each alarm shows it."""
    return _text(entry.summary) or _Text(_NO_WORDS)


def _uri(url: str) -> str | None:
    """The address in ASCII, whatever does not belong in one percent-encoded; None if nothing could open it."""
    address = percent_encode(url.strip(), safe="%:/?#[]@!$&'()*+,;=~", errors="replace")
    return address if address.partition(":")[0].lower() in _SCHEMES else None


def _alarm(minutes: int, entry: Entry) -> Alarm:
    """Counted from the start; of a thing to do, which has none, from when it is due (RFC 5545 3.8.6.3)."""
    alarm = Alarm()
    alarm.add("ACTION", "DISPLAY")
    alarm.add("DESCRIPTION", _summary(entry))
    alarm.add("TRIGGER", timedelta(minutes=-minutes), {"RELATED": "END"} if entry.to_do else {})
    return alarm


def _component(entry: Entry) -> Event | Todo:
    """The VEVENT or VTODO without its start and end."""
    event: Event | Todo = Todo() if entry.to_do else Event()
    event.add("UID", _text(entry.uid))
    event.add("SEQUENCE", entry.sequence)
    event.add("DTSTAMP", in_utc(entry.stamped_at))
    event.add("LAST-MODIFIED", in_utc(entry.stamped_at))
    if entry.created_at:
        event.add("CREATED", in_utc(entry.created_at))
    event.add("SUMMARY", _summary(entry))
    for name, text in (("DESCRIPTION", _text(entry.description)), ("LOCATION", _text(entry.location))):
        if text:
            event.add(name, text)
    if address := _uri(entry.url):
        event.add("URL", address)
    if entry.categories:
        categories = vCategory([])
        categories.cats = [_text(each) for each in entry.categories]
        event.add("CATEGORIES", categories)
    if entry.to_do:
        _add_progress(event, entry)
    else:
        event.add("STATUS", "CONFIRMED" if entry.status == "done" else entry.status.upper())
        event.add("TRANSP", "TRANSPARENT" if entry.free else "OPAQUE")
    for minutes in entry.alarms if entry.rings else ():
        event.add_component(_alarm(minutes, entry))
    return event


def _add_progress(to_do: Event | Todo, entry: Entry) -> None:
    to_do.add("STATUS", _TO_DO_STATUS[entry.status])
    if entry.status == "done":
        to_do.add("PERCENT-COMPLETE", 100)
        to_do.add("COMPLETED", in_utc(entry.done_at or entry.stamped_at))


def _calendar(title: str, description: str, color: str | None, zone: ZoneInfo | None) -> Calendar:
    """The VCALENDAR without its entries.

    It has no METHOD, which would make it an invitation, and no UID, which one client takes for every entry's own.
    Some turn every time in UTC into one of X-WR-TIMEZONE, and are an hour off where the clock there shows it twice;
    so it is left out (None) where there is such a time.
    """
    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", _PRODID)
    calendar.add("CALSCALE", "GREGORIAN")
    for name in ("NAME", "X-WR-CALNAME"):
        calendar.add(name, _text(title))
    for name in ("DESCRIPTION", "X-WR-CALDESC") if description else ():
        calendar.add(name, _text(description))
    if color:
        calendar.add("COLOR", _text(color))
    if zone and zone.key:
        calendar.add("X-WR-TIMEZONE", _text(zone.key))
    calendar.add("REFRESH-INTERVAL", vDuration(_REFRESH), {"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", vDuration(_REFRESH))
    return calendar


@dataclass(frozen=True, slots=True)
class _Draft:
    """An entry as a component, its place among the others, and the instants told in the person's zone.

    `twice` says that the clock there shows one of its times twice.
    """

    event: Event | Todo
    uid: str
    order: tuple[datetime, str, int, str]
    local: tuple[datetime, ...]
    twice: bool


def _draft(entry: Entry, tz: ZoneInfo, zone: tzinfo) -> _Draft:
    """Writes an entry with its times in `zone`, or in UTC if the clock there shows one of them twice.

    Raises:
        ValueError: a time is naive.
        OverflowError: a time lies outside the years 1 to 9999.
    """
    start, end = entry.span()
    instants = tuple(each for each in (start, end) if isinstance(each, datetime))
    twice = any(_ambiguous(each.astimezone(tz)) for each in instants)
    if twice:
        zone, instants = UTC, ()
    event = _component(entry)
    for name, at in (("DUE" if entry.to_do else "DTSTART", start), ("DTEND", end)):
        if at is not None:
            event.add(name, at.astimezone(zone) if isinstance(at, datetime) else at)
    return _Draft(event, entry.uid, (_place(start, tz), entry.uid, -entry.sequence, repr(entry)), instants, twice)


def _place(start: date | datetime | None, tz: ZoneInfo) -> datetime:
    """Where it stands among the others; what has no day comes last."""
    if start is None:
        return datetime.max.replace(tzinfo=UTC)
    return start if isinstance(start, datetime) else datetime.combine(start, time(), tz).astimezone(UTC)


def _ambiguous(wall: datetime) -> bool:
    """Whether the clock shows this time twice; clients then differ by an hour about which one is meant."""
    return wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset()


def _unique(drafts: Iterable[_Draft]) -> tuple[list[_Draft], list[str]]:
    """The first draft of each uid; and a line on each other one."""
    kept: dict[str, _Draft] = {}
    others = [draft for draft in drafts if kept.setdefault(draft.uid, draft) is not draft]
    return list(kept.values()), [
        f"calendar entry {quote(draft.uid)} is left out: another one has the same uid" for draft in others
    ]


def _drafts(entries: Iterable[Entry], tz: ZoneInfo, zone: tzinfo) -> tuple[list[_Draft], list[str]]:
    """The entries that could be written, in order; and what is wrong with the others."""
    drafts: list[_Draft] = []
    problems: list[str] = []
    for entry in entries:
        name = f"calendar entry {quote(entry.summary)}"
        if entry.url and not _uri(entry.url):
            problems.append(f"{name}: {quote(entry.url)} is no web, mail or phone address and is left off")
        try:
            drafts.append(_draft(entry, tz, zone))
        except (ValueError, OverflowError) as error:
            problems.append(f"{name} is left out: {error}")
    kept, doubles = _unique(sorted(drafts, key=lambda each: each.order))
    return kept, sorted(problems + doubles)


def render(
    title: str, entries: Iterable[Entry], *, tz: ZoneInfo, description: str = "", color: str | None = None
) -> Rendered:
    """Writes one calendar.

    Timed entries are told in `tz` with its VTIMEZONE; in UTC where that zone cannot be told truly or its clock shows
    the time twice.

    Args:
        title: the calendar's name.
        entries: what stands in it, in any order.
        tz: the person's time zone.
        description: what the calendar is for.
        color: a CSS3 colour name (RFC 7986 5.9).

    Returns:
        The stream (UTF-8, CRLF, lines of at most 75 octets) and a line on each entry that was left out or altered.
    """
    entries = list(entries)
    drafts, problems = _drafts(entries, tz, tz)
    local = [each for draft in drafts for each in draft.local]
    zone = vtimezone(tz, local) if local else None
    if local and zone is None:
        drafts, problems = _drafts(entries, tz, UTC)
    calendar = _calendar(title, description, color, None if any(draft.twice for draft in drafts) else tz)
    if zone:
        calendar.add_component(zone)
    for draft in drafts:
        calendar.add_component(draft.event)
    return Rendered(calendar.to_ical(), len(drafts), tuple(problems))
