"""The language of an answer, from the request's `Accept-Language`."""

from typing import Annotated

from fastapi import Depends, Request

from shared.texts import negotiate


async def language_of(request: Request) -> str:
    """One of `shared.texts.LANGUAGES`; English when the header names none of them."""
    return negotiate(request.headers.get("accept-language", ""))


Language = Annotated[str, Depends(language_of)]
