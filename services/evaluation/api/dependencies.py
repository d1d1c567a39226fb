"""What routes need besides their context."""

from typing import Annotated

from fastapi import Depends, Request


async def hash_key_of(request: Request) -> bytes:
    key: bytes = request.app.state.hash_key
    return key


HashKey = Annotated[bytes, Depends(hash_key_of)]
