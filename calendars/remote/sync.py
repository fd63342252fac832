"""Keeping things to do in step with a CalDAV calendar: first what was done there is taken over, then ours is pushed.

Each change that is taken over is one transaction together with the note that it was seen, so that none is lost or taken
twice, whenever this ends. What is pushed is conditional: what is changed there in the same moment is taken over the
next time.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from calendars.remote.items import Item, has_line, mark_of
from calendars.remote.place import Place
from calendars.remote.push import Books, Pushed, push
from calendars.remote.to_dos import ToDo, merged, seen, to_dos
from calendars.terms import Terms
from calendars.window import Window
from crm.actions import calendar_sync
from crm.actions.calendar_sync import Seen, Taken
from crm.actions.commitment_periods import period_of
from crm.dates import say_day
from crm.errors import CrmError, NotFoundError, RefusedError
from crm.models import Commitment, Published, Task
from crm.settings import Settings
from crm.store import published, records
from crm.store.tasks import day_of

_NAME: Final = "calendar sync"
_UID: Final = 36
_END: Final = "-kept@networking-crm"


@dataclass(frozen=True, slots=True)
class Synced:
    """What was taken over, what stands there again as it is here, and what was pushed."""

    taken: tuple[Taken, ...]
    put_back: tuple[str, ...]
    pushed: Pushed


@dataclass(slots=True)
class _Sync:
    place: Place
    books: Books
    settings: Settings
    now: datetime
    tz: ZoneInfo

    @property
    def target(self) -> str:
        """Under what it is noted: the calendar may be one that is published to as well."""
        return f"{self.place.name}#to-dos"

    def wanted(self) -> tuple[list[ToDo], list[str]]:
        window = Window(self.now, self.tz, self.settings["week_starts_on"])
        with self.books.reading() as session:
            return to_dos(session, window, Terms.from_settings(self.settings, leaves=True))

    def changed(self) -> list[Published]:
        """What is there otherwise than it was put there, or may be."""
        with self.books.reading() as session:
            rows = published.of(session, self.target)
        etags = self.place.etags(frozenset(each.href for each in rows.values()))
        there = [row for row in rows.values() if row.href in etags]
        return [row for row in there if row.published_at is None or not row.etag or row.etag != etags[row.href]]

    def take(self, row: Published, to_do: ToDo | None) -> tuple[Taken | None, str]:
        """Take over one that was changed there; gives what was taken, and what is to be put back.

        `to_do` is None of one that is to stand there no more, such as last week's; what was done with it counts.
        """
        found = self.place.get(row.href)
        if found is None or not has_line(found[0], mark_of(row.uid)):
            return None, ""
        said = seen(found[0], row.uid, self.tz)
        note: dict[str, Any] = {"etag": found[1], "published_at": self.now, "fingerprint": None}
        if said is not None:
            note |= {"due_on": said.due_on, "done": said.done}
        taken, refused = None, ""
        try:
            with self.books.writing(_NAME) as session:
                taken, same = self._taken(session, row, said) if said else (None, False)
                same = same and row.published_at is not None
                kept = {"fingerprint": row.fingerprint} if same else {}
                published.note(session, self.target, row.uid, **note | kept)
        except RefusedError as error:
            taken, same, refused = None, False, f" ({error.message})"
            with self.books.writing(_NAME) as session:
                published.note(session, self.target, row.uid, **note)
        if same or taken or to_do is None or not row.published_at:
            return taken, ""
        return taken, self._put_back(to_do) + refused

    def _taken(self, session: Session, row: Published, said: Seen) -> tuple[Taken | None, bool]:
        """What was taken over, and whether both sides say the same then."""
        uid, rest = row.uid[:_UID], row.uid[_UID + 1 :]
        try:
            if not rest.startswith("kept@"):
                return self._kept(session, records.by_ref(session, Commitment, uid), rest, row, said)
            record = records.by_ref(session, Task, uid)
        except NotFoundError:
            return None, False  # it was removed here, and so it will be there
        taken = calendar_sync.of_task(
            session,
            record,
            agreed_on=row.due_on,
            agreed_done=bool(row.done),
            seen=said,
            now=self.now,
            tz=self.tz,
            settings=self.settings,
        )
        return taken, said.due_on == day_of(record) and said.done == (record.done_at is not None)

    def _kept(
        self, session: Session, commitment: Commitment, rest: str, row: Published, said: Seen
    ) -> tuple[Taken | None, bool]:
        """A commitment's period, which the UID names by its unit and first day: `week-2026-01-05`."""
        per, _, begins = rest.removesuffix(_END).partition("-")
        week_starts_on = self.settings["week_starts_on"]
        first, last = period_of(date.fromisoformat(begins), per, week_starts_on=week_starts_on)
        taken = calendar_sync.of_commitment(
            session,
            commitment,
            agreed_done=bool(row.done),
            period=(first, last),
            seen=said,
            now=self.now,
            tz=self.tz,
            week_starts_on=week_starts_on,
        )
        return taken, taken is None and said.due_on == row.due_on and said.done == bool(row.done)

    def _put_back(self, to_do: ToDo) -> str:
        state = "done" if to_do.done else "not done"
        day = say_day(to_do.due_on) if to_do.due_on else "no day"
        return f"{to_do.title} stands there again as it is here: {day}, {state}"


def sync(place: Place, books: Books, settings: Settings, *, now: datetime, tz: ZoneInfo) -> Synced:
    """Take over what was done there, then push what is here.

    Args:
        place: the calendar.
        books: transactions.
        settings: how much is told there, and the rules of etiquette.
        now: the present instant, aware UTC.
        tz: the person's zone.

    Where the calendar cannot be reached, `pushed.error` says so; what was taken over until then is, and stays so.
    """
    run = _Sync(place, books, settings, now, tz)
    results: list[tuple[Taken | None, str]] = []
    try:
        by_uid = {each.item.uid: each for each in run.wanted()[0]}
        for row in run.changed():
            results.append(run.take(row, by_uid.get(row.uid)))  # noqa: PERF401 - those before a failure count
        after, problems = run.wanted()
    except CrmError as error:
        done = Pushed(place.name, error=error.message)
    else:
        done = push(place, [each.item for each in after], books, now=now, target=run.target, merge=_merge)
        done.problems[:0] = problems
    taken = tuple(each for each, _ in results if each)
    return Synced(taken, tuple(words for _, words in results if words), done)


def _merge(item: Item, theirs: bytes) -> bytes:
    return merged(item.data, theirs, item.uid)
