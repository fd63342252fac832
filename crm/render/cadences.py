"""The screens of `crm cadence`: how often, who says so, and where one stands."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from rich.console import RenderableType

from crm.actions.cadences import Cadence, Pulse, Rhythm, Rule, Says, say_every
from crm.cadence import say_cadence
from crm.dates import say_day
from crm.escaping import shorten
from crm.exporters.json_ import Describer
from crm.models.words import Tier
from crm.render import text
from crm.store.cadences import Kept

MOST = 40
LONGEST = 60
NEXT: Final = "Whom next: crm next"
STYLES: Final = {Pulse.IN_TIME: text.GOOD, Pulse.DUE: text.WARN, Pulse.OVERDUE: text.BAD}
SETTINGS: Final = {
    Tier.INNER: "outreach.cadence_inner",
    Tier.ACTIVE: "outreach.cadence",
    Tier.OCCASIONAL: "outreach.cadence_occasional",
}


def told(found: Sequence[Rhythm], describer: Describer) -> list[dict[str, object]]:
    """People's cadences as `--json` tells them: `says` is whose word counts, `others` what they would say."""
    contacts = describer.many([each.contact for each in found])
    return [_told(each, contact) for each, contact in zip(found, contacts, strict=True)]


def _told(it: Rhythm, contact: dict[str, object]) -> dict[str, object]:
    counts, *others = map(_rule_told, it.rules or [None])
    window = it.window
    return {
        "contact": contact,
        **counts,
        "others": others,
        "state": it.pulse,
        "since_on": window.since if window else None,
        "due_on": window.opens_on if window else None,
        "overdue_on": window.overdue_on if window else None,
    }


def _rule_told(rule: Rule | None) -> dict[str, object]:
    if rule is None:
        return {"says": None, "name": None, "min_days": None, "max_days": None}
    return {"says": rule.says, "name": rule.name or None, "min_days": rule.days[0], "max_days": rule.days[1]}


def tags_told(kept: Sequence[Kept]) -> list[dict[str, object]]:
    """Tags' cadences as `--json` tells them."""
    return [
        {
            "tag": each.tag.name,
            "min_days": each.cadence.min_days if each.cadence else None,
            "max_days": each.cadence.max_days if each.cadence else None,
            "people": each.people,
        }
        for each in kept
    ]


def tiers_told(tiers: Mapping[Tier, Cadence]) -> dict[str, object]:
    """The tiers' cadences as `--json` tells them."""
    return {tier.value: {"min_days": least, "max_days": most} for tier, (least, most) in tiers.items()}


def parts(kept: Sequence[Kept], found: Sequence[Rhythm], *, every: bool) -> Iterator[RenderableType]:
    """Tags one a line, then people: one alone in full, several as a table."""
    if kept:
        yield text.table(["tag", "how often", "people"], map(_tag_row, kept))
        yield ""
    if len(found) == 1:
        yield from _alone(found[0])
    elif found:
        shown = found if every else found[:MOST]
        yield text.table(["who", "how often", "says who", "where you stand"], map(_row, shown), wide="where you stand")
        if len(shown) < len(found):
            yield text.hint(f"and {len(found) - len(shown)} more; all of them: --all")


def tiers(found: Mapping[Tier, Cadence]) -> Iterator[RenderableType]:
    """What the tiers say where neither a person nor a tag of theirs does."""
    rows = [(f"tier {tier}", say_every(days), text.hint(SETTINGS[tier])) for tier, days in found.items()]
    yield text.table(["for everybody else", "how often", "setting"], rows)
    yield ""
    yield text.hint("To say it of a person or tag: crm cadence WHO|@TAG 4w..6w")
    yield text.hint("To change a tier's: crm config set SETTING 4w..6w")
    yield text.hint("Which counts for somebody, and why: crm cadence WHO")


def _tag_row(it: Kept) -> Sequence[text.Cell]:
    often = say_every((it.cadence.min_days, it.cadence.max_days)) if it.cadence else "as their tiers say"
    return text.safe(f"@{shorten(it.tag.name, LONGEST)}", text.NAME), often, str(it.people)


def _row(it: Rhythm) -> Sequence[text.Cell]:
    name = text.safe(shorten(it.contact.name, LONGEST), text.NAME)
    if not it.rules or it.contact.tier == Tier.NONE:
        return name, "", "tier none", "never suggested"
    return name, say_cadence(*it.rules[0].days), _speaker(it.rules[0]), _state(it)


def _alone(it: Rhythm) -> Iterator[RenderableType]:
    yield text.join(
        text.safe(shorten(it.contact.name, LONGEST), text.NAME), text.safe(it.contact.ref, text.QUIET), gap="  "
    )
    yield text.facts(_facts(it))


def _facts(it: Rhythm) -> Iterator[tuple[str, text.Cell]]:
    if it.contact.tier == Tier.NONE:
        yield "tier", "none: found, but never suggested"
        yield "", text.hint(f"to change that: crm contact tier {it.contact.ref} active")
    if not it.rules:
        return
    counts, *others = it.rules
    would = "".join(f"; {_speaker(each)} would say {say_every(each.days)}" for each in others)
    yield (
        "how often",
        f"{_speaker(counts)} {'say' if counts.says is Says.PERSON else 'says'} {say_every(counts.days)}{would}",
    )
    yield "state", _state(it)
    yield "since", _since(it)


def _since(it: Rhythm) -> str | None:
    if it.window is None:
        return None
    came = "" if it.ever else ", when they came on your list"
    wrote = f" (you wrote on {say_day(it.wrote_on)}; no answer yet)" if it.wrote_on else ""
    return f"{say_day(it.window.since)}{came}{wrote}"


def _speaker(rule: Rule) -> str:
    return shorten(rule.speaker, LONGEST) or "you"


def _state(it: Rhythm) -> text.Cell:
    """Green, amber or red, in words as well."""
    if it.window is None or it.pulse is None:
        return None
    said = {
        Pulse.IN_TIME: f"in time; due from {say_day(it.window.opens_on)}",
        Pulse.DUE: f"due, by {say_day(it.window.closes_on)}",
        Pulse.OVERDUE: f"overdue since {say_day(it.window.overdue_on)}",
    }
    return text.safe(said[it.pulse], STYLES[it.pulse])
