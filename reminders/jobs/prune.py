"""Pruning: the history of what was settled long ago, once a day.

What a rule still asks for stays, or it would be planned and said again; so does what a rule that is switched off would
ask for. Rules look back over `reminders.catch_up_days`, and that much longer their occurrences stay: a clock that is
set back by less than `reminders.keep_days` finds all it would say, and that it was said.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final

import sqlalchemy as sa
from sqlmodel import Session

from crm.settings import Settings
from crm.store import outbox_prune
from crm.store.engine import reading, writing
from crm.store.outbox_prune import NEWEST, Old
from reminders import rules

PIECE: Final = 500
"""So many rows are removed in a transaction."""


@dataclass
class Prune:
    """Removes old reminders with their deliveries and attempts, and old attempts of those that stay."""

    EVERY_SECONDS: ClassVar[float] = 86_400

    engine: sa.Engine
    settings_now: Callable[[], Settings]
    newest: int = NEWEST

    def run(self, now: datetime) -> str | None:
        """Prune in short transactions; gives a line about what went.

        Raises:
            CrmError: the database cannot be written.
        """
        settings = self.settings_now()
        if settings.fault:
            return None  # nobody knows how long to keep it
        kept_for, looked_back = (timedelta(days=settings[f"reminders.{span}_days"]) for span in ("keep", "catch_up"))
        old = Old(now - kept_for, now - kept_for - looked_back, self.newest)
        reminders = self._in_pieces(
            self._not_wanted(settings, old, now), lambda session, some: outbox_prune.remove(session, some, old), now
        )
        with reading(self.engine) as session:
            ended = outbox_prune.ended_attempts(session, old)
        tries = self._in_pieces(ended, outbox_prune.remove_attempts, now)
        return f"removed {reminders} old reminders and {tries} old tries of others" if reminders or tries else None

    def _not_wanted(self, settings: Settings, old: Old, now: datetime) -> list[int]:
        """The reminders that are old and that no rule asks for."""
        given = {name: value for name, value in rules.from_settings(settings).items() if not name.endswith(".enabled")}
        with reading(self.engine) as session:
            settled = outbox_prune.settled(session, old)
            wanted = rules.wanted(session, now=now, tz=settings.tz, given=given) if settled else {}
        return [number for number, key in settled if key not in wanted]

    def _in_pieces(self, numbers: list[int], remove: Callable[[Session, list[int]], int], now: datetime) -> int:
        """Remove what has these ids in short transactions, so that a person's command waits for none of it."""
        gone = 0
        for start in range(0, len(numbers), PIECE):
            with writing(self.engine, now=now, name="prune", actor="daemon") as session:
                gone += remove(session, numbers[start : start + PIECE])
        return gone
