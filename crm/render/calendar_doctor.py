"""The screen of `crm calendar doctor`: what was looked at, and what to expect of each calendar program."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Protocol

from rich.console import RenderableType

from crm.actions.doctor import Check
from crm.render import text

_SHORT = {
    "works while this machine is on": "while machine is on",
    "set up, but not working just now": "set up, but down",
}
"""What fits into a column at 80."""


class Fact(Protocol):
    """One thing to expect of a program."""

    @property
    def about(self) -> str:
        """What it is about."""

    @property
    def text(self) -> str:
        """A sentence on it."""

    @property
    def source(self) -> str:
        """How it is known."""

    @property
    def version(self) -> str:
        """Of which version; empty where that is not known."""


class Program(Protocol):
    """A calendar program."""

    @property
    def title(self) -> str:
        """Its name."""

    @property
    def renews(self) -> str:
        """How often it fetches."""

    @property
    def alarms(self) -> str:
        """What becomes of alarms."""

    @property
    def to_dos(self) -> str:
        """What becomes of things to do."""

    @property
    def facts(self) -> Sequence[Fact]:
        """What else to expect."""


class Verdict(Protocol):
    """Whether a program shows the calendars."""

    @property
    def outcome(self) -> str:
        """In a few words."""

    @property
    def works(self) -> bool:
        """Whether it does."""

    @property
    def why(self) -> str:
        """Through what, or what it lacks."""

    @property
    def remedy(self) -> str:
        """What would help."""


def checks(parts: Mapping[str, Sequence[Check]]) -> Iterator[RenderableType]:
    """What was looked at, with a mark for each, under a heading for each part."""
    for part, found in parts.items():
        yield text.section(part.capitalize(), _marked(found))


def _marked(found: Sequence[Check]) -> RenderableType:
    return text.rows(
        [(_mark(each), text.join(each.check, each.remedy and f"- {each.remedy}")) for each in found], wide=1
    )


def _mark(each: Check) -> text.Cell:
    if each.ok:
        return text.safe("note", text.WARN) if each.remedy else text.safe("ok  ", text.GOOD)
    return text.safe("BAD ", text.BAD)


def programs(found: Sequence[tuple[Program, Verdict]]) -> Iterator[RenderableType]:
    """One line for each program, and below it what would help those that see nothing."""
    rows = [
        (program.title, _outcome(verdict, short=True), program.renews, program.alarms, program.to_dos)
        for program, verdict in found
    ]
    yield text.section("Programs", text.table(["program", "verdict", "renews", "alarms", "to-dos"], rows))
    helped = [(verdict.remedy, program.title) for program, verdict in found if verdict.remedy]
    if helped:
        order = list(dict.fromkeys(remedy for remedy, _ in helped))
        sorted_ = sorted(helped, key=lambda each: order.index(each[0]))
        ways = [
            text.join(", ".join(title for _, title in some) + ":", text.safe(remedy, text.NAME))
            for remedy, some in groupby(sorted_, key=lambda each: each[0])
        ]
        yield text.section("So that they show it", text.bullets(ways))
    yield text.hint("All about one, such as how it is added: crm calendar doctor google")


def _outcome(verdict: Verdict, *, short: bool = False) -> text.Cell:
    told = _SHORT.get(verdict.outcome, verdict.outcome) if short else verdict.outcome
    return text.safe(told, text.GOOD if verdict.works else text.WARN)


def program(found: Program, verdict: Verdict) -> Iterator[RenderableType]:
    """All about one program: whether it shows the calendars, and what to expect of it."""
    yield text.join(text.safe(f"{found.title}:", text.HEADING), _outcome(verdict))
    helps = text.safe(verdict.remedy, text.NAME) if verdict.remedy else None
    yield text.facts([("how" if verdict.works else "why", verdict.why), ("what helps", helps)])
    yield ""
    facts = [(each.about, text.join(each.text, text.hint(f"({each.source})"))) for each in found.facts]
    yield text.section("What to expect", text.facts(facts))
    if versions := dict.fromkeys(each.version for each in found.facts if each.version):
        yield text.hint(f"Measured with {', '.join(versions)}; other versions may differ.")


def failed(parts: Mapping[str, Sequence[Check]]) -> Iterator[RenderableType]:
    """What failed, where only one program was asked about."""
    bad = [each for found in parts.values() for each in found if not each.ok]
    if bad:
        yield text.section("To be mended", _marked(bad), count=len(bad))
