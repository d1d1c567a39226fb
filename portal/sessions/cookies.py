"""The cookies. `__Host-`: browsers take them for this host alone, for all paths, and only over TLS or on this machine."""

from starlette.responses import Response

SESSION, ATTEMPT, LANGUAGE, REGION = "__Host-session", "__Host-signing-in", "__Host-language", "__Host-region"
_YEAR = 365 * 86_400


def set_cookie(response: Response, name: str, value: str, seconds: int | None = None) -> None:
    """`seconds` None: until the browser is closed."""
    response.set_cookie(name, value, max_age=seconds, secure=True, httponly=True, samesite="lax")


def remove_cookie(response: Response, name: str) -> None:
    response.delete_cookie(name, secure=True, httponly=True, samesite="lax")


def language_cookie(language: str) -> str:
    """The value of the header."""
    return f"{LANGUAGE}={language}; Max-Age={_YEAR}; Path=/; Secure; HttpOnly; SameSite=Lax"
