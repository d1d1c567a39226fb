"""Does this service hold exactly the cases that screening found eligible?"""

import hashlib
from collections.abc import Collection, Sequence
from itertools import combinations, islice
from uuid import UUID

MOST_TRIES = 10_000


def eligible_hash(application_ids: Collection[UUID]) -> str:
    """As ScreeningCompleted states it: SHA-256 over the canonical ids, sorted, joined by line feeds."""
    return hashlib.sha256("\n".join(sorted(str(each) for each in application_ids)).encode()).hexdigest()


def holds_exactly(active: Collection[UUID], withdrawn: Sequence[UUID], eligible: int, wanted_hash: str) -> bool:
    """True when the active cases, with some of the withdrawn ones, are those that were named.

    A case withdrawn after screening was completed is among the named, one withdrawn before is not, and the two events come by
    different topics. So the count says how many of the withdrawn belong in, and the hash which; `withdrawn` has the latest first,
    who are the likeliest.
    """
    missing = eligible - len(active)
    if not 0 <= missing <= len(withdrawn):
        return False
    tries = islice(combinations(withdrawn, missing), MOST_TRIES)
    return any(eligible_hash([*active, *some]) == wanted_hash for some in tries)
