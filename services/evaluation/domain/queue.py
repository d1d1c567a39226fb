"""First come: whose turn it is. Sequences run from 1 without gaps, by the moment of the first admissible submission."""

from collections.abc import Mapping

WAITING, ELIGIBLE, INELIGIBLE, WITHDRAWN = "waiting", "eligible", "ineligible", "withdrawn"
_LATER = {WAITING: 0, ELIGIBLE: 1, INELIGIBLE: 1, WITHDRAWN: 2}


def later(known: str | None, told: str) -> str:
    """The state that holds when events of one application came in any order, or twice."""
    return told if known is None or _LATER[told] > _LATER[known] else known


def turns(states: Mapping[int, str], start: int) -> list[int]:
    """The sequences from `start` on that can be settled now: up to the first that is unknown or not yet screened."""
    ready = []
    while states.get(start, WAITING) != WAITING:
        ready.append(start)
        start += 1
    return ready
