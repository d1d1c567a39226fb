"""Takes the measurements of a process: from each source at most every few seconds, however often they are asked for. A source that fails or
is slow costs only its own measurements."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

import structlog

from shared.telemetry.measured import Measurement

Source = Callable[[], Awaitable[Sequence[Measurement]]]
FRESH_SECONDS = 5
"""How long measurements are given out again: so often a database is asked at most."""
SOURCE_SECONDS = 5
EXPORT_SECONDS = 15
"""Between two exports by OTLP, while tracing is on."""

log = structlog.get_logger()


class Collector:
    """`latest` are the measurements that were taken last."""

    def __init__(self, sources: Sequence[Source], monotonic: Callable[[], float] = time.monotonic) -> None:
        self.sources, self._monotonic = list(sources), monotonic
        self.latest: list[Measurement] = []
        self._taken: float | None = None
        self._lock = asyncio.Lock()

    async def take(self) -> list[Measurement]:
        """Those of the last seconds, or new ones."""
        async with self._lock:
            if self._taken is None or self._monotonic() - self._taken >= FRESH_SECONDS:
                self.latest = [one for source in self.sources for one in await self._of(source)]
                self._taken = self._monotonic()
            return self.latest

    async def repeat(self) -> None:
        """Until it is cancelled; keeps `latest` up to date for an exporter."""
        while True:
            await self.take()
            await asyncio.sleep(EXPORT_SECONDS)

    async def _of(self, source: Source) -> Sequence[Measurement]:
        try:
            async with asyncio.timeout(SOURCE_SECONDS):
                return await source()
        except Exception as error:  # noqa: BLE001 - what cannot be measured is missing, which is an alert of its own
            log.warning("not measured", source=getattr(source, "__qualname__", str(source)), error=type(error).__name__)
            return []
