"""How far a replayed call depends on chance: the bootstrap over the score sheets of each case, or over the seed of a draw.

In each round every case gets as many score sheets as it has, drawn from its own with replacement; results, order and cut-off follow as in
the replay. A call by draw gets another order in each round. A first-come call leaves nothing to chance.

The numbers are SHAKE-128 of the call's id and the round: the same question has the same answer, and all scenarios meet the same chance, so
that their difference is that of the rules. Equal scores keep the order of the scenario.
"""

import hashlib
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from operator import lt
from typing import NamedTuple
from uuid import UUID

from services.evaluation.domain.allotment import WAIT, Shortage, awards
from services.evaluation.domain.ranking import ListEntry
from services.evaluation.domain.replay import PastCall, Replayed, Scale, Scored
from services.evaluation.domain.scoring import ScoreSheet, hundredths, sheets_that_count
from shared.kernel.money import BASIS
from shared.kernel.vocabulary import SelectionMethod

MOST_STEPS = 2_000_000
"""Rounds × cases × scenarios of one question: some seconds."""
LEAST_ROUNDS = 20
MOST_SHEETS = 4
"""A case with more score sheets keeps its result: there are too many ways to draw them."""
LOW, MIDDLE, HIGH = 500, 5_000, 9_500
"""Shares of the rounds, in basis points."""
_SCORES, _PLACES = 14, 14
"""Bits of a score in hundredths (at most 10,000), and of a place in the list (`MOST_APPLICATIONS`). With the bit of a missed threshold
they are fewer than 30, so that a key is one digit of the interpreter: a list of them is sorted three times as fast."""
_PLACE, _FAILED = (1 << _PLACES) - 1, 1 << (_SCORES + _PLACES)


class Way(NamedTuple):
    """A result that a round may draw: the total in hundredths, and whether it misses a threshold."""

    total: int
    failed: bool


Ways = Mapping[UUID, tuple[Way, ...]]
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
    """Every way to draw as many sheets as a case has, by their results; they are the same for scenarios that score alike. As
    `Scale.result` says, without the means of the criteria, which no round asks for."""
    ways, scale = dict[UUID, tuple[Way, ...]](), scored.scale
    names = [criterion.id for criterion in scale.rules.criteria]
    limits = [criterion.points_max * criterion.threshold_share_bp for criterion in scale.rules.criteria]
    least, unit = scale.rules.total_threshold, scale.unit
    for key, sheets in scored.sheets.items():
        if len(sheets) > MOST_SHEETS or all(sheet == sheets[0] for sheet in sheets):
            result = scored.results[key]
            ways[key] = (Way(result.total, bool(result.failed)),)
            continue
        marks, found, all_count = [[sheet[name] for name in names] for sheet in sheets], list[Way](), _all_count(sheets, scale)
        distinct, drawn = _draws(len(sheets))
        for way in distinct:
            counted = way if all_count else _counting(way, sheets, scale)
            count, sums = len(counted), [*map(sum, zip(*[marks[number] for number in counted], strict=True))]
            total = sum(sums)
            failed = total < least * count or any(map(lt, [points * BASIS for points in sums], [limit * count for limit in limits]))
            found.append(Way(hundredths(total, count * unit), failed))
        ways[key] = tuple([found[place] for place in drawn])
    return ways


def _all_count(sheets: Sequence[ScoreSheet], scale: Scale) -> bool:
    return len(sheets) <= scale.rules.evaluators_per_case or scale.rules.third_score == "all"


def _counting(way: tuple[int, ...], sheets: Sequence[ScoreSheet], scale: Scale) -> Sequence[int]:
    """The numbers of the drawn sheets that count, where not all do."""
    drawn = [sheets[number] for number in way]
    places = {id(sheet): number for number, sheet in zip(way, drawn, strict=True)}
    return [places[id(sheet)] for sheet in sheets_that_count(drawn, scale.rules)]


def spread_of(
    past: PastCall, replayed: Replayed, scored: Scored | None, ways: Ways, envelope_minor: int, rounds: int, shortage: Shortage = WAIT
) -> Spread | None:
    """None where nothing is left to chance, or no rounds are wanted. `ways`: of the scores, as `ways_of` gives them."""
    if not rounds or not replayed.ranked or past.selection_method == SelectionMethod.FIRST_COME:
        return None
    entries = [each.entry for each in replayed.ranked]
    options = None if scored is None else [_options(place, entry, scored, ways) for place, entry in enumerate(entries)]
    amounts, granted, money, times = [entry.amount_minor for entry in entries], [], [], Counter[int]()
    own = [entry.smallest_minor for entry in entries]
    differ = any(one is not None for one in own)
    for number in range(rounds):
        places = _drawn_order(_numbers(past.call_id, number, len(entries)), options)
        least = [own[place] for place in places] if differ else ()
        given = awards([amounts[place] for place in places], envelope_minor, shortage, least)
        funded = [place for place, amount in zip(places, given, strict=False) if amount is not None]
        granted.append(len(funded))
        money.append(sum(amount or 0 for amount in given))
        times.update(funded)
    chances = {entry.application_id: times[place] * BASIS // rounds for place, entry in enumerate(entries)}
    return Spread(rounds, range_of(granted), range_of(money), chances)


def _drawn_order(drawn: Sequence[int], options: Sequence[Sequence[int]] | None) -> list[int]:
    """Places in the scenario's list, in the order of the round; without those that miss a threshold. `options` None: a draw."""
    if options is None:
        return sorted(range(len(drawn)), key=drawn.__getitem__)
    keys = sorted([each[key % len(each)] for key, each in zip(drawn, options, strict=True)])
    return [key & _PLACE for key in keys[: bisect_left(keys, _FAILED)]]


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


@cache
def _draws(count: int) -> tuple[list[tuple[int, ...]], list[int]]:
    """The ways to draw as many sheets as there are, by their numbers in order; and of every draw, all equally likely, which way it is."""
    drawn = [tuple(sorted(way)) for way in product(range(count), repeat=count)]
    distinct = [*dict.fromkeys(drawn)]
    return distinct, [distinct.index(way) for way in drawn]


def _numbers(call_id: UUID, number: int, count: int) -> Sequence[int]:
    """32 bits for each case of the round."""
    return array("I", hashlib.shake_128(f"{call_id}/{number}".encode()).digest(4 * count))
