"""The screen of `crm next`: whom to reach out to, why, how, and what to ask."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding

from crm.actions.next_ import Suggestion
from crm.escaping import shorten
from crm.exporters.json_ import Describer
from crm.render import text

LONGEST = 300


def told(found: Sequence[Suggestion], describer: Describer) -> list[dict[str, object]]:
    """The suggestions as `--json` tells them, here and in `crm today`."""
    contacts = describer.many([each.contact for each in found])
    return [
        {"contact": contact, "reasons": each.reasons, "how": each.how, "ask": each.ask}
        for each, contact in zip(found, contacts, strict=True)
    ]


def parts(found: Sequence[Suggestion]) -> Iterator[RenderableType]:
    """One block a person, and what to type afterwards."""
    if not found:
        yield text.safe("Nobody's turn: everybody is up to date, or waits for an answer or a planned day.")
        yield text.hint('Add somebody: crm contact add "Jane Roe". Plan a chat: crm schedule WHO WHEN')
        return
    for each in found:
        yield text.join(text.safe(each.contact.name, text.NAME), text.safe(each.contact.ref, text.QUIET), gap="  ")
        yield Padding(text.facts(_facts(each)), (0, 0, 1, 2))
    first = found[0].handle
    yield text.hint(f"When you have written: crm log-contact {first} --kind message")
    yield text.hint(f"All about somebody: crm prep {first}")


def _facts(each: Suggestion) -> Iterator[tuple[str, text.Cell]]:
    yield "who", shorten(each.contact.context, LONGEST) if each.contact.context else None
    for place, reason in enumerate(each.reasons):
        yield "why" if place == 0 else "", reason
    yield "how", shorten(each.how, LONGEST)
    for place, topic in enumerate(each.ask):
        asked = text.join(text.safe(topic.ref, text.QUIET), shorten(topic.text, LONGEST))
        yield "ask" if place == 0 else "", asked
