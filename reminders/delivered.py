"""What became of a delivery in one turn."""

from dataclasses import dataclass

from crm.store.outbox import Due, Outgoing


@dataclass(frozen=True, slots=True)
class Delivered:
    """One delivery that this turn touched, and the state that it is in now."""

    key: str
    rule: str
    title: str
    channel: str
    state: str
    error: str | None = None

    @classmethod
    def of(cls, each: Outgoing, state: str, error: str | None = None) -> "Delivered":
        """A delivery that was being sent."""
        return cls(each.key, each.rule, each.title, each.channel, state, error)

    @classmethod
    def of_due(cls, due: Due, state: str, error: str | None = None) -> "Delivered":
        """A delivery that was not sent."""
        return cls(due.reminder.key, due.reminder.rule, due.reminder.title, due.delivery.channel, state, error)
