"""Samples for an audit: who draws with the same seed from the same cases draws the same, and the seed chooses nothing else.

By chance: the cases in the order of HMAC-SHA256(seed, id), the first ones. By amount: monetary unit sampling (European Commission, Guidance
on sampling methods for audit authorities, EGESIF_16-0014-01, 6.3): of all minor units, in the same order of cases, every (total / size)th
is drawn from a start that the seed gives; a case with more than that is always in the sample, and one may be drawn more than once.
"""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID


class SampleMethod(StrEnum):
    """BY_CHANCE: each case alike. BY_AMOUNT: each minor unit alike."""

    BY_CHANCE = "by-chance"
    BY_AMOUNT = "by-amount"


class PaidCase(NamedTuple):
    """A voucher and what was paid on it, in minor units, more than nothing."""

    voucher_id: UUID
    paid_minor: int


class Drawn(NamedTuple):
    case: PaidCase
    hits: int


def draw(method: SampleMethod, population: Iterable[PaidCase], size: int, seed: str) -> list[Drawn]:
    """In the order in which they were drawn; fewer than `size` where there are no more, or where one was drawn more than once."""
    cases = sorted(population, key=lambda case: _number(seed, str(case.voucher_id)))
    return [Drawn(case, 1) for case in cases[:size]] if method is SampleMethod.BY_CHANCE else _by_amount(cases, size, seed)


def _by_amount(cases: Sequence[PaidCase], size: int, seed: str) -> list[Drawn]:
    total, drawn, before, step = sum(case.paid_minor for case in cases), list[Drawn](), 0, 0
    start = _number(seed, "start") % total if total else 0
    for case in cases:
        before, hits = before + case.paid_minor, 0
        while step < size and (start + step * total) // size < before:
            hits, step = hits + 1, step + 1
        if hits:
            drawn.append(Drawn(case, hits))
    return drawn


def population_hash(population: Iterable[PaidCase]) -> str:
    """SHA-256 (hex) over the lines 'voucher id, space, minor units', sorted and each ended by a line feed."""
    lines = sorted(f"{case.voucher_id} {case.paid_minor}\n" for case in population)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _number(seed: str, text: str) -> int:
    return int.from_bytes(hmac.digest(seed.encode(), text.encode(), "sha256"))
