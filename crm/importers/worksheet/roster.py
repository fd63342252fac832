"""The people found so far: one row each, however often and wherever the worksheet names them."""

from dataclasses import dataclass, field, replace

from crm.importers.worksheet.names import same
from crm.rows import ContactRow, Method

_FIRST_WINS = ("place", "how_to_reach", "status_text", "organization", "title")


@dataclass(slots=True)
class Roster:
    """People by name; what is read later is added to what is known, and never replaces it."""

    _people: dict[str, ContactRow] = field(default_factory=dict)
    _order: dict[str, int] = field(default_factory=dict)
    _by_first_name: dict[str, list[str]] = field(default_factory=dict)

    def add(self, row: ContactRow) -> str:
        """Add a person or what is new about them, and return the name they go by."""
        key = same(row.name)
        known = self._people.get(key)
        if known is None:
            self._order[key] = len(self._order)
            if " " in key:
                self._by_first_name.setdefault(key.split()[0], []).append(row.name)
        self._people[key] = row if known is None else merged(known, row)
        return self._people[key].name

    def __len__(self) -> int:
        return len(self._people)

    def place(self, name: str) -> int:
        """How many people were read before this one."""
        return self._order[same(name)]

    def get(self, name: str) -> ContactRow | None:
        """The person with exactly this name, whatever its case."""
        return self._people.get(same(name))

    def called(self, first_name: str) -> list[str]:
        """The full names that begin with this first name."""
        return list(self._by_first_name.get(same(first_name), ()))

    def tagged(self, tag: str) -> list[ContactRow]:
        """The people with a tag."""
        return [row for row in self._people.values() if tag in row.tags]

    def rows(self) -> list[ContactRow]:
        """Everybody, by line; people on one line in the order they stand there."""
        return sorted(self._people.values(), key=lambda row: row.source.line or 0)


def merged(known: ContactRow, new: ContactRow) -> ContactRow:
    """One row from two of the same person: the first words win, lists are joined, different contexts are kept both."""
    changes: dict[str, object] = {name: getattr(known, name) or getattr(new, name) for name in _FIRST_WINS}
    if known.organization is None:
        changes["current"] = new.current
    if "person" in (known.kind, new.kind):
        changes["kind"] = "person"
    changes["tags"] = tuple(dict.fromkeys((*known.tags, *new.tags)))
    changes["methods"] = _methods(known, new)
    changes["context"] = _context(known, new)
    return replace(known, **changes)  # type: ignore[arg-type]  # the names are ContactRow's own


def _context(known: ContactRow, new: ContactRow) -> str | None:
    if known.context is None or new.context is None or new.source.inferred:
        return known.context or new.context
    return known.context if new.context in known.context else f"{known.context}; {new.context}"


def _methods(known: ContactRow, new: ContactRow) -> tuple[Method, ...]:
    """Each way once, the first of all being the primary one."""
    each = {(method.kind, method.value): method for method in (*new.methods, *known.methods)}
    order = dict.fromkeys((method.kind, method.value) for method in (*known.methods, *new.methods))
    return tuple(replace(each[key], primary=at == 0) for at, key in enumerate(order))
