"""How far a replayed call depends on chance: the bootstrap over the score sheets of each case, or over the seed of a draw.

In each round every case gets as many score sheets as it has, drawn from its own with replacement; results, order and cut-off follow as in
the replay. A call by draw gets another order in each round. A first-come call leaves nothing to chance.

The numbers are SHAKE-128 of the call's id and the round: the same question has the same answer, and all scenarios meet the same chance, so
that their difference is that of the rules. Equal scores keep the order of the scenario.
"""

import hashlib
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from uuid import UUID

from services.evaluation.domain.ranking import ListEntry, cut_off
from services.evaluation.domain.replay import PastCall, Replayed, Scored
from services.evaluation.domain.scoring import BELOW_THRESHOLD, CaseResult, ScoreSheet
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
_PLACE, _FAILED = (1 << _PLACES) - 1, 1 << (_SCORES + _PLACES)
Ways = Mapping[UUID, tuple[CaseResult, ...]]
"""Case → the results that a round may draw, all equally likely."""


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


def ways_of(scored: Scored) -> Ways:
    """Every way to draw as many sheets as a case has, by their results; they are the same for scenarios that score alike."""
    ways = {}
    for key, sheets in scored.sheets.items():
        whole = tuple(range(len(sheets)))
        found = {whole: scored.results[key]}
        drawn = _draws(sheets)
        for way in set(drawn) - {whole}:
            found[way] = scored.scale.result([sheets[number] for number in way])
        ways[key] = tuple(found[way] for way in drawn)
    return ways


def spread_of(past: PastCall, replayed: Replayed, scored: Scored | None, ways: Ways, envelope_minor: int, rounds: int) -> Spread | None:
    """None where nothing is left to chance, or no rounds are wanted. `ways`: of the scores, as `ways_of` gives them."""
    if not rounds or not replayed.ranked or past.selection_method == SelectionMethod.FIRST_COME:
        return None
    entries = [each.entry for each in replayed.ranked]
    options = None if scored is None else [_options(place, entry, scored, ways) for place, entry in enumerate(entries)]
    passing = [replace(entry, failed=()) if entry.failed else entry for entry in entries]
    failing = [entry if entry.failed else replace(entry, failed=(BELOW_THRESHOLD,)) for entry in entries]
    granted, money, times = [], [], [0] * len(entries)
    for number in range(rounds):
        drawn = _numbers(past.call_id, number, len(entries))
        if options is None:
            places = sorted(range(len(entries)), key=drawn.__getitem__)
            ordered = [entries[place] for place in places]
        else:
            keys = sorted([each[key % len(each)] for key, each in zip(drawn, options, strict=True)])
            places = [key & _PLACE for key in keys]
            ordered = [(failing if key & _FAILED else passing)[place] for key, place in zip(keys, places, strict=True)]
        outcomes = cut_off(ordered, envelope_minor)
        awards = [place for place, outcome in zip(places, outcomes, strict=True) if outcome is DecisionOutcome.GRANTED]
        granted.append(len(awards))
        money.append(sum(entries[place].amount_minor for place in awards))
        for place in awards:
            times[place] += 1
    chances = {entry.application_id: count * BASIS // rounds for entry, count in zip(entries, times, strict=True)}
    return Spread(rounds, range_of(granted), range_of(money), chances)


def range_of(values: Sequence[int]) -> Range:
    """Of a value of each round."""
    ordered = sorted(values)
    low, middle, high = (ordered[min(len(ordered) - 1, len(ordered) * share // BASIS)] for share in (LOW, MIDDLE, HIGH))
    return Range(low, middle, high)


def _options(place: int, entry: ListEntry, scored: Scored, ways: Ways) -> tuple[int, ...]:
    """Of a case of the list the results that a round may draw, as numbers of which the smaller comes first: who passed, then the higher
    score, then the place in the scenario's own list. The adjustment for the evaluators is that of all scores."""
    shift, own = entry.score - scored.results[entry.application_id].total, ways[entry.application_id]
    scores = [min(max(result.total + shift, 0), BASIS) for result in own]
    return tuple(
        (_FAILED if result.failed else 0) + ((BASIS - score) << _PLACES) + place for result, score in zip(own, scores, strict=True)
    )


def _draws(sheets: Sequence[ScoreSheet]) -> list[tuple[int, ...]]:
    """Every way to draw as many sheets as there are, by their numbers in order; all ways are equally likely."""
    count = len(sheets)
    if count > MOST_SHEETS or all(sheet == sheets[0] for sheet in sheets):
        return [tuple(range(count))]
    return [tuple(sorted(way)) for way in product(range(count), repeat=count)]


def _numbers(call_id: UUID, number: int, count: int) -> Sequence[int]:
    """32 bits for each case of the round."""
    return array("I", hashlib.shake_128(f"{call_id}/{number}".encode()).digest(4 * count))
