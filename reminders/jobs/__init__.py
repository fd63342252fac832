"""What the daemon does besides reminding, whose files and rows nobody else looks after."""

from collections.abc import Callable

import sqlalchemy as sa

from crm.settings import Settings
from reminders.job import Job
from reminders.jobs.backup import Nightly
from reminders.jobs.prune import Prune


def jobs(engine: sa.Engine, settings_now: Callable[[], Settings]) -> list[Job]:
    """The nightly backup, and pruning; the settings are asked for each time, since SIGHUP changes them."""
    nightly, pruning = Nightly(engine, settings_now), Prune(engine, settings_now)
    return [
        Job("backup", Nightly.EVERY_SECONDS, nightly.run, nightly.next_at),
        Job("prune", Prune.EVERY_SECONDS, pruning.run),
    ]
