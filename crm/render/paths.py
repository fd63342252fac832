"""The screen of `crm path`: ways to somebody or into a company, step by step, and what to do first."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from crm.actions.path_words import Chain, Stop, Todo
from crm.actions.paths import CANDIDATES
from crm.actions.warmth import Warmth
from crm.escaping import shorten
from crm.render import text

LONGEST_NAME: Final = 40
LONGEST: Final = 200
STYLES: Final = {Warmth.WARM: text.GOOD, Warmth.LUKEWARM: text.WARN, Warmth.COLD: text.QUIET}


def parts(chains: Sequence[Chain], *, to: str, ref: str, hints: Sequence[str], most: int) -> Iterator[RenderableType]:
    """The ways one by one, the best first; `hints` say what else can be done, and there may be more than `most`."""
    name = text.join(text.safe(shorten(to, LONGEST_NAME), text.NAME), text.hint(ref))
    if not chains:
        yield text.join("No one you know leads to", name, "as yet.")
    elif len(chains) == 1:
        yield text.join("The shortest and warmest way to" if most == 1 else "One way to", name)
    else:
        cut = f" (more: -n {min(2 * most, CANDIDATES)})" if len(chains) == most < CANDIDATES else ""
        yield text.join(f"{len(chains)} ways to", text.join(name, f", the shortest and warmest first{cut}", gap=""))
    yield ""
    for place, each in enumerate(chains, start=1):
        yield text.join(text.safe(place, text.HEADING), _headline(each), gap="  ")
        yield Padding(Group(*_body(each)), (0, 0, 1, 3))
    yield from map(text.hint, hints)


def _headline(chain: Chain) -> Text:
    names = [text.safe(shorten(each.name, LONGEST_NAME), text.NAME) for each in chain.stops]
    return Text(" → ").join([Text("you"), *names])


def _body(chain: Chain) -> Iterator[RenderableType]:
    for mark in chain.marks:
        yield text.safe(f"only because nothing else is known: {mark}", text.WARN)
    stops = [said for each in chain.stops if (said := _stop(each))]
    if stops:
        yield text.bullets(stops)
    yield text.rows([_todo(place, each) for place, each in enumerate(chain.todo)], wide=1)


def _stop(stop: Stop) -> Text | None:
    """Somebody on the way: how warm, why, and what to know; nothing for a company of which nothing is to be said."""
    said = "; ".join((*stop.why, *stop.facts))
    if not said:
        return None
    ref = text.hint(stop.contact.ref) if stop.contact else None
    warm = text.safe(stop.warmth.value, STYLES[stop.warmth]) if stop.warmth else None
    who = text.join(text.safe(shorten(stop.name, LONGEST_NAME), text.NAME), ref, warm)
    return text.join(who, shorten(said, LONGEST), gap=": ")


def _todo(place: int, todo: Todo) -> tuple[text.Cell, ...]:
    said = text.safe(shorten(todo.text, LONGEST))
    command = text.safe(todo.command, text.QUIET) if todo.command else None
    return "then" if place else "first", text.join(said, command, gap="\n")


def told(chain: Chain, contacts: Mapping[int, object]) -> dict[str, object]:
    """A way as `--json` tells it; `contacts` are those on the ways, as `--json` tells them."""
    return {
        "steps": [
            {
                "kind": each.kind,
                "name": each.name,
                "contact": contacts[each.contact.id] if each.contact else None,
                "warmth": each.warmth,
                "why": each.why,
                "facts": each.facts,
            }
            for each in chain.stops
        ],
        "warmth": chain.stops[0].warmth,
        "marks": chain.marks,
        "todo": chain.todo,
    }
