"""How far a replayed call depends on chance: the bootstrap over the score sheets of each case, or over the seed of a draw.

In each round every case gets as many score sheets as it has, drawn from its own with replacement; results, order and cut-off follow as in
the replay. A call by draw gets another order in each round. A first-come call leaves nothing to chance.

The numbers are SHAKE-128 of the call's id and the round: the same question has the same answer, and all scenarios meet the same chance, so
that their difference is that of the rules. Equal scores keep the order of the scenario.
"""

import hashlib
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from operator import itemgetter
from uuid import UUID

from services.evaluation.domain.ranking import ListEntry, cut_off
from services.evaluation.domain.replay import PastCall, Replayed, Scored
from services.evaluation.domain.scoring import ScoreSheet
from shared.kernel.money import BASIS
from shared.kernel.vocabulary import DecisionOutcome, SelectionMethod

MOST_STEPS = 2_000_000
"""Rounds × cases × scenarios of one question: some seconds."""
LEAST_ROUNDS = 20
MOST_SHEETS = 4
"""A case with more score sheets keeps its result: there are too many ways to draw them."""
LOW, MIDDLE, HIGH = 500, 5_000, 9_500
"""Shares of the rounds, in basis points."""
_SCORES, _PLACES = 20, 24
"""Bits of a score in hundredths, and of a place in the list."""


@dataclass(frozen=True, slots=True)
class Range:
    """In one of twenty rounds the value is below `low`, in one of twenty above `high`."""

    low: int
    middle: int
    high: int


@dataclass(frozen=True, slots=True)
class Spread:
    """Over the rounds: how many awards, how much money, and in which share of the rounds each application of the list was granted."""

    rounds: int
    granted: Range
    granted_minor: Range
    chances_bp: Mapping[UUID, int]


def rounds_for(asked: int, cases: int, scenarios: int) -> int:
    """At most `asked`: as many as can be done in some seconds, at least twenty. 0 when none are asked for."""
    return min(asked, max(LEAST_ROUNDS, MOST_STEPS // max(1, cases * scenarios)))


def spread_of(past: PastCall, replayed: Replayed, scored: Scored | None, envelope_minor: int, rounds: int) -> Spread | None:
    """None where nothing is left to chance, or no rounds are wanted."""
    if not rounds or not replayed.ranked or past.selection_method == SelectionMethod.FIRST_COME:
        return None
    options = _by_seed(replayed) if scored is None else _by_sheets(replayed, scored)
    granted, money, times = [], [], dict.fromkeys((each.entry.application_id for each in replayed.ranked), 0)
    for number in range(rounds):
        drawn = _numbers(past.call_id, number, len(options))
        if scored is None:
            chosen = [(key, each[0][1]) for key, each in zip(drawn, options, strict=True)]
        else:
            chosen = [each[key % len(each)] for key, each in zip(drawn, options, strict=True)]
        ordered = [entry for _, entry in sorted(chosen, key=itemgetter(0))]
        outcomes = cut_off(ordered, envelope_minor)
        awards = [entry for entry, outcome in zip(ordered, outcomes, strict=True) if outcome == DecisionOutcome.GRANTED]
        granted.append(len(awards))
        money.append(sum(entry.amount_minor for entry in awards))
        for entry in awards:
            times[entry.application_id] += 1
    chances = {key: count * BASIS // rounds for key, count in times.items()}
    return Spread(rounds, range_of(granted), range_of(money), chances)


def range_of(values: Sequence[int]) -> Range:
    """Of a value of each round."""
    ordered = sorted(values)
    low, middle, high = (ordered[min(len(ordered) - 1, len(ordered) * share // BASIS)] for share in (LOW, MIDDLE, HIGH))
    return Range(low, middle, high)


_Options = list[tuple[tuple[int, ListEntry], ...]]
"""Of each case of the list the results that a round may draw, each with the number by which it is ordered."""


def _by_seed(replayed: Replayed) -> _Options:
    return [((0, each.entry),) for each in replayed.ranked]


def _by_sheets(replayed: Replayed, scored: Scored) -> _Options:
    options = []
    for place, each in enumerate(replayed.ranked):
        entry = each.entry
        shift = entry.score - scored.results[entry.application_id].total  # the adjustment for the evaluators
        ways = _draws(scored.sheets[entry.application_id])
        found: dict[tuple[int, ...], tuple[int, ListEntry]] = {}
        for way in set(ways):
            result = scored.scale.result([scored.sheets[entry.application_id][number] for number in way])
            score = min(max(result.total + shift, 0), BASIS)
            drawn = ListEntry(entry.application_id, entry.amount_minor, entry.requested_minor, score, failed=result.failed)
            found[way] = _key(drawn, place), drawn
        options.append(tuple(found[way] for way in ways))
    return options


def _draws(sheets: Sequence[ScoreSheet]) -> list[tuple[int, ...]]:
    """Every way to draw as many sheets as there are, by their numbers in order; all ways are equally likely."""
    count = len(sheets)
    if count > MOST_SHEETS or all(sheet == sheets[0] for sheet in sheets):
        return [tuple(range(count))]
    return [tuple(sorted(way)) for way in product(range(count), repeat=count)]


def _key(entry: ListEntry, place: int) -> int:
    """Smaller comes first: who passed, then the higher score, then the place in the scenario's own list."""
    return (bool(entry.failed) << (_SCORES + _PLACES)) + ((2 * BASIS - entry.score) << _PLACES) + place


def _numbers(call_id: UUID, number: int, count: int) -> Sequence[int]:
    """32 bits for each case of the round."""
    return array("I", hashlib.shake_128(f"{call_id}/{number}".encode()).digest(4 * count))
