"""Choices that look like chance and are not: each follows from a seed and what it is about, so a run can be repeated or resumed."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Dice:
    seed: str

    def number(self, *about: object) -> int:
        """64 bits."""
        text = "\x1f".join([self.seed, *(str(part) for part in about)])
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])

    def percent(self, percent: int, *about: object) -> bool:
        """True in so many of a hundred cases."""
        return self.number(*about) % 100 < percent

    def between(self, low: int, high: int, *about: object) -> int:
        """A whole number, both ends included."""
        return low + self.number(*about) % (high - low + 1)

    def one_of(self, options: Sequence[T], *about: object) -> T:
        return options[self.number(*about) % len(options)]

    def weighted(self, options: Sequence[tuple[T, int]], *about: object) -> T:
        """One of (option, weight)."""
        mark = self.number(*about) % sum(weight for _, weight in options)
        for option, weight in options:
            if mark < weight:
                return option
            mark -= weight
        raise AssertionError("the weights add up")

    def text(self, *about: object) -> str:
        """64 hex digits, as of a document."""
        return hashlib.sha256("\x1f".join([self.seed, *(str(part) for part in about)]).encode()).hexdigest()
