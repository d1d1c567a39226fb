"""A secret in a column, encrypted with a key that the process has and the database has not (AES-256-GCM).

The key is in the sessions (`sessions_of(engine, key)`). Who reads the table, a backup of it or its files sees no secret.
"""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.ext.asyncio import AsyncSession

SEALING_KEY = "sealing key"
_SEALED = "sealed-1:"
_NONCE_BYTES = 12


class SealBroken(Exception):
    """The text was changed, moved from another place, or sealed with another key."""


def seal(session: AsyncSession, secret: str, place: object) -> str:
    """The text to store. `place` says where it belongs, for instance the id of its row: elsewhere it cannot be opened."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _SEALED + (nonce + _cipher(session).encrypt(nonce, secret.encode(), str(place).encode())).hex()


def unseal(session: AsyncSession, stored: str, place: object) -> str:
    """The secret; a text that is not sealed is returned as it is. Raises `SealBroken`."""
    if not is_sealed(stored):
        return stored
    content = bytes.fromhex(stored.removeprefix(_SEALED))
    try:
        return _cipher(session).decrypt(content[:_NONCE_BYTES], content[_NONCE_BYTES:], str(place).encode()).decode()
    except InvalidTag as error:
        raise SealBroken(f"what is stored for {place} cannot be opened with this key") from error


def is_sealed(stored: str) -> bool:
    return stored.startswith(_SEALED)


def _cipher(session: AsyncSession) -> AESGCM:
    key: bytes = session.info.get(SEALING_KEY, b"")
    if not key:
        raise SealBroken("this process has no sealing key")
    return AESGCM(key)
