"""Chats from the person's own calendar: what they accepted there, and what names a contact, is planned here.

Each change is one transaction together with the note of how the appointment stood, so that none is lost or taken twice,
whenever this ends. What was taken back or removed here stays away. Nothing is ever written there.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, TypedDict
from zoneinfo import ZoneInfo

from sqlmodel import Session

from calendars.remote.chats_events import AHEAD, BACK, Appointment, Found, Reply, read, series_of
from calendars.remote.chats_source import Source
from calendars.remote.push import Books
from crm.actions import calendar_chats
from crm.actions.calendar_chats import Arranged
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
from crm.store.calendar_chats import Stands
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
        told: a line on each that may name somebody or was planned here already, and what else the person should know.
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
    users = (settings["calendar.publish.user"], settings["calendar.sync.chats_user"])
    return {each.casefold() for each in (*settings["calendar.sync.me"], *(user for user in users if "@" in user))}


class _At(TypedDict):
    now: datetime
    tz: ZoneInfo


@dataclass(slots=True)
class _Run:
    """One reading being taken over.

    Attributes:
        rows: what is noted of this calendar, by uid.
        here: the interactions that they became, by uid; those that are there.
        planned: what is to come, as it is after what is known was followed.
        linked: the uids of the interactions that an appointment there stands for.
    """

    target: str
    books: Books
    settings: Settings
    now: datetime
    tz: ZoneInfo
    found: Found
    done: Chats
    rows: dict[str, Published] = field(default_factory=dict)
    here: Mapping[str, Interaction] = field(default_factory=dict)
    names: Names = field(default_factory=lambda: Names(()))
    planned: list[Chat] = field(default_factory=list)
    linked: set[str] = field(default_factory=set)
    doubts: list[tuple[Appointment, Sequence[int]]] = field(default_factory=list)
    unknown: int = 0

    def run(self, *, strangers: int) -> None:
        """What is known is followed before anything is planned, for what moved there must not be in the way here."""
        self._begun()
        new: list[Appointment] = []
        for each in sorted(self.found.appointments.values(), key=lambda one: (one.starts_at, one.uid)):
            if row := self.rows.get(each.uid):
                self.linked.add(row.href)
                self._follow(row, each)
            elif each.starts_at > self.now and (each.reply == Reply.ACCEPTED or each.asks_who):
                new.append(each)
        with self.books.reading() as session:
            self.planned = store.planned(session, since=self.now - ALIKE, before=self.now + AHEAD + 2 * ALIKE)
        named = self._named(new, strangers)
        unlinked = [(it, whom) for it, whom in named if not self._link(it, whom)]
        self._gone()
        for it, whom in unlinked:
            if not self._link(it, whom):  # to what was planned just before
                self._plan(it, whom)
        self._tell_doubts()
        if self.unknown:
            self.done.told.append(
                f"invitations that name people of yours, but not which address is yours: {self.unknown}; "
                "to have them looked at: crm config set calendar.sync.me YOU@EXAMPLE.ORG"
            )

    def _begun(self) -> None:
        with self.books.reading() as session:
            noted = store.noted(session)
            self.rows = {each.uid: each for each in noted if each.target == self.target}
            self.names = Names(store.people(session))
        others = [each for each in noted if each.target != self.target]
        if others:
            self._adopt(others)
        with self.books.reading() as session:
            self.here = store.by_uid(session, {each.href for each in self.rows.values()})

    def _adopt(self, others: Sequence[Published]) -> None:
        """What was taken from another calendar, or from this one at another address.

        What stands in this one is of this one from now on, as it was agreed on. What does not is given up, as far as
        this one could be read: it stays planned.
        """
        mine = {each.uid: each for each in others if each.uid in self.found.appointments and each.uid not in self.rows}
        given_up = [each for each in others if self._is_open(each) and self._is_missing(each)]
        old = [each for each in others if each.uid not in mine and self._is_old(each)]
        if not (mine or given_up or old):
            return
        with self.books.writing(NAME) as session:
            for row in mine.values():
                store.note(session, row, target=self.target)
            for row in given_up:
                store.note(session, row, done=None)
            for row in old:
                published.forget(session, row.target, [row.uid])
            self.rows = published.of(session, self.target)
            here = store.by_uid(session, {each.href for each in given_up}).values()
        if stay := sum(each.state == InteractionState.PLANNED for each in here):
            self.done.told.append(
                f"chats from the calendar that you named before and that this one does not hold: {stay}; they stay "
                "planned here. To cancel one: crm interaction edit ID --state cancelled"
            )

    def _named(self, new: Sequence[Appointment], strangers: int) -> list[tuple[Appointment, Whom]]:
        """Those that name somebody, or may."""
        named: list[tuple[Appointment, Whom]] = []
        for it in new:
            whom = self.names.meant(it.title, it.others, strangers=strangers, without=it.declined)
            if it.asks_who:
                self.unknown += bool(whom.ids)
            elif whom.ids or whom.doubt:
                named.append((it, whom))
        return named

    def _link(self, it: Appointment, whom: Whom) -> bool:
        """Note that it is a chat that stands here already, if there is one; that is told: the feeds leave it out."""
        same = self._standing(it, whom)
        if same is None:
            return False
        with self.books.writing(NAME) as session:
            if not store.is_noted(session, it.uid):
                self._begin(session, it, same.interaction.uid)
        if same.interaction.uid not in self.linked:
            called = f"{same.interaction.ref} with {', '.join(each.name for each in same.contacts)}"
            self.done.told.append(
                f"{self._called(it)} is {called}, which is planned here already; from now on it follows your calendar"
            )
        self.linked.add(same.interaction.uid)
        return True

    def _plan(self, it: Appointment, whom: Whom) -> None:
        if whom.doubt:
            self.doubts.append((it, whom.doubt))
            return
        try:
            with self.books.writing(NAME) as session:
                if store.is_noted(session, it.uid):  # another machine was quicker
                    return
                taken, made = self._planned(session, it, whom.ids)
                self._begin(session, it, made.interaction.uid)
        except RefusedError as error:
            self.done.told.append(f"{self._called(it)}: {error.message}")
            return
        self.planned.append(made)
        self.linked.add(made.interaction.uid)
        self._add(taken)

    def _planned(self, session: Session, it: Appointment, ids: Sequence[int]) -> tuple[Arranged, Chat]:
        found = store.contacts(session, ids)
        contacts = [found[number] for number in ids if number in found]
        said = Said(kind=it.kind, minutes=it.minutes, place=it.place or None)
        taken, made = calendar_chats.plan(
            session, contacts, it.starts_at, said, now=self.now, tz=self.tz, settings=self.settings
        )
        return taken, made

    def _standing(self, it: Appointment, whom: Whom) -> Chat | None:
        """The chat that stands here already: with the same people, or with one of whom there is a doubt."""
        for chat in self.planned:
            there = {each.id for each in chat.contacts}
            same = there == set(whom.ids) if whom.ids else there & set(whom.doubt)
            if same and abs(chat.interaction.starts_at - it.starts_at) <= ALIKE:
                return chat
        return None

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
        """How it stands there, as it is noted."""
        stands = _stands(it)
        return {
            **stands.noted(),
            "due_on": day_of(stands.starts_at, self.tz),
            "done": cancelled,
            "published_at": self.now,
        }

    def _follow(self, row: Published, it: Appointment) -> None:
        """Take over what was changed there of one that was seen before."""
        agreed, there = Stands.agreed(row), _stands(it)
        cancelled = it.reply == Reply.DECLINED
        as_noted = row.done is not None and there == agreed and cancelled == row.done
        if it.reply == Reply.OPEN or as_noted or it.starts_at <= self.now:
            return
        with self.books.writing(NAME) as session:
            interaction = store.by_uid(session, [row.href]).get(row.href)
            untouched = interaction is not None and _untouched(row, interaction)
            if interaction:  # else it was taken back or removed here, and stays away
                self._add(self._taken(session, interaction, row, it, agreed, there, untouched=untouched))
            values = self._values(it, cancelled=cancelled)
            if not untouched:
                values.pop("published_at")
            store.note(session, row, **values)

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

    def _gone(self) -> None:
        """Cancel what is there no more; only if all that is there could be read."""
        if self.found.damaged:
            self.done.told.append(f"appointments that cannot be read: {self.found.damaged}; nothing was cancelled")
            return
        gone = [row for row in self.rows.values() if self._is_gone(row)]
        series = {series_of(uid) for uid in self.found.appointments}
        if len(gone) >= MANY and not any(series_of(uid) in series for uid in self.rows):
            self._give_up(gone)
            return
        for row in gone:
            with self.books.writing(NAME) as session:
                interaction = store.by_uid(session, [row.href]).get(row.href)
                if interaction is None:  # it was removed meanwhile
                    continue
                untouched, agreed = _untouched(row, interaction), Stands.agreed(row)
                self._add(
                    calendar_chats.cancel(session, interaction, agreed, untouched=untouched, now=self.now, tz=self.tz)
                )
                store.note(session, row, done=True, **({"published_at": self.now} if untouched else {}))
        if old := [row.uid for row in self.rows.values() if self._is_old(row)]:
            with self.books.writing(NAME) as session:
                published.forget(session, self.target, old)

    def _give_up(self, gone: Collection[Published]) -> None:
        """Keep them planned for good, whatever the next reading finds, unless they come back."""
        with self.books.writing(NAME) as session:
            for row in gone:
                store.note(session, row, done=None)
        self.done.told.append(
            f"none of the {len(gone)} chats from your calendar stands there any more, so perhaps it is another "
            "one; they stay planned here. To cancel one: crm interaction edit ID --state cancelled"
        )

    def _is_gone(self, row: Published) -> bool:
        interaction = self.here.get(row.href)
        return (
            self._is_open(row)
            and self._is_missing(row)
            and row.href not in self.linked
            and interaction is not None
            and interaction.state == InteractionState.PLANNED
        )

    def _is_open(self, row: Published) -> bool:
        """Whether it is to come, and stood there the last time."""
        return row.done is False and Stands.agreed(row).starts_at > self.now

    def _is_missing(self, row: Published) -> bool:
        """Whether it does not stand there, as far as what does could be read."""
        readable = not self.found.damaged and series_of(row.uid) not in self.found.held
        return readable and row.uid not in self.found.appointments

    def _is_old(self, row: Published) -> bool:
        return Stands.agreed(row).starts_at < self.now - KEPT

    def _add(self, taken: Arranged | None) -> None:
        if taken:
            self.done.taken.append(taken)


def _stands(it: Appointment) -> Stands:
    return Stands.of(it.starts_at, it.minutes, it.place)


def _untouched(row: Published, interaction: Interaction) -> bool:
    """Whether a chat was not changed here since both sides agreed, or since it was found to be that appointment."""
    return row.published_at is not None and interaction.updated_at <= row.published_at
