"""What the parts with people have yielded so far, and how a name met again is taken for somebody known."""

import shlex
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from crm.escaping import quote
from crm.importers.worksheet.roster import Roster
from crm.importers.worksheet.sheet import Sheet
from crm.rows import ReferralRow, Row

AMBIGUOUS: Final = ""
"""Instead of a name where several people answer to the one that was read."""


@dataclass(slots=True)
class Reading:
    """The sheet, the people found in it, and all other rows about people."""

    sheet: Sheet
    roster: Roster = field(default_factory=Roster)
    rows: list[Row] = field(default_factory=list)

    def resolve(self, name: str, line: int, *, among: Callable[[str], bool] = lambda _: True) -> str | None:
        """The name under which this person goes, if known; a first name alone means the only full name it begins.

        What is assumed, or what several people answer to, is noted as a gap. `among` limits who may be meant.

        Returns:
            None for nobody known, `AMBIGUOUS` if several people answer to the name.
        """
        known = self.roster.get(name)
        if known is not None:
            return known.name
        full = [each for each in self.roster.called(name) if among(each)] if " " not in name else []
        if len(full) == 1:
            text = f"{quote(name)} is taken to be {full[0]}"
            remedy = f"if not: crm contact add {shlex.quote(name)}"
            self.rows.append(self.sheet.gap(line, text, subject=full[0], remedy=remedy))
            return full[0]
        if full:
            text = f"{quote(name)} could be {' or '.join(full)} and was left out"
            remedy = self.sheet.rewrite(line, "write the full name on line {line} of {name}")
            self.rows.append(self.sheet.gap(line, text, subject=name, remedy=remedy))
            return AMBIGUOUS
        return None

    def ask(self, line: int, text: str, *, about: str, remedy: str | None = None) -> None:
        """Note something that only the person can settle about somebody."""
        remedy = f'crm contact edit {typed(about)} --context "..."' if remedy is None else remedy
        self.rows.append(self.sheet.gap(line, text, subject=about, remedy=remedy))

    def refer(self, name: str, line: int) -> None:
        """Note that this person could be asked for a referral, to where they work now."""
        person = self.roster.get(name)
        organization = person.organization if person and person.current else None
        self.rows.append(ReferralRow(contact=name, organization=organization, source=self.sheet.at(line)))

    def blank(self, line: int, text: str, *, about: str, remedy: str) -> None:
        """Note that the worksheet leaves something open."""
        self.rows.append(self.sheet.blank(line, text, subject=about, remedy=remedy))


def typed(name: str) -> str:
    """How a command names somebody: `@word` would be a tag there and `-word` an option, so such a one has an id."""
    return "ID" if name.startswith(("@", "-")) else shlex.quote(name)
