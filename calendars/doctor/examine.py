"""All that there is to look at, in one go; nothing is written, here or anywhere else."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from calendars import feeds
from calendars.doctor import appointments, look, places, reach
from calendars.doctor.clients import Setup
from calendars.doctor.freshness import Clock, fresh, up_to_date
from calendars.doctor.reach import FEED, Served, Told
from calendars.publish import FAULTS, render_feed
from calendars.terms import Terms
from crm.actions.doctor import Check
from crm.settings import Settings

Reading = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found: the checks by what they are about, and what is set up."""

    setup: Setup
    validity: list[Check] = field(default_factory=list)
    freshness: list[Check] = field(default_factory=list)
    reachability: list[Check] = field(default_factory=list)

    @property
    def parts(self) -> dict[str, list[Check]]:
        """The checks by what they are about."""
        return {"validity": self.validity, "freshness": self.freshness, "reachability": self.reachability}


def examine(settings: Settings, reading: Reading, *, now: datetime, daemon_runs: bool, offline: bool) -> Examined:
    """Look at the calendars, their files, what was pushed, and whether each address answers.

    Args:
        settings: what the person configured.
        reading: opens a session that writes nothing.
        now: the present instant, aware UTC.
        daemon_runs: whether a daemon runs in this home.
        offline: ask no address; places on this machine's own disk are looked at all the same.

    Raises:
        CrmError: there is no database, or it cannot be read.
    """
    opened = places.opened(settings)
    try:
        clock = Clock(now, settings.tz, daemon_runs)
        terms = Terms.from_settings(settings)
        with reading() as session:
            looks = look.look(session, settings.paths.calendars, now=now, tz=settings.tz, terms=terms)
            freshness = list(fresh(session, looks, opened, settings, clock))
            files = up_to_date(session, looks, clock)
        found = Served()
        checks = list(reach.served(settings, lambda: _told(settings, reading, now), found, offline=offline))
        reached = list(places.reached(opened, offline=offline))
    finally:
        for each in opened:
            each.close()
    own = appointments.own(settings, now=now, tz=settings.tz, offline=offline)
    setup = Setup(
        serves=found.serves,
        address=found.address,
        secure=found.secure,
        answers=found.answers,
        files=files,
        pushed=tuple(place for each, (_, place) in zip(opened, reached, strict=True) if each.verb == "published"),
        port=settings["serve.port"],
    )
    fault = [Check("config.toml", ok=False, remedy=settings.fault)] if settings.fault else []
    return Examined(setup, [*fault, *look.sound(looks)], freshness, [*checks, *(check for check, _ in reached), *own])


def _told(settings: Settings, reading: Reading, now: datetime) -> Told:
    """What the one calendar that is asked for is now; nothing where it cannot be made."""
    try:
        with reading() as session:
            leaves, full = (
                render_feed(
                    session,
                    feeds.load(FEED),
                    now=now,
                    tz=settings.tz,
                    terms=Terms.from_settings(settings, leaves=each),
                ).data
                for each in (True, False)
            )
    except FAULTS:
        return Told(b"", b"")
    return Told(leaves, full)
