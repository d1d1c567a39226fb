"""A consumer pauses after a fetch that found nothing, if its broker does not wait well.

The embedded broker looks once for messages and then answers only when the wait of the request is over, also when it has found some
(docs/decisions/0006). So its clients let it wait a millisecond (`fetch_wait_ms` of its profile; to no wait at all it gives no message),
and the pause is here: short after a message, since more may follow, and longer with each fetch in vain.
"""

import asyncio
import contextlib
from typing import Any

import aiokafka.consumer.consumer as aiokafka

SHORTEST_PAUSE, LONGEST_PAUSE, GROWTH = 0.01, 0.25, 1.25
"""Seconds; the pause grows by this factor. It is the longest after about a second without a message."""


class PausingFetcher(aiokafka.Fetcher):  # type: ignore[misc]
    """Pauses only when the broker is hardly to wait: `fetch_max_wait_ms` is 1."""

    def __init__(self, *arguments: Any, fetch_max_wait_ms: int, **options: Any) -> None:
        super().__init__(*arguments, fetch_max_wait_ms=fetch_max_wait_ms, **options)
        self.pauses, self.pause = fetch_max_wait_ms == 1, SHORTEST_PAUSE

    async def _proc_fetch_request(self, *request: Any) -> bool:
        found: bool = await super()._proc_fetch_request(*request)
        if found:
            self.pause = SHORTEST_PAUSE
        elif self.pauses:
            with contextlib.suppress(asyncio.CancelledError):  # who cancels it, as a fetch that is under way, waits for its result
                await asyncio.sleep(self.pause)
            self.pause = min(self.pause * GROWTH, LONGEST_PAUSE)
        return found


def pause_between_fetches() -> None:
    """For all consumers of this process that are made from now on."""
    aiokafka.Fetcher = PausingFetcher
