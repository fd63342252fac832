"""What the daemon does besides reminding, whose files and rows nobody else looks after."""

from collections.abc import Callable

import sqlalchemy as sa

from crm.settings import Settings
from reminders.job import Job
from reminders.jobs.backup import Nightly
from reminders.jobs.prune import Prune
from reminders.jobs.publish import Publish


def jobs(engine: sa.Engine, settings_now: Callable[[], Settings]) -> list[Job]:
    """The nightly backup, pruning, and publishing; the settings are asked for each time, since SIGHUP changes them."""
    nightly, pruning = Nightly(engine, settings_now), Prune(engine, settings_now)
    publishing, syncing = Publish(engine, settings_now), Publish.syncing(engine, settings_now)
    return [
        Job("backup", Nightly.EVERY_SECONDS, nightly.run, nightly.next_at),
        Job("prune", Prune.EVERY_SECONDS, pruning.run),
        Job("publish", Publish.EVERY_SECONDS, publishing.run),
        Job("sync", Publish.EVERY_SECONDS, syncing.run),
    ]
