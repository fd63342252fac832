"""Bringing a place elsewhere up to date: only what changed, only under a condition, and nothing but what is ours.

What is about to be made is noted before it is made, and what was done is noted after it, a few at a time. A push that
ends anywhere in between is gone on with by the next one: what is there under one of our names and was not noted is
looked at, and taken as it is, written once more, or, if it is somebody else's, left alone. The place shows what the
program has: what was changed or removed there by others is put back. Where a server gives no entity tag that can be
relied on, what is to be changed is read first, so that a change made there is not overwritten without being told.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Protocol

from sqlmodel import Session

from calendars.remote.items import Item, has_line, mark_of, uids_in
from calendars.remote.place import UNKNOWN, ChangedError, NotTakenError, Place, is_strong
from crm.errors import CrmError, RefusedError
from crm.models import Published
from crm.store import published

PIECE: Final = 25
"""So many are done before they are noted: that many may have to be looked at again after a kill."""
MOST_REFUSED: Final = 10
"""After so many refusals in a row the place takes nothing at all."""
_FOR_NO_REASON: Final = "the server refuses it, though nobody else changed it there; it may be too large for it"
"""Radicale answers 412 to what is above its limit, and says nothing of it."""


class Books(Protocol):
    """The transactions in which it is noted what is there."""

    def reading(self) -> AbstractContextManager[Session]:
        """A session that writes nothing."""

    def writing(self, name: str) -> AbstractContextManager[Session]:
        """A session whose writes are wholly done on leaving, or not at all."""


Merge = Callable[[Item, bytes], bytes]
"""Gives what is to be put in the place of what lies there, where others may change it too."""
Progress = Callable[[int, int], None]
"""Is told how many are done, and of how many."""


@dataclass(slots=True)
class Pushed:
    """What became of one place.

    Attributes:
        place: its address or path.
        written: how many were put there, new or changed.
        put_back: how many of those had been changed or removed there by somebody else.
        removed: how many were removed there.
        unchanged: how many were there already as they are to be.
        problems: a line on each that could not be written, or removed.
        error: why it went no further; empty where all was done.
    """

    place: str
    written: int = 0
    put_back: int = 0
    removed: int = 0
    unchanged: int = 0
    problems: list[str] = field(default_factory=list)
    error: str = ""


@dataclass(frozen=True, slots=True)
class _Step:
    """One resource: as it is to be (None: not at all), what is noted of it, and its entity tag there (None: none).

    `seen` says whether it is byte for byte what was put there, once it was looked at.
    """

    item: Item | None
    row: Published | None
    name: str
    etag: str | None
    seen: bool | None = None

    @property
    def uid(self) -> str:
        """What it is noted by."""
        if self.item:
            return self.item.uid
        assert self.row is not None
        return self.row.uid

    @property
    def known(self) -> bool:
        """Whether what lies there is what was put there, by our own notes."""
        if self.row is None or not self.was_there:
            return False
        return self.row.etag == self.etag if self.seen is None else self.seen

    @property
    def sure(self) -> bool:
        """Whether that is beyond doubt, and a write under the condition of its entity tag keeps it so."""
        return self.known and self.etag is not None and is_strong(self.etag)

    @property
    def was_there(self) -> bool:
        """Whether it was put there once."""
        return self.row is not None and self.row.published_at is not None

    @property
    def settled(self) -> bool:
        """Whether it is there as it is to be."""
        return self.item is not None and self.known and self.row is not None and self._same(self.row)

    def _same(self, row: Published) -> bool:
        return self.item is not None and row.fingerprint == self.item.fingerprint and row.href == self.name


def push(
    place: Place,
    items: Sequence[Item],
    books: Books,
    *,
    now: datetime,
    dry_run: bool = False,
    target: str = "",
    merge: Merge | None = None,
    leaves_changed: bool = False,
    progress: Progress = lambda _done, _of: None,
) -> Pushed:
    """Bring a place up to date.

    Args:
        place: where to.
        items: all that is to be there.
        books: where it is noted what is there.
        now: the present instant, aware UTC.
        dry_run: only look at what would be done; nothing is written there or here.
        target: what is noted goes under this name; the place's, if empty.
        merge: others may change what is there, too: it is not put back, and what is put is merged with what is there.
        leaves_changed: what was changed there since it was put is left as it is, and said.
        progress: is told after each that had to be done.
    """
    target = target or place.name
    done = Pushed(place.name)
    try:
        steps = _steps(place, items, books, target)
        wanted = [each for each in steps if not each.settled]
        done.unchanged = len(steps) - len(wanted)
        _Push(place, books, target, merge, now, done, dry_run, leaves_changed, progress).run(wanted)
    except CrmError as error:
        done.error = error.message
    return done


def _steps(place: Place, items: Sequence[Item], books: Books, target: str) -> list[_Step]:
    with books.reading() as session:
        rows = published.of(session, target)
    there = place.etags(frozenset({each.name for each in items} | {each.href for each in rows.values()}))
    stays = {each.uid for each in items if each.uid in rows and rows[each.uid].href == each.name}
    gone = [_Step(None, row, row.href, there.get(row.href)) for uid, row in rows.items() if uid not in stays]
    known = {uid: row for uid, row in rows.items() if uid in stays}
    return gone + [_Step(each, known.get(each.uid), each.name, there.get(each.name)) for each in items]


@dataclass(slots=True)
class _Push:
    """One push that is being done."""

    place: Place
    books: Books
    target: str
    merge: Merge | None
    now: datetime
    done: Pushed
    dry_run: bool
    leaves_changed: bool
    progress: Progress
    noted: list[tuple[_Step, str | None]] = field(default_factory=list)
    unknown: dict[str, str] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
    refused: int = 0

    def run(self, steps: Sequence[_Step]) -> None:
        """Remove first: what is to lie under another name from now on is noted once.

        Raises:
            RefusedError: some are to be overwritten that another database writes; the rest is done.
        """
        steps = list(self._taken(steps))
        removals = [each for each in steps if each.item is None]
        self._work(removals, before=0, of=len(steps))
        rest = [each for each in steps if each.item is not None]
        fresh = [_begun(each) for each in rest if each.row is None]
        if fresh and not self.dry_run:
            with self.books.writing("calendar publish") as session:
                published.begin(session, self.target, fresh)
        self._work(rest, before=len(removals), of=len(steps))
        self._ask_again()
        if self.others:
            raise RefusedError(
                f"{', '.join(self.others)} there: written from another database, and each would overwrite the other's; "
                f"name another place for one of them or, if this is the one that counts, remove {self.others[0]} there"
            )

    def _work(self, steps: Sequence[_Step], *, before: int, of: int) -> None:
        try:
            for number, each in enumerate(steps, before + 1):
                self._do(each)
                if len(self.noted) >= PIECE:
                    self._note()
                self.progress(number, of)
        finally:
            self._note()

    def _taken(self, steps: Sequence[_Step]) -> Iterator[_Step]:
        """Those that the place takes at all."""
        taken = [each.item is None or self.place.takes(each.item.component) for each in steps]
        left = [each for each, is_taken in zip(steps, taken, strict=True) if not is_taken]
        if left:
            self.done.problems.append(
                f"{len(left)} left out: {self.place.name} takes no {_word(left[0])}; name a calendar that does"
            )
        yield from (each for each, is_taken in zip(steps, taken, strict=True) if is_taken)

    def _do(self, step: _Step) -> None:
        """One resource; tried a second time where somebody else was at it in between."""
        try:
            try:
                self._act(step)
            except ChangedError:
                found = self.place.get(step.name)
                etag = found[1] if found else None
                if etag == step.etag:
                    raise NotTakenError(_FOR_NO_REASON) from None
                if self.merge:
                    raise
                self._act(replace(step, etag=etag))
        except (ChangedError, NotTakenError) as error:
            self.done.problems.append(f"{step.uid}: {error.message}")
            self.refused += 1
            if self.refused >= MOST_REFUSED:
                raise CrmError(f"{self.place.name} takes none of them: {error.message}") from error
        else:
            self.refused = 0

    def _act(self, step: _Step) -> None:
        if step.etag is not None and not (step.known if self.merge else step.sure):
            looked = self._look(step)
            if looked is None:
                return
            step = looked
        if self.dry_run:
            self._count(step)
            return
        if step.item is not None:
            self.noted.append((step, self.place.put(step.name, self._data(step, step.item), step.etag)))
        else:
            if step.etag is not None:
                self.place.delete(step.name, step.etag)
            self.noted.append((step, None))
        self._count(step)

    def _data(self, step: _Step, item: Item) -> bytes:
        found = self.place.get(step.name) if self.merge and step.etag is not None else None
        if self.merge is None or found is None:
            return item.data
        if found[1] != step.etag:
            raise ChangedError(f"{item.uid} was changed there meanwhile")
        return self.merge(item, found[0])

    def _look(self, step: _Step) -> _Step | None:
        """Look at what lies there; gives the step as it stands by then, or None if nothing is to be done there."""
        found = self.place.get(step.name)
        if found is None:
            raise ChangedError(f"{step.name} was removed meanwhile")
        data, etag = found
        if not self._is_ours(step, data):
            return None
        if self.merge and step.was_there:
            raise ChangedError("it was changed there meanwhile; the next time that is taken over")
        if step.item is not None and _same(data, step.item.data):
            self.noted.append((step, etag))
            self.done.unchanged += 1
            return None
        seen = step.row is not None and step.was_there and _digest(data) == step.row.fingerprint
        if self.leaves_changed and step.was_there and not seen:
            self.done.problems.append(f"{step.name} was changed there since it was put there; it is left")
            return None
        return replace(step, etag=etag or step.etag, seen=seen)

    def _is_ours(self, step: _Step, data: bytes) -> bool:
        """Whether it was made by this program, and from this database; what another made stays, and stays noted."""
        made_here = has_line(data, mark_of(step.uid))
        if made_here and ("@" in step.uid or not self._is_anothers(data)):
            return True
        if made_here and step.item is not None:
            self.others.append(step.name)
        elif made_here:
            self.done.problems.append(f"{step.name} there is written from another database by now; it is left")
        elif step.item is None:
            self.noted.append((step, None))
        else:
            told = f"{step.name} is there already and was made by somebody else; it is left alone"
            self.done.problems.append(told)
        return False

    def _is_anothers(self, data: bytes) -> bool:
        """Whether a calendar tells of nothing that this database ever knew; a restored one knows some of its own."""
        told = uids_in(data)
        with self.books.reading() as session:
            return bool(told) and not published.known_here(session, told)

    def _count(self, step: _Step) -> None:
        if step.item is not None:
            self.done.written += 1
            self.done.put_back += step.was_there and not step.known
        elif step.etag is not None:
            self.done.removed += 1

    def _note(self) -> None:
        """Write down what was done since the last time."""
        if not self.noted or self.dry_run:
            return
        with self.books.writing("calendar publish") as session:
            for step, etag in self.noted:
                if step.item is None:
                    published.forget(session, self.target, [step.uid])
                    continue
                values = _begun(step) | {"etag": etag, "fingerprint": step.item.fingerprint}
                published.note(session, self.target, published_at=self.now, **values)
                if etag == UNKNOWN:
                    self.unknown[step.uid] = step.name
        self.noted.clear()

    def _ask_again(self) -> None:
        """A server that changes what it is given says no entity tag then (RFC 4791 5.3.4), so it is asked for them."""
        if not self.unknown or self.merge:  # where others change things, the one that is told may be of a later change
            return
        etags = self.place.etags(frozenset(self.unknown.values()))
        with self.books.writing("calendar publish") as session:
            for uid, name in self.unknown.items():
                published.note(session, self.target, uid, etag=etags.get(name, UNKNOWN))


def _begun(step: _Step) -> dict[str, Any]:
    item = step.item
    assert item is not None
    return {"uid": item.uid, "href": item.name, "due_on": item.due_on, "done": item.done}


def _same(one: bytes, other: bytes) -> bool:
    return one.split() == other.split()


def _digest(data: bytes) -> str:
    """An item's fingerprint, though the server or what reads from it ends lines otherwise."""
    return hashlib.sha256(re.sub(rb"\r?\n", b"\r\n", data)).hexdigest()


def _word(step: _Step) -> str:
    return "things to do" if step.item is not None and step.item.component == "VTODO" else "events"
