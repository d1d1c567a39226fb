"""Compares the cases that this service has with those that screening found eligible."""

import hashlib
from collections.abc import Collection, Sequence
from itertools import combinations, islice
from uuid import UUID

MOST_TRIES = 10_000
"""A bound on the combinations of withdrawn cases that are tried."""


def eligible_hash(application_ids: Collection[UUID]) -> str:
    """As ScreeningCompleted states it: SHA-256 over the canonical ids, sorted, joined by line feeds."""
    return hashlib.sha256("\n".join(sorted(str(each) for each in application_ids)).encode()).hexdigest()


def holds_exactly(active: Collection[UUID], withdrawn: Sequence[UUID], eligible: int, wanted_hash: str) -> bool:
    """True when the active cases, with some of the withdrawn ones, are exactly those that screening named.

    A case withdrawn after screening was completed is among the named; one withdrawn before is not. The two events come from
    different topics, in any order. So the count says how many withdrawn cases belong to the set, and the hash says which.
    `withdrawn` has the latest first, because those are the most likely.
    """
    missing = eligible - len(active)
    if not 0 <= missing <= len(withdrawn):
        return False
    tries = islice(combinations(withdrawn, missing), MOST_TRIES)
    return any(eligible_hash([*active, *some]) == wanted_hash for some in tries)
