"""Encryption with the master keys of a service, which the process has and its database has not (AES-256-GCM).

The sealer is in the sessions (`sessions_of(engine, sealer)`). Who reads a table, a backup of it or its files sees no secret.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.kernel.ids import keyed_hash

SEALER = "sealer"
_TEXT = "sealed-1:"
_NONCE_BYTES, _ID_BYTES = 12, 4


class SealBroken(Exception):
    """What is stored was changed, moved from another place, or encrypted with a key that this process has not."""


def encrypt(key: bytes, content: bytes, place: str) -> bytes:
    """`place` says where the content belongs, for instance a column and the id of its row: elsewhere it cannot be decrypted."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, content, place.encode())


def decrypt(key: bytes, stored: bytes, place: str) -> bytes:
    """Raises `SealBroken`."""
    try:
        return AESGCM(key).decrypt(stored[:_NONCE_BYTES], stored[_NONCE_BYTES:], place.encode())
    except (InvalidTag, ValueError) as error:
        raise SealBroken(f"what is stored for {place} cannot be opened with this key") from error


class Sealer:
    """Encrypts with the first of the master keys, of 32 bytes each, and decrypts with any: a new one is put before the others.

    `hash_key` is that of `keyed_hash`, which never changes: what it hashed is looked for again.
    """

    def __init__(self, keys: Sequence[bytes], hash_key: bytes = b"") -> None:
        self._keys = {hashlib.sha256(b"master key" + key).digest()[:_ID_BYTES]: key for key in keys}
        self._hash_key = hash_key

    @property
    def has_keys(self) -> bool:
        return bool(self._keys)

    def seal(self, content: bytes, place: str) -> bytes:
        """Raises `SealBroken` without a key."""
        if not self._keys:
            raise SealBroken("this process has no master key")
        key_id = next(iter(self._keys))
        return key_id + encrypt(self._keys[key_id], content, place)

    def open(self, stored: bytes, place: str) -> bytes:
        """Raises `SealBroken`."""
        key = self._keys.get(stored[:_ID_BYTES])
        if key is None:
            raise SealBroken(f"this process has not the master key of what is stored for {place}")
        return decrypt(key, stored[_ID_BYTES:], place)

    def digest(self, kind: str, value: str) -> str:
        """What stands beside an encrypted value, so that equal ones are found. Raises `SealBroken` without a key."""
        if not self._hash_key:
            raise SealBroken("this process has no hash key")
        return keyed_hash(self._hash_key, kind, value)

    def mac(self, content: bytes) -> bytes:
        """HMAC-SHA256, with a key of its own that follows from the hash key. Raises `SealBroken` without one."""
        return hmac.digest(self._mac_key, content, "sha256")

    @cached_property
    def _mac_key(self) -> bytes:
        if not self._hash_key:
            raise SealBroken("this process has no hash key")
        return HKDF(SHA256(), 32, salt=None, info=b"triptych event log").derive(self._hash_key)

    def key_id(self, stored: bytes) -> bytes:
        """Which key encrypted it, in hex; says nothing of the key itself."""
        return stored[:_ID_BYTES].hex().encode()

    def is_current(self, stored: bytes) -> bool:
        """Whether it was encrypted with the first of the keys."""
        return stored[:_ID_BYTES] in list(self._keys)[:1]


def sealer_of(session: Any) -> Sealer:
    """The sealer of a session, asynchronous or not; one without keys when the session has none."""
    return session.info.get(SEALER) or Sealer(())


def seal(session: Any, secret: str, place: object) -> str:
    """As text, for a column that also takes the secret in clear once it is published."""
    return _TEXT + sealer_of(session).seal(secret.encode(), str(place)).hex()


def unseal(session: Any, stored: str, place: object) -> str:
    """The secret; a text that is not sealed is returned as it is. Raises `SealBroken`."""
    return sealer_of(session).open(_content(stored), str(place)).decode() if _is_sealed(stored) else stored


def is_current(session: Any, stored: str) -> bool:
    """Whether the text is sealed, with the first of the keys."""
    return _is_sealed(stored) and sealer_of(session).is_current(_content(stored))


def _is_sealed(stored: str) -> bool:
    return stored.startswith(_TEXT)


def _content(stored: str) -> bytes:
    return bytes.fromhex(stored.removeprefix(_TEXT))
