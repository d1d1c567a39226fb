"""What the routes need besides the session and the caller."""

from typing import Annotated

from fastapi import Depends, Request

from shared.policy.resolver import PolicyBook


def book_of(request: Request) -> PolicyBook:
    book: PolicyBook = request.app.state.book
    return book


def hash_key_of(request: Request) -> bytes:
    key: bytes = request.app.state.hash_key
    return key


Book = Annotated[PolicyBook, Depends(book_of)]
HashKey = Annotated[bytes, Depends(hash_key_of)]
