"""What was found, on a screen: people, then everything else, the words that were looked for in bold."""

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.text import Text

from crm.actions.find import Found, Snippet, dated_on, marked_title, snippet
from crm.dates import say_day
from crm.escaping import quote, shorten
from crm.models import Contact, Organization, Record, Task
from crm.models.words import ContactKind, Tier
from crm.render import text
from crm.store.search import Filters, Item

LONGEST_NAME = 40
MOST_NAMED = 2
SHOWN = {"contact", "organization", "interaction", "question", "review"}
"""The nouns whose `show` takes a short id."""


def kind(item: Item) -> str:
    """The kind of a record, as the filter `kind:` takes it."""
    return str(item.record.__tablename__).replace("_", "-")


def remarks(found: Found) -> Iterator[str]:
    """What to know beside the results."""
    yield from found.asked.said
    if found.asked.left_out:
        yield f"only the first {len(found.asked.words)} words were looked for"
    if found.private:
        more = "1 more has" if found.private == 1 else f"{found.private:,} more have"
        yield f"{more} these words only in private notes; to see: --include-private"


def results(found: Found, *, typed: str, tz: ZoneInfo) -> Iterator[RenderableType]:
    """The screen of `crm find`."""
    if not found.items:
        yield from _nothing(found, typed)
        return
    if found.inside:
        yield text.hint("No word begins so; these have it within a word.")
        yield ""
    people = [each for each in found.items if isinstance(each.record, Contact)]
    others = [each for each in found.items if not isinstance(each.record, Contact)]
    if people:
        yield text.section("People", _list(found, people, tz), count=found.people)
    if others:
        heading = "Everything else" if people else "Found"
        yield text.section(heading, _list(found, others, tz), count=found.total - found.people)
    yield _next(found)


def _list(found: Found, items: Sequence[Item], tz: ZoneInfo) -> RenderableType:
    return text.rows(((text.safe(each.record.ref, text.QUIET), _entry(found, each, tz)) for each in items), wide=1)


def _entry(found: Found, item: Item, tz: ZoneInfo) -> Text:
    """What it is, whom it is about and when; below, the text with the words in it."""
    said = snippet(item, found.asked.words, inside=found.inside)
    head = _person(item.record, item.owner) if isinstance(item.record, Contact) else _thing(found, item, tz)
    return text.join(head, _marked(said) if said.text else None, gap="\n")


def _person(contact: Contact, employer: object) -> Text:
    asides = {"archived": contact.archived_at is not None, "source": contact.kind == ContactKind.SOURCE}
    return text.join(
        text.safe(shorten(contact.name, LONGEST_NAME), text.NAME),
        text.safe(shorten(employer.name, LONGEST_NAME)) if isinstance(employer, Organization) else None,
        text.hint(contact.stage) if contact.tier != Tier.NONE and not any(asides.values()) else None,
        *(text.hint(f"({name})") for name, holds in asides.items() if holds),
        gap="  ",
    )


def _thing(found: Found, item: Item, tz: ZoneInfo) -> Text:
    return text.join(
        _marked(marked_title(item, found.asked.words, inside=found.inside)),
        _whom(item.people),
        _when(item.record, tz),
        text.hint(kind(item).replace("-", " ")),
        gap="  ",
    )


def _when(record: Record, tz: ZoneInfo) -> Text | None:
    day = dated_on(record, tz)
    if day is None:
        return None
    return text.hint(f"due {say_day(day)}" if isinstance(record, Task) and record.done_at is None else say_day(day))


def _whom(people: Sequence[Contact]) -> Text | None:
    if not people:
        return None
    named = ", ".join(shorten(each.name, LONGEST_NAME) for each in people[:MOST_NAMED])
    more = len(people) - MOST_NAMED
    return text.safe(f"{named} and {more} more" if more > 0 else named, text.NAME)


def _marked(said: Snippet) -> Text:
    """The text with the words in bold; what is harmless to show has the length of what it stands for, or no marks."""
    shown = text.safe(said.text)
    if len(shown) == len(said.text):
        for start, end in said.spans:
            shown.stylize("bold", start, end)
    return shown


def _next(found: Found) -> Text:
    """How to see more, or one of them whole."""
    more = found.total - len(found.items)
    if more:
        return text.hint(f"and {more:,} more. Narrow it: kind:contact, tag:TAG, since:DAY; or see more: -n 100")
    first = found.items[0]
    noun = kind(first) if kind(first) in SHOWN else "contact" if first.people else ""
    ref = first.record.ref if kind(first) in SHOWN else first.people[0].ref if first.people else ""
    return text.hint(f"Everything about one: crm {noun} show {ref}" if noun else f"{found.total:,} in all")


def _nothing(found: Found, typed: str) -> Iterator[Text]:
    yield text.safe(f"Nothing found for {quote(typed, 60)}.")
    if found.near:
        yield text.join("Did you mean", *(text.safe(each, text.NAME) for each in found.near), gap="  ")
    elif found.asked.filters != Filters():
        yield text.hint("Try fewer filters, or the words alone.")
    else:
        yield text.hint("Try fewer words, or only how one begins: crm find recom")
