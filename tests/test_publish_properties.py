"""Publishing survives anything: kills and faults at any request, and whatever others do there in between."""

from dataclasses import dataclass, field
from itertools import count

import pytest
from database_support import engine_of
from hypothesis import given
from hypothesis import strategies as st
from reminder_support import MONDAY

from calendars.remote.items import Item
from calendars.remote.place import UNKNOWN, ChangedError, NotTakenError
from calendars.remote.push import push
from crm.errors import CrmError
from crm.store.engine import reading, writing

FOREIGN = {"theirs.ics": b"UID:theirs\r\n", "u3@x.ics": b"UID:theirs-too\r\n"}
RUNS = count()


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Server:
    """A place in memory; what `faults` holds happens at its next requests that write, one after the other."""

    name: str
    tells: bool
    held: dict = field(default_factory=lambda: dict(FOREIGN))
    faults: list = field(default_factory=list)
    version: int = 0
    versions: dict = field(default_factory=dict)

    def takes(self, _component):
        return True

    def etag(self, name):
        return f'"{self.versions.setdefault(name, 0)}"'

    def etags(self, names):
        return {name: self.etag(name) for name in self.held if name in names}

    def get(self, name):
        return (self.held[name], self.etag(name)) if name in self.held else None

    def write(self, name, data, etag):
        """One that writes: it fails before or after, or it is done."""
        fault = self.faults.pop() if self.faults else None
        if fault in {"full", "refused"}:
            raise CrmError("full") if fault == "full" else NotTakenError("refused")
        if fault == "killed before":
            raise Killed
        if etag not in {UNKNOWN, self.etag(name) if name in self.held else None}:
            raise ChangedError("changed")
        self.change(name, data)
        if fault == "killed after":
            raise Killed

    def change(self, name, data):
        self.version += 1
        self.versions[name] = self.version
        if data is None:
            self.held.pop(name, None)
        else:
            self.held[name] = data

    def put(self, name, data, etag):
        self.write(name, data, etag)
        return self.etag(name) if self.tells else UNKNOWN

    def delete(self, name, etag):
        if name in self.held:
            self.write(name, None, etag)

    def close(self):
        """Nothing is held."""


def item(number, text):
    uid = f"u{number}@x"
    return Item(uid, f"{uid}.ics", f"UID:{uid}\r\nSUMMARY:{text}\r\n".encode(), "VEVENT")


@dataclass
class Books:
    """Transactions; a kill leaves no time for those that would come after it."""

    engine: object
    dead: bool = False

    def reading(self):
        return reading(self.engine)

    def writing(self, name):
        if self.dead:
            raise Killed
        return writing(self.engine, now=MONDAY, name=name)


ROUND = st.fixed_dictionaries(
    {
        "wanted": st.dictionaries(st.integers(0, 4), st.sampled_from("ab"), max_size=5),
        "faults": st.lists(st.sampled_from(["full", "refused", "killed before", "killed after", None]), max_size=4),
        "others": st.lists(st.tuples(st.integers(0, 4), st.sampled_from(["edit", "delete"])), max_size=2),
    }
)


@given(rounds=st.lists(ROUND, min_size=1, max_size=4), tells=st.booleans())
def test_after_whatever_happened_the_next_push_brings_it_in_order(home, rounds, tells):
    """All that is wanted is there once, nothing else of ours, nothing of others is touched, and then it rests."""
    server, engine = Server(f"place {next(RUNS)}", tells), engine_of(home)
    for each in rounds:
        for number, deed in each["others"]:
            name = f"u{number}@x.ics"
            if name in server.held and name not in FOREIGN:
                server.change(name, None if deed == "delete" else server.held[name] + b"X-NOTE:mine\r\n")
        items = [item(number, text) for number, text in each["wanted"].items()]
        server.faults = list(each["faults"])
        books = Books(engine)
        try:
            push(server, items, _dying(books, server), now=MONDAY)
        except Killed:
            server.faults.clear()
    server.faults.clear()
    done = push(server, items, Books(engine), now=MONDAY)
    assert done.error == ""
    wanted = {each.name: each.data for each in items if each.name not in FOREIGN}
    assert server.held == wanted | FOREIGN
    again = push(server, items, Books(engine), now=MONDAY)
    assert (again.written, again.removed) == (0, 0)
    assert server.held == wanted | FOREIGN


def _dying(books, server):
    """The same, but that after a kill nothing is written down any more."""
    write = server.write

    def killed(*arguments):
        try:
            write(*arguments)
        except Killed:
            books.dead = True
            raise

    server.write = killed
    return books


def test_the_faults_are_real(home):
    """The server of this module really kills: what came before stands there, and nothing was noted of it."""
    server, books = Server("place", tells=True), Books(engine_of(home))
    server.faults = ["killed after", None]
    with pytest.raises(Killed):
        push(server, [item(0, "a"), item(1, "a"), item(2, "a")], _dying(books, server), now=MONDAY)
    assert len(server.held) == len(FOREIGN) + 2
