"""What a review looks back on, in words: the same lines on the screen, in the editor and in the report."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.table import Table

from crm.actions import wording
from crm.actions.checked import brief
from crm.actions.review_facts import ActivityHours, Promise, ReviewFacts, Stretch
from crm.cadence import day_of
from crm.dates import say_day
from crm.durations import say_duration
from crm.models import Contact, Introduction, Question, Referral, Task
from crm.render import text
from crm.render.week import of_target, short
from crm.store.review_links import Linked

HOURS: Final = "Hours"
MOST: Final = 10
MOST_GAPS: Final = 3
BAR_WIDTH: Final = 20


@dataclass(frozen=True, slots=True)
class Telling:
    """How the facts are told.

    Attributes:
        tz: the person's zone.
        for_partner: without short ids, and without what is blank.
        is_written: as a text that is kept, in which no words are cut off; nor are lines, but for a partner.
    """

    tz: ZoneInfo
    for_partner: bool = False
    is_written: bool = False

    def say(self, words: str) -> str:
        """What somebody wrote."""
        return words if self.is_written else brief(words)

    def thing(self, it: Question | Task) -> str:
        """A question or a task, with its short id."""
        words = self.say(it.text if isinstance(it, Question) else it.title)
        return words if self.for_partner else f"{it.ref} {words}"

    def some(self, section: "Section", most: int) -> "Section":
        """So many lines of it, where lines are cut."""
        if self.is_written and not self.for_partner:
            return section
        return section.cut(most, says_how=not self.for_partner)


@dataclass(frozen=True, slots=True)
class Section:
    """Some of the facts: a title that is enough by itself, the lines below it, and the command that shows them all."""

    title: str
    lines: Sequence[str]
    see: str = ""

    def cut(self, most: int, *, says_how: bool) -> "Section":
        """With its first lines, how many more there are and, where that helps, how to see them."""
        if not self.see or len(self.lines) <= most:
            return self
        more = f"and {len(self.lines) - most:,} more" + (f": {self.see}" if says_how else "")
        return replace(self, lines=[*self.lines[:most], more])


def since(stretch: Stretch) -> str:
    """What the facts begin with."""
    if stretch.from_on is None:
        return "All so far"
    return f"Since {brief(stretch.since or '')}, {say_day(stretch.from_on)}"


def sections(facts: ReviewFacts, telling: Telling) -> list[Section]:
    """The facts that there are."""
    found = [
        _hours(facts, telling),
        _people(facts, telling),
        _answers(facts, telling),
        _referrals(facts, telling),
        _introductions(facts, telling),
        _promises(facts.promises, telling),
        _checklist(facts, telling),
        _links(facts.links, telling),
        None if telling.for_partner else _gaps(facts, telling),
    ]
    return [telling.some(each, MOST) for each in found if each is not None]


def lines(facts: ReviewFacts, *, tz: ZoneInfo) -> Iterator[str]:
    """The facts as plain lines."""
    yield since(facts.stretch)
    for each in sections(facts, Telling(tz)):
        yield each.title
        yield from (f"- {line}" for line in each.lines)


def parts(facts: ReviewFacts, *, tz: ZoneInfo) -> Iterator[RenderableType]:
    """The facts on a screen; what is to have happened by the review is shown by itself."""
    yield text.hint(f"{since(facts.stretch)}:")
    for each in sections(replace(facts, links=()), Telling(tz)):
        is_hours = each.title.startswith(HOURS) and any(one.target_minutes for one in facts.activities)
        body = _bars(facts.activities) if is_hours else text.bullets(each.lines)
        yield text.section(each.title, body) if each.lines else text.safe(each.title, text.HEADING)


def _bars(activities: Sequence[ActivityHours]) -> Table:
    rows = [
        (
            text.safe(brief(each.name)),
            short(each.minutes),
            short(each.target_minutes) if each.target_minutes else "",
            text.bar(each.minutes, each.target_minutes, BAR_WIDTH) if each.target_minutes else "",
        )
        for each in activities
        if each.minutes or each.target_minutes
    ]
    made = text.table(["", "done", "target", ""], rows)
    for column in (1, 2):
        made.columns[column].justify = "right"
    for column in (1, 2, 3):
        made.columns[column].no_wrap = True
    return made


def _hours(facts: ReviewFacts, telling: Telling) -> Section:
    named = [each for each in facts.activities if each.minutes or each.target_minutes]
    return Section(
        f"{HOURS}: {say_duration(facts.minutes)}"
        + (f" (targets: {say_duration(facts.target_minutes)})" if facts.target_minutes else ""),
        [f"{telling.say(each.name)}: {of_target(each.minutes, each.target_minutes)}" for each in named],
    )


def _people(facts: ReviewFacts, telling: Telling) -> Section:
    said = [telling.say(each.contact.name) + (", talked" if each.talked else "") for each in facts.reached]
    talks = f", talked with {facts.talks}" if facts.talks else ""
    return Section(f"People reached: {len(said)}{talks}", said, "crm interaction list")


def _answers(facts: ReviewFacts, telling: Telling) -> Section | None:
    said = [f"{telling.thing(each.question)}: {telling.say(each.contact.name)}" for each in facts.answers]
    return Section(f"Answers gathered: {len(said)}", said, "crm question list") if said else None


def _referrals(facts: ReviewFacts, telling: Telling) -> Section | None:
    say = telling.say
    said = [
        _moved(each.referral, f"{wording.referral(each, say)}, {wording.asked_of(each, say)}", telling)
        for each in facts.referrals
    ]
    return Section(f"Referrals moved: {len(said)}", said, "crm referral list") if said else None


def _introductions(facts: ReviewFacts, telling: Telling) -> Section | None:
    say = telling.say
    said = [
        _moved(each.introduction, f"{wording.wanted(each, say)}, {say(each.connector.name)}", telling)
        for each in facts.introductions
    ]
    return Section(f"Introductions moved: {len(said)}", said, "crm intro list") if said else None


def _moved(it: Referral | Introduction, what: str, telling: Telling) -> str:
    return f"{what}: {it.state}" if telling.for_partner else f"{it.ref} {what}: {it.state}"


def _promises(promises: Sequence[Promise], telling: Telling) -> Section | None:
    if not promises:
        return None
    kept, ended = sum(each.kept for each in promises), sum(each.periods for each in promises)
    unit = "period" if ended == 1 else "periods"
    title = f"Commitments: {kept} of {ended} {unit} kept" if ended else "Commitments"
    return Section(title, [_promise(each, telling) for each in promises], "crm commitment list")


def _promise(each: Promise, telling: Telling) -> str:
    skipped = f", {each.skipped} skipped" if each.skipped else ""
    unit = each.per if each.periods == 1 else f"{each.per}s"
    kept = f"; {each.kept} of {each.periods} {unit} kept" if each.periods else ""
    return f"{telling.say(each.title)}, {each.times} a {each.per}: {each.done} done{skipped}{kept}"


def _checklist(facts: ReviewFacts, telling: Telling) -> Section | None:
    found = facts.checklist
    if not found.total:
        return None
    done = [f"{telling.thing(each)}: done {_day(each, telling.tz)}" for each in found.done_since]
    still_open = [] if telling.for_partner else [f"{telling.thing(each)}: open" for each in found.still_open]
    return Section(f"Checklist: {found.done} of {found.total} done", [*done, *still_open], "crm task list")


def _day(each: Task, tz: ZoneInfo) -> str:
    return say_day(day_of(each.done_at, tz)) if each.done_at else ""


def _links(links: Sequence[Linked], telling: Telling) -> Section | None:
    if not links:
        return None
    said = [f"{_about(each, telling)}: {_state(each, telling.tz)}" for each in links]
    done = sum(each.done_at is not None for each in links)
    return Section(f"To have happened by then: {done} of {len(links)}", said, "crm review list")


def _about(each: Linked, telling: Telling) -> str:
    it = each.about
    if isinstance(it, Contact):
        return f"a talk with {telling.say(it.name)}"
    return f"{'an answer to ' if isinstance(it, Question) else ''}{telling.thing(it)}"


def _state(each: Linked, tz: ZoneInfo) -> str:
    return f"done {say_day(day_of(each.done_at, tz))}" if each.done_at else "not yet"


def _gaps(facts: ReviewFacts, telling: Telling) -> Section | None:
    said = [f"{each.text}: {each.remedy}" for each in facts.gaps]
    shown = said if telling.is_written else said[:MOST_GAPS]
    return Section(f"Still blank: {len(said)} (crm gaps)", shown) if said else None
