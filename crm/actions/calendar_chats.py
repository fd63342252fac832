"""Taking over chats from the person's own calendar: planned, moved and cancelled there is so here, by crm undo too.

What was changed there only since the last time counts. Where both sides changed it, what stands here stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions import chats
from crm.actions.checked import brief
from crm.actions.outreach import Said
from crm.actions.phrases import say_kind
from crm.dates import say_instant
from crm.models import Contact, Interaction
from crm.models.words import InteractionState
from crm.settings import Settings
from crm.store import interactions, journal
from crm.store.calendar_chats import Stands
from crm.store.interactions import Chat

What = Literal["planned", "moved", "changed", "cancelled", "kept"]
_PLANNED: Final = InteractionState.PLANNED.value
_CANCELLED: Final = InteractionState.CANCELLED.value


@dataclass(frozen=True, slots=True)
class Arranged:
    """One chat that was taken over.

    Attributes:
        ref: its short id.
        what: planned, moved, changed (its length or place), cancelled, or kept: both sides changed, and it stays.
        title: what and with whom, such as `coffee with Jane Roe`.
        starts_at: when it is by now, aware UTC.
        words: it in a line.
        remarks: what the person should know of it.
    """

    ref: str
    what: What
    title: str
    starts_at: datetime
    words: str
    remarks: tuple[str, ...] = ()


def plan(
    session: Session,
    contacts: Sequence[Contact],
    at: datetime,
    said: Said,
    *,
    now: datetime,
    tz: ZoneInfo,
    settings: Settings,
) -> tuple[Arranged, Chat]:
    """Plan a chat as `crm schedule` does.

    Raises:
        RefusedError: a rule of etiquette stands against it.
    """
    outcome = chats.schedule(session, contacts, at, said, now=now, tz=tz, settings=settings)
    return _told(session, outcome.chat.interaction, "planned", tz, tuple(outcome.warnings)), outcome.chat


def follow(
    session: Session,
    interaction: Interaction,
    agreed: Stands,
    there: Stands,
    place: str,
    *,
    untouched: bool,
    now: datetime,
    tz: ZoneInfo,
) -> Arranged | None:
    """Move a planned chat as it was moved there; None if there is nothing to do.

    Args:
        session: the command's.
        interaction: as it is here.
        agreed: what both sides agreed on last.
        there: as it stands there.
        place: the place there, in full.
        untouched: whether it was not changed here since, however it stands.
        now: the present instant, aware UTC.
        tz: the person's zone.
    """
    here = Stands.here(interaction)
    over = interaction.state in {InteractionState.HAPPENED, InteractionState.MISSED} or interaction.starts_at <= now
    if over or here == there:
        return None
    values: dict[str, Any] = {"starts_at": there.starts_at, "minutes": there.minutes, "place": place or None}
    differs = [name for name in values if getattr(there, name) not in {getattr(agreed, name), getattr(here, name)}]
    taken = [name for name in differs if untouched or getattr(here, name) == getattr(agreed, name)]
    if interaction.state != _PLANNED or (differs and not taken):
        return _kept(session, interaction, there, tz) if differs else None
    if not taken:
        return None
    remarks = chats.edit(session, interaction, {name: values[name] for name in taken}, now=now, tz=tz).warnings
    if taken != differs:
        remarks.append("what was changed here too stays as it is here")
    return _told(session, interaction, "moved" if "starts_at" in taken else "changed", tz, tuple(remarks))


def cancel(
    session: Session, interaction: Interaction, agreed: Stands, *, untouched: bool, now: datetime, tz: ZoneInfo
) -> Arranged | None:
    """Cancel a chat that is planned still and to come; one that was changed here since stays, and that is told."""
    if interaction.state != _PLANNED or interaction.starts_at <= now:
        return None
    if not untouched and Stands.here(interaction) != agreed:
        return _kept(session, interaction, None, tz)
    chats.edit(session, interaction, {"state": _CANCELLED}, now=now, tz=tz)
    return _told(session, interaction, "cancelled", tz)


def again(
    session: Session, interaction: Interaction, there: Stands, place: str, *, now: datetime, tz: ZoneInfo
) -> Arranged:
    """Plan a chat again that was cancelled from there and stands there once more."""
    changes = {"state": _PLANNED, "starts_at": there.starts_at, "minutes": there.minutes, "place": place or None}
    remarks = chats.edit(session, interaction, changes, now=now, tz=tz).warnings
    return _told(session, interaction, "planned", tz, tuple(remarks))


def _title(session: Session, interaction: Interaction) -> str:
    names = brief(interactions.chat(session, interaction).names())
    return f"{say_kind(interaction.kind)} with {names}" if names else say_kind(interaction.kind)


def _told(
    session: Session, interaction: Interaction, what: What, tz: ZoneInfo, remarks: tuple[str, ...] = ()
) -> Arranged:
    title, when = _title(session, interaction), say_instant(interaction.starts_at, tz=tz)
    to = " to" if what == "moved" else ","
    words = f"{what}: {interaction.ref} {title}{to} {when}"
    journal.summarize(session, f"In the calendar, {words}")
    return Arranged(interaction.ref, what, title, interaction.starts_at, words, remarks)


def _kept(session: Session, interaction: Interaction, there: Stands | None, tz: ZoneInfo) -> Arranged:
    """Both sides changed it; nothing is written."""
    title, when = _title(session, interaction), say_instant(interaction.starts_at, tz=tz)
    state = "" if interaction.state == _PLANNED else f" ({interaction.state})"
    now_there = f"is now on {say_instant(there.starts_at, tz=tz)}" if there else "is cancelled or gone"
    words = f"{interaction.ref} {title} was changed here too and stays: {when}{state}; in your calendar it {now_there}"
    return Arranged(interaction.ref, "kept", title, interaction.starts_at, words)
