"""What the daemon says of a turn: counts and reasons, no titles."""

from collections.abc import Mapping
from typing import Final

from crm.models.words import DeliveryState
from crm.store.outbox import SAID
from reminders import log
from reminders.terms import Terms
from reminders.tick import Report

_COUNTED: Final[Mapping[str, tuple[DeliveryState, ...]]] = {
    "sent": SAID,
    "to be tried again": (DeliveryState.RETRYABLE,),
    "failed": (DeliveryState.DISCARDED,),
    "expired": (DeliveryState.EXPIRED,),
    "unknown": (DeliveryState.UNKNOWN,),
}


def outlets(terms: Terms) -> None:
    """Log where reminders go now, and which channels are left out."""
    here, absent = list(terms.outlets.channels), dict(terms.outlets.absent)
    without = "".join(f"; without {name}: {reason}" for name, reason in absent.items())
    log.say("channels", f"on {', '.join(here) or 'no channel'}{without}", channels=here, absent=absent)


def turn(report: Report) -> None:
    """Log what a turn did."""
    found = errors(report)
    log.say(
        "turn",
        "; ".join([counted(report), *(error for _, error in found)]),
        level=log.WARNING if found else log.INFO,
        **{name.replace(" ", "_"): number for name, number in _counts(report).items()},
        errors=[{"channel": channel, "error": error} for channel, error in found],
    )


def errors(report: Report) -> list[tuple[str, str]]:
    """The channels that failed, each with why; without any reminder's title, which a server may have repeated."""
    titles = sorted({each.title for each in report.deliveries if each.title}, key=len, reverse=True)
    found: dict[tuple[str, str], None] = {}
    for each in report.deliveries:
        if each.error:
            error = each.error
            for title in titles:
                error = error.replace(title, "…")
            found[each.channel, error] = None
    return list(found)


def counted(report: Report) -> str:
    """What a turn did, in a few words."""
    return ", ".join(f"{number} {what}" for what, number in _counts(report).items() if number)


def _counts(report: Report) -> dict[str, int]:
    return {"planned": report.planned} | {what: report.count(*states) for what, states in _COUNTED.items()}
