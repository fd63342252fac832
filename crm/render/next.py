"""The screen of `crm next`: whom to reach out to, why, how, and what to ask; and who is left alone for now."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding

from crm.actions.next_ import Advice, Suggestion
from crm.dates import say_day
from crm.escaping import shorten
from crm.exporters.json_ import Describer
from crm.models import Contact
from crm.render import text

LONGEST = 300
LONGEST_NAME = 60
MOST_NAMED = 5
MOST_REASONS = 6


def told(found: Sequence[Suggestion], describer: Describer) -> list[dict[str, object]]:
    """The suggestions as `--json` tells them, here and in `crm today`."""
    contacts = describer.many([each.contact for each in found])
    return [
        {"contact": contact, "reasons": each.reasons, "how": each.how, "ask": each.ask}
        for each, contact in zip(found, contacts, strict=True)
    ]


def all_told(advice: Advice, describer: Describer) -> dict[str, object]:
    """What `crm next --json` tells."""
    return {
        "items": told(advice.suggestions, describer),
        "budget": {"used": advice.budget.used, "of": advice.budget.of, "renews_on": advice.budget.renews_on},
        "held_back": advice.held_back,
        "resting": [{"id": each.id, "uid": each.uid, "ref": each.ref, "name": each.name} for each in advice.resting],
    }


def parts(advice: Advice) -> Iterator[RenderableType]:
    """One block a person, what this week still has room for, who is left alone, and what to type afterwards."""
    for each in advice.suggestions:
        yield text.join(_name(each.contact), text.safe(each.contact.ref, text.QUIET), gap="  ")
        yield Padding(text.facts(_facts(each)), (0, 0, 1, 2))
    if not (advice.suggestions or advice.held_back):
        yield text.safe("Nobody's turn: everybody is up to date, or waits for an answer or a planned day.")
    yield from enough(advice)
    yield from _left_alone(advice)
    yield from _hints(advice)


def enough(advice: Advice) -> Iterator[RenderableType]:
    """That the week's budget is used up, where that keeps anybody back."""
    budget = advice.budget
    if advice.held_back:
        used = f"{budget.used} of {budget.of} people"
        yield text.safe(f"That is {used} for this week; {advice.held_back} more from {say_day(budget.renews_on)}.")
        yield text.hint("To see them all the same: crm next --anyway")


def _left_alone(advice: Advice) -> Iterator[RenderableType]:
    resting = advice.resting
    if not resting:
        return
    named = ", ".join(shorten(each.name, LONGEST_NAME) for each in resting[:MOST_NAMED])
    more = f" and {len(resting) - MOST_NAMED} more" if len(resting) > MOST_NAMED else ""
    left = f"left {advice.dormant_after} messages or more unanswered" if advice.dormant_after > 1 else "did not answer"
    who = f"1 person {left} and is" if len(resting) == 1 else f"{len(resting)} people {left} and are"
    yield text.safe(f"{who} left alone: {named}{more}.")
    first = resting[0].ref
    yield text.hint(f"They wrote? crm log-contact {first} --direction in   Let go: crm contact tier {first} none")


def _hints(advice: Advice) -> Iterator[RenderableType]:
    if advice.suggestions:
        first = advice.suggestions[0].handle
        yield text.hint(f"When you have written: crm log-contact {first} --kind message")
        yield text.hint(f"All about somebody: crm prep {first}")
    elif not advice.held_back:
        yield text.hint('Add somebody: crm contact add "Jane Roe". Plan a chat: crm schedule WHO WHEN')


def _name(contact: Contact) -> text.Cell:
    return text.safe(shorten(contact.name, LONGEST), text.NAME)


def _facts(each: Suggestion) -> Iterator[tuple[str, text.Cell]]:
    yield "who", shorten(each.job, LONGEST)
    yield "note", shorten(each.contact.context, LONGEST) if each.contact.context else None
    for place, reason in enumerate(each.reasons[:MOST_REASONS]):
        yield "why" if place == 0 else "", shorten(reason, LONGEST)
    yield "how", shorten(each.how, LONGEST)
    for place, topic in enumerate(each.ask):
        asked = text.join(text.safe(topic.ref, text.QUIET), shorten(topic.text, LONGEST))
        yield "ask" if place == 0 else "", asked
    for place, command in enumerate(each.commands[:MOST_REASONS]):
        yield "then" if place == 0 else "", command
