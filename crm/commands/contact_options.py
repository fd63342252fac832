"""The options by which `crm contact add` and `crm contact edit` say what is known of a contact."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, Final

import typer

from crm.actions.contacts import Said
from crm.models.words import ContactKind, Stage


def _text(flag: str, meaning: str, metavar: str = "TEXT") -> Any:  # noqa: ANN401 - an annotation
    return Annotated[str | None, typer.Option(flag, metavar=metavar, help=meaning)]


def _texts(flag: str, meaning: str, metavar: str = "TEXT") -> Any:  # noqa: ANN401 - an annotation
    return Annotated[list[str] | None, typer.Option(flag, metavar=metavar, help=meaning)]


OPTIONS: Final[dict[str, Any]] = {
    "name": _text("--name", "Another name.", "NAME"),
    "organization": _text("--organization", "Where they work now.", "NAME"),
    "title": _text("--title", "What they do there."),
    "email": _texts("--email", "E-mail address; again for more, the first is the main one.", "ADDRESS"),
    "phone": _texts("--phone", "Phone number; again for more.", "NUMBER"),
    "linkedin": _texts("--linkedin", "LinkedIn page or name.", "URL"),
    "instagram": _texts("--instagram", "Instagram name.", "NAME"),
    "url": _texts("--url", "Any other page.", "URL"),
    "how_to_reach": _text("--how-to-reach", "How to reach them, in your words."),
    "context": _text("--context", "How you know them."),
    "place": _text("--place", "Where they are."),
    "status": _text("--status", "Where you stand with them, in your words."),
    "stage": Annotated[Stage | None, typer.Option("--stage", case_sensitive=False, help="Where the outreach stands.")],
    "kind": Annotated[
        ContactKind | None,
        typer.Option("--kind", case_sensitive=False, help="A person to meet, or a source to study from afar."),
    ],
    "tag": _texts("--tag", "Put them in a tag too; again for more.", "TAG"),
    "alias": _texts("--alias", "Another name they go by; again for more.", "NAME"),
    "birthday": _text("--birthday", "1990-04-12, or 12 apr without a year.", "DAY"),
    "note": _text("--note", "Notes."),
    "private_note": _text("--private-note", "Notes that leave this machine only when you ask for it."),
}


def takes_said(*, leave_out: frozenset[str] = frozenset()) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command all the options, and hand them to it as one `Said`."""

    def dress(function: Callable[..., None]) -> Callable[..., None]:
        @wraps(function)
        def run(*positional: Any, **given: Any) -> None:  # noqa: ANN401 - a command's own arguments
            said = Said(**{name: given.pop(name) for name in OPTIONS if name in given})
            function(*positional, said=said, **given)

        own = inspect.signature(function, eval_str=True).parameters.values()
        options = [_option(name) for name in OPTIONS if name not in leave_out]
        kept = [each.replace(kind=each.POSITIONAL_OR_KEYWORD) for each in own if each.name != "said"]
        run.__signature__ = inspect.Signature([*kept, *options])  # type: ignore[attr-defined]
        del run.__wrapped__
        return run

    return dress


def _option(name: str) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=OPTIONS[name])
