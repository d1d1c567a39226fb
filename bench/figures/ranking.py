"""The list of a call, ranked, hashed and cut off."""

import random
import time
from collections.abc import AsyncIterator
from functools import partial
from uuid import UUID

from bench.declare import Aim, Figures, Sides, benchmark
from bench.stack import Stack
from services.evaluation.domain.ranking import ListEntry, Listing, rank_entries

CRITERIA = ("relevance", "transition", "quality", "capacity", "value")
METRIC = "µs a case"


@benchmark("Ranking", unit="µs or ms", aims=(Aim("10,000 cases", "1,000 cases", METRIC, at_most=1.2),))
async def ranking(_: Stack) -> AsyncIterator[Sides]:
    """The canonical text of the list and its hash, the order by score, criteria, amount and draw, and the cut-off: the work of
    an approval. Many scores are equal, so that the draw decides."""
    yield {f"{count:,} cases": partial(_rank, _listing(count)) for count in (1_000, 10_000)}


async def _rank(listing: Listing) -> Figures:
    began = time.perf_counter()
    listing.hash()
    ranked = rank_entries(listing, "ab" * 32)
    took = time.perf_counter() - began
    assert len(ranked) == len(listing.entries)
    return {METRIC: took * 1e6 / len(ranked), "ms in all": took * 1000}


def _listing(count: int) -> Listing:
    random_numbers = random.Random(count)
    entries, ties = tuple(_entry(random_numbers) for _ in range(count)), ("criteria-order", "lower-amount", "seeded-draw")
    return Listing(UUID(int=1), "ranking", "sample", "EUR", count * 200_000, CRITERIA, ties, entries)


def _entry(random_numbers: random.Random) -> ListEntry:
    criteria = {name: random_numbers.randrange(0, 2_000, 100) for name in CRITERIA}
    score, requested = sum(criteria.values()), random_numbers.randrange(100_000, 1_000_000, 100_000)
    failed = ("threshold",) if score < 3_000 else ()
    return ListEntry(UUID(int=random_numbers.getrandbits(128)), requested, requested, score, criteria, failed)
