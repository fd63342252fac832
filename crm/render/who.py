"""The screen of `crm who`: whom one knows at a company."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from crm.actions.who import Known, People, quoted
from crm.escaping import shorten
from crm.models.words import ContactKind
from crm.render import text
from crm.render.ago import ago
from crm.render.fitting import Fitting
from crm.store.organizations import Match

MOST: Final = 30
WIDE: Final = 110
LONGEST_NAME: Final = 40
LONGEST: Final = 80
"""So much of a title, or of how to reach somebody, stands in a list; `crm contact show` has all of it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, which decides what to type for more."""

    company: str
    former: bool
    weak: bool

    def command(self, *more: str) -> str:
        """The same again, with further options."""
        given = [name for name, on in (("--former", self.former), ("--weak", self.weak)) if on]
        return " ".join(["crm who --at", quoted(self.company), *given, *more])


def parts(
    people: People, asked: Asked, shown: Sequence[Known], ways: Mapping[int, str], *, now: datetime, tz: ZoneInfo
) -> Iterator[RenderableType]:
    """People one by one, the closest first, and what else there is; `ways` says how to reach those shown."""
    if shown:
        yield text.safe(_heading(people, asked))
        yield ""
        lines = [_Line(each, ways[each.contact.id], now, tz) for each in shown]
        yield Fitting(_table(lines), _stacked(lines), WIDE)
        yield ""
    else:
        yield text.safe(f"No one at {_company(people, asked)}, as far as your contacts say.")
    yield from _hints(people, asked, len(shown))


def _heading(people: People, asked: Asked) -> str:
    company, unsure = _company(people, asked), sum(each.hit.match is Match.WEAK for each in people.found)
    sure = len(people.found) - unsure
    known = f"At {company}: {sure:,}" if sure else f"No one is surely at {company}"
    return f"{known}; may have to do with it: {unsure:,}" if unsure else known


def _company(people: People, asked: Asked) -> str:
    called = [shorten(each, LONGEST_NAME) for each in people.names[:3]] or [shorten(asked.company, LONGEST_NAME)]
    return ", ".join(called)


@dataclass(frozen=True, slots=True)
class _Line:
    """One person, cell by cell."""

    known: Known
    way: str
    now: datetime
    tz: ZoneInfo

    @property
    def ref(self) -> Text:
        return text.safe(self.known.contact.ref, text.QUIET)

    @property
    def name(self) -> Text:
        contact = self.known.contact
        aside = "put away" if contact.archived_at else "source" if contact.kind == ContactKind.SOURCE else None
        name = text.safe(shorten(contact.name, LONGEST_NAME), "" if aside else text.NAME)
        return text.join(name, text.hint(f"({aside})") if aside else None)

    @property
    def title(self) -> Text:
        hit = self.known.hit
        said = f'"{shorten(hit.context, LONGEST)}"' if hit.context else shorten(hit.title or "", LONGEST)
        where = f"at {shorten(hit.where, LONGEST_NAME)}" if hit.where and hit.match is not Match.EXACT else None
        once = text.hint("(before)") if hit.current is False else None
        weak = text.safe("(weak)", text.WARN) if hit.match is Match.WEAK else None
        return text.join(said, where, once, weak)

    @property
    def last(self) -> str:
        at = self.known.contact.last_contact_at
        return ago(at, now=self.now, tz=self.tz) if at else "never"

    @property
    def reach(self) -> Text:
        return text.safe(shorten(self.way, LONGEST))


def _table(lines: Sequence[_Line]) -> RenderableType:
    rows = [
        (each.ref, each.name, each.title, each.known.contact.tier, each.known.contact.stage, each.last, each.reach)
        for each in lines
    ]
    made = text.table(["", "name", "title", "tier", "stage", "last contact", "reach"], rows, wide="reach")
    for column in (0, 3, 4, 5):
        made.columns[column].no_wrap = True
    made.columns[2].max_width = 36
    return made


def _stacked(lines: Sequence[_Line]) -> RenderableType:
    return Group(*(part for each in lines for part in _block(each)))


def _block(line: _Line) -> Iterator[RenderableType]:
    contact = line.known.contact
    yield text.join(line.ref, line.name, line.title, gap="  ")
    said = f"tier {contact.tier}; {contact.stage}; last contact {line.last}; reach: "
    yield Padding(Text.assemble((said, text.QUIET), line.reach), (0, 0, 0, 5))


def _hints(people: People, asked: Asked, shown: int) -> Iterator[Text]:
    more = len(people.found) - shown
    if more:
        yield text.hint(f"and {more:,} more; all of them: {asked.command('--all')}")
    if people.former:
        yield text.hint(f"{people.former:,} more {_were(people.former)} there before: {asked.command('--former')}")
    if people.weak:
        yield text.hint(f"{people.weak:,} more may have to do with it, unsure: {asked.command('--weak')}")
    if not people.found:
        yield from _nobody(people, asked)
    else:
        yield text.hint(f"Who could bring you there: crm path --to {quoted(asked.company)}")


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _nobody(people: People, asked: Asked) -> Iterator[Text]:
    if people.near and not people.names:
        near = ", ".join(shorten(each, LONGEST_NAME) for each in people.near[:3])
        yield text.hint(f"There is no organization of that name; there is {near}.")
    yield text.hint(f"Somebody is: crm contact edit WHO --organization {quoted(asked.company)}")
    yield text.hint("Your LinkedIn connections may hold some: crm import Connections.csv")
