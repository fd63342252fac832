"""What a person set for each calendar: alarms, how much is told, and whether as events or as things to do."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Self, cast

from sqlmodel import Session

from calendars.entry import Entry
from crm.privacy import HIDDEN, Detail, Mask, first_names
from crm.settings import Settings
from crm.store import mentions

_DETAIL = re.compile(r"calendar\.(\w+)\.detail")
_MASK: Final = "mask"
_A_WORD: Final = re.compile(r"[^\W_]{2}")  # more than the genitive that a name leaves behind


@dataclass(frozen=True, slots=True)
class FeedTerms:
    """What was set for one feed."""

    alarms: bool = True
    detail: Detail = Detail.FULL
    to_dos: bool = False

    def shown(self, session: Session) -> Callable[[Entry], Entry]:
        """What makes of an entry what this calendar shows of it; it may look at who there is, once for a session."""
        told = _TOLD[self.detail](session)
        return lambda entry: self._set(told(entry))

    def _set(self, entry: Entry) -> Entry:
        return replace(
            entry, to_do=self.to_dos or entry.to_do, alarms=entry.alarms if self.alarms and entry.rings else ()
        )


def _in_full(_session: Session) -> Callable[[Entry], Entry]:
    return lambda entry: entry


def _by_first_names(session: Session) -> Callable[[Entry], Entry]:
    """Without what was typed about people, and of anybody there is no more than the first name."""
    return lambda entry: replace(_bare(entry), summary=_without_surnames(entry, session))


def _without_surnames(entry: Entry, session: Session) -> str:
    line = entry.brief or entry.summary
    if not entry.typed:
        return line
    typed = first_names(entry.typed, [entry.about], typed=True) if entry.about else entry.typed
    told = _mask(session)(typed)
    if entry.unnamed and HIDDEN in told and not _A_WORD.search(told):
        return entry.unnamed
    return told + line.removeprefix(entry.typed)


def _mask(session: Session) -> Mask:
    """Made when there is something to mask, and then kept as long as the session, which reads of one state."""
    if _MASK not in session.info:
        session.info[_MASK] = Mask(mentions.everybody(session))
    return cast("Mask", session.info[_MASK])


def _as_busy(_session: Session) -> Callable[[Entry], Entry]:
    """Only that there is something."""
    return lambda entry: replace(
        _bare(entry), summary="Busy" if isinstance(entry.starts, datetime) else "Networking", categories=()
    )


def _bare(entry: Entry) -> Entry:
    return replace(entry, brief="", typed="", about=None, unnamed="", description="", location="", url="")


_TOLD = {Detail.FULL: _in_full, Detail.FIRST_NAMES: _by_first_names, Detail.BUSY: _as_busy}


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
        from_calendar: whether chats that came from the person's own calendar are told as well.
    """

    week_starts_on: str = "monday"
    feeds: Mapping[str, FeedTerms] = field(default_factory=dict)
    from_calendar: bool = False

    @classmethod
    def from_settings(cls, settings: Settings, *, leaves: bool = False) -> Self:
        """What config.toml says, or the defaults.

        Args:
            settings: all settings.
            leaves: the calendars leave this machine: where nobody chose, first names are told, and no more.
        """
        names = [found[1] for each in settings.values if (found := _DETAIL.fullmatch(each))]
        feeds = {name.replace("_", "-"): _of_feed(settings, name, leaves=leaves) for name in names}
        return cls(settings["week_starts_on"], feeds, settings["calendar.chats.from_calendar"])

    @property
    def silent(self) -> frozenset[str]:
        """The feeds whose entries do not ring."""
        return frozenset(name for name, each in self.feeds.items() if not each.alarms)

    def of(self, name: str) -> FeedTerms:
        """What was set for the feed of that name."""
        return self.feeds.get(name, FeedTerms())
