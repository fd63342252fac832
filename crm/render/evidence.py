"""Checklist items that the log seems to have done: offered, and said back once they are confirmed."""

from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import RenderableType
from rich.text import Text

from crm.actions.evidence import Proven
from crm.escaping import shorten
from crm.render import text

MOST: Final = 3
LONGEST: Final = 300
LONGEST_TITLE: Final = 160


def offer(proof: Proven) -> Text:
    """The question under an item: `done by your e-mail to Jane Roe on Tue 3 Feb 2026? crm done t8`."""
    said = text.safe(f"done by {shorten(proof.says, LONGEST)}?", text.GOOD)
    return text.join(said, text.hint(f"crm done {proof.ref}"))


def section(found: Sequence[Proven]) -> Iterator[RenderableType]:
    """The section of `crm today`; nothing where nothing looks done."""
    if not found:
        return
    rows = [
        (
            text.safe(each.ref, text.QUIET),
            text.join(
                shorten(each.title, LONGEST_TITLE), text.safe(f"done by {shorten(each.says, LONGEST)}?"), gap="\n"
            ),
        )
        for each in found[:MOST]
    ]
    if len(found) > MOST:
        rows.append((Text(), text.hint(f"and {len(found) - MOST} more: crm task list --kind checklist")))
    yield text.section("Looks done", text.rows(rows, wide=1), count=len(found))
    yield text.hint(f"If so: crm done {found[0].ref}")
    yield ""


def question(proof: Proven) -> str:
    """What is asked before it is kept with the item what did it."""
    return f"{proof.ref} {shorten(proof.title, LONGEST_TITLE)}\nWas it done by {shorten(proof.says, LONGEST)}?"


def said_back(proof: Proven | None) -> list[Text]:
    """What was kept with an item, if anything was."""
    return [text.join("     by", text.safe(shorten(proof.says, LONGEST)))] if proof else []
