"""What is known of calendar programs: how each fetches a calendar, what it keeps of it, and how it trips.

Every fact says how it is known. What was measured was measured with the version that stands beside it, in November
2026; another version may differ.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from crm.errors import AmbiguousError, NotFoundError
from crm.escaping import quote
from crm.folding import fold


class Source(StrEnum):
    """How a fact is known."""

    MEASURED = "measured"
    READ = "read in its source"
    REPORTED = "reported by others"
    KNOWN = "commonly known"


class Where(StrEnum):
    """From where a program fetches."""

    HERE = "here"
    DEVICE = "device"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing to expect: what it is about, a sentence, how it is known, and of which version."""

    about: str
    text: str
    source: Source
    version: str = ""


@dataclass(frozen=True, slots=True)
class Program:
    """One calendar program.

    Attributes:
        name: what one types.
        title: what it calls itself.
        where: whether it fetches from this machine, from a device of the person's, or from its maker's servers.
        renews: how often it fetches, in a few words.
        alarms: what becomes of alarms, in a few words.
        to_dos: what becomes of things to do, in a few words.
        facts: what else to expect.
        also: other names for it.
        subscribes: whether it takes the address of an .ics file.
        caldav: whether it shows a CalDAV calendar of another server.
        files: whether it follows a file on its own disk.
        hosts: how the addresses of its own CalDAV server end, or the path in them begins.
    """

    name: str
    title: str
    where: Where
    renews: str
    alarms: str
    to_dos: str
    facts: tuple[Fact, ...]
    also: tuple[str, ...] = ()
    subscribes: bool = True
    caldav: bool = False
    files: bool = False
    hosts: tuple[str, ...] = ()


def _said(about: str) -> str:
    return about.replace("to_dos", "to-dos").replace("_", " ")


def _measured(version: str, **facts: str) -> tuple[Fact, ...]:
    return tuple(Fact(_said(about), text, Source.MEASURED, version) for about, text in facts.items())


def _told(source: Source, **facts: str) -> tuple[Fact, ...]:
    return tuple(Fact(_said(about), text, source) for about, text in facts.items())


_GOOGLE: Final = Program(
    "google",
    "Google Calendar",
    Where.OUTSIDE,
    renews="8-24 h",
    alarms="dropped",
    to_dos="not shown",
    facts=(
        *_told(
            Source.REPORTED,
            fetches="Google's servers, every 8 to 24 hours; nothing hurries them, neither a button nor the calendar",
            alarms="dropped; Google rings by its own settings for that calendar, if you make any",
        ),
        *_told(
            Source.KNOWN,
            to_dos="not shown",
            name_and_colour="the calendar's name is taken over, the colour is Google's own",
            to_add="on the web: Other calendars, From URL; the app on the phone shows it then, but cannot add it",
        ),
        *_told(Source.REPORTED, mind="the short cut with ?cid= is refused for a calendar from elsewhere"),
    ),
)
_APPLE: Final = Program(
    "apple",
    "Apple Calendar",
    Where.DEVICE,
    renews="5 min-1 week",
    alarms="if allowed",
    to_dos="not shown",
    also=("ios", "iphone", "ipad", "icloud", "macos"),
    caldav=True,
    hosts=("icloud.com",),
    facts=(
        *_told(
            Source.REPORTED,
            fetches="the device, as often as you choose (on iOS: as Fetch New Data says); Apple's servers, where it is "
            "kept in iCloud, and those cannot see your network",
            alarms="removed, unless you clear Remove Alerts while subscribing",
        ),
        *_told(
            Source.KNOWN,
            to_dos="not shown in Calendar",
            name_and_colour="its name is taken over; the colour is chosen while subscribing",
            to_add="open the webcal address or its QR code on the device; on a Mac choose the Mac as location",
        ),
        *_told(
            Source.REPORTED,
            mind="Reminders left CalDAV with iOS 13: to-dos that are put into iCloud do not arrive there",
        ),
    ),
)
_OUTLOOK: Final = Program(
    "outlook",
    "Outlook",
    Where.OUTSIDE,
    renews="3-24 h",
    alarms="dropped",
    to_dos="not shown",
    also=("office365", "microsoft365"),
    facts=(
        *_told(
            Source.REPORTED,
            fetches="Microsoft's servers, every 3 hours, at times 24; on a desktop, when it sends and receives",
            alarms="dropped",
        ),
        *_told(Source.KNOWN, to_dos="not shown", name_and_colour="its name is taken over, its colour is not"),
        *_told(
            Source.READ,
            mind="it refuses time zones with several winters, or shifts them by an hour; yours have one each",
        ),
    ),
)
_THUNDERBIRD: Final = Program(
    "thunderbird",
    "Thunderbird",
    Where.HERE,
    renews="30 min",
    alarms="kept",
    to_dos="shown",
    caldav=True,
    files=True,
    facts=_measured(
        "153.7.0esr",
        fetches="itself, every 30 minutes unless you choose otherwise, and only what changed",
        alarms="kept, they ring",
        to_dos="shown under Tasks",
        name_and_colour="its name is that of the file in the address; name, colour and interval of the calendar are "
        "passed over",
        to_add="New Calendar, On the Network",
        mind="while subscribing it asks with HEAD and PROPFIND first: a proxy must let them through, or answer 405",
    ),
)
_GNOME: Final = Program(
    "gnome",
    "GNOME/Evolution",
    Where.HERE,
    renews="as you set",
    alarms="kept",
    to_dos="shown",
    also=("evolution",),
    caldav=True,
    files=True,
    facts=_measured(
        "evolution-data-server 3.46.4",
        fetches="itself, as often as the calendar's properties say, and only what changed",
        alarms="kept, they ring",
        to_dos="as a task list, added by itself",
        name_and_colour="you choose both",
        mind="one NUL in a name shows an empty calendar; they are taken out",
    ),
)
_NEXTCLOUD: Final = Program(
    "nextcloud",
    "Nextcloud",
    Where.OUTSIDE,
    renews="1 h",
    alarms="removed",
    to_dos="removed",
    also=("owncloud",),
    hosts=("/remote.php/dav",),
    facts=_told(
        Source.READ,
        fetches="the Nextcloud server, as often as the calendar asks for (1 hour) unless you chose otherwise",
        alarms="removed, unless its administrator keeps them; pushed into a calendar of it, they stay",
        to_dos="removed, unless its administrator keeps them; pushed into a calendar of it, they stay",
        mind="it fetches nothing from private addresses, unless the server allows it (webcalAllowLocalAccess), and "
        "takes webcal:// for https. Older ones make all entries anew each time",
    ),
)
_DAVX5: Final = Program(
    "davx5",
    "DAVx5",
    Where.DEVICE,
    renews="as you set",
    alarms="kept",
    to_dos="other app",
    subscribes=False,
    caldav=True,
    facts=(
        *_told(
            Source.KNOWN,
            fetches="itself, from a CalDAV server, as often as you set, and only what changed",
            alarms="kept, they ring",
            to_dos="in Tasks.org, jtx Board or OpenTasks, if one of them is installed",
            name_and_colour="those of the calendar on the server",
        ),
        *_told(Source.READ, mind="addresses of .ics files and webcal:// are handed on to ICSx5"),
    ),
)
_ICSX5: Final = Program(
    "icsx5",
    "ICSx5",
    Where.DEVICE,
    renews="as you set",
    alarms="kept",
    to_dos="not shown",
    files=True,
    facts=_told(
        Source.READ,
        fetches="itself, only what changed; it goes along with five redirects, and never from https to http",
        alarms="kept; it can leave them out, or add one to each",
        to_dos="not shown",
        mind="an entry is changed only when its LAST-MODIFIED rose, as it does here with every change",
        to_add="the address, or a file on the phone: a synced folder will do",
    ),
)
_FASTMAIL: Final = Program(
    "fastmail",
    "Fastmail",
    Where.OUTSIDE,
    renews="1 h",
    alarms="not known",
    to_dos="not shown",
    hosts=("fastmail.com",),
    facts=(
        *_told(Source.REPORTED, fetches="Fastmail's servers, every hour"),
        *_told(Source.KNOWN, to_dos="not shown", mind="pushed into a calendar of it, changes are there at once"),
    ),
)
_HOME_ASSISTANT: Final = Program(
    "home-assistant",
    "Home Assistant",
    Where.DEVICE,
    renews="not known",
    alarms="not used",
    to_dos="not shown",
    also=("hass",),
    caldav=True,
    facts=(
        *_told(Source.KNOWN, fetches="itself, from the machine it runs on (Remote Calendar)", to_dos="not shown"),
        *_measured(
            "ical 14.3.1",
            mind="it is strict: one faulty entry, and it shows none; the checks of this command look for such",
        ),
    ),
)
_KHAL: Final = Program(
    "khal",
    "khal/vdirsyncer",
    Where.HERE,
    renews="at each sync",
    alarms="read",
    to_dos="todoman",
    also=("vdirsyncer", "todoman"),
    caldav=True,
    facts=_measured(
        "vdirsyncer 0.21.0, khal 0.14.1, todoman 4.7.0",
        fetches="vdirsyncer sync, the whole calendar each time",
        alarms="read, but nothing rings by itself",
        to_dos="shown by todoman",
        name_and_colour="those of your vdirsyncer settings",
        mind="of a subscribed calendar it makes UIDs of its own: what changes goes and comes anew",
    ),
)
PROGRAMS: Final = (
    _GOOGLE,
    _APPLE,
    _OUTLOOK,
    _THUNDERBIRD,
    _GNOME,
    _NEXTCLOUD,
    _DAVX5,
    _ICSX5,
    _FASTMAIL,
    _HOME_ASSISTANT,
    _KHAL,
)


def named(text: str) -> Program:
    """The program that a name, another name for it, or a unique beginning of one stands for.

    Raises:
        NotFoundError: none is called so; all are named.
        AmbiguousError: several are; they are named.
    """
    typed = _plain(text)
    found = [each for each in PROGRAMS if typed and any(name.startswith(typed) for name in _names(each))]
    exact = [each for each in found if typed in _names(each)]
    if len(exact) == 1 or len(found) == 1:
        return (exact or found)[0]
    known = [each.name for each in found or PROGRAMS]
    if found:
        raise AmbiguousError(f"{quote(text)} may be any of these: {', '.join(known)}", candidates=known)
    raise NotFoundError(
        f"no calendar program {quote(text)} is known here; these are: {', '.join(known)}", candidates=known
    )


def _names(program: Program) -> tuple[str, ...]:
    return tuple(map(_plain, (program.name, program.title, *program.also)))


def _plain(text: str) -> str:
    return fold(text).replace(" ", "").replace("-", "")
