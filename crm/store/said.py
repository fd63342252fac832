"""What a reminder said, once it is said: its words need not be worked out again."""

from sqlmodel import Session, col, exists, select

from crm.models import Delivery, Reminder
from crm.models.words import DeliveryState, ReminderState

_TO_COME = (
    DeliveryState.SCHEDULED,
    DeliveryState.RETRYABLE,
    DeliveryState.EXECUTING,
    DeliveryState.CANCELLED,
)


def words(session: Session, key: str) -> tuple[str, str] | None:
    """Title and body of the reminder with that key, if no channel has it still to say or the person is done with it.

    One query. None where its words may still be needed.
    """
    of_it = col(Delivery.reminder_id) == col(Reminder.id)
    to_come = exists().where(of_it, col(Delivery.state).in_(_TO_COME))
    is_said = exists().where(of_it) & ~to_come
    settled = (col(Reminder.state) == ReminderState.DONE) | is_said
    return session.exec(select(Reminder.title, Reminder.body).where(Reminder.key == key, settled)).first()
