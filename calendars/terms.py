"""What a person set for each calendar: alarms, how much is told, and whether as events or as things to do."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

from calendars.entry import Entry
from crm.settings import Settings

_DETAIL = re.compile(r"calendar\.(\w+)\.detail")


class Detail(StrEnum):
    """How much an entry tells."""

    BUSY = "busy"
    FIRST_NAMES = "first-names"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class FeedTerms:
    """What was set for one feed."""

    alarms: bool = True
    detail: Detail = Detail.FULL
    to_dos: bool = False

    def applied(self, entry: Entry) -> Entry:
        """The entry as this calendar shows it."""
        shown = _told(entry, self.detail)
        return replace(
            shown, to_do=self.to_dos or shown.to_do, alarms=shown.alarms if self.alarms and shown.rings else ()
        )


def _told(entry: Entry, detail: Detail) -> Entry:
    """No more than `detail` allows: below `full`, nothing that was typed in freely about people."""
    if detail is Detail.FULL:
        return entry
    bare = replace(entry, description="", location="", url="", brief="")
    if detail is Detail.FIRST_NAMES:
        return replace(bare, summary=entry.brief or entry.summary)
    busy = "Busy" if isinstance(entry.starts, datetime) else "Networking"
    return replace(bare, summary=busy, categories=())


def _of_feed(settings: Settings, name: str, *, leaves: bool) -> FeedTerms:
    """What config.toml says of the feed that it knows by that name."""
    told = settings.values[f"calendar.{name}.detail"]
    unsaid = leaves and told.origin == "default"
    form = settings.values.get(f"calendar.{name}.as")
    return FeedTerms(
        alarms=settings["calendar.alarms"] and settings[f"calendar.{name}.alarms"],
        detail=Detail.FIRST_NAMES if unsaid else Detail(told.value),
        to_dos=form is not None and form.value == "to-dos",
    )


@dataclass(frozen=True, slots=True)
class Terms:
    """What was set for all of them.

    Attributes:
        week_starts_on: monday ... sunday.
        feeds: by the feed's name; one that is not there has the defaults.
    """

    week_starts_on: str = "monday"
    feeds: Mapping[str, FeedTerms] = field(default_factory=dict)

    @classmethod
    def from_settings(cls, settings: Settings, *, leaves: bool = False) -> Self:
        """What config.toml says, or the defaults.

        Args:
            settings: all settings.
            leaves: the calendars leave this machine: where nobody chose, first names are told, and no more.
        """
        names = [found[1] for each in settings.values if (found := _DETAIL.fullmatch(each))]
        feeds = {name.replace("_", "-"): _of_feed(settings, name, leaves=leaves) for name in names}
        return cls(settings["week_starts_on"], feeds)

    def of(self, name: str) -> FeedTerms:
        """What was set for the feed of that name."""
        return self.feeds.get(name, FeedTerms())
