"""`crm contact`: people one knows or wants to know."""

from typing import Annotated

import typer
from sqlmodel import Session

from crm.actions import contacts as actions
from crm.actions import tags
from crm.actions.checked import counted, whom
from crm.actions.contacts import Said
from crm.commands import contact_forget, contact_merge
from crm.commands.base import App, command, group
from crm.commands.choose import choose_contact, writing_about, writing_about_one
from crm.commands.common import confirm, describer, joined, remark, told
from crm.commands.contact_options import takes_said
from crm.errors import BadValueError
from crm.exporters.json_ import Describer
from crm.models import Contact
from crm.models.words import Stage
from crm.render import contact as card
from crm.render import contacts as screen
from crm.render import text
from crm.store import contacts, dossier, names, records

app = group("People you know or want to know.")

Who = Annotated[list[str], typer.Argument(metavar="WHO", help="A name, an id such as c3, or @TAG.")]
One = Annotated[list[str], typer.Argument(metavar="WHO", help="A name, or an id such as c3.")]


@command(app, name="list", example="crm contact list --tag experts")
def list_(
    crm: App,
    tag: Annotated[str | None, typer.Option(metavar="TAG", help="Only people in this tag.")] = None,
    stage: Annotated[Stage | None, typer.Option(case_sensitive=False, help="Only people at this stage.")] = None,
    archived: Annotated[bool, typer.Option("--archived", help="Those put away instead.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Everybody, however many.")] = False,
) -> None:
    """List people, the ones you were last in touch with first."""
    with crm.reading() as session:
        chosen = names.tag(session, tag) if tag is not None else None
        found = contacts.listed(session, tag=chosen, stage=stage, archived=archived)
        shown = found if every else found[: screen.MOST]
        methods = contacts.main_methods(session, shown)
        items = describer(crm, session).many(found) if crm.json else []
        listing = screen.Listing(shown, len(found), methods, narrowed=bool(tag or stage or archived))
        parts = list(screen.listing(listing, now=crm.now, tz=crm.tz))
    crm.show({"items": items}, lambda console: text.lines(console, *parts))


@command(app, example="crm contact show jane")
def show(
    crm: App,
    who: One,
    private: Annotated[bool, typer.Option("--include-private", help="Private notes in --json too.")] = False,
) -> None:
    """Show everything known about somebody."""
    with crm.reading() as session:
        found = dossier.of(session, choose_contact(crm, session, who))
        telling = Describer(session, describer(crm, session).today, include_private=private)
        items = _everything(telling, found) if crm.json else {}
        parts = list(card.card(found, now=crm.now, tz=crm.tz))
    if telling.left_out:
        crm.note("a private note was left out; with it: --include-private")
    crm.show(items, lambda console: text.lines(console, *parts))


def _everything(telling: Describer, found: dossier.Dossier) -> dict[str, object]:
    chats = [*found.planned, *found.last]
    return telling.numbered(found.contact) | {
        "relationships": telling.many([each.relationship for each in found.ties]),
        "questions": telling.many(found.ask),
        "answers": telling.many([answer for answer, _question in found.answers]),
        "tasks": telling.many([each.task for each in found.tasks]),
        "introductions": telling.many([each.introduction for each in found.routes]),
        "referrals": telling.many([referral for referral, _organization in found.referrals]),
        "interactions": telling.many([each.interaction for each in chats]),
    }


@command(app, example='crm contact add "Jane Roe" --email jane@example.org --tag experts')
@takes_said(leave_out=frozenset({"name"}))
def add(
    crm: App,
    words: Annotated[list[str], typer.Argument(metavar="NAME", help="Their name, as you want to see it.")],
    said: Said,
    same_name: Annotated[
        bool, typer.Option("--same-name", help="This is another person of a name that is there.")
    ] = False,
) -> None:
    """Add somebody."""
    with crm.writing("contact add") as session:
        made, remarks = actions.add(session, joined(words), said, same_name=same_name, now=crm.now, tz=crm.tz)
        _show_written(crm, session, "Added", made, said)
    remark(crm, remarks)


@command(app, example='crm contact edit jane --phone 555-0100 --how-to-reach ""')
@takes_said()
def edit(crm: App, who: One, said: Said) -> None:
    """Change what is known of somebody. An empty text ("") clears; tags and aliases are added to those there."""
    if not list(said.given()):
        raise BadValueError("nothing to change; say for example --phone NUMBER; see: crm contact edit --help")
    with writing_about_one(crm, "contact edit", who) as (session, contact):
        remarks = actions.edit(session, contact, said, now=crm.now, tz=crm.tz)
        _show_written(crm, session, "Changed", contact, said)
    remark(crm, remarks)


def _show_written(crm: App, session: Session, verb: str, contact: Contact, said: Said) -> None:
    session.flush()
    item = told(crm, session, contact) if crm.json else {}
    crm.show(item, lambda console: text.lines(console, *screen.written(verb, contact, list(said.given()))))


@command(app, example="crm contact remove jane")
def remove(
    crm: App,
    who: One,
    with_history: Annotated[
        bool, typer.Option("--with-history", help="Also their interactions, tasks, answers and whatever names them.")
    ] = False,
) -> None:
    """Remove somebody; to keep what was, archive them instead. crm undo takes it back."""
    with crm.reading() as session:
        contact = choose_contact(crm, session, who)
        chosen, name, history = contact.ref, whom([contact]), actions.history(session, contact)
    if with_history or not history:
        confirm(crm, f"Remove {name}{f' with {counted(history)}' if history else ''}?")
    with crm.writing("contact remove") as session:
        contact = records.by_ref(session, Contact, chosen)
        item = told(crm, session, contact)
        actions.remove(session, contact, with_history=with_history)
    crm.show(item, lambda console: text.lines(console, screen.removed(contact)))


@command(app, example="crm contact archive jane")
def archive(crm: App, who: One, back: Annotated[bool, typer.Option("--back", help="Take them back.")] = False) -> None:
    """Put somebody away: kept, found by name, and never suggested."""
    with writing_about_one(crm, "contact archive", who) as (session, contact):
        changed = actions.archive(session, contact, back=back, now=crm.now)
        session.flush()
        item = told(crm, session, contact)
    verb = "Took back" if back else "Archived"
    crm.show(item, lambda console: text.lines(console, *screen.changed(verb, [contact] * changed)))


@command(app, example="crm contact tag jane ben partners")
def tag(
    crm: App,
    words: Annotated[list[str], typer.Argument(metavar="WHO... TAG", help="People, then the tag.")],
    off: Annotated[bool, typer.Option("--off", help="Take them out of it.")] = False,
) -> None:
    """Put people in a tag, which is made if it is new; the tag is the last word."""
    *who, name = _several(words, "the tag")
    with writing_about(crm, "contact tag", who) as (session, people):
        chosen, changed = (tags.take_out_of_tag if off else tags.put_in_tag)(session, people, name)
        session.flush()
        items = describer(crm, session).many(people)
    verb = f"Out of @{chosen.name}:" if off else f"In @{chosen.name}:"
    crm.show({"items": items}, lambda console: text.lines(console, *screen.changed(verb, changed)))


@command(app, example="crm contact tier jane ben inner")
def tier(
    crm: App,
    words: Annotated[
        list[str], typer.Argument(metavar="WHO... TIER", help="People or @TAG, then inner|active|occasional|none.")
    ],
) -> None:
    """Say how closely you tend people: inner, active, occasional, or none (found, but never suggested)."""
    *who, name = _several(words, "the tier")
    chosen = actions.parse_tier(name)
    with writing_about(crm, "contact tier", who) as (session, people):
        changed = actions.set_tier(session, people, chosen)
        session.flush()
        items = describer(crm, session).many(people)
    one = len(items) == 1 and not any(each.startswith("@") for each in who)
    parts = [*screen.changed(f"Tier {chosen}:", changed), text.hint("Whom next: crm next")]
    crm.show(items[0] if one else {"items": items}, lambda console: text.lines(console, *parts))


def _several(words: list[str], what: str) -> list[str]:
    if len(words) < 2:
        raise BadValueError(f"say whom, and {what} as the last word")
    return words


contact_merge.register(app)
contact_forget.register(app)
