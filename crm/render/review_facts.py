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
from crm.actions.review_links import say
from crm.cadence import day_of
from crm.dates import say_day
from crm.durations import say_duration
from crm.models import Contact, Question, Task
from crm.render import text
from crm.render.week import short
from crm.store.review_links import Linked

HOURS: Final = "Hours"
MOST: Final = 10
MOST_GAPS: Final = 3
BAR_WIDTH: Final = 20


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


def sections(facts: ReviewFacts, *, tz: ZoneInfo, for_partner: bool = False) -> list[Section]:
    """The facts that there are; for a partner without short ids and without what is blank."""
    found = [
        _hours(facts),
        _people(facts),
        _answers(facts, for_partner),
        _referrals(facts, for_partner),
        _introductions(facts, for_partner),
        _promises(facts.promises),
        _checklist(facts, tz, for_partner),
        _links(facts.links, tz, for_partner),
        None if for_partner else _gaps(facts),
    ]
    return [each.cut(MOST, says_how=not for_partner) for each in found if each is not None]


def lines(facts: ReviewFacts, *, tz: ZoneInfo) -> Iterator[str]:
    """The facts as plain lines."""
    yield since(facts.stretch)
    for each in sections(facts, tz=tz):
        yield each.title
        yield from (f"- {line}" for line in each.lines)


def parts(facts: ReviewFacts, *, tz: ZoneInfo) -> Iterator[RenderableType]:
    """The facts on a screen; what is to have happened by the review is shown by itself."""
    yield text.hint(f"{since(facts.stretch)}:")
    for each in sections(replace(facts, links=()), tz=tz):
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


def _hours(facts: ReviewFacts) -> Section:
    named = [each for each in facts.activities if each.minutes or each.target_minutes]
    return Section(
        f"{HOURS}: {say_duration(facts.minutes)}"
        + (f" (targets: {say_duration(facts.target_minutes)})" if facts.target_minutes else ""),
        [f"{brief(each.name)}: {_of(each.minutes, each.target_minutes)}" for each in named],
    )


def _of(minutes: int, target_minutes: int) -> str:
    return f"{say_duration(minutes)}" + (f" of {say_duration(target_minutes)}" if target_minutes else "")


def _people(facts: ReviewFacts) -> Section:
    said = [brief(each.contact.name) + (", talked" if each.talked else "") for each in facts.reached]
    talks = f", talked with {facts.talks}" if facts.talks else ""
    return Section(f"People reached: {len(said)}{talks}", said, "crm interaction list")


def _answers(facts: ReviewFacts, for_partner: bool) -> Section | None:
    said = [
        f"{'' if for_partner else f'{each.question.ref} '}{brief(each.question.text)}: {brief(each.contact.name)}"
        for each in facts.answers
    ]
    return Section(f"Answers gathered: {len(said)}", said, "crm question list") if said else None


def _referrals(facts: ReviewFacts, for_partner: bool) -> Section | None:
    said = [
        _moved(
            each.referral.ref, f"{wording.referral(each)}, {wording.asked_of(each)}", each.referral.state, for_partner
        )
        for each in facts.referrals
    ]
    return Section(f"Referrals moved: {len(said)}", said, "crm referral list") if said else None


def _introductions(facts: ReviewFacts, for_partner: bool) -> Section | None:
    said = [
        _moved(
            each.introduction.ref,
            f"{wording.wanted(each)}, {brief(each.connector.name)}",
            each.introduction.state,
            for_partner,
        )
        for each in facts.introductions
    ]
    return Section(f"Introductions moved: {len(said)}", said, "crm intro list") if said else None


def _moved(ref: str, what: str, state: str, for_partner: bool) -> str:
    return f"{what}: {state}" if for_partner else f"{ref} {what}: {state}"


def _promises(promises: Sequence[Promise]) -> Section | None:
    if not promises:
        return None
    kept, ended = sum(each.kept for each in promises), sum(each.periods for each in promises)
    title = f"Commitments: {kept} of {ended} kept" if ended else "Commitments"
    return Section(title, [_promise(each) for each in promises], "crm commitment list")


def _promise(each: Promise) -> str:
    skipped = f", {each.skipped} skipped" if each.skipped else ""
    unit = each.per if each.periods == 1 else f"{each.per}s"
    kept = f"; {each.kept} of {each.periods} {unit} kept" if each.periods else ""
    return f"{brief(each.title)}, {each.times} a {each.per}: {each.done} done{skipped}{kept}"


def _checklist(facts: ReviewFacts, tz: ZoneInfo, for_partner: bool) -> Section | None:
    found = facts.checklist
    if not found.total:
        return None
    done = [f"{_task(each, for_partner)}: done {_day(each, tz)}" for each in found.done_since]
    still_open = [] if for_partner else [f"{_task(each, for_partner)}: open" for each in found.still_open]
    return Section(f"Checklist: {found.done} of {found.total} done", [*done, *still_open], "crm task list")


def _task(each: Task, for_partner: bool) -> str:
    return brief(each.title) if for_partner else say(each)


def _day(each: Task, tz: ZoneInfo) -> str:
    return say_day(day_of(each.done_at, tz)) if each.done_at else ""


def _links(links: Sequence[Linked], tz: ZoneInfo, for_partner: bool) -> Section | None:
    if not links:
        return None
    said = [f"{_about(each, for_partner)}: {_state(each, tz)}" for each in links]
    done = sum(each.done_at is not None for each in links)
    return Section(f"To have happened by then: {done} of {len(links)}", said, "crm review list")


def _about(each: Linked, for_partner: bool) -> str:
    it = each.about
    if isinstance(it, Contact):
        return f"a talk with {brief(it.name)}"
    if isinstance(it, Question):
        return f"an answer to {brief(it.text) if for_partner else say(it)}"
    return _task(it, for_partner)


def _state(each: Linked, tz: ZoneInfo) -> str:
    return f"done {say_day(day_of(each.done_at, tz))}" if each.done_at else "not yet"


def _gaps(facts: ReviewFacts) -> Section | None:
    said = [f"{each.text}: {each.remedy}" for each in facts.gaps]
    return Section(f"Still blank: {len(said)} (crm gaps)", said[:MOST_GAPS]) if said else None
