"""The daemon on a screen: whether it runs, when it wakes next, how its channels are, and what is stuck."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.text import Text

from crm.dates import say_instant
from crm.durations import say_duration
from crm.escaping import shorten
from crm.models import DaemonStatus
from crm.models.words import DeliveryState
from crm.render import text
from crm.store.outbox import Due
from crm.store.outbox_report import Spoken

MOST: Final = 10
LONGEST: Final = 160


class Wake(Protocol):
    """When the daemon has something to do next."""

    @property
    def at(self) -> datetime:
        """An aware instant."""

    @property
    def reason(self) -> str:
        """What is to be said or done."""

    @property
    def channels(self) -> Sequence[str]:
        """Where it is said."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What there is to show.

    Attributes:
        running: whether a daemon of this home runs.
        own: what it said of itself last.
        others: what daemons elsewhere said that share the database.
        says: where reminders can be read.
        queue: how many deliveries are in each state.
        jobs: what is done besides reminding, and how often.
        wakes: the next ones.
        channels: of each configured channel, what it did last.
        absent: those that are not here, with the reason.
        undelivered: what waits for the person.
        remarks: what else the person should know.
    """

    running: bool
    own: DaemonStatus | None
    others: Sequence[DaemonStatus] = ()
    says: str = ""
    queue: Mapping[str, int] = field(default_factory=dict)
    jobs: Mapping[str, float] = field(default_factory=dict)
    wakes: Sequence[Wake] = ()
    channels: Mapping[str, Spoken] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)
    undelivered: Sequence[Due] = ()
    remarks: Sequence[str] = ()


def status(shown: Shown, *, now: datetime, tz: ZoneInfo) -> Iterator[RenderableType]:
    """The screen of `crm daemon status`."""
    running = shown.running
    verdict = ("The daemon is running.", text.GOOD) if running else ("The daemon is not running.", text.BAD)
    yield text.safe(*verdict)
    yield ""
    waiting = ", ".join(f"{number:,} {state}" for state, number in shown.queue.items())
    jobs = ", ".join(f"{name} every {say_duration(round(seconds / 60))}" for name, seconds in shown.jobs.items())
    told = _facts(shown.own, running=running, tz=tz) if shown.own else ()
    besides = [("also reminding", _other(each, tz)) for each in shown.others]
    yield text.facts(
        [*told, *besides, ("reminds by", shown.says), ("also does", jobs), ("deliveries", waiting or "none yet")]
    )
    yield from (text.safe(each, text.WARN) for each in shown.remarks)
    yield ""
    yield text.section("Channels", _channels(shown, tz))
    if shown.wakes:
        yield text.section("Next", _wakes(shown.wakes, now, tz))
    yield from _stuck(shown.undelivered)
    if not running:
        yield text.hint("Start it for good: crm service install   Only now: crm daemon run")
        yield text.hint("Or do one turn by hand or from cron: crm reminder tick")


def _facts(own: DaemonStatus, *, running: bool, tz: ZoneInfo) -> Iterator[tuple[str, text.Cell]]:
    yield ("running since" if running else "last started"), _at(own.started_at, tz)
    yield "process", f"{own.pid} on {own.host}"
    yield "stopped", None if running else _at(own.stopped_at, tz) or "without saying so"
    yield "last turn", _at(own.last_tick_at, tz)
    yield "last sent", _at(own.last_sent_at, tz) or "nothing yet"
    yield "next turn", _at(own.next_wake_at, tz) if running else None
    yield "last error", own.last_error


def _at(instant: datetime | None, tz: ZoneInfo) -> str | None:
    return say_instant(instant, tz=tz) if instant else None


def _other(other: DaemonStatus, tz: ZoneInfo) -> str:
    return f"process {other.pid} on {other.host}, last turn {_at(other.last_tick_at, tz) or 'not yet'}"


def _channels(shown: Shown, tz: ZoneInfo) -> RenderableType:
    if not shown.channels:
        return text.hint("None. Choose one: crm config set daemon.channels file")
    rows = [(name, *_spoken(spoken, shown.absent.get(name), tz)) for name, spoken in shown.channels.items()]
    return text.table(["channel", "last sent", "last failure"], rows, wide="last failure")


def _spoken(spoken: Spoken, absent: str | None, tz: ZoneInfo) -> tuple[text.Cell, text.Cell]:
    failed = _at(spoken.last_failed_at, tz)
    recovered = failed and spoken.last_sent_at and spoken.last_failed_at and spoken.last_sent_at > spoken.last_failed_at
    why = text.safe(f"{failed}: {spoken.last_error or 'no reason known'}", text.QUIET if recovered else text.WARN)
    gone = text.safe(f"left out: {absent}", text.WARN) if absent else None
    return _at(spoken.last_sent_at, tz) or "nothing yet", text.join(gone, why if failed else None, gap="\n")


def _wakes(wakes: Sequence[Wake], now: datetime, tz: ZoneInfo) -> RenderableType:
    rows = [
        (
            "now" if each.at <= now else say_instant(each.at, tz=tz),
            shorten(each.reason, LONGEST),
            text.hint(", ".join(each.channels) or "a job"),
        )
        for each in wakes
    ]
    return text.table(["when", "what", "where"], rows, wide="what")


def _stuck(found: Sequence[Due]) -> Iterator[RenderableType]:
    """What nobody will say unless the person decides, with the way out."""
    if not found:
        return
    rows = [
        (text.safe(each.reminder.ref, text.NAME), shorten(each.reminder.title, LONGEST), _why(each))
        for each in found[:MOST]
    ]
    table = text.table(["id", "reminder", "why"], rows, wide="why")
    yield text.section("Not delivered", table, count=len(found))
    if len(found) > MOST:
        yield text.hint(f"and {len(found) - MOST:,} more; see: crm reminder history")
    ref = found[0].reminder.ref
    yield text.hint(f"Say one again: crm snooze {ref} 'in 1 hour'   It is settled: crm done {ref}")


def _why(each: Due) -> Text:
    held = each.delivery.state == DeliveryState.UNKNOWN
    word = "may have arrived" if held else "did not arrive"
    return text.safe(
        f"{each.delivery.channel}: {word}: {each.delivery.error or 'no reason known'}", text.WARN if held else text.BAD
    )
