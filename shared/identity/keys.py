"""The public keys of the token issuer (RFC 7517), from its JWKS address or file."""

import time
from collections.abc import Callable
from typing import Any

import structlog
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet

from shared.identity.published import Published
from shared.kernel.errors import Unauthenticated, Unavailable

log = structlog.get_logger()
MAX_AGE_SECONDS = 600
"""Keys older than this are read again, so that a removed key stops working."""

MAX_STALE_SECONDS = 3_600
"""While the address does not answer, cached keys are used until this age; then every token is answered with 503."""
LONGEST_SHOWN = 60


class KeyStore:
    """Cache of the keys, by id. `monotonic` measures their age; tests replace it."""

    def __init__(self, url: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._published = Published(url, signing_keys, monotonic)

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


def signing_keys(document: Any) -> KeySet:
    """The keys of a JWKS that signatures are checked with.

    A provider publishes keys for other uses and kinds beside them; these are skipped, and the log says which and why (RFC 7517, 5: ignore
    what is not understood). ValueError, naming each, when no key is left.
    """
    keys, skipped = [], {}
    for number, content in enumerate(document["keys"]):
        try:
            keys.append(_signing_key(content))
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            skipped[_name_of(content, number)] = (str(error) or type(error).__name__)[:LONGEST_SHOWN]
    if not keys:
        log.error("the issuer publishes no key for signatures", skipped=skipped)
        raise ValueError(f"no key for signatures: {skipped}")
    if skipped:
        log.info("keys of the issuer skipped", skipped=skipped)
    return KeySet(keys)


def _signing_key(content: Any) -> Key:
    if content.get("kty") == "oct":
        raise ValueError("a shared secret")
    if content.get("use", "sig") != "sig":
        raise ValueError(f"use is {content['use']}")
    if "verify" not in content.get("key_ops", ["verify"]):
        raise ValueError(f"key_ops are {content['key_ops']}")
    return JWKRegistry.import_key(content)


def _name_of(content: Any, number: int) -> str:
    """By which an operator finds it in the document; keys without an id go by their place."""
    key_id = content.get("kid") if isinstance(content, dict) else None
    return key_id[:LONGEST_SHOWN] if isinstance(key_id, str) else f"number {number}"
