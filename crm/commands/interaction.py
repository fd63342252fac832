"""`crm interaction`: chats and messages, past and to come."""

from datetime import datetime
from typing import Annotated, Any

import typer

from crm.actions import chats as actions
from crm.actions.checked import optional
from crm.actions.outreach import Outcome
from crm.actions.phrases import say_kind
from crm.commands.asking import one_of
from crm.commands.base import App, command, group
from crm.commands.choose import choose_contact
from crm.commands.common import confirm, describer, told
from crm.dates import parse_instant
from crm.durations import parse_duration
from crm.errors import BadValueError
from crm.exporters.json_ import Describer
from crm.models import Interaction
from crm.models.words import Direction, InteractionKind, InteractionState
from crm.render import interactions as screen
from crm.render import outreach, text
from crm.store import interactions, records

app = group("Chats and messages, past and to come.")

Which = Annotated[str, typer.Argument(metavar="ID", help="Its id, such as i7.")]
Text = Annotated[str | None, typer.Option(metavar="TEXT", help='An empty text ("") clears it.')]


@command(app, name="list", example="crm interaction list --with jane")
def list_(
    crm: App,
    with_: Annotated[list[str] | None, typer.Option("--with", metavar="WHO", help="Only with this person.")] = None,
    planned: Annotated[bool, typer.Option("--planned", help="Only what is planned, soonest first.")] = False,
    every: Annotated[bool, typer.Option("--all", help="All of them, however many.")] = False,
) -> None:
    """List chats and messages, newest first."""
    states = [InteractionState.PLANNED] if planned else []
    limit = None if every or crm.json else screen.MOST + 1
    with crm.reading() as session:
        contact = choose_contact(crm, session, with_) if with_ else None
        found = interactions.chats(session, contact=contact, states=states, limit=limit, newest_first=not planned)
        items = describer(crm, session).many([each.interaction for each in found]) if crm.json else []
    crm.show({"items": items}, lambda console: text.lines(console, *screen.listing(found, every=every, tz=crm.tz)))


@command(app, example="crm interaction show i7")
def show(
    crm: App,
    which: Which,
    private: Annotated[bool, typer.Option("--include-private", help="Private notes in --json too.")] = False,
) -> None:
    """Show one chat or message with what came of it."""
    with crm.reading() as session:
        found = interactions.whole(session, records.by_ref(session, Interaction, which))
        telling = Describer(session, describer(crm, session).today, include_private=private)
        item = _whole(telling, found) if crm.json else {}
    if telling.left_out:
        crm.note("a private note was left out; with it: --include-private")
    crm.show(item, lambda console: text.lines(console, *screen.card(found, now=crm.now, tz=crm.tz)))


def _whole(telling: Describer, found: interactions.Whole) -> dict[str, object]:
    return telling.numbered(found.chat.interaction) | {
        "answers": telling.many([answer for answer, _question in found.answers]),
        "tasks": telling.many(found.tasks),
        "time_entry": telling.numbered(found.counted.entry) if found.counted else None,
    }


@command(app, example='crm interaction edit i7 --at "fri 15:00" --place "Cafe Luna"')
def edit(
    crm: App,
    which: Which,
    kind: Annotated[InteractionKind | None, one_of(InteractionKind)] = None,
    state: Annotated[InteractionState | None, one_of(InteractionState)] = None,
    at: Annotated[str | None, typer.Option(metavar="WHEN", help="Another time; it stays the same chat.")] = None,
    duration: Annotated[str | None, typer.Option(metavar="D", help='How long; "" clears it.')] = None,
    direction: Annotated[Direction | None, one_of(Direction, "Who reached out.")] = None,
    place: Text = None,
    note: Text = None,
    private_note: Text = None,
) -> None:
    """Change a chat: move it, mend it, or say that it happened, was missed or is cancelled."""
    texts = {"place": place, "note": note, "private_note": private_note}
    changes: dict[str, Any] = {
        **{name: word.value for name, word in (("kind", kind), ("state", state), ("direction", direction)) if word},
        **{name: optional(said, what=f"The {name}") for name, said in texts.items() if said is not None},
    }
    if duration is not None:
        changes["minutes"] = parse_duration(duration) if duration else None
    if not changes and at is None:
        raise BadValueError("nothing to change; say for example --at WHEN or --note TEXT")
    with crm.writing("interaction edit") as session:
        interaction = records.by_ref(session, Interaction, which)
        if at is not None:
            changes["starts_at"] = _moved_to(crm, interaction, at, changes.get("state", interaction.state))
        outcome = actions.edit(session, interaction, changes, now=crm.now, tz=crm.tz)
        item = told(crm, session, interaction)
    _show_changed(crm, outcome, item)


def _moved_to(crm: App, interaction: Interaction, at: str, state: str) -> datetime:
    """The new instant: ahead for a planned chat, else back; a day alone keeps the time of day."""
    was = interaction.starts_at.astimezone(crm.tz).time()
    past = state != InteractionState.PLANNED
    return parse_instant(at, now=crm.now, tz=crm.tz, past=past, default_time=was)


@command(app, example="crm interaction cancel i7")
def cancel(crm: App, which: Which) -> None:
    """Say that a planned chat is cancelled."""
    _put_in_state(crm, "interaction cancel", which, InteractionState.CANCELLED)


@command(app, example="crm interaction missed i7")
def missed(crm: App, which: Which) -> None:
    """Say that a planned chat did not take place."""
    _put_in_state(crm, "interaction missed", which, InteractionState.MISSED)


def _put_in_state(crm: App, name: str, which: str, state: InteractionState) -> None:
    with crm.writing(name) as session:
        interaction = records.by_ref(session, Interaction, which)
        outcome = actions.edit(session, interaction, {"state": state.value}, now=crm.now, tz=crm.tz)
        item = told(crm, session, interaction)
    _show_changed(crm, outcome, item)


def _show_changed(crm: App, outcome: Outcome, item: dict[str, Any]) -> None:
    crm.show(item, lambda console: text.lines(console, *outreach.changed(outcome, tz=crm.tz)))


@command(app, example="crm interaction remove i7")
def remove(crm: App, which: Which) -> None:
    """Remove a chat and the hours it brought; answers and tasks that came of it stay. crm undo takes it back."""
    with crm.reading() as session:
        chat = interactions.chat(session, records.by_ref(session, Interaction, which))
    confirm(crm, f"Remove {chat.interaction.ref} {say_kind(chat.interaction.kind)} with {chat.names()}?")
    with crm.writing("interaction remove") as session:
        interaction = records.by_ref(session, Interaction, which)
        item = told(crm, session, interaction)
        chat = actions.remove(session, interaction)
    crm.show(item, lambda console: text.lines(console, screen.removed(chat)))
