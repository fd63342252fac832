"""One turn of the daemon, as a plain function: plan, claim, deliver."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from crm.models.words import DeliveryState
from reminders import planner
from reminders.delivered import Delivered
from reminders.delivery import deliver
from reminders.terms import Terms


@dataclass(frozen=True, slots=True)
class Report:
    """What one turn did.

    Attributes:
        planned: how many reminders it planned.
        deliveries: what became of those it touched.
        quiet_until: when the quiet hours end in which it sent nothing, aware UTC; None outside of them.
    """

    planned: int
    deliveries: tuple[Delivered, ...]
    quiet_until: datetime | None = None

    @property
    def failed(self) -> bool:
        """Whether a delivery failed for good."""
        return any(each.state == DeliveryState.DISCARDED for each in self.deliveries)

    def count(self, *states: DeliveryState) -> int:
        """How many deliveries are in one of the states."""
        return sum(each.state in states for each in self.deliveries)


def _never() -> bool:
    return False


def tick(engine: sa.Engine, terms: Terms, *, now: datetime, stop: Callable[[], bool] = _never) -> Report:
    """Plan what the rules ask for, and send what is due.

    Doing it again, or at once in two processes, says nothing twice.

    Args:
        engine: the database.
        terms: by what terms it is taken: the zone, the rules' options, when and where something may be said.
        now: the present instant, aware UTC.
        stop: asked before each message; once it says so, no other is begun.

    Raises:
        BusyError: another program held the database for 30 s.
        ConfigurationError: the database is damaged, or from another version.
    """
    planned = planner.plan(engine, terms, now=now)
    sent = deliver(engine, terms, now=now, stop=stop)
    return Report(planned.count, (*planned.ended, *sent), terms.timing.quiet_until(now, terms.tz))
