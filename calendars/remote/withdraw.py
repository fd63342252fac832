"""Taking back what was put into a calendar or folder elsewhere, also where nothing is pushed to any more."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from calendars.remote import login as logins
from calendars.remote.folder import Folder
from calendars.remote.login import PUBLISH, SYNC, Login, origin
from calendars.remote.place import Place
from calendars.remote.push import Books, Progress, Pushed, push
from crm.errors import ConfigurationError
from crm.files import expanded
from crm.settings import Settings
from crm.store import published
from crm.store.published import Standing


def standing(session: Session, settings: Settings, *, configured: bool | None = None) -> list[Standing]:
    """Where something of ours stands: everywhere, or only where it is (not) pushed to by the settings as they are."""
    found = published.places(session)
    return [each for each in found if configured is None or bool(named_by(each, settings)) == configured]


def named_by(each: Standing, settings: Settings) -> str:
    """The setting by which the next push goes there too; empty if none does."""
    url = settings["calendar.publish.url"]
    places = {
        "calendar.publish.url": _folder_of(url) if settings["calendar.publish.kind"] == "webdav" else _slashed(url),
        "calendar.publish.folder": _path(settings["calendar.publish.folder"]),
    }
    if each.target != each.place:  # what is kept in step, and not mirrored
        places = {"calendar.sync.url": _slashed(settings["calendar.sync.url"])}
    return next((setting for setting, place in places.items() if place == each.place), "")


def named(found: Sequence[Standing], place: str) -> list[Standing]:
    """Those of an address or path, however it was typed; the address of a file is also that of its folder."""
    ways = (place, _slashed(place), _folder_of(place)) if "://" in place else (place, _path(place))
    return next((some for way in ways if (some := [each for each in found if each.place == way])), [])


def _path(place: str) -> str:
    return str(expanded(place)) if place else ""


def _folder_of(url: str) -> str:
    """Where a web host's files lie: the address itself, or what it names a file in."""
    folder, _, last = url.rpartition("/")
    return _slashed(folder if last.endswith(".ics") else url)


def _slashed(url: str) -> str:
    return url if url.endswith("/") or not url else f"{url}/"


def login(settings: Settings, place: str, everywhere: Sequence[Standing]) -> Login | None:
    """The configured user and password, if they are meant for that server; None where somebody has to be asked.

    They go to no server but the one that is configured or, when none is any more, the only one that was.

    Raises:
        CrmError: the password cannot be read.
    """
    if "://" not in place:
        return Login()
    urls = {each: settings[f"{each}url"] for each in (PUBLISH, SYNC) if settings[f"{each}url"]}
    there = [each for each, url in urls.items() if origin(url) == origin(place)]
    if not urls and len({origin(each.place) for each in everywhere if "://" in each.place}) == 1:
        there = [PUBLISH]
    whose = min(there, key=lambda each: _slashed(urls.get(each, "")) != place, default=None)
    return logins.login(settings, place, whose) if whose else None


def servers(places: Iterable[Standing]) -> list[str]:
    """The different servers among some places, in their order; a folder is none."""
    found = dict.fromkeys(origin(each.place) for each in places if "://" in each.place)
    return [f"{scheme}://{host}" for scheme, host in found]


def withdraw(
    each: Standing,
    who: Login,
    books: Books,
    *,
    now: datetime,
    anyway: bool = False,
    dry_run: bool = False,
    progress: Progress = lambda _done, _of: None,
) -> Pushed:
    """Remove what this program put there, and nothing else; when it is ended in between, the next one goes on.

    Args:
        each: the place, and what it is noted by.
        who: how to log in.
        books: where it is noted what is there.
        now: the present instant, aware UTC.
        anyway: also what others changed there since.
        dry_run: only look; nothing is removed there or forgotten here.
        progress: is told after each.

    Raises:
        ConfigurationError: the folder is not there, or the library for servers is missing.
    """
    place = _opened(each, who)
    try:
        return push(
            place,
            [],
            books,
            now=now,
            target=each.target,
            dry_run=dry_run,
            leaves_changed=not anyway,
            progress=progress,
        )
    finally:
        place.close()


def _opened(each: Standing, who: Login) -> Place:
    if "://" not in each.place:
        path = Path(each.place)
        if not path.is_dir():
            raise ConfigurationError(f"{path} is not there, perhaps its disk is not either")
        return Folder(path)
    from calendars.remote.dav import Collection, WebFolder  # noqa: PLC0415 - only who speaks to a server loads it

    kind = WebFolder if each.in_files else Collection
    return kind(each.place, replace(who, setting=""))
