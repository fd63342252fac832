"""The rules, found by file name; each module is loaded when it is asked what stands.

A rule is one module. Its docstring says when it speaks, `DEFAULTS` holds the options it reads, and
`plan(session, *, now, tz, options)` yields every occurrence that stands: those of the next days (the option `ahead`
says how far), and those whose time has come and that still ask for something. A rule reads only, and says the same
when it is asked twice.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, time
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Final, Protocol, cast
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions.cadences import tier_cadences
from crm.date_words import WEEKDAYS
from crm.settings import Settings
from reminders.reminder import Reminder

OWN: Final = "rules."


class Rule(Protocol):
    """What a rule's module defines."""

    DEFAULTS: Mapping[str, Any]

    def plan(self, session: Session, *, now: datetime, tz: ZoneInfo, options: Mapping[str, Any]) -> Iterator[Reminder]:
        """Every occurrence that stands."""


def names() -> list[str]:
    """The names of all rules, in alphabetical order."""
    return sorted(module.name for module in iter_modules(__path__))


def load(name: str) -> Rule:
    """The rule of that name."""
    return cast("Rule", import_module(f"{__name__}.{name}"))


def from_settings(settings: Settings) -> dict[str, Any]:
    """The options that the person can set: what all rules read, and `rule.option` for what one of them reads."""
    common = {
        "at": time.fromisoformat(settings["reminders.at"]),
        "catch_up_days": settings["reminders.catch_up_days"],
        "working_days": frozenset(map(WEEKDAYS.index, settings["reminders.working_days"])),
        "week_starts_on": settings["week_starts_on"],
        "follow_up_days": settings["outreach.follow_up_days"],
        "dormant_after": settings["outreach.dormant_after"],
        "weekly_budget": settings["outreach.weekly_budget"],
        "cadences": tier_cadences(settings),
    }
    own = {name.removeprefix(OWN): each.value for name, each in settings.values.items() if name.startswith(OWN)}
    return common | own


def wanted(session: Session, *, now: datetime, tz: ZoneInfo, given: Mapping[str, Any]) -> dict[str, Reminder]:
    """Everything that the rules ask for, by key; `given` takes the place of a rule's own defaults."""
    found: dict[str, Reminder] = {}
    for name in names():
        if given.get(f"{name}.enabled", True):
            rule = load(name)
            options = {
                option: given.get(f"{name}.{option}", given.get(option, default))
                for option, default in rule.DEFAULTS.items()
            }
            found |= {each.key: each for each in rule.plan(session, now=now, tz=tz, options=options)}
    return found
