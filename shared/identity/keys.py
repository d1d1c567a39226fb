"""The public keys of the token issuer (RFC 7517), from its JWKS address or file."""

import time
from collections.abc import Callable

from joserfc.errors import InvalidKeyIdError
from joserfc.jwk import Key, KeySet

from shared.identity.published import Published
from shared.kernel.errors import Unauthenticated, Unavailable

MAX_AGE_SECONDS = 600
"""Keys older than this are read again, so that a removed key stops working."""

MAX_STALE_SECONDS = 3_600
"""While the address does not answer, cached keys are used until this age; then every token is answered with 503."""


class KeyStore:
    """Cache of the keys, by id. `monotonic` measures their age; tests replace it."""

    def __init__(self, url: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._published = Published(url, KeySet.import_key_set, monotonic)

    async def find(self, key_id: str | None) -> Key:
        """The key with that id; without an id, the only key.

        `Unauthenticated` 'unknown-key' when there is none, `Unavailable` when the keys cannot be read.
        """
        await self._published.refresh_unless(lambda: self._published.age_seconds <= MAX_AGE_SECONDS and self._has(key_id))
        keys = self._published.value
        if keys is None or self._published.age_seconds > MAX_STALE_SECONDS:
            raise Unavailable("the signing keys cannot be read")
        try:
            return keys.get_by_kid(key_id)
        except InvalidKeyIdError as error:
            if self._published.last_read_failed:  # the key may be new, so the token may be valid
                raise Unavailable("the signing keys cannot be read") from error
            raise Unauthenticated("unknown-key", "The token was signed with a key that is not in use.") from error

    def _has(self, key_id: str | None) -> bool:
        try:
            return self._published.value is not None and bool(self._published.value.get_by_kid(key_id))
        except InvalidKeyIdError:
            return False
