"""uvicorn's HTTP, with the deadlines and the limit that it lacks: no client can hold the server up, or fill it up."""

import asyncio
from typing import Final

from uvicorn.protocols.http.h11_impl import H11Protocol

REQUEST_SECONDS: Final = 10.0
"""So long may a request take to arrive, first byte to last; uvicorn alone never drops a half-open one."""
ANSWER_SECONDS: Final = 60.0
"""So long may a client take to receive an answer."""
MOST_CONNECTIONS: Final = 600
"""More at once are refused; a process may commonly have 1,024 files open."""


class Deadlines(H11Protocol):
    """One connection."""

    _watch: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own does
        """Begin to wait for the first request."""
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            transport.abort()
        else:
            self._arm(REQUEST_SECONDS)

    def data_received(self, data: bytes) -> None:
        """Take in a piece of a request; what it belongs to must be whole by the deadline of its first piece."""
        if self._watch is None:
            self._arm(REQUEST_SECONDS)
        super().data_received(data)
        if self.cycle is not None and not self.cycle.more_body and not self.cycle.response_complete:
            self._arm(ANSWER_SECONDS)

    def on_response_complete(self) -> None:
        """Wait for nothing but what the client has not received yet, or has not sent."""
        request_is_whole = not self.cycle.more_body
        if request_is_whole and self.transport.get_write_buffer_size() == 0:
            self._disarm()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadline."""
        self._disarm()
        super().connection_lost(exc)

    def _arm(self, seconds: float) -> None:
        self._disarm()
        self._watch = self.loop.call_later(seconds, self._late)

    def _disarm(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def _late(self) -> None:
        self._watch = None
        self.transport.abort()
