"""The threads in which the daemon's work is done; none of them can keep the process from ending."""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from apscheduler.executors.base import BaseExecutor, run_job  # type: ignore[import-untyped]  # it ships no types

from crm import clock


class Threads(BaseExecutor):  # type: ignore[misc]  # as above
    """Each run gets a thread of its own; APScheduler's pools would be waited for at the end, however long they hang."""

    def __init__(self) -> None:
        super().__init__()
        self._running: set[threading.Thread] = set()

    def begin(self, work: Callable[[], None]) -> None:
        """Do something beside."""
        thread = threading.Thread(target=lambda: self._do(work), daemon=True)
        self._running.add(thread)
        thread.start()

    def _do(self, work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            self._running.discard(threading.current_thread())

    def wait(self, seconds: float) -> bool:
        """Wait for all that was begun; whether it is done."""
        ends = clock.monotonic() + seconds
        for thread in list(self._running):
            thread.join(max(0.0, ends - clock.monotonic()))
        return not self._running

    def _do_submit_job(self, job: Any, run_times: Sequence[datetime]) -> None:  # noqa: ANN401 - APScheduler's own
        def work() -> None:  # what the run raises is among its events
            events = run_job(job, job._jobstore_alias, run_times, self._logger.name)  # noqa: SLF001 - as its own executors do
            self._run_job_success(job.id, events)

        self.begin(work)
