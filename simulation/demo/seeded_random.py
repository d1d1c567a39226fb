"""Choices that look random but are computed: each follows from a seed and a key, so a run can be repeated and continued."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class SeededRandom:
    """Every method takes a key: the same seed and key give the same choice.

    The keys are part of the seeded choice: a changed key changes the demonstrations and campaigns of every seed.
    """

    seed: str

    def number(self, *key: object) -> int:
        """A number of 64 bits."""
        text = "\x1f".join([self.seed, *(str(part) for part in key)])
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])

    def percent(self, percent: int, *key: object) -> bool:
        """True in `percent` of a hundred cases."""
        return self.number(*key) % 100 < percent

    def between(self, low: int, high: int, *key: object) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + self.number(*key) % (high - low + 1)

    def one_of(self, options: Sequence[T], *key: object) -> T:
        return options[self.number(*key) % len(options)]

    def weighted(self, options: Sequence[tuple[T, int]], *key: object) -> T:
        """One of the options, each given as (option, weight)."""
        point = self.number(*key) % sum(weight for _, weight in options)
        for option, weight in options:
            if point < weight:
                return option
            point -= weight
        raise AssertionError("the point is below the sum of the weights")

    def text(self, *key: object) -> str:
        """64 hexadecimal digits, like the hash of a document."""
        return hashlib.sha256("\x1f".join([self.seed, *(str(part) for part in key)]).encode()).hexdigest()
