"""`crm calendar withdraw`: take back what was pushed, also from where nothing is pushed to any more."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from crm.commands.base import App, command
from crm.commands.calendar_publish import counted, going_on, only_one, warn
from crm.dates import say_instant
from crm.errors import BadValueError, CrmError, NotFoundError, RefusedError
from crm.escaping import for_terminal
from crm.render import text
from crm.secrets import Secret

if TYPE_CHECKING:
    from calendars.remote.login import Login
    from calendars.remote.push import Pushed
    from crm.store.published import Standing

Where = Annotated[
    str | None, typer.Argument(metavar="PLACE", help="An address or folder; without, all are listed and none touched.")
]


MOST_NAMED = 3
NOTHING = "Nothing of yours stands anywhere else."


def register(app: typer.Typer) -> None:
    """Add the command to `crm calendar`."""
    command(app, example="crm calendar withdraw https://old.example.org/dav/calendars/you/networking/")(withdraw)


def withdraw(
    crm: App,
    context: typer.Context,
    place: Where = None,
    everywhere: Annotated[bool, typer.Option("--all", help="From everywhere.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    anyway: Annotated[bool, typer.Option("--anyway", help="Also what somebody changed there since.")] = False,
    forget: Annotated[
        bool, typer.Option("--forget", help="Remove nothing there, and think of it no more: the place is gone.")
    ] = False,
    user: Annotated[str | None, typer.Option("--user", help="Log in by this name.")] = None,
    password_file: Annotated[Path | None, typer.Option("--password-file", help="A file with the password.")] = None,
) -> None:
    """Take back what was pushed to an address or folder: what this program put there, and nothing else.

    What somebody changed there since is left, and told, unless --anyway is said. If it is ended in between, the same
    command goes on. Nothing is removed here.
    """
    from calendars.remote import withdraw as remote  # noqa: PLC0415 - everyday commands must not wait for it

    if password_file and user is None:
        raise BadValueError("--password-file says nobody's password; say whose: --user NAME --password-file FILE")
    with crm.reading() as session:
        found = remote.standing(session, crm.settings)
    if place is None and not everywhere:
        _list(crm, found)
        return
    chosen = found if place is None else _chosen(found, place)
    given = None if forget or user is None else _given(chosen, user, password_file)
    _warn_of_settings(crm, chosen)
    if not dry_run:
        _ask(crm, chosen, again=quote(place) if place else "--all", sure=bool(context.params["yes"]), forget=forget)
    if forget:
        _forget(crm, chosen, dry_run=dry_run)
        return
    with _locked(crm, chosen), going_on(crm, f"crm calendar withdraw {quote(place) if place else '--all'}"):
        done = [_take(crm, each, given or _login(crm, each, found), anyway=anyway, dry_run=dry_run) for each in chosen]
    _show(crm, chosen, done, dry_run=dry_run)


def _list(crm: App, found: "Sequence[Standing]") -> None:
    items = [_told(crm, each) for each in found]
    crm.show({"items": items}, lambda console: _draw_list(console, crm, found))


def _told(crm: App, each: "Standing") -> dict[str, Any]:
    from calendars.remote.withdraw import named_by  # noqa: PLC0415 - as above

    return {
        "place": each.place,
        "count": each.count,
        "in_files": each.in_files,
        "last_pushed_at": each.last_pushed_at,
        "configured": bool(named_by(each, crm.settings)),
    }


def _draw_list(console: Console, crm: App, found: "Sequence[Standing]") -> None:
    if not found:
        console.print(text.safe(NOTHING))
        console.print(
            text.hint("To push your calendars somewhere: crm config set calendar.publish.url https://HOST/PATH")
        )
        return
    for each in found:
        console.print(text.safe(each.place, text.NAME), soft_wrap=True)
        since = f", last pushed {say_instant(each.last_pushed_at, tz=crm.tz)}" if each.last_pushed_at else ""
        still = "" if _told(crm, each)["configured"] else "; nothing is pushed there any more"
        console.print(text.safe(f"  {counted(each)}{since}{still}"))
    console.print(text.hint("To take them away: crm calendar withdraw PLACE"))


def _chosen(found: "Sequence[Standing]", place: str) -> "list[Standing]":
    """Those of that place.

    Raises:
        NotFoundError: nothing was pushed there.
    """
    from calendars.remote.withdraw import named  # noqa: PLC0415 - as above

    chosen = named(found, place)
    if not chosen:
        known = tuple(dict.fromkeys(each.place for each in found))
        raise NotFoundError("nothing of yours was pushed there; to see where: crm calendar withdraw", candidates=known)
    return chosen


def _ask(crm: App, chosen: "Sequence[Standing]", *, again: str, sure: bool, forget: bool) -> None:
    """Let the person say yes.

    Raises:
        RefusedError: nobody can be asked, and nobody said yes beforehand.
        typer.Abort: they said no.
    """
    if sure or not chosen:
        return
    what = "; ".join(f"{counted(each)} at {each.place}" for each in chosen)
    if not crm.asks:
        verb = "be forgotten, and stay there" if forget else "be removed there"
        more = " --forget" if forget else ""
        raise RefusedError(f"{what} would {verb}. To go ahead: crm calendar withdraw {again}{more} --yes")
    question = f"Forget {what}, and leave it there?" if forget else f"Remove {what}?"
    typer.confirm(for_terminal(question), abort=True, err=True)


def _warn_of_settings(crm: App, chosen: "Sequence[Standing]") -> None:
    """Of what the next push would undo, the daemon's too; before anything is removed."""
    from calendars.remote.withdraw import named_by  # noqa: PLC0415 - as above

    for each in chosen:
        if setting := named_by(each, crm.settings):
            crm.note(
                f"{each.place} is still configured, and the next push fills it again; "
                f'to end that: crm config set {setting} ""'
            )


def _forget(crm: App, chosen: "Sequence[Standing]", *, dry_run: bool) -> None:
    """Think of these no more; no place is asked anything."""
    from crm.store import published  # noqa: PLC0415 - as above

    if not dry_run:
        with _locked(crm, chosen), crm.writing("calendar withdraw") as session:
            for each in chosen:
                published.forget_all(session, each.target)
    items = [{**_told(crm, each), "removed": 0, "left": each.count if dry_run else 0} for each in chosen]
    said = "To forget, and leave there" if dry_run else "Forgotten"
    lines = [f"{said}: {counted(each)} at {each.place}" for each in chosen] or [NOTHING]
    crm.show({"items": items, "dry_run": dry_run}, lambda console: text.lines(console, *map(text.safe, lines)))


def _given(chosen: "Sequence[Standing]", user: str, password_file: Path | None) -> "Login":
    """What was said on the command line; it is shown to one server alone.

    Raises:
        BadValueError: there are several.
        ConfigurationError: the file cannot be read.
    """
    from calendars.remote.login import Login  # noqa: PLC0415 - as above
    from calendars.remote.withdraw import servers  # noqa: PLC0415 - as above

    if len(asked := servers(chosen)) > 1:
        raise BadValueError(
            f"--user would show one password to {len(asked)} servers ({', '.join(asked[:MOST_NAMED])}"
            f"{' ...' if len(asked) > MOST_NAMED else ''}); take one at a time: crm calendar withdraw PLACE --user NAME"
        )
    file = str(password_file) if password_file else ""
    return Login(user, Secret("calendar.withdraw.password", file).required() if file else "")


def _login(crm: App, each: "Standing", found: "Sequence[Standing]") -> "Login":
    """What is configured for that server, else what a person says."""
    from calendars.remote.login import Login  # noqa: PLC0415 - as above
    from calendars.remote.withdraw import login  # noqa: PLC0415 - as above

    known = login(crm.settings, each.place, found)
    if known or not crm.asks:
        return known or Login()
    user = str(typer.prompt(for_terminal(f"Your user name at {each.place} (Enter if there is none)"), "", err=True))
    if not user:
        return Login()
    return Login(user, str(typer.prompt("Password", hide_input=True, err=True)))


@contextmanager
def _locked(crm: App, chosen: "Sequence[Standing]") -> Iterator[None]:
    """While neither a push nor a sync is at the same place."""
    verbs = {"publish" if each.target == each.place else "sync" for each in chosen}
    with ExitStack() as stack:
        for verb in sorted(verbs):
            stack.enter_context(only_one(crm, verb))
        yield


def _take(crm: App, each: "Standing", who: "Login", *, anyway: bool, dry_run: bool) -> "Pushed":
    from calendars.remote.push import Pushed  # noqa: PLC0415 - as above
    from calendars.remote.withdraw import withdraw as run  # noqa: PLC0415 - as above
    from crm.render.calendar_progress import bar  # noqa: PLC0415 - as above

    try:
        with bar(each.place, quiet=crm.json) as progress:
            return run(each, who, crm, now=crm.now, anyway=anyway, dry_run=dry_run, progress=progress)
    except CrmError as error:
        return Pushed(each.place, error=error.message)


def _show(crm: App, chosen: "Sequence[Standing]", done: "Sequence[Pushed]", *, dry_run: bool) -> None:
    """What became of each place.

    Raises:
        CrmError: one could not be brought to an end.
    """
    with crm.reading() as session:
        from crm.store import published  # noqa: PLC0415 - as above

        left = {each.target: each.count for each in published.places(session)}
    items = [
        {
            **_told(crm, each),
            "removed": pushed.removed,
            "left": left.get(each.target, 0),
            "problems": pushed.problems,
            "error": pushed.error,
        }
        for each, pushed in zip(chosen, done, strict=True)
    ]
    crm.show({"items": items, "dry_run": dry_run}, lambda console: _draw(console, items, dry_run=dry_run))
    warn(crm, [problem for each in done for problem in each.problems])
    if any("was changed there" in problem for each in items for problem in each["problems"]):
        crm.note("To remove those too: the same command with --anyway; to leave them for good: with --forget")
    errors = [f"{each.error}. If {each.place} is gone for good, say --forget" for each in done if each.error]
    if errors:
        raise CrmError("; ".join(errors))


def _draw(console: Console, items: Sequence[dict[str, Any]], *, dry_run: bool) -> None:
    if not items:
        console.print(text.safe(NOTHING))
    for each in items:
        console.print(text.safe(each["place"], text.NAME), soft_wrap=True)
        left = f", {each['left']:,} still there" if each["left"] and not dry_run else ""
        console.print(text.safe(f"  {each['removed']:,} {'to remove' if dry_run else 'removed'}{left}"))
