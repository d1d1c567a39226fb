"""How far an application is from the last one that is granted."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Distance:
    """`cut_off_hundredths`: the least score that is granted, in hundredths of a point; `missing_hundredths`: what lacks to it, 0 for an
    application with as many points: there the order of equal scores, or the money, decided."""

    cut_off_hundredths: int
    missing_hundredths: int


def distance_to_cut_off(own: UUID, scores: Mapping[UUID, int], granted: Collection[UUID]) -> Distance | None:
    """`scores` by which the list is ranked. None for an application that is granted or has no score, and where nobody is granted."""
    known = [scores[each] for each in granted if each in scores]
    if own in granted or own not in scores or not known:
        return None
    least = min(known)
    return Distance(least, max(0, least - scores[own]))
