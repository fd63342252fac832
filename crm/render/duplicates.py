"""Contacts that are probably one person, and what became of those that were merged, on a screen."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from crm.actions.checked import counted
from crm.actions.duplicates import Pair
from crm.actions.merge import Merged
from crm.escaping import shorten
from crm.models import Contact
from crm.render import text

MOST = 20
LONGEST_NAME = 28
LONGEST_VALUE = 120
_SURE = ((90, "surely"), (60, "likely"), (0, "maybe"))


def told(pair: Pair) -> dict[str, object]:
    """A pair as `--json` tells it; the contact to keep comes first."""
    contacts = [
        {"id": each.id, "uid": each.uid, "ref": each.ref, "name": each.name} for each in (pair.keep, pair.other)
    ]
    return {"contacts": contacts, "score": pair.score, "reasons": list(pair.reasons)}


def listing(found: Sequence[Pair], *, every: bool) -> Iterator[RenderableType]:
    """The screen of `crm contact merge` without names."""
    if not found:
        yield text.hint("Nobody here looks like two entries of one person.")
        yield text.hint("If you know of some: crm contact merge KEEP OTHER")
        return
    shown = found if every else found[:MOST]
    rows = [(_sure(each.score), _who(each.keep), _who(each.other), "; ".join(each.reasons)) for each in shown]
    made = text.table(["one?", "keep", "join to it", "because"], rows, wide="because")
    made.columns[0].no_wrap = True
    yield made
    yield ""
    if len(shown) < len(found):
        yield text.hint(f"and {len(found) - len(shown):,} more, less sure: crm contact duplicates --all")
    pair = f"{found[0].keep.ref} {found[0].other.ref}"
    yield text.hint(f"One person: crm contact merge {pair}   (shows first what would be joined: --dry-run)")
    yield text.hint(f"Two people: crm contact merge {pair} --not-the-same")


def _sure(score: int) -> str:
    return next(word for least, word in _SURE if score >= least)


def _who(one: object) -> Text:
    name, ref = shorten(getattr(one, "name", ""), LONGEST_NAME), getattr(one, "ref", "")
    return text.join(text.safe(ref, text.QUIET), text.safe(name, text.NAME))


def _named(ref: str, name: str) -> Text:
    return text.join(text.safe(shorten(name, LONGEST_NAME * 2), text.NAME), text.hint(ref))


def merged(told: Merged, *, rehearsed: bool = False) -> Iterator[RenderableType]:
    """What was joined, or (`rehearsed`) would be: what moves, what is filled, and every field in which they differ."""
    verb = "Would join" if rehearsed else "Joined"
    gone = Text(", ").join(_named(*each) for each in told.gone)
    yield text.join(verb, gone, "to" if rehearsed else "into", _named(*told.keep))
    facts = [
        ("Takes over", counted(told.moved)),
        ("Stood twice", counted(told.once)),
        *((label.capitalize(), shorten(value, LONGEST_VALUE)) for label, value in told.filled),
    ]
    if any(value for _label, value in facts):
        yield Padding(text.facts(facts), (0, 0, 0, 2))
    if told.conflicts:
        yield ""
        rows = [
            (each.field, shorten(each.kept, LONGEST_VALUE), shorten(each.other, LONGEST_VALUE))
            for each in told.conflicts
        ]
        yield text.section(
            "They differ; the first stands, the other is kept in the notes",
            text.table(["", "stands", "in the notes"], rows, wide="in the notes"),
            count=len(rows),
        )
    if told.remarks:
        yield text.section("To know", text.bullets(told.remarks))
    if rehearsed:
        yield text.hint("Nothing is changed yet.")
    else:
        yield text.hint(f"Everything: crm contact show {told.keep[0]}   Back again: crm undo")


def joined_in_short(told: Merged) -> Text:
    """What was done, where all of it was shown before."""
    gone = Text(", ").join(_named(*each) for each in told.gone)
    return text.join("Joined", gone, "into", _named(*told.keep), text.hint("back again: crm undo"))


def kept_apart(people: Sequence[Contact], news: int) -> Text:
    """That some are different people."""
    names = Text(", ").join(_named(each.ref, each.name) for each in people)
    return text.join("Noted:" if news else "Noted already:", names, "are different people.")
