"""The key of the hashes of relations, as a dependency of routes."""

from typing import Annotated

from fastapi import Depends, Request


async def hash_key_of(request: Request) -> bytes:
    key: bytes = request.app.state.hash_key
    return key


HashKey = Annotated[bytes, Depends(hash_key_of)]
"""The key of `shared.kernel.ids.keyed_hash`."""
