"""The language of an answer, from the request's `Accept-Language`."""

from typing import Annotated

from fastapi import Depends, Request, Response

from shared.texts import negotiate


async def language_of(request: Request, response: Response) -> str:
    """One of `shared.texts.LANGUAGES`; English when the header names none of them. The answer says which, and that it depends on it."""
    language = negotiate(request.headers.get("accept-language", ""))
    response.headers.update({"Content-Language": language, "Vary": "Accept-Language"})
    return language


Language = Annotated[str, Depends(language_of)]
