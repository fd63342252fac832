"""What is open between the person and a contact: promises both ways, referrals."""

from sqlmodel import Session, col, or_, select

from crm.models import Contact, ContactTag, InteractionContact, Referral, Task
from crm.models.words import TaskKind


def promises(session: Session, contact: Contact) -> list[Task]:
    """What is open between the person and the contact: promises and follow-ups, soonest first, undated last.

    A promise made to several people at once names none of them; the interaction it was made in does.
    """
    shared = select(InteractionContact.interaction_id).where(InteractionContact.contact_id == contact.id)
    theirs = or_(
        col(Task.contact_id) == contact.id,
        col(Task.contact_id).is_(None) & col(Task.interaction_id).in_(shared),
    )
    kinds = (TaskKind.PROMISE, TaskKind.FOLLOW_UP)
    query = select(Task).where(col(Task.kind).in_(kinds), col(Task.done_at).is_(None), theirs)
    return list(session.exec(query.order_by(col(Task.due_on).is_(None), col(Task.due_on), col(Task.id))))


def referrals(session: Session, contact: Contact) -> list[Referral]:
    """Referrals asked, or to be asked, of the contact or of everybody in one of their tags."""
    tags = select(ContactTag.tag_id).where(ContactTag.contact_id == contact.id)
    mine = or_(col(Referral.contact_id) == contact.id, col(Referral.tag_id).in_(tags))
    return list(session.exec(select(Referral).where(mine).order_by(col(Referral.id))))
