"""Answers that are the same for everybody, kept for a while, so that they are not asked for each page."""

import time
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping
from typing import Generic, TypeVar

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


class Kept(Generic[T]):
    """Each answer for `seconds` of real time, and the newest `most` of them. Nothing of a person belongs here."""

    def __init__(self, seconds: float, most: int = 500, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._most, self._monotonic = seconds, most, monotonic
        self._found: dict[Hashable, tuple[float, T]] = {}

    async def get(self, key: Hashable, ask: Callable[[], Awaitable[T]], newer_than: float | None = None) -> T:
        """What was kept under the key, or what `ask` answers now. What `ask` raises is not kept. `newer_than`: seconds, where what is kept
        for long does not do."""
        answer = self._known(key, newer_than)
        if answer is None:
            answer = await ask()
            self._keep(key, answer)
        return answer

    async def all_of(self, keys: Iterable[K], ask: Callable[[list[K]], Awaitable[Mapping[K, T]]]) -> dict[K, T]:
        """The answers of several keys; `ask` is asked once for those that are not kept, and leaves out what there is not."""
        known = {key: self._known(key) for key in keys}
        found = {key: answer for key, answer in known.items() if answer is not None}
        if missing := [key for key in known if key not in found]:
            for key, answer in (await ask(missing)).items():
                self._keep(key, answer)
                found[key] = answer
        return found

    def _known(self, key: Hashable, newer_than: float | None = None) -> T | None:
        until, answer = self._found.get(key, (0.0, None))
        ends = until if newer_than is None else until - self._seconds + newer_than
        return answer if ends > self._monotonic() else None

    def _keep(self, key: Hashable, answer: T) -> None:
        self._found.pop(key, None)
        self._found[key] = self._monotonic() + self._seconds, answer
        if len(self._found) > self._most:
            del self._found[next(iter(self._found))]
