"""The nightly backup: once for each local day, at its hour or as soon after it as the machine runs.

Which nights are done is seen from the files that lie there, so that restarts, sleep and a clock that is set back
neither skip a night nor make it twice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import ClassVar, Final

import sqlalchemy as sa

from crm.errors import CrmError
from crm.settings import Settings
from crm.store import backup_names, backups, proven
from crm.store.backup_names import Keep

AGAIN_AFTER: Final = timedelta(hours=1)
"""So long after a backup that failed the next one is tried."""


@dataclass
class Nightly:
    """Backs up when it is time, and removes the nightly backups that need not be kept."""

    EVERY_SECONDS: ClassVar[float] = 300

    engine: sa.Engine
    settings_now: Callable[[], Settings]
    failed_at: datetime | None = None

    def run(self, now: datetime) -> str | None:
        """Back up if this night's backup is not there yet; gives a line about it.

        Raises:
            CrmError: no backup was made, or none that brings back what was there; no other was removed then.
        """
        settings = self.settings_now()
        if not self._due(settings, now) or self._just_failed(now):
            return None
        try:
            made = proven.make(self.engine, settings.paths.backups, now=now)
        except CrmError:
            self.failed_at = now
            raise
        self.failed_at = None
        told = f"backed up to {made.path.name} ({made.size // 1024} KB), restored it and found the same"
        gone = _rotate(settings, now)
        return f"{told}; removed {', '.join(gone)}" if gone else told

    def next_at(self, now: datetime) -> datetime:
        """When (aware UTC) the next backup is due; `now` where one is overdue."""
        settings = self.settings_now()
        return now if self._due(settings, now) else backup_names.next_night(now, _at(settings), settings.tz)

    def _due(self, settings: Settings, now: datetime) -> bool:
        there = (path.name for path in backups.listed(settings.paths.backups))
        return backup_names.is_due(there, now=now, at=_at(settings), tz=settings.tz)

    def _just_failed(self, now: datetime) -> bool:
        return self.failed_at is not None and timedelta() <= now - self.failed_at < AGAIN_AFTER


def _at(settings: Settings) -> time:
    return time.fromisoformat(settings["backup.at"])


def _rotate(settings: Settings, now: datetime) -> list[str]:
    """With a config.toml that cannot be read nobody knows how many are to be kept, so all are."""
    if settings.fault:
        return []
    keep = Keep(*(settings[f"backup.keep_{span}"] for span in ("days", "weeks", "months")))
    return proven.rotate(settings.paths.backups, keep, now=now, tz=settings.tz)
