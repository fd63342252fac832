"""`crm find`: full text over everything."""

from typing import Annotated, Any

import typer

from crm.actions.find import Found, dated_on, find, snippet, title
from crm.commands.base import App, command, verb
from crm.commands.common import joined, remark
from crm.errors import BadValueError
from crm.models import Contact
from crm.render import find as screen
from crm.render import text
from crm.store.search import Item

app = verb()

Text = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="TEXT",
        help='Words, a "phrase in quotation marks", and filters: kind: stage: tier: tag: at:ORGANIZATION since:DAY.',
    ),
]


@command(app, name="find", example="crm find recommender at:Acme since:2026-01-05")
def find_(
    crm: App,
    words: Text = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help="So many at most.")] = 20,
    private: Annotated[bool, typer.Option("--include-private", help="Search and show private notes too.")] = False,
) -> None:
    """Find people, talks, notes, answers and tasks by what is in them; accents and case do not matter."""
    typed = joined(words or ())
    if not typed.strip():
        raise BadValueError("say what to find: crm find recommender; or narrow it: crm find stage:met tag:mentors")
    with crm.reading() as session:
        found = find(session, typed, limit=limit, private=private, now=crm.now, tz=crm.tz)
    remark(crm, list(screen.remarks(found)))
    value = (
        {"items": [_told(crm, found, *each) for each in enumerate(found.items, 1)], "total": found.total}
        if crm.json
        else {}
    )
    crm.show(value, lambda console: text.lines(console, *screen.results(found, typed=typed, tz=crm.tz)))


def _told(crm: App, found: Found, order: int, item: Item) -> dict[str, Any]:
    record = item.record
    return {
        "order": order,
        "kind": screen.kind(item),
        "ref": record.ref,
        "id": record.id,
        "uid": record.uid,
        "title": title(item),
        "snippet": snippet(item, found.asked.words, inside=found.inside).text,
        "dated_on": dated_on(record, crm.tz),
        "contacts": [{"id": each.id, "ref": each.ref, "uid": each.uid, "name": each.name} for each in item.people],
        "archived": isinstance(record, Contact) and record.archived_at is not None,
    }
