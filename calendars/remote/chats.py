"""Chats from the person's own calendar: what they accepted there, and what names a contact, is planned here.

Each change is one transaction together with the note of how the appointment stood, so that none is lost or taken twice,
whenever this ends. What was taken back or removed here stays away. Nothing is ever written there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, TypedDict
from zoneinfo import ZoneInfo

from sqlmodel import Session

from calendars.remote.chats_events import AHEAD, BACK, Appointment, Found, Reply, read, series_of
from calendars.remote.chats_source import Source
from calendars.remote.push import Books
from crm.actions import calendar_chats
from crm.actions.calendar_chats import Arranged, Stands
from crm.actions.calendar_whom import Names, Whom
from crm.actions.outreach import Said
from crm.cadence import day_of
from crm.dates import say_instant
from crm.errors import CrmError, RefusedError
from crm.escaping import quote
from crm.models import Contact, Interaction, Published
from crm.models.words import InteractionState
from crm.settings import Settings
from crm.store import calendar_chats as store
from crm.store import names as people
from crm.store import published
from crm.store.interactions import Chat

NAME: Final = "calendar sync"
ALIKE: Final = timedelta(minutes=15)
"""A chat with the same people that begins so close to it is the same."""
KEPT: Final = timedelta(days=500)
"""So long after its time it is known that an appointment was seen."""
MANY: Final = 3
"""If so many are to be cancelled, and none of those known is left, another calendar may lie there."""
MOST_CANDIDATES: Final = 4


@dataclass(slots=True)
class Chats:
    """What came of one reading.

    Attributes:
        place: where the appointments stand, without what is secret of it.
        seen: how many there are in the time that is read.
        taken: what was planned, moved or cancelled, and where both sides changed.
        told: a line on each that may name somebody, and on what else the person should know.
        error: why it went no further; empty where all was done.
    """

    place: str
    seen: int = 0
    taken: list[Arranged] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    error: str = ""


def chats(source: Source, books: Books, settings: Settings, *, now: datetime, tz: ZoneInfo) -> Chats:
    """Take over the chats of a calendar.

    Args:
        source: the person's own calendar.
        books: transactions.
        settings: the person's own addresses, and the rules of etiquette.
        now: the present instant, aware UTC.
        tz: the person's zone.

    Where it cannot be read, `error` says so, and nothing is changed.
    """
    done = Chats(source.name)
    me = own_addresses(settings)
    try:
        found = read(source.read(now - BACK, now + AHEAD), me, now=now, tz=tz)
        done.seen = len(found.appointments)
        _Run(f"{source.name}{store.END}", books, settings, now, tz, found, done).run(strangers=0 if me else 1)
    except CrmError as error:
        done.error = error.message
    return done


def own_addresses(settings: Settings) -> set[str]:
    """By which addresses the person is invited: those that they named, and the user of the calendar if it is one."""
    user = settings["calendar.publish.user"]
    return {each.casefold() for each in (*settings["calendar.sync.me"], *([user] if "@" in user else []))}


class _At(TypedDict):
    now: datetime
    tz: ZoneInfo


@dataclass(slots=True)
class _Run:
    """One reading being taken over; `rows`, `known`, `here`, `names` and `planned` are read once."""

    target: str
    books: Books
    settings: Settings
    now: datetime
    tz: ZoneInfo
    found: Found
    done: Chats
    rows: Mapping[str, Published] = field(default_factory=dict)
    known: Mapping[str, str] = field(default_factory=dict)
    here: Mapping[str, Interaction] = field(default_factory=dict)
    names: Names = field(default_factory=lambda: Names(()))
    planned: Sequence[Chat] = ()
    doubts: list[tuple[Appointment, Sequence[int]]] = field(default_factory=list)
    unknown: int = 0

    def run(self, *, strangers: int) -> None:
        with self.books.reading() as session:
            self.rows, self.known = published.of(session, self.target), store.noted(session)
            self.here = store.by_uid(session, {each.href for each in self.rows.values()})
            self.names = Names(store.people(session))
            self.planned = store.planned(session, since=self.now - ALIKE, before=self.now + AHEAD + 2 * ALIKE)
        linked = {row.href for uid, row in self.rows.items() if uid in self.found.appointments}
        for each in sorted(self.found.appointments.values(), key=lambda one: (one.starts_at, one.uid)):
            if row := self.rows.get(each.uid):
                self._follow(row, each)
            elif each.starts_at > self.now and (href := self._new(each, strangers)):
                linked.add(href)
        self._tell_doubts()
        if self.unknown:
            self.done.told.append(
                f"invitations that name people of yours, but not which address is yours: {self.unknown}; "
                "to have them looked at: crm config set calendar.sync.me YOU@EXAMPLE.ORG"
            )
        self._gone(linked)

    def _new(self, it: Appointment, strangers: int) -> str:
        """Plan one that was not seen before; gives the uid of what it became."""
        if it.reply != Reply.ACCEPTED and not it.asks_who:
            return ""
        if it.uid in self.known:  # it was taken from another calendar
            return self._note_known(it)
        whom = self.names.meant(it.title, it.others, strangers=strangers)
        if it.asks_who:
            self.unknown += bool(whom.ids)
            return ""
        return self._plan(it, whom) if whom.ids or whom.doubt else ""

    def _note_known(self, it: Appointment) -> str:
        with self.books.writing(NAME) as session:
            self._begin(session, it, self.known[it.uid])
        return self.known[it.uid]

    def _plan(self, it: Appointment, whom: Whom) -> str:
        same = self._standing(it, whom)
        if whom.doubt and not same:
            self.doubts.append((it, whom.doubt))
            return ""
        try:
            with self.books.writing(NAME) as session:
                taken, href = (None, same) if same else self._planned(session, it, whom.ids)
                self._begin(session, it, href)
        except RefusedError as error:
            self.done.told.append(f"{self._called(it)}: {error.message}")
            return ""
        self._add(taken)
        return href

    def _planned(self, session: Session, it: Appointment, ids: Sequence[int]) -> tuple[Arranged, str]:
        found = store.contacts(session, ids)
        said = Said(kind=it.kind, minutes=it.minutes, place=it.place or None)
        taken, made = calendar_chats.plan(
            session,
            [found[number] for number in ids if number in found],
            it.starts_at,
            said,
            now=self.now,
            tz=self.tz,
            settings=self.settings,
        )
        return taken, made.uid

    def _standing(self, it: Appointment, whom: Whom) -> str:
        """The uid of a chat that stands here already: with the same people, or with one of whom there is a doubt."""
        for chat in self.planned:
            there = {each.id for each in chat.contacts}
            same = there == set(whom.ids) if whom.ids else there & set(whom.doubt)
            if same and abs(chat.interaction.starts_at - it.starts_at) <= ALIKE:
                return chat.interaction.uid
        return ""

    def _tell_doubts(self) -> None:
        if not self.doubts:
            return
        with self.books.reading() as session:
            found = store.contacts(session, {number for _, ids in self.doubts for number in ids[:MOST_CANDIDATES]})
            self.done.told += [self._doubt(it, ids, found) for it, ids in self.doubts]

    def _doubt(self, it: Appointment, ids: Sequence[int], found: Mapping[int, Contact]) -> str:
        may_be = " or ".join(people.label(found[each]) for each in ids[:MOST_CANDIDATES])
        if len(ids) > MOST_CANDIDATES:
            may_be += f" or {len(ids) - MOST_CANDIDATES} others"
        when = f"{it.starts_at.astimezone(self.tz):%Y-%m-%d %H:%M}"
        return f"{self._called(it)} may be with {may_be}; if so: crm schedule {found[ids[0]].ref} {when}"

    def _called(self, it: Appointment) -> str:
        return f"{quote(it.title)} on {say_instant(it.starts_at, tz=self.tz)}"

    def _begin(self, session: Session, it: Appointment, href: str) -> None:
        published.begin(session, self.target, [{"uid": it.uid, "href": href, **self._values(it)}])

    def _values(self, it: Appointment, *, cancelled: bool = False) -> dict[str, Any]:
        """How it stands there, as it is noted: `etag` and `fingerprint` are what `_agreed` reads, `done` cancelled."""
        stands = _stands(it)
        return {
            "etag": f"{stands.starts_at.isoformat()} {stands.minutes or ''}",
            "fingerprint": stands.place,
            "due_on": day_of(stands.starts_at, self.tz),
            "done": cancelled,
            "published_at": self.now,
        }

    def _follow(self, row: Published, it: Appointment) -> None:
        """Take over what was changed there of one that was seen before."""
        agreed, there = _agreed(row), _stands(it)
        cancelled = it.reply == Reply.DECLINED
        if it.reply == Reply.OPEN or (there == agreed and cancelled == bool(row.done)) or it.starts_at <= self.now:
            return
        with self.books.writing(NAME) as session:
            interaction = store.by_uid(session, [row.href]).get(row.href)
            untouched = interaction is not None and _untouched(row, interaction)
            if interaction:  # else it was taken back or removed here, and stays away
                self._add(self._taken(session, interaction, row, it, agreed, there, untouched=untouched))
            values = self._values(it, cancelled=cancelled)
            if not untouched:
                values.pop("published_at")
            published.note(session, self.target, row.uid, **values)

    def _taken(
        self,
        session: Session,
        interaction: Interaction,
        row: Published,
        it: Appointment,
        agreed: Stands,
        there: Stands,
        *,
        untouched: bool,
    ) -> Arranged | None:
        at: _At = {"now": self.now, "tz": self.tz}
        if it.reply == Reply.DECLINED:
            if row.done:
                return None
            return calendar_chats.cancel(session, interaction, agreed, untouched=untouched, **at)
        if row.done and untouched and interaction.state == InteractionState.CANCELLED:
            return calendar_chats.again(session, interaction, there, it.place, **at)
        return calendar_chats.follow(session, interaction, agreed, there, it.place, untouched=untouched, **at)

    def _gone(self, linked: set[str]) -> None:
        """Cancel what is there no more; only if all that is there could be read."""
        gone = [row for row in self.rows.values() if self._is_gone(row, linked)]
        left = [uid for uid in self.rows if uid in self.found.appointments]
        if self.found.damaged:
            self.done.told.append(f"appointments that cannot be read: {self.found.damaged}; nothing was cancelled")
            return
        if len(gone) >= MANY and not left:
            self.done.told.append(
                f"none of the {len(gone)} chats from your calendar stands there any more, so perhaps it is another "
                "one; they stay planned here. To cancel one: crm interaction edit ID --state cancelled"
            )
            return
        for row in gone:
            agreed = _agreed(row)
            with self.books.writing(NAME) as session:
                interaction = store.by_uid(session, [row.href])[row.href]
                untouched = _untouched(row, interaction)
                self._add(
                    calendar_chats.cancel(session, interaction, agreed, untouched=untouched, now=self.now, tz=self.tz)
                )
                when = {"published_at": self.now} if untouched else {}
                published.note(session, self.target, row.uid, done=True, **when)
        self._prune()

    def _is_gone(self, row: Published, linked: set[str]) -> bool:
        interaction = self.here.get(row.href)
        return (
            not row.done
            and row.uid not in self.found.appointments
            and series_of(row.uid) not in self.found.held
            and row.href not in linked
            and _agreed(row).starts_at > self.now
            and interaction is not None
            and interaction.state == InteractionState.PLANNED
        )

    def _prune(self) -> None:
        old = [row.uid for row in self.rows.values() if _agreed(row).starts_at < self.now - KEPT]
        if old:
            with self.books.writing(NAME) as session:
                published.forget(session, self.target, old)

    def _add(self, taken: Arranged | None) -> None:
        if taken:
            self.done.taken.append(taken)


def _stands(it: Appointment) -> Stands:
    return Stands.of(it.starts_at, it.minutes, it.place)


def _untouched(row: Published, interaction: Interaction) -> bool:
    """Whether a chat was not changed here since both sides agreed, or since it was found to be that appointment."""
    return row.published_at is not None and interaction.updated_at <= row.published_at


def _agreed(row: Published) -> Stands:
    at, _, minutes = (row.etag or "").partition(" ")
    return Stands(datetime.fromisoformat(at), int(minutes) if minutes else None, row.fingerprint or "")
