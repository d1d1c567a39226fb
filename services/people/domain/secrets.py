"""Secrets that are given to somebody once, for a link, a machine or a session. Only their hashes are kept."""

import hashlib
import hmac


def hash_of(secret: str) -> str:
    """SHA-256: a secret of 256 random bits cannot be guessed from it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def is_secret(secret: str, known: str) -> bool:
    """In constant time."""
    return hmac.compare_digest(hash_of(secret), known)
