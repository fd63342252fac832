"""`crm reminder`: what is due, what was sent, and what is to come."""

import sys
from collections.abc import Sequence
from contextlib import nullcontext, redirect_stdout
from datetime import datetime, timedelta
from typing import Annotated

import typer
from sqlmodel import Session

from crm.cadence import day_of, midnight
from crm.commands.base import App, command, group
from crm.dates import parse_day, say_day
from crm.errors import BadValueError, NotFoundError
from crm.escaping import quote
from crm.exporters.json_ import Describer
from crm.models import Delivery
from crm.render import reminders as screen
from crm.render import text
from crm.store import outbox
from crm.store.outbox import Due
from reminders import channels, rules
from reminders.message import Item, Message, message_id
from reminders.outlets import silence
from reminders.preview import asking
from reminders.preview import preview as foresee
from reminders.terms import Terms
from reminders.tick import Report
from reminders.tick import tick as turn
from reminders.timing import Timing

app = group("What is due, what was sent, and what is to come.")

All = Annotated[bool, typer.Option("--all", help="Show all of them.")]


@command(app, example="crm reminder tick")
def tick(crm: App) -> None:
    """Say what is due: one turn of the daemon, by hand or from cron. Exit 1 if a delivery failed for good."""
    terms = Terms.from_settings(crm.settings, crm.settings["reminders.channels"])
    with redirect_stdout(sys.stderr) if crm.json else nullcontext():  # the console channel must not disturb the JSON
        report = turn(crm.engine, terms, now=crm.now)
    with crm.reading() as session:
        next_at = outbox.next_due_at(session, list(terms.outlets.everywhere))
        waiting = _waiting(session, terms, report, crm)
    if silent := silence(crm.settings, "reminders.channels"):
        crm.note(silent)
    quiet = screen.quiet_hours(report.quiet_until, waiting, tz=crm.tz) if report.quiet_until else ""
    crm.show(
        _told(report, waiting),
        lambda console: text.lines(
            console, *screen.turn(report.planned, report.deliveries, next_at=next_at, tz=crm.tz, quiet=quiet)
        ),
    )
    if report.failed:
        raise typer.Exit(1)


def _waiting(session: Session, terms: Terms, report: Report, crm: App) -> int:
    """How many reminders wait for the end of the quiet hours."""
    if report.quiet_until is None:
        return 0
    return outbox.waiting(session, list(terms.outlets.everywhere), now=crm.now)


def _told(report: Report, waiting: int) -> dict[str, object]:
    keys = ("key", "rule", "title", "channel", "state")
    return {
        "planned": report.planned,
        "quiet_until": report.quiet_until,
        "waiting": waiting,
        "deliveries": [{key: getattr(each, key) for key in keys} for each in report.deliveries],
    }


@command(app, name="list", example="crm reminder list")
def list_(crm: App, everything: All = False) -> None:
    """Show the reminders that still ask for something, and where each was said."""
    with crm.reading() as session:
        found = asking(session, now=crm.now, tz=crm.tz, given=rules.from_settings(crm.settings))
        deliveries = outbox.deliveries_of(session, found)
        pairs = [(each, deliveries.get(each.id, [])) for each in found]
        told = zip(Describer(session, day_of(crm.now, crm.tz)).many(found), pairs, strict=True)
        most = len(pairs) if everything else screen.MOST
        crm.show(
            {"items": [each | {"deliveries": _states(sent)} for each, (_, sent) in told]},
            lambda console: screen.open_list(console, pairs, now=crm.now, tz=crm.tz, most=most),
        )


def _states(deliveries: Sequence[Delivery]) -> list[dict[str, str]]:
    return [{"channel": each.channel, "state": each.state} for each in deliveries]


@command(app, example="crm reminder preview --until 'in 2 weeks'")
def preview(
    crm: App, until: Annotated[str, typer.Option(metavar="DATE", help="The last day.")], everything: All = False
) -> None:
    """Show what would be said until a day, if nothing changes till then. Nothing is sent or planned."""
    last = parse_day(until, now=crm.now, tz=crm.tz)
    if last < day_of(crm.now, crm.tz):
        raise BadValueError(f"{say_day(last)} is past; name today or a later day")
    ends_at = midnight(last + timedelta(days=1), crm.tz)
    with crm.reading() as session:
        given, timing = rules.from_settings(crm.settings), Timing.from_settings(crm.settings)
        found = foresee(session, now=crm.now, until=ends_at, tz=crm.tz, given=given, timing=timing)
    most, day = len(found) if everything else screen.MOST, say_day(last)
    crm.show(
        {"items": found},
        lambda console: screen.to_come(console, found, now=crm.now, until=day, tz=crm.tz, most=most),
    )


@command(app, example="crm reminder history -n 5")
def history(crm: App, count: Annotated[int, typer.Option("-n", min=1, help="How many.")] = 20) -> None:
    """Show the latest deliveries, how they ended and why they failed."""
    with crm.reading() as session:
        found = outbox.history(session, limit=count)
        told = Describer(session, day_of(crm.now, crm.tz)).many([each.delivery for each in found])
        items = [_with_reminder(each, due) for each, due in zip(told, found, strict=True)]
        crm.show({"items": items}, lambda console: screen.history(console, found, tz=crm.tz))


def _with_reminder(told: dict[str, object], due: Due) -> dict[str, object]:
    reminder = due.reminder
    return told | {"key": reminder.key, "rule": reminder.rule, "title": reminder.title}


@command(app, example="crm reminder test file")
def test(crm: App, channel: Annotated[str, typer.Argument(metavar="CHANNEL", help="console, email, ntfy ...")]) -> None:
    """Send a test message on a channel."""
    if channel not in channels.names():
        raise NotFoundError(f"there is no channel {quote(channel)}", candidates=channels.names())
    message = _test_message(channel, crm.now.astimezone(crm.tz))
    send = channels.configured(channel, crm.settings)
    for remark in channels.remarks([channel], crm.settings):
        crm.note(remark)
    with redirect_stdout(sys.stderr) if crm.json else nullcontext():
        send(message)
    told = {"channel": channel, "message_id": message.message_id}
    crm.show(told, lambda console: console.print(text.safe(f"Sent a test message on {channel}.")))


def _test_message(channel: str, at: datetime) -> Message:
    item = Item(key=f"test:{at.isoformat()}", title="This is a test", body="If you can read it, the channel works.")
    return Message(
        key=item.key,
        message_id=message_id(item.key, channel, None),
        title=item.title,
        body=item.body,
        items=(item,),
        at=at,
    )
