"""uvicorn's HTTP, with the deadlines and the limit that it lacks: no client can hold the server up, or fill it up."""

import asyncio
from typing import Final, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

REQUEST_SECONDS: Final = 10.0
"""So long may a request take to arrive, first byte to last; uvicorn alone never drops a half-open one."""
ANSWER_SECONDS: Final = 60.0
"""So long may a client take to receive an answer."""
MOST_CONNECTIONS: Final = 600
"""More at once are not kept, whoever makes them: behind a proxy all clients have one address."""


class Deadlines(H11Protocol):
    """One connection."""

    _watch: asyncio.TimerHandle | None = None
    _asks_nothing_since = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own does
        """Begin to wait for the first request; if there are too many, who has waited longest goes."""
        super().connection_made(transport)
        self._asks_nothing_since = self.loop.time()
        self._arm(REQUEST_SECONDS)
        there = [each for each in cast("set[Deadlines]", self.connections) if not each.transport.is_closing()]
        if len(there) > MOST_CONNECTIONS:
            idle = [each for each in there if each.asks_nothing()]
            min(idle, key=lambda each: each._asks_nothing_since).transport.abort()  # noqa: SLF001 - one of its own kind

    def asks_nothing(self) -> bool:
        """Whether nobody waits for an answer here: no whole request has come yet, or the last one was answered."""
        is_answered = self.cycle is None or self.cycle.response_complete
        return is_answered and self.transport.get_write_buffer_size() == 0

    def data_received(self, data: bytes) -> None:
        """Take in a piece of a request; what it belongs to must be whole by the deadline of its first piece."""
        if self._watch is None:
            self._arm(REQUEST_SECONDS)
        super().data_received(data)
        if self.cycle is not None and not self.cycle.more_body and not self.cycle.response_complete:
            self._arm(ANSWER_SECONDS)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request; in the middle of another's answer nothing can be said, so it is cut."""
        if self.conn.our_state is h11.IDLE:
            super().send_400_response(msg)
        else:
            self.transport.abort()

    def on_response_complete(self) -> None:
        """Wait for nothing but what the client has not received yet, or has not sent."""
        request_is_whole = not self.cycle.more_body
        if request_is_whole and self.transport.get_write_buffer_size() == 0:
            self._disarm()
        self._asks_nothing_since = self.loop.time()
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
