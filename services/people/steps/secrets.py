"""A new secret for somebody."""

import secrets


def new_secret() -> str:
    """43 letters of 256 random bits."""
    return secrets.token_urlsafe(32)
