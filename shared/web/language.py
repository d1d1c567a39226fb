"""The language of an answer, from the request's `Accept-Language`."""

from typing import Annotated

from fastapi import Depends, Request, Response

from shared.texts import negotiate


async def language_of(request: Request, response: Response) -> str:
    """The language, of which the answer says that it depends on the request."""
    language = preferred_language(request)
    response.headers.update(language_headers(language))
    return language


def preferred_language(request: Request) -> str:
    """One of `shared.texts.LANGUAGES`; English when the header names none of them."""
    return negotiate(request.headers.get("accept-language", ""))


def language_headers(language: str) -> dict[str, str]:
    """Of an answer in `language`: a cache keeps one answer for each `Accept-Language`."""
    return {"Content-Language": language, "Vary": "Accept-Language"}


Language = Annotated[str, Depends(language_of)]
