"""One turn of the daemon, as a plain function: plan, claim, deliver."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from crm.models.words import DeliveryState
from reminders import planner
from reminders.channels import Channel
from reminders.delivery import Delivered, deliver


@dataclass(frozen=True, slots=True)
class Report:
    """What one turn did: how many reminders it planned, and what became of the deliveries it touched."""

    planned: int
    deliveries: tuple[Delivered, ...]

    @property
    def failed(self) -> bool:
        """Whether a delivery failed for good."""
        return any(each.state == DeliveryState.DISCARDED for each in self.deliveries)

    def count(self, *states: DeliveryState) -> int:
        """How many deliveries are in one of the states."""
        return sum(each.state in states for each in self.deliveries)


def _never() -> bool:
    return False


def tick(
    engine: sa.Engine,
    *,
    now: datetime,
    tz: ZoneInfo,
    channels: Mapping[str, Channel],
    given: Mapping[str, Any],
    stop: Callable[[], bool] = _never,
) -> Report:
    """Plan what the rules ask for, and send what is due.

    Doing it again, or at once in two processes, says nothing twice.

    Args:
        engine: the database.
        now: the present instant, aware UTC.
        tz: the person's zone.
        channels: where to send, by name.
        given: options for the rules, see `rules.from_settings`.
        stop: asked before each message; once it says so, no other is begun.

    Raises:
        BusyError: another program held the database for 30 s.
        ConfigurationError: the database is damaged, or from another version.
    """
    planned = planner.plan(engine, now=now, tz=tz, channels=list(channels), given=given)
    ended = [Delivered.of(each, state.value, each.delivery.error) for each, state in planned.ended]
    return Report(planned.count, (*ended, *deliver(engine, channels, now=now, tz=tz, stop=stop)))
