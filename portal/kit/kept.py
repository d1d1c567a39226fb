"""Answers that are the same for everybody, kept for a while, so that they are not asked for each page."""

import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """Each answer for `seconds` of real time, and the newest `most` of them. Nothing of a person belongs here."""

    def __init__(self, seconds: float, most: int = 500, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._most, self._monotonic = seconds, most, monotonic
        self._found: dict[Hashable, tuple[float, T]] = {}

    async def get(self, key: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        """What was kept under the key, or what `ask` answers now. What `ask` raises is not kept."""
        until, answer = self._found.get(key, (0.0, None))
        if answer is None or until <= self._monotonic():
            answer = await ask()
            self._found.pop(key, None)
            self._found[key] = self._monotonic() + self._seconds, answer
            if len(self._found) > self._most:
                del self._found[next(iter(self._found))]
        return answer
