"""The public keys of the token issuer, read from a JWKS address or file (RFC 7517) and cached. Ages are real time."""

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import httpx
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import Key, KeySet

from shared.kernel.errors import Unauthenticated, Unavailable

MAX_AGE_SECONDS = 600
"""Keys older than this are read again, so that a removed key stops working."""

MAX_STALE_SECONDS = 3_600
"""While the address does not answer, cached keys are used until this age; then every token is answered with 503."""

MIN_INTERVAL_SECONDS = 5
"""The least time between two reads, so that tokens with invented key ids do not become a flood of requests to the issuer."""

TIMEOUT_SECONDS = 5

MAX_BYTES = 256 * 1024
"""A larger answer is not read to its end, and is no key set."""


class KeyStore:
    """Cache of the keys, by id. `monotonic` measures their age; tests replace it."""

    def __init__(self, url: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._url, self._monotonic = url, monotonic
        self._keys: KeySet | None = None
        self._read_at = self._tried_at = float("-inf")
        self._lock = asyncio.Lock()

    async def find(self, key_id: str | None) -> Key:
        """The key with that id; without an id, the only key.

        `Unauthenticated` 'unknown-key' when there is none, `Unavailable` when the keys cannot be read.
        """
        if not (self._fresh() and self._has(key_id)):
            await self._refresh(key_id)
        if self._keys is None or self._monotonic() - self._read_at > MAX_STALE_SECONDS:
            raise Unavailable("the signing keys cannot be read")
        try:
            return self._keys.get_by_kid(key_id)
        except InvalidKeyIdError as error:
            if self._read_at < self._tried_at:  # the last read failed: the key may be new, so the token may be valid
                raise Unavailable("the signing keys cannot be read") from error
            raise Unauthenticated("unknown-key", "The token was signed with a key that is not in use.") from error

    def _fresh(self) -> bool:
        return self._monotonic() - self._read_at <= MAX_AGE_SECONDS

    def _has(self, key_id: str | None) -> bool:
        try:
            return self._keys is not None and bool(self._keys.get_by_kid(key_id))
        except InvalidKeyIdError:
            return False

    async def _refresh(self, key_id: str | None) -> None:
        async with self._lock:  # many requests may miss the cache at once; one reads
            if self._monotonic() - self._tried_at < MIN_INTERVAL_SECONDS or (self._fresh() and self._has(key_id)):
                return
            self._tried_at = self._monotonic()
            keys = await self._read()
            if keys is not None:
                self._keys, self._read_at = keys, self._tried_at

    async def _read(self) -> KeySet | None:
        parts = urlsplit(self._url)
        try:
            document = _bytes_of(Path(url2pathname(parts.path))) if parts.scheme == "file" else await self._fetch()
            return KeySet.import_key_set(json.loads(document))
        except (httpx.HTTPError, OSError, JoseError, ValueError, KeyError, TypeError, RecursionError):
            return None

    async def _fetch(self) -> bytes:
        """Uncompressed, so that a small answer cannot become a large one."""
        document, headers = b"", {"Accept-Encoding": "identity"}
        async with (
            asyncio.timeout(TIMEOUT_SECONDS),
            httpx.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False, headers=headers) as client,
            client.stream("GET", self._url) as answer,
        ):
            async for part in answer.raise_for_status().aiter_raw():
                document += part
                _refuse_too_long(document)
        return document


def _bytes_of(file: Path) -> bytes:
    with file.open("rb") as opened:
        document = opened.read(MAX_BYTES + 1)
    _refuse_too_long(document)
    return document


def _refuse_too_long(document: bytes) -> None:
    if len(document) > MAX_BYTES:
        raise ValueError(f"a key set of more than {MAX_BYTES} bytes")
