"""`crm today`: one screen that says what to do; before `crm init`, what to type."""

from collections.abc import Iterator
from typing import Any

from crm.actions.today import Today, gather
from crm.commands.base import App, command, verb
from crm.exporters.json_ import Describer
from crm.render import next as next_
from crm.render import text
from crm.render import today as screen
from crm.store.engine import exists
from crm.store.outbox import Due

app = verb()


@command(app, example="crm today")
def today(crm: App) -> None:
    """Show what is overdue and due, chats, reviews, the week's hours and commitments, and whom to write to."""
    if not exists(crm.engine):
        _welcome(crm)
        return
    with crm.reading() as session:
        day = gather(session, now=crm.now, tz=crm.tz, settings=crm.settings)
        told = _told(day, Describer(session, day.date)) if crm.json else {}
    crm.show(told, lambda console: text.lines(console, *screen.parts(day, now=crm.now, tz=crm.tz)))


def _welcome(crm: App) -> None:
    steps = [
        ("crm init", "start from the built-in lists"),
        ("crm init --worksheet FILE", "start from your own worksheet"),
        ("crm --help", "see all commands"),
    ]
    crm.show(
        {"date": None, "next_steps": [step for step, _meaning in steps]},
        lambda console: text.lines(console, text.facts(steps)),
    )


def _told(day: Today, describer: Describer) -> dict[str, object]:
    return {
        "date": day.date,
        "overdue": describer.many([each.task for each in day.overdue]),
        "due": describer.many([each.task for each in day.due]),
        "chats": describer.many([each.interaction for each in day.chats]),
        "reviews": describer.many(day.reviews),
        "hours": {"minutes": day.week.minutes, "target_minutes": day.week.target_minutes},
        "commitments": day.commitments,
        "next": next_.told(day.next, describer),
        "gaps_count": day.gaps_count,
        "looks_done": [{"task": each.ref, "uid": each.task_uid, **each.told()} for each in day.proofs],
        "undelivered": [_undelivered(each, told) for each, told in _reminders(day, describer)],
    }


def _reminders(day: Today, describer: Describer) -> Iterator[tuple[Due, dict[str, Any]]]:
    return zip(day.undelivered, describer.many([each.reminder for each in day.undelivered]), strict=True)


def _undelivered(each: Due, told: dict[str, Any]) -> dict[str, Any]:
    delivery = each.delivery
    return told | {"channel": delivery.channel, "delivery_state": delivery.state, "error": delivery.error}
