"""A JSON document that the token issuer publishes, read from its address or file and cached. Ages are real time."""

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit
from urllib.request import url2pathname

import httpx
from joserfc.errors import JoseError

from shared.kernel.trust import trusted_authorities

T = TypeVar("T")

MIN_INTERVAL_SECONDS = 5
"""The least time between two reads, so that tokens with invented key ids do not become a flood of requests to the issuer, and an issuer
that hangs does not hold up every request."""

TIMEOUT_SECONDS = 2
"""The document is small, and the requests of a process wait for it together."""
MAX_BYTES = 256 * 1024
"""A larger document is not read to its end, and is refused."""


class Published(Generic[T]):
    """The document at `url`, as `parse` reads it. `value` is the last one that could be read, None before the first."""

    def __init__(self, url: str, parse: Callable[[Any], T], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._url, self._parse, self._monotonic = url, parse, monotonic
        self.value: T | None = None
        self._read_at = self._tried_at = self._ended_at = float("-inf")
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
            if self._monotonic() - self._ended_at < MIN_INTERVAL_SECONDS or good():
                return
            self._tried_at = self._monotonic()
            value = await self._read()
            self._ended_at = self._monotonic()
            if value is not None:
                self.value, self._read_at = value, self._tried_at

    async def _read(self) -> T | None:
        parts = urlsplit(self._url)
        try:
            content = _bytes_of(Path(url2pathname(parts.path))) if parts.scheme == "file" else await self._fetch()
            return self._parse(json.loads(content))
        except (httpx.HTTPError, OSError, JoseError, ValueError, KeyError, TypeError, RecursionError):
            return None

    async def _fetch(self) -> bytes:
        """Uncompressed, so that a small answer cannot become a large one."""
        content, headers = b"", {"Accept-Encoding": "identity"}
        async with (
            asyncio.timeout(TIMEOUT_SECONDS),  # that of the client is for each part of the answer
            httpx.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False, headers=headers, verify=trusted_authorities()) as client,
            client.stream("GET", self._url) as answer,
        ):
            async for part in answer.raise_for_status().aiter_raw():
                content += part
                _refuse_too_long(content)
        return content


def _bytes_of(file: Path) -> bytes:
    with file.open("rb") as opened:
        content = opened.read(MAX_BYTES + 1)
    _refuse_too_long(content)
    return content


def _refuse_too_long(content: bytes) -> None:
    if len(content) > MAX_BYTES:
        raise ValueError(f"a document of more than {MAX_BYTES} bytes")
