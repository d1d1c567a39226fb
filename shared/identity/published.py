"""A JSON document that the token issuer publishes, read from its address and cached. Ages are real time."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import httpx
from joserfc.errors import JoseError

T = TypeVar("T")

MIN_INTERVAL_SECONDS = 5
"""The least time between two reads, so that tokens with invented key ids do not become a flood of requests to the issuer."""

TIMEOUT_SECONDS = 5
MAX_BYTES = 1_000_000


class Published(Generic[T]):
    """The document at `url`, as `parse` reads it. `value` is the last one that could be read, None before the first."""

    def __init__(self, url: str, parse: Callable[[Any], T], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._url, self._parse, self._monotonic = url, parse, monotonic
        self.value: T | None = None
        self._read_at = self._tried_at = float("-inf")
        self._lock = asyncio.Lock()

    @property
    def age_seconds(self) -> float:
        return self._monotonic() - self._read_at

    @property
    def last_read_failed(self) -> bool:
        return self._read_at < self._tried_at

    async def refresh_unless(self, good: Callable[[], bool]) -> None:
        """Reads the document again unless `good` says that the cached one will do, or it was tried a moment ago."""
        if good():
            return
        async with self._lock:  # many requests may miss the cache at once; one reads
            if self._monotonic() - self._tried_at < MIN_INTERVAL_SECONDS or good():
                return
            self._tried_at = self._monotonic()
            value = await self._read()
            if value is not None:
                self.value, self._read_at = value, self._tried_at

    async def _read(self) -> T | None:
        try:
            async with (
                httpx.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False) as client,
                asyncio.timeout(TIMEOUT_SECONDS),  # that of the client is for each part of the answer
                client.stream("GET", self._url) as answer,
            ):
                answer.raise_for_status()
                content = b""
                async for part in answer.aiter_bytes():
                    content += part
                    if len(content) > MAX_BYTES:
                        return None
            return self._parse(json.loads(content))
        except (httpx.HTTPError, JoseError, ValueError, KeyError, TypeError, TimeoutError, RecursionError):
            return None
