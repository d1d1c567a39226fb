"""What a browser's cookie opens. The database has neither the cookie nor a key, so it alone opens nothing."""

import hashlib
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

_NONCE = 12


def new_cookie() -> str:
    """43 letters of 256 random bits."""
    return secrets.token_urlsafe(32)


def row_of(cookie: str) -> str:
    """The id of the cookie's row."""
    return hashlib.sha256(b"row " + cookie.encode()).hexdigest()


def form_token(cookie: str) -> str:
    """What every form of this browser carries, so that another site cannot send one in its name."""
    return _derived(cookie, b"form token").hex()


def close(cookie: str, content: bytes) -> bytes:
    """`content`, encrypted (AES-256-GCM)."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(_derived(cookie, b"content")).encrypt(nonce, content, None)


def open_(cookie: str, closed: bytes) -> bytes | None:
    """What `close` was given; None when it was another cookie's or was changed."""
    try:
        return AESGCM(_derived(cookie, b"content")).decrypt(closed[:_NONCE], closed[_NONCE:], None)
    except InvalidTag:
        return None


def _derived(cookie: str, purpose: bytes) -> bytes:
    return HKDFExpand(SHA256(), 32, purpose).derive(hashlib.sha256(cookie.encode()).digest())
