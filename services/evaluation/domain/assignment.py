"""Assigns evaluators to cases: no conflict of interest, the same region, a language the evaluator reads, and a fair load.

Hard rules come first. Within them the loads are as even as possible: no chain of exchanges can take work from an evaluator and
end at one who has at least two cases fewer (an optimal semi-matching: it has both the smallest maximum load and the smallest sum
of squares). Without conflicts that means that loads differ by one at most. Between equally busy evaluators topics in common
decide, then a seeded number, so that the same facts give the same assignment in any order of input.
"""

import hashlib
import hmac
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

Pair = tuple[UUID, str]
"""(application id, evaluator id)"""


@dataclass(frozen=True, slots=True)
class Evaluator:
    """`relations` are keyed hashes of the evaluator's relations (the kind is part of the hash, see shared.kernel.ids.keyed_hash)."""

    id: str
    region: str
    languages: frozenset[str]
    topics: frozenset[str]
    relations: frozenset[str]


@dataclass(frozen=True, slots=True)
class CaseToAssign:
    """`open_seats` are the seats to fill; `barred` are the evaluators who hold or held a seat (a recused one never returns)."""

    application_id: UUID
    region: str
    language: str
    topics: frozenset[str]
    relations: frozenset[str]
    open_seats: tuple[int, ...]
    barred: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, order=True)
class SeatAssignment:
    application_id: UUID
    seat: int
    evaluator_id: str


def has_conflict(evaluator: Evaluator, case: CaseToAssign) -> bool:
    """True when they share a relation: an employer, owner, address, e-mail domain or tax number."""
    return not evaluator.relations.isdisjoint(case.relations)


def may_evaluate(evaluator: Evaluator, case: CaseToAssign) -> bool:
    """The hard rules: region, language, no conflict of interest, never twice on one case."""
    return (
        evaluator.region == case.region
        and case.language in evaluator.languages
        and evaluator.id not in case.barred
        and not has_conflict(evaluator, case)
    )


def assign(cases: Iterable[CaseToAssign], evaluators: Iterable[Evaluator], load: Mapping[str, int], seed: bytes) -> list[SeatAssignment]:
    """One assignment for each open seat that an evaluator may take, sorted; the other seats stay open.

    `load` counts the cases that each evaluator already has (missing: none). Those are not moved, so that filling one seat
    changes nothing else.
    """
    known = {evaluator.id: evaluator for evaluator in evaluators}
    wanting = {case.application_id: case for case in cases if case.open_seats}
    candidates = {key: frozenset(e.id for e in known.values() if may_evaluate(e, case)) for key, case in wanting.items()}
    numbers = {key: tie_break_number(seed, key) for key in (*wanting, *known)}
    order = sorted(wanting, key=lambda key: (len(candidates[key]), numbers[key]))
    loads = {evaluator_id: load.get(evaluator_id, 0) for evaluator_id in known}
    chosen: dict[UUID, set[str]] = {key: set() for key in order}
    for key in order:
        for _ in wanting[key].open_seats:
            if free := candidates[key] - chosen[key]:
                least = min(loads[e] for e in free)
                idle = [e for e in free if loads[e] == least]
                best = min(idle, key=lambda e: (-len(known[e].topics & wanting[key].topics), numbers[key] ^ numbers[e]))
                chosen[key].add(best)
                loads[best] += 1
    _even_out(chosen, candidates, loads)
    return sorted(
        SeatAssignment(key, seat, evaluator_id)
        for key, taken in chosen.items()
        for seat, evaluator_id in zip(wanting[key].open_seats, sorted(taken, key=lambda e: numbers[key] ^ numbers[e]), strict=False)
    )


def tie_break_number(seed: bytes, key: object) -> int:
    """A seeded number for a case or an evaluator. The exclusive or of the two orders the evaluators differently for every case."""
    return int.from_bytes(hmac.digest(seed, str(key).encode(), hashlib.sha256))


def _even_out(chosen: dict[UUID, set[str]], candidates: Mapping[UUID, frozenset[str]], loads: dict[str, int]) -> None:
    """Moves cases along chains from a busier evaluator to one with at least two cases fewer, until there is no such chain."""
    holds: dict[str, set[UUID]] = {evaluator_id: set() for evaluator_id in loads}
    for key, taken in chosen.items():
        for evaluator_id in taken:
            holds[evaluator_id].add(key)
    while chain := _improving_chain(chosen, candidates, loads, holds):
        for giver, key, taker in chain:
            chosen[key] ^= {giver, taker}
            holds[giver].discard(key)
            holds[taker].add(key)
        loads[chain[0][0]] -= 1
        loads[chain[-1][2]] += 1


def _improving_chain(
    chosen: Mapping[UUID, set[str]], candidates: Mapping[UUID, frozenset[str]], loads: Mapping[str, int], holds: Mapping[str, set[UUID]]
) -> list[tuple[str, UUID, str]]:
    """The shortest chain of (giver, case, taker) from the busiest evaluator who has one; empty when the loads are as even as possible.

    An evaluator whom one search has reached without finding an end is not searched again: everyone reachable from there is as busy.
    """
    seen: set[str] = set()
    for start in sorted(loads, key=lambda e: (-loads[e], e)):
        if loads[start] - min(loads.values()) < 2:
            return []
        if start in seen:
            continue
        reached_from: dict[str, tuple[str, UUID]] = {}
        seen.add(start)
        queue = deque([start])
        while queue:
            giver = queue.popleft()
            for key in sorted(holds[giver]):
                for taker in sorted(candidates[key] - chosen[key] - seen):
                    seen.add(taker)
                    reached_from[taker] = (giver, key)
                    if loads[taker] <= loads[start] - 2:
                        return _walk_back(reached_from, taker)
                    queue.append(taker)
    return []


def _walk_back(reached_from: Mapping[str, tuple[str, UUID]], end: str) -> list[tuple[str, UUID, str]]:
    chain = []
    while end in reached_from:
        giver, key = reached_from[end]
        chain.append((giver, key, end))
        end = giver
    return chain[::-1]
