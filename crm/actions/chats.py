"""Chats to come, and changing what is on record: planning, moving, cancelling, mending and removing interactions."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions import etiquette, stages
from crm.actions.checked import brief
from crm.actions.etiquette import Deed
from crm.actions.outreach import Outcome, Said, count_hours, moved, sources, uncounted
from crm.actions.phrases import say_kind
from crm.actions.stages import Move
from crm.dates import say_instant
from crm.errors import BadValueError
from crm.models import Contact, Interaction
from crm.models.words import InteractionState
from crm.settings import Settings
from crm.store import interactions, journal
from crm.store.interactions import Chat

USUAL_LENGTH: Final = timedelta(hours=1)
"""How long a chat without a duration is taken to last when chats are compared."""

LONGEST: Final = timedelta(days=1)
"""The longest duration there is (crm.durations): what began earlier is over."""

_MOVING: Final = frozenset({"kind", "direction", "state", "starts_at"})
"""The columns by which stages and last contacts go."""


def schedule(
    session: Session,
    contacts: Sequence[Contact],
    at: datetime,
    said: Said,
    *,
    anyway: str | None = None,
    now: datetime,
    tz: ZoneInfo,
    settings: Settings,
) -> Outcome:
    """Plan a chat with these contacts; one at the same time, or another with the same people, is only warned of.

    Raises:
        BadValueError: the time has passed, or the reason (`anyway`) is blank.
        RefusedError: a rule of etiquette stands against it, and no reason was given.
    """
    if at < now:
        raise BadValueError(f"{say_instant(at, tz=tz)} has passed; to record it: crm log-contact WHO --at WHEN")
    remarks = [
        remark
        for each in contacts
        for remark in etiquette.permit(session, Deed.CHAT_PLAN, each, anyway=anyway, now=now, tz=tz, settings=settings)
    ]
    planned = InteractionState.PLANNED.value
    made = interactions.add(session, contacts, **(said.facts() | {"state": planned, "starts_at": at}))
    moves = [move for each in contacts if (move := moved(each, made))]
    chat = interactions.chat(session, made)
    what = f"{say_kind(made.kind)} with {brief(chat.names())} for {say_instant(at, tz=tz)}"
    journal.summarize(session, f"Scheduled {what}{etiquette.because(anyway, remarks)}")
    warnings = remarks + sources(session, contacts) + _clashes(session, chat, now=now, tz=tz)
    return Outcome(chat, moves=moves, warnings=warnings)


def edit(
    session: Session, interaction: Interaction, changes: dict[str, Any], *, now: datetime, tz: ZoneInfo
) -> Outcome:
    """Change columns of an interaction; its hours, last contacts and stages follow. A stage never goes back.

    Raises:
        BadValueError: what happened would lie ahead, or what is planned or was missed would not fit its time.
    """
    was_at = interaction.starts_at if interaction.state == InteractionState.HAPPENED else None
    for name, value in changes.items():
        setattr(interaction, name, value)
    moving = bool(_MOVING & changes.keys())
    if {"state", "starts_at"} & changes.keys():
        _check_time(interaction, now=now, tz=tz)
    session.flush()
    chat = interactions.chat(session, interaction)
    counted = count_hours(session, interaction)
    moves = [move for each in chat.contacts if moving and (move := _followed(session, each, interaction, was_at))]
    warnings = uncounted(interaction, counted)
    if moving and interaction.state == InteractionState.PLANNED:
        warnings += _clashes(session, chat, now=now, tz=tz)
    journal.summarize(session, f"Changed {interaction.ref} {say_kind(interaction.kind)} with {brief(chat.names())}")
    return Outcome(chat, moves=moves, counted=counted, warnings=warnings)


def remove(session: Session, interaction: Interaction) -> Chat:
    """Remove an interaction and the hours it brought; answers and tasks that came of it stay, and so do stages."""
    chat = interactions.chat(session, interaction)
    was_at = interaction.starts_at if interaction.state == InteractionState.HAPPENED else None
    journal.summarize(session, f"Removed {interaction.ref} {say_kind(interaction.kind)} with {brief(chat.names())}")
    interactions.remove(session, interaction)
    for each in chat.contacts:
        _reset_last_contact(session, each, was_at)
    return chat


def _check_time(interaction: Interaction, *, now: datetime, tz: ZoneInfo) -> None:
    when = say_instant(interaction.starts_at, tz=tz)
    ahead = interaction.starts_at > now
    if interaction.state == InteractionState.PLANNED and interaction.starts_at < now:
        raise BadValueError(f"{when} has passed; a planned chat lies ahead (--at WHEN), or say --state happened")
    if interaction.state in {InteractionState.HAPPENED, InteractionState.MISSED} and ahead:
        raise BadValueError(f"{when} is still to come; say with --at when it was, or --state cancelled")


def _followed(session: Session, contact: Contact, interaction: Interaction, was_at: datetime | None) -> Move | None:
    """Let a contact follow a changed interaction: their last contact, and their stage if this is the latest."""
    _reset_last_contact(session, contact, was_at)
    if interaction.state == InteractionState.HAPPENED and not stages.is_latest(contact, interaction):
        return None
    return moved(contact, interaction)


def _reset_last_contact(session: Session, contact: Contact, was_at: datetime | None) -> None:
    """The last contact, from what is on record; one that came from elsewhere (a file) stays where it is newer."""
    remaining = interactions.latest_at(session, contact)
    kept = contact.last_contact_at if contact.last_contact_at != was_at else None
    contact.last_contact_at = max(filter(None, (remaining, kept)), default=None)


def _clashes(session: Session, chat: Chat, *, now: datetime, tz: ZoneInfo) -> list[str]:
    at, end = chat.interaction.starts_at, chat.interaction.starts_at + _length(chat.interaction)
    around = interactions.chats(session, states=[InteractionState.PLANNED], since=at - LONGEST, before=end)
    same_time = {
        each.interaction.id: each for each in around if each.interaction.starts_at + _length(each.interaction) > at
    }
    same_time.pop(chat.interaction.id, None)
    doubles = interactions.alike(session, chat)
    for each in doubles:
        same_time.pop(each.interaction.id, None)
    known = {chat.interaction.id, *same_time, *(each.interaction.id for each in doubles)}
    theirs = [
        each
        for each in interactions.planned_with_any(session, chat.contacts)
        if each.interaction.starts_at >= now and each.interaction.id not in known
    ]
    return [
        *(f"that chat is planned already: {_say(each, tz)}; crm undo takes this second one back" for each in doubles),
        *(f"at the same time: {_say(each, tz)}" for each in same_time.values()),
        *(
            f"also planned: {_say(each, tz)} (move it: crm interaction edit {each.interaction.ref} --at WHEN)"
            for each in theirs
        ),
    ]


def _length(interaction: Interaction) -> timedelta:
    return timedelta(minutes=interaction.minutes) if interaction.minutes else USUAL_LENGTH


def _say(chat: Chat, tz: ZoneInfo) -> str:
    each = chat.interaction
    return f"{each.ref} {say_kind(each.kind)} with {brief(chat.names())}, {say_instant(each.starts_at, tz=tz)}"
