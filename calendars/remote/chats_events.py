"""Reading appointments from iCalendar (RFC 5545): when, where, with whom, and whether the person accepted.

Of what repeats, each occurrence of the next four weeks is an appointment by itself. Whole days, and what cannot be
read, are no appointments and are `held`: from them nothing is concluded.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from importlib import import_module
from typing import Any, Final
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from calendars.remote.chats_kind import conference, kind_of
from crm.errors import ConfigurationError, CrmError
from crm.escaping import for_ics, shorten
from crm.models.words import InteractionKind

BACK: Final = timedelta(days=1)
AHEAD: Final = timedelta(days=400)
REPEATED: Final = timedelta(days=28)
"""So far ahead what repeats is read."""
LONGEST: Final = timedelta(days=1)
"""What lasts longer is no chat."""
MOST_REPEATED: Final = 100
"""So often within those weeks a chat may repeat."""
LONGEST_PLACE: Final = 500
OURS: Final = "@networking-crm"
_NAMESPACE: Final = UUID("6f1c6a5e-58f0-5b0f-9d0e-5d8f6f7f2a17")
_TOO_OFTEN: Final = frozenset({"SECONDLY", "MINUTELY", "HOURLY"})
_BOUNDS: Final = re.compile(r"^(BEGIN|END):[ \t]*([\w-]+)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_FAULTS: Final = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What icalendar and recurring_ical_events raise for what cannot be read."""


class Reply(StrEnum):
    """What the person said to it."""

    ACCEPTED = "accepted"
    OPEN = "open"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Appointment:
    """One of them.

    Attributes:
        uid: the same for life, made of its UID and RECURRENCE-ID; `series` and what tells its occurrences apart.
        title: in one line.
        starts_at: aware UTC.
        minutes: how long; None if that is not said.
        place: or the address of its conference.
        kind: by its words and place.
        others: the addresses of those invited and inviting who did not decline, but the person's own; case-folded.
        declined: the addresses of those who did.
        reply: what the person said; declined also where it is cancelled for all, or nobody else comes.
        asks_who: whether it is open only because the person's own address is not known.
    """

    uid: str
    title: str
    starts_at: datetime
    minutes: int | None
    place: str
    kind: InteractionKind
    others: tuple[str, ...]
    reply: Reply
    asks_who: bool = False
    declined: tuple[str, ...] = ()


@dataclass(slots=True)
class Found:
    """What was read.

    Attributes:
        appointments: by uid.
        held: the series of which something could not be read, or is no chat by its form.
        damaged: how many streams could not be read at all.
    """

    appointments: dict[str, Appointment] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    damaged: int = 0


def series_of(uid: str) -> str:
    """What all occurrences of an appointment share."""
    return uid.partition("/")[0]


def read(texts: Sequence[str], me: Collection[str], *, now: datetime, tz: ZoneInfo) -> Found:
    """The appointments of these streams from a day ago to `AHEAD`.

    Args:
        texts: iCalendar streams.
        me: the person's own addresses, case-folded.
        now: the present instant, aware UTC.
        tz: the person's zone, in which times without a zone are (RFC 5545 3.3.5).

    Raises:
        ConfigurationError: the library for what repeats is not installed.
        CrmError: none of the streams can be read.
    """
    run = _Reading(frozenset(me), now, tz)
    for text in texts:
        try:
            _refuse_unbalanced(text)
            calendars = Calendar.from_ical(text, multiple=True)
            events = [event for calendar in calendars for event in calendar.walk("VEVENT")]
        except _FAULTS:
            run.found.damaged += 1
            continue
        run.take(event for event in events if isinstance(event, Event))
    if texts and run.found.damaged == len(texts):
        raise CrmError("your appointments cannot be read as iCalendar; nothing was changed")
    return run.found


def _refuse_unbalanced(text: str) -> None:
    """A component that does not end is passed over by icalendar, as if it were not there; raises ValueError for one."""
    open_: list[str] = []
    for kind, name in _BOUNDS.findall(text):
        if kind.upper() == "BEGIN":
            open_.append(name.upper())
        elif not open_ or open_.pop() != name.upper():
            raise ValueError(name)
    if open_:
        raise ValueError(open_[-1])


@dataclass(slots=True)
class _Reading:
    me: frozenset[str]
    now: datetime
    tz: ZoneInfo
    found: Found = field(default_factory=Found)

    def take(self, events: Iterable[Event]) -> None:
        groups: dict[str, list[Event]] = defaultdict(list)
        for event in events:
            uid = _line(event, "UID")
            if uid and not uid.endswith(OURS):
                groups[str(uuid5(_NAMESPACE, uid))].append(event)
        for series, group in groups.items():
            repeats = any(name in each for each in group for name in ("RRULE", "RDATE", "RECURRENCE-ID"))
            newest = sorted(group, key=_sequence)[-1:]
            try:
                for event in self._occurrences(group) if repeats else newest:
                    self._add(series, event, repeats=repeats)
            except _FAULTS:
                self.found.held.add(series)

    def _add(self, series: str, event: Event, *, repeats: bool) -> None:
        ends = event.end
        if not isinstance(ends, datetime):
            self.found.held.add(series)
            return
        at = self._instant(event, "DTSTART")
        length = _aware(ends, self.tz) - at
        if length > LONGEST:
            self.found.held.add(series)
            return
        if not self.now - BACK <= at <= self.now + AHEAD:
            return
        which = (
            f"{self._instant(event, 'RECURRENCE-ID'):%Y%m%dT%H%M%SZ}" if repeats and "RECURRENCE-ID" in event else ""
        )
        title, place = shorten(_line(event, "SUMMARY"), LONGEST_PLACE), _place(event)
        invited = [(_address(each), each) for each in _every(event, "ATTENDEE")]
        organizer = next((_address(each) for each in _every(event, "ORGANIZER")), "")
        invited = [(address, each) for address, each in invited if not _is_room(each)]
        others, declined = _others(invited, organizer, self.me)
        reply, asks_who = _reply(event, invited, organizer, self.me)
        if reply == Reply.ACCEPTED and declined and not others:
            reply = Reply.DECLINED  # nobody else comes
        uid = f"{series}/{which}@appointment"  # neither a file of ours nor an entry, see `published.places`
        self.found.appointments[uid] = Appointment(
            uid=uid,
            title=title,
            starts_at=at,
            minutes=max(0, length // timedelta(minutes=1)) or None,
            place=place,
            kind=kind_of(title, place),
            others=others,
            reply=reply,
            asks_who=asks_who,
            declined=declined,
        )

    def _instant(self, event: Event, name: str) -> datetime:
        """A time of it; one that names a zone that nobody knows raises ValueError."""
        value: Any = event[name]
        at: date = value.dt
        if not isinstance(at, datetime):
            at = datetime(at.year, at.month, at.day, tzinfo=UTC)
        if at.tzinfo is None and value.params.get("TZID"):
            raise ValueError(name)
        return _aware(at, self.tz).replace(microsecond=0)

    def _occurrences(self, group: Sequence[Event]) -> Iterator[Event]:
        """Those of the next weeks, and those that were moved further ahead."""
        if any(_too_often(each) for each in group):
            raise ValueError("RRULE")
        calendar = Calendar()
        calendar.subcomponents = list(group)
        until = self.now + REPEATED
        found = _expand(calendar).between(self.now - BACK, until)
        if len(found) > MOST_REPEATED:
            raise ValueError("RRULE")
        yield from found
        for each in group:
            if "RECURRENCE-ID" in each and self._instant(each, "DTSTART") > until:
                yield each


def _aware(at: datetime, tz: ZoneInfo) -> datetime:
    return (at if at.tzinfo else at.replace(tzinfo=tz)).astimezone(UTC)


def _expand(calendar: Calendar) -> Any:  # noqa: ANN401 - the library may be missing
    try:
        library = import_module("recurring_ical_events")  # only what repeats needs it
    except ModuleNotFoundError:
        raise ConfigurationError(
            "to read appointments that repeat, a library is needed: pip install 'networking-crm[caldav]'"
        ) from None
    return library.of(calendar)


def _too_often(event: Event) -> bool:
    """Whether its rule could give more occurrences than anybody has chats."""
    rules = _every(event, "RRULE")
    by = {"BYHOUR", "BYMINUTE", "BYSECOND"}
    return any(by & {*map(str.upper, each)} or _TOO_OFTEN & {*each.get("FREQ", ())} for each in rules)


def _reply(event: Event, invited: Sequence[tuple[str, Any]], organizer: str, me: Collection[str]) -> tuple[Reply, bool]:
    """What the person said to it (RFC 5545 3.2.12, 3.8.1.11), and whether it is open for want of their address."""
    status = _line(event, "STATUS").upper()
    if status == "CANCELLED":
        return Reply.DECLINED, False
    if status == "TENTATIVE" or _line(event, "X-MICROSOFT-CDO-BUSYSTATUS").upper() == "TENTATIVE":
        return Reply.OPEN, False
    people = [(address, _said(each)) for address, each in invited]
    mine = {said for address, said in people if address in me}
    if "ACCEPTED" in mine or not people or (organizer in me and not mine & {"DECLINED", "TENTATIVE"}):
        return Reply.ACCEPTED, False
    if mine:
        return (Reply.DECLINED if mine & {"DECLINED", "DELEGATED"} else Reply.OPEN), False
    if me:
        return Reply.OPEN, False
    agreed = all(said == "ACCEPTED" for _, said in people)
    return (Reply.ACCEPTED if agreed else Reply.OPEN), not agreed


def _others(
    invited: Sequence[tuple[str, Any]], organizer: str, me: Collection[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who is to come besides the person, and who declined."""
    said = {organizer: "", **{address: _said(each) for address, each in invited}}
    there = {address: word == "DECLINED" for address, word in said.items() if address and address not in me}
    return tuple(each for each, no in there.items() if not no), tuple(each for each, no in there.items() if no)


def _said(attendee: Any) -> str:  # noqa: ANN401 - a property's value
    return str(attendee.params.get("PARTSTAT", "NEEDS-ACTION")).upper()


def _is_room(attendee: Any) -> bool:  # noqa: ANN401 - a property's value
    """Whether it is no person (RFC 5545 3.2.3)."""
    return str(attendee.params.get("CUTYPE", "")).upper() in {"ROOM", "RESOURCE"}


def _place(event: Event) -> str:
    """Where, or the address of its conference (RFC 7986 5.11, or as Google and Microsoft write it)."""
    said = _line(event, "LOCATION")
    names = ("CONFERENCE", "X-GOOGLE-CONFERENCE", "X-MICROSOFT-SKYPETEAMSMEETINGURL", "URL")
    found = said or next(filter(None, (conference(_line(event, name)) for name in names)), "")
    return shorten(found, LONGEST_PLACE)


def _every(event: Event, name: str) -> list[Any]:
    """A property's values, however often it stands there."""
    value = event.get(name)
    return value if isinstance(value, list) else [] if value is None else [value]


def _line(event: Event, name: str) -> str:
    """A property's text in one line, without what is not to be stored or shown."""
    return " ".join(for_ics(str(next(iter(_every(event, name)), ""))).split())


def _address(value: Any) -> str:  # noqa: ANN401 - a property's value
    """The e-mail address of somebody invited or inviting (RFC 5545 3.3.3, RFC 7986 6.2); nothing if there is none."""
    text = str(value).strip().casefold()
    if not text.startswith("mailto:"):
        text = str(value.params.get("EMAIL", "")).strip().casefold()
    return text.removeprefix("mailto:").partition("?")[0]


def _sequence(event: Event) -> int:
    value = _line(event, "SEQUENCE")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0
