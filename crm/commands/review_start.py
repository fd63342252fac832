"""`crm review start`: the form of a review, with what the log says beside it."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from sqlmodel import Session

from crm.actions import review_facts
from crm.actions import review_form as forms
from crm.actions import reviews as actions
from crm.actions.checked import brief
from crm.actions.review_facts import ReviewFacts
from crm.actions.review_form import Item
from crm.actions.review_links import say
from crm.actions.reviews import handle
from crm.cadence import day_of
from crm.commands import review_editor
from crm.commands.asking import ask
from crm.commands.base import App, command
from crm.errors import BadValueError, CrmError
from crm.escaping import for_terminal
from crm.exporters.json_ import Describer
from crm.models import Review, Task
from crm.render import plan as plan_screen
from crm.render import review_facts as facts_screen
from crm.render import review_form as screen
from crm.render import review_links as links_screen
from crm.render import text
from crm.store import records, reviews

NAME: Final = "review start"
MOST_NAMED: Final = 10


def register(app: typer.Typer) -> None:
    """Add the command to `crm review`."""
    command(app, example='crm review start week-2 --answer "1=Mornings work"')(start)


def start(
    crm: App,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Such as week-2.")],
    answer: Annotated[
        list[str] | None, typer.Option(metavar="N=TEXT", help="The answer to question N; blank takes it back.")
    ] = None,
    editor: Annotated[bool, typer.Option("--editor", help="Write it in $VISUAL or $EDITOR.")] = False,
) -> None:
    """Write a review: see what the log says, and answer its questions. What you wrote is kept; start again to go on."""
    given = forms.parse_answers(answer or [])
    if editor and not crm.asks:
        raise BadValueError('--editor needs a terminal and a person at it; elsewhere: --answer "1=TEXT"')
    with crm.writing(NAME) as session:
        found = reviews.review(session, name)
        forms.begin(session, found, now=crm.now)
        forms.save(session, found, given, now=crm.now)
        told, facts, items = _look(crm, session, found)
    if crm.asks and (editor or not given):
        _ask(crm, found, facts, items, editor=editor)
    else:
        crm.show(told, partial(_draw, crm, found, facts, items))


def looking_back(crm: App, session: Session, review: Review) -> ReviewFacts:
    """The facts of a review, by the person's settings."""
    starts_on = crm.settings["week_starts_on"]
    return review_facts.gather(session, review, now=crm.now, tz=crm.tz, week_starts_on=starts_on)


def _look(crm: App, session: Session, review: Review) -> tuple[dict[str, Any], ReviewFacts, list[Item]]:
    """A review with its form and facts: as JSON, and by themselves."""
    facts, items = looking_back(crm, session, review), forms.form(session, review)
    telling = Describer(session, day_of(crm.now, crm.tz))
    links = links_screen.told(facts.links, telling)
    told = telling.numbered(review) | {"form": screen.told(items), "links": links, "facts": facts.told()}
    return told, facts, items


def draw_facts(crm: App, review: Review, facts: ReviewFacts, console: Console) -> None:
    """A review with what is to have happened by it, and what the log says."""
    plan_screen.draw_review(console, review, today=day_of(crm.now, crm.tz), tz=crm.tz)
    text.lines(console, *links_screen.parts(facts.links, review, tz=crm.tz), *facts_screen.parts(facts, tz=crm.tz))


def _draw(crm: App, review: Review, facts: ReviewFacts, items: Sequence[Item], console: Console) -> None:
    draw_facts(crm, review, facts, console)
    text.lines(console, *screen.parts(review, items))


def _ask(crm: App, review: Review, facts: ReviewFacts, items: Sequence[Item], *, editor: bool) -> None:
    """Let a person answer, here or in their editor, and then complete the review if they say so."""
    try:
        if editor:
            _in_editor(crm, review, facts, items)
        else:
            _one_by_one(crm, review, facts, items)
        _offer_to_close(crm, review)
    except typer.Abort:
        crm.note(f"What you wrote is kept. To go on: crm review start {handle(review)}")
        raise


def _one_by_one(crm: App, review: Review, facts: ReviewFacts, items: Sequence[Item]) -> None:
    """Ask one question after the other; each answer is kept at once."""
    draw_facts(crm, review, facts, crm.console)
    crm.note("Enter alone goes on and keeps what is there. Ctrl-C stops; what you wrote is kept.")
    *questions, first = items
    for each in questions:
        _put(crm, each, len(items))
        ask(crm, "Answer", partial(_answer, crm, review, each))
    _ask_for_priorities(crm, review, first, facts)


def _answer(crm: App, review: Review, item: Item, typed: str) -> None:
    if typed:
        _save(crm, review, {item.number: typed})


def _put(crm: App, item: Item, last: int) -> None:
    crm.note(f"\n{item.number} of {last}  {item.question}")
    if item.answer:
        crm.note(f"(so far) {item.answer}")


def _ask_for_priorities(crm: App, review: Review, item: Item, facts: ReviewFacts) -> None:
    """Ask what comes first, line by line until one is blank."""
    _put(crm, item, item.number)
    still_open = [each.about for each in facts.links if isinstance(each.about, Task) and each.done_at is None]
    if still_open:
        crm.note(f"(still open) {'; '.join(map(say, still_open[:MOST_NAMED]))}")
    crm.note("One a line; each becomes a task for the next review, or for a day: Ship it by fri. t3 is that task.")
    answer = item.answer
    while (more := ask(crm, "Task", partial(_more, crm, review, Item(item.number, item.question, answer)))) is not None:
        answer = more


def _more(crm: App, review: Review, item: Item, typed: str) -> str | None:
    """The answer with another line, kept; None where nothing was typed."""
    if not typed:
        return None
    longer = f"{item.answer}\n{typed}" if item.answer else typed
    changed = _save(crm, review, {item.number: longer})
    return changed[0].answer if changed else longer


def _save(crm: App, review: Review, given: Mapping[int, str]) -> list[Item]:
    with crm.writing(NAME) as session:
        return forms.save(session, records.by_ref(session, Review, review.ref), given, now=crm.now)


def _in_editor(crm: App, review: Review, facts: ReviewFacts, items: Sequence[Item]) -> None:
    """Keep what is written in the editor; only then the file it stood in goes."""
    title, lines = f"{review.name}, to be written", facts_screen.lines(facts, tz=crm.tz)
    draft = review_editor.write(crm, review, title, lines, items)
    if draft is None:
        crm.note("Nothing was changed.")
        return
    try:
        changed = _save(crm, review, draft.answers)
    except CrmError as error:
        raise draft.fault(error) from error
    draft.path.unlink(missing_ok=True)
    kept = [text.join(text.safe("Kept:", text.GOOD), each.question) for each in changed]
    text.lines(crm.console, *(kept or [text.hint("That was so already; nothing was changed.")]))


def _offer_to_close(crm: App, review: Review) -> None:
    """Complete the review if the person says so and has written something."""
    with crm.reading() as session:
        is_empty = not actions.has_something(session, records.by_ref(session, Review, review.ref))
    if is_empty:
        crm.note(f"Nothing was written. To go on: crm review start {handle(review)}")
    elif typer.confirm(f"\nComplete {for_terminal(brief(review.name))} now?", err=True):
        close(crm, review.uid, note=None)
    else:
        crm.note(f"Kept. When it is all there: crm review complete {handle(review)}")


def close(crm: App, name: str, *, note: str | None) -> None:
    """Complete a review, and show what comes first now."""
    with crm.writing("review complete") as session:
        found = reviews.review(session, name)
        made, coming = forms.complete(session, found, note=note, now=crm.now, tz=crm.tz)
        left_out = screen.left_out(found, forms.form(session, found))
        telling = Describer(session, day_of(crm.now, crm.tz))
        told = telling.numbered(found) | {"tasks": telling.many(made)}
    crm.show(told, partial(_draw_closed, crm, found, made, coming))
    if left_out:
        crm.note(left_out)


def _draw_closed(crm: App, review: Review, made: Sequence[Task], coming: Review | None, console: Console) -> None:
    plan_screen.draw_review(console, review, today=day_of(crm.now, crm.tz), tz=crm.tz)
    text.lines(console, *screen.completed(review, made, coming))
