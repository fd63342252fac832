"""Thirteen months of somebody's calendar across every change of the clock, and the files that come of it."""

import contextlib
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import calendar_traps
import database_support
import pytest
import typer
from calendar_clients import Item, once, read, shared_folder
from sqlmodel import Session

from crm import boundary, cli
from crm import models as m
from crm.store import contacts, interactions, journal, records
from crm.store.engine import make_engine, writing

NOW = datetime(2026, 10, 5, 17, 0, tzinfo=UTC)
MONDAY = date(2026, 10, 5)
ZONES = ("America/Los_Angeles", "Asia/Kathmandu", "Pacific/Apia")
FEEDS = ("all", "chats", "commitments", "follow-ups", "hours", "reviews", "tasks")
WEEKS = 9
PEOPLE = ("Jane Roe", "Zoë Ünal", "Ana Díaz; Lima, Perú", "مريم", "Kim \\n Poe", "👩🏽\u200d💻 Ida")
CHANGES = (date(2026, 11, 1), date(2027, 3, 14), date(2027, 11, 7))
"""When the clock changes in Los Angeles within the window; it does not in Kathmandu and Apia."""

CHATS = tuple(
    [NOW.replace(hour=(7 * n) % 24, minute=15 * (n % 4)) + timedelta(days=8 * n) for n in range(-6, 47)]
    + [datetime.combine(day, time(hour, 30), UTC) for day in CHANGES for hour in range(6, 13)]
)
"""When each chat starts: at all hours, and each hour about a change, both when the clock skips and repeats one."""

CHAT_MINUTES = 45
TASKS = tuple(MONDAY + timedelta(days=17 * n) for n in range(-3, 20))
REVIEWS = tuple(MONDAY + timedelta(weeks=n) for n in (2, 4, 8, 12, 26, 52))
HOUR = timedelta(hours=1)
SPRING = datetime(2027, 3, 8, 17, tzinfo=UTC)
MOVES = (
    ("review", "move", "review-0", "2026-10-21"),
    ("snooze", "t5", "2026-10-26"),
    ("interaction", "edit", "i8", "--at", "2026-10-14 15:30"),
)
REMOVALS = (("interaction", "remove", "i9"), ("task", "remove", "t6"))
WITH_ALARMS = "".join(f"calendar.{name}.alarms = true\n" for name in ("follow_ups", "hours", "tasks"))
CAN_BE_TO_DOS = ("commitments", "follow_ups", "reviews")
ALTERED = (
    "x\r\nATTENDEE:mailto:x@example.com\nSUMMARY:Injected",
    "x\r\nEND:VEVENT\r\nEND:VCALENDAR\r\nBEGIN:VCALENDAR",
    "x\r\nBEGIN:VEVENT\r\nUID:injected\r\nDTSTART:19700101\r\nEND:VEVENT\r\n",
    "x\r\n SUMMARY:Injected\r\n\tUID:injected",
    "Bob\u2028SUMMARY:Injected\u2029UID:injected\x85DTSTART:19700101",
    "a\x00b",
    "a\x01\x07\x0b\x0c\x1b[31m\x1c\x1d\x1e\x7f\x9bb",
    "\ufeff\u202eevil\u2066",
    "\u202a\u202b\u202c\u202d\u2067\u2068\u2069\u200eمريم\u200f\u061c",
    "Anna-Ünal " * 60,
    "  \tx\t\n",
    " ",
    "\x01",
    "\u2028\u2029",
)
UNALTERED = (
    "END:VEVENT",
    'C:\\new\\N;a,b"^n:',
    "{{x}} %s %(y)s ${HOME} <script>alert(1)</script>'; DROP TABLE contact; --",
    '@inner #work <a href="https://example.com/?a=1&b=2">x</a> &lt;b&gt; [bold]x[/bold]',
    "\\",
    ";",
    ",",
    "\\;\\,\\\\n",
    "👩🏽\u200d💻" * 30,
    "é漢𠀀" * 100,
    "Long, long " * 909 + "l",
)
HOSTILE = ALTERED + UNALTERED
"""What somebody may have typed, or a program imported, into any field; some of it stands in calendars as it is."""


@dataclass(frozen=True)
class Somebody:
    """A home with a database, written to and exported from."""

    home: Path
    url: str

    def crm(self, *words: str, zone: str = ZONES[0], now: datetime = NOW) -> Any:
        """Run a command there with --json."""
        out = io.StringIO()
        with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out):
            patch.setenv("CRM_HOME", str(self.home))
            patch.setenv("CRM_DATABASE_URL", self.url)
            patch.setenv("CRM_TIMEZONE", zone)
            patch.setenv("CRM_NOW", now.isoformat())
            assert boundary.run(typer.main.get_command(cli.root), [*words, "--json"]) == 0, words
        return json.loads(out.getvalue())

    def set(self, config: str) -> None:
        """What config.toml says."""
        (self.home / "config.toml").write_text(config, encoding="utf-8")

    def export(self, folder: Path, **options: Any) -> dict[str, int]:
        """Write the feeds and give how many entries each has; none may have a problem."""
        items = self.crm("calendar", "export", str(folder), **options)["items"]
        assert [each["problems"] for each in items] == [[]] * len(FEEDS)
        return {each["name"]: each["entries"] for each in items}

    @contextlib.contextmanager
    def write(self, now: datetime = NOW) -> Iterator[Session]:
        """A transaction as the program makes them."""
        with writing(make_engine(self.url), now=now, name="test") as session:
            yield session
            journal.summarize(session, "x")


def add_year(session: Session) -> None:
    """Chats, every tenth of them cancelled; tasks of two kinds, one without a day; reviews, commitments and hours."""
    people = [contacts.add_contact(session, name) for name in PEOPLE]
    for n, at in enumerate(CHATS):
        state = "cancelled" if is_cancelled(n) else "planned"
        values = {"kind": "coffee", "state": state, "starts_at": at, "minutes": CHAT_MINUTES, "place": "Café 7; left"}
        interactions.add(session, [people[n % len(people)]], **values)
    for n, day in enumerate(TASKS):
        kind = "checklist" if n % 4 == 3 else "follow-up"
        records.add(session, m.Task(title=f"Task {n}", kind=kind, due_on=day, note="one\ntwo"))
    records.add(session, m.Task(title="Some day", kind="checklist"))
    for n, day in enumerate(REVIEWS):
        records.add(session, m.Review(name=f"Review {n}", due_on=day, text="What, now; and why?\nThen"))
    add_commitment(session, "Post", per="week", times=2)
    add_commitment(session, "Stretch", per="day", times=1)
    add_hours(session, "Projects", {2: "6 pm", 6: "1:30 am"})


def is_cancelled(n: int) -> bool:
    """Whether the chat of that number is."""
    return n % 10 == 9


def add_commitment(session: Session, title: str, *, per: str, times: int) -> None:
    """One that counts since long ago."""
    made = records.add(session, m.Commitment(title=title, state="accepted"))
    records.add(session, m.CommitmentVersion(commitment_id=made.id, from_on=date(2026, 6, 1), times=times, per=per))


def add_hours(session: Session, name: str, best: dict[int, str]) -> None:
    """An activity with two hours on each of these weekdays at that time."""
    made = records.add(session, m.Activity(name=name))
    target = m.ActivityTarget(activity_id=made.id, from_on=date(2026, 6, 1), weekly_minutes=120 * len(best))
    records.add(session, target)
    for weekday, at in best.items():
        records.add(session, m.Availability(weekday=weekday, minutes=120, best_time=at))


def add_texts(session: Session, texts: Sequence[str]) -> None:
    """One of everything with each text in all its fields, and a week of hours."""
    records.add(session, m.Plan(start_on=MONDAY, deadline_on=MONDAY + timedelta(days=6), goal=texts[0]))
    for n, text in enumerate(texts):
        who = contacts.add_contact(session, text, context=text, how_to_reach=text)
        contacts.add_method(session, who, "email", text, label=text, primary=True)
        told = {"kind": "coffee", "state": "planned", "starts_at": NOW + timedelta(days=n), "place": text, "note": text}
        interactions.add(session, [who], **told)
        records.add(session, m.Task(title=text, kind="follow-up", contact_id=who.id, due_on=MONDAY, note=text))
        records.add(session, m.Review(name=f"{n} {text}", text=text, due_on=MONDAY + timedelta(days=n)))
        records.add(session, m.Question(text=text))
        add_commitment(session, text, per="month", times=1)
        activity = records.add(session, m.Activity(name=text))
        records.add(session, m.ActivityTarget(activity_id=activity.id, from_on=date(2026, 6, 1), weekly_minutes=15))
    for weekday in range(7):
        some = texts[weekday::7]
        best_time = "6 pm " + " ".join(some)
        records.add(session, m.Availability(weekday=weekday, minutes=15 * len(some), best_time=best_time))


@dataclass(frozen=True)
class Year:
    """The files, in a folder of their own each, and the home they come from.

    Attributes:
        folder: `zones/ZONE/`, `again/` (the same some hours later), `to-dos/` (whatever can be told as things to do),
            `moved/` and `back/` (after a move, and after taking it back), `gone/` (after removals), `hostile/` and
            `plain/` (the same number of entries, with `HOSTILE` texts and others), `spring/` (study hours in the hour
            that the clock skips), `traps/` (see calendar_traps.py).
        counts: how many entries the program says each file has, by its path below the folder.
    """

    folder: Path
    counts: dict[str, int]

    @property
    def url(self) -> str:
        """The database of the year, as it is after all that."""
        return f"sqlite:///{self.folder}/home/crm.db"

    @property
    def home(self) -> Somebody:
        """Where it all comes from; for what is to be changed, make a copy."""
        return Somebody(self.folder / "home", self.url)

    def file(self, name: str) -> Path:
        """A file, by its path below the folder."""
        return self.folder / name

    def files(self) -> list[Path]:
        """All of them."""
        return [*map(self.file, self.counts), *sorted((self.folder / "traps").iterdir())]


def in_zone(zone: str, feed: str) -> str:
    """The path of a zone's file below the folder of the year."""
    return f"zones/{zone.replace('/', '_')}/{feed}.ics"


def all_read(year: Year, client: str) -> dict[str, Any]:
    """What a program makes of each file, see clients/told.py; it is run once for all of them."""
    return dict(once(year.folder, client, lambda: read(client, year.files())))


def items_in(year: Year, client: str, name: str) -> list[Item]:
    """The items that a program reads in a file, by its path below the folder."""
    found = all_read(year, client)[str(year.file(name))]
    assert "refused" not in found, found["refused"]
    return list(found["items"])


def shared(factory: pytest.TempPathFactory, empty_database: str) -> Year:
    """The year, made once a test run."""
    folder = shared_folder(factory) / "calendar-year"
    folder.mkdir(exist_ok=True)
    return Year(folder, once(folder, "counts", lambda: _make(folder, empty_database)))


def _make(folder: Path, empty_database: str) -> dict[str, int]:
    home = somebody(folder / "home", empty_database)
    counts = {}

    def export(of: Somebody, name: str, **options: Any) -> None:
        counts.update({f"{name}/{feed}.ics": n for feed, n in of.export(folder / name, **options).items()})

    with home.write() as session:
        add_year(session)
    for zone in ZONES:
        export(home, f"zones/{zone.replace('/', '_')}", zone=zone)
    export(home, "again", now=NOW + timedelta(hours=5))
    home.set(WITH_ALARMS + "".join(f'calendar.{name}.as = "to-dos"\n' for name in CAN_BE_TO_DOS))
    export(home, "to-dos")
    home.set(WITH_ALARMS)
    move(home, now=NOW + HOUR)
    export(home, "moved", now=NOW + HOUR)
    for _ in MOVES:
        home.crm("undo", now=NOW + 2 * HOUR)
    export(home, "back", now=NOW + 2 * HOUR)
    gone = copy_of(home, folder / "home-gone")
    for words in REMOVALS:
        gone.crm(*words, now=NOW + 3 * HOUR)
    export(gone, "gone", now=NOW + 3 * HOUR)
    for name, texts in (("hostile", HOSTILE), ("plain", [f"Plain {n}" for n in range(len(HOSTILE))])):
        other = somebody(folder / f"home-{name}", empty_database)
        with other.write() as session:
            add_texts(session, texts)
        export(other, name)
    early = somebody(folder / "home-spring", empty_database)
    with early.write() as session:
        add_hours(session, "Projects", {6: "2:30 am"})
    export(early, "spring", now=SPRING)
    calendar_traps.write(folder / "traps", (folder / "plain" / "chats.ics").read_bytes())
    return counts


def somebody(home: Path, empty_database: str) -> Somebody:
    """A home with an empty database."""
    home.mkdir(mode=0o700)
    made = Somebody(home, database_support.copy(empty_database, home))
    made.set(WITH_ALARMS)
    return made


def copy_of(home: Somebody, folder: Path) -> Somebody:
    """A home of the same data and settings."""
    folder.mkdir(mode=0o700)
    made = Somebody(folder, database_support.copy(home.url, folder))
    made.set((home.home / "config.toml").read_text(encoding="utf-8"))
    return made


def move(home: Somebody, *, now: datetime) -> None:
    """Another day for a review and a task, another hour for a chat."""
    for words in MOVES:
        home.crm(*words, now=now)


def expected(feed: str, zone: str) -> list[tuple[str, str | None, str | None, int]]:
    """What must stand in a feed by the data alone: summary, start, end and the number of alarms, sorted.

    In `all`, what stands in the others but for `tasks`.
    """
    if feed == "all":
        return sorted(each for name in FEEDS if name not in {"all", "tasks"} for each in expected(name, zone))
    return sorted(_EXPECTED[feed](ZoneInfo(zone)))


def _chats(_zone: ZoneInfo) -> Iterator[tuple[str, str, str | None, int]]:
    for n, at in enumerate(CHATS):
        end = at + timedelta(minutes=CHAT_MINUTES)
        yield f"Coffee with {PEOPLE[n % len(PEOPLE)]}", _utc(at), _utc(end), 0 if is_cancelled(n) else 2


def _commitments(_zone: ZoneInfo) -> Iterator[tuple[str, str, str | None, int]]:
    for n in range(-9, WEEKS):  # the last 60 days, too
        yield _day("Post (0 of 2)", MONDAY + timedelta(days=7 * n + 6), 1)
    for n in range(14):
        yield _day("Stretch (0 of 1)", MONDAY + timedelta(days=n), 1)


def _follow_ups(_zone: ZoneInfo) -> Iterator[tuple[str, str, str | None, int]]:
    return (_day(f"Task {n}", day, 1) for n, day in enumerate(TASKS) if n % 4 != 3)


def _hours(zone: ZoneInfo) -> Iterator[tuple[str, str, str | None, int]]:
    for n in range(WEEKS):
        for days, at in ((2, time(18)), (6, time(1, 30))):
            day = MONDAY + timedelta(days=7 * n + days)
            twice = day in CHANGES and zone.key == ZONES[0] and at < time(2)
            start = datetime.combine(day, time(2) if twice else at, zone).astimezone(UTC)
            yield "Projects (2 h)", _utc(start), _utc(start + timedelta(hours=2)), 1


def _reviews(_zone: ZoneInfo) -> Iterator[tuple[str, str, str | None, int]]:
    return (_day(f"Review {n} review", day, 1) for n, day in enumerate(REVIEWS))


def _tasks(_zone: ZoneInfo) -> Iterator[tuple[str, str | None, str | None, int]]:
    yield "Some day", None, None, 0
    for n, day in enumerate(TASKS):
        yield f"Task {n}", day.isoformat(), None, 1


_EXPECTED = {
    "chats": _chats,
    "commitments": _commitments,
    "follow-ups": _follow_ups,
    "hours": _hours,
    "reviews": _reviews,
    "tasks": _tasks,
}


def _utc(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _day(summary: str, day: date, alarms: int) -> tuple[str, str, str | None, int]:
    return summary, day.isoformat(), (day + timedelta(days=1)).isoformat(), alarms
