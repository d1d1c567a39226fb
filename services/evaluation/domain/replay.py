"""A past call ranked again under a changed policy: a question to the record, which stays as it is.

What scored and ranked the call decides here as well: `scoring`, `adjustment`, `ranking`. Other weights are other most points of the
criteria: each mark is scaled from the old ones to the new ones, in whole numbers of a common unit, so nothing is rounded before the end.

Two things cannot be known again. An application that is eligible under the changed rules only has no score sheets: a ranking call counts it
as not scored. A further score sheet that the changed rules would have asked for does not exist: those that there are count.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from math import lcm
from uuid import UUID

from services.evaluation.domain.adjustment import adjusted, severities
from services.evaluation.domain.allotment import WAIT, Shortage, allot
from services.evaluation.domain.ranking import ListEntry, Listing, RankedEntry, rank_entries
from services.evaluation.domain.scoring import CaseResult, ScoreSheet, evaluate, hundredths, needs_another, sheets_that_count, total_of
from shared.kernel.vocabulary import DecisionOutcome, SelectionMethod
from shared.policy.sections import Evaluation

Sheets = Mapping[str, ScoreSheet]
"""Evaluator → score sheet of one case, in the order of the seats."""


class Outcome(StrEnum):
    """What the replay says of an application. NOT_SCORED: eligible, but it has no score sheets."""

    GRANTED = DecisionOutcome.GRANTED
    RESERVE = DecisionOutcome.RESERVE
    REFUSED = DecisionOutcome.REFUSED
    NOT_SCORED = "not-scored"
    INELIGIBLE = "ineligible"


@dataclass(frozen=True, slots=True)
class Applicant:
    """An application that was submitted and not withdrawn. `sequence`: its place in the call; `voucher_type`: that it asks
    for, where the call has types."""

    application_id: UUID
    sequence: int
    requested_minor: int
    transitions: tuple[str, ...] = ()
    voucher_type: str | None = None


@dataclass(frozen=True, slots=True)
class PastCall:
    """What the record has. `sheets`: application → score sheets that count; empty where nothing is scored. `seed`: of the draw that
    took place, else one that follows from the call."""

    call_id: UUID
    selection_method: str
    currency: str
    envelope_minor: int
    seed: str
    applicants: tuple[Applicant, ...]
    sheets: Mapping[UUID, Sheets]


@dataclass(frozen=True, slots=True)
class Terms:
    """Under what the call is replayed. `evaluation` None: nothing is scored. `amounts`: of each applicant, in their order; None of one that
    is not eligible. `shortage`: what becomes of the money at the cut-off; `least`: of each type of voucher that has its own, the least that
    a part may be."""

    envelope_minor: int
    ties: tuple[str, ...]
    evaluation: Evaluation | None
    amounts: tuple[int | None, ...]
    shortage: Shortage = WAIT
    least: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scale:
    """Score sheets in the points of other rules. `unit`: points are multiplied by it, so that they stay whole; `rules` are in this unit."""

    unit: int
    factors: Mapping[str, int]
    divisors: Mapping[str, int]
    rules: Evaluation

    def sheet(self, sheet: ScoreSheet) -> ScoreSheet:
        return {name: sheet[name] * factor // self.divisors[name] for name, factor in self.factors.items()} if self.unit > 1 else sheet

    def result(self, sheets: Sequence[ScoreSheet]) -> CaseResult:
        """Of sheets in this unit."""
        result = evaluate(sheets, self.rules)
        if self.unit == 1:
            return result
        if 100 % result.counted == 0:  # the mean is a whole number of hundredths, so only the unit is rounded
            criteria = {name: hundredths(value, self.unit * 100) for name, value in result.criteria.items()}
            return CaseResult(hundredths(result.total, self.unit * 100), criteria, result.counted, result.failed)
        counted = sheets_that_count(sheets, self.rules)
        sums = {name: sum(sheet[name] for sheet in counted) for name in self.factors}
        count = len(counted) * self.unit
        criteria = {name: hundredths(points, count) for name, points in sums.items()}
        return CaseResult(hundredths(sum(sums.values()), count), criteria, result.counted, result.failed)


def scale_between(recorded: Evaluation, changed: Evaluation) -> Scale:
    """The criteria of both are the same, as a scenario changes none but their values."""
    before = {criterion.id: criterion.points_max for criterion in recorded.criteria}
    after = {criterion.id: criterion.points_max for criterion in changed.criteria}
    unit = 1 if before == after else lcm(*before.values())
    criteria = tuple(one.model_copy(update={"points_max": one.points_max * unit}) for one in changed.criteria)
    values = {
        "criteria": criteria,
        "total_threshold": changed.total_threshold * unit,
        "divergence_points": changed.divergence_points * unit,
    }
    return Scale(unit, {name: points * unit for name, points in after.items()}, before, changed.model_copy(update=values))


@dataclass(frozen=True, slots=True)
class Scored:
    """The cases of a call in the points of a scenario: their sheets, results, and the score by which each is ranked."""

    scale: Scale
    sheets: Mapping[UUID, list[ScoreSheet]]
    results: Mapping[UUID, CaseResult]
    scores: Mapping[UUID, int]
    further: int


def score_again(past: PastCall, recorded: Evaluation, changed: Evaluation) -> Scored:
    """`further` counts the cases for which the changed rules would have asked for one more score sheet than there is."""
    scale = scale_between(recorded, changed)
    scaled = {key: {name: scale.sheet(sheet) for name, sheet in sheets.items()} for key, sheets in past.sheets.items()}
    sheets = {key: list(each.values()) for key, each in scaled.items()}
    results = {key: scale.result(each) for key, each in sheets.items()}
    usual = changed.evaluators_per_case
    further = sum(len(each) == usual and needs_another([total_of(one) for one in each], scale.rules) for each in sheets.values())
    scores = {key: result.total for key, result in results.items()}
    if changed.adjustment == "shrunk-additive":
        scores = _adjust(scores, scaled, scale.unit)
    return Scored(scale, sheets, results, scores, further)


def _adjust(scores: Mapping[UUID, int], sheets: Mapping[UUID, Sheets], unit: int) -> dict[UUID, int]:
    totals = {key: {name: total_of(sheet) for name, sheet in each.items()} for key, each in sheets.items()}
    severity = {name: value / Fraction(unit) for name, value in severities(totals).items()}
    cases = Counter(name for each in totals.values() for name in each)
    return {key: adjusted(score, totals[key], severity, cases) for key, score in scores.items()}


@dataclass(frozen=True, slots=True)
class Replayed:
    """The list of a scenario in its order, and the outcome of every applicant, in theirs."""

    ranked: tuple[RankedEntry, ...]
    outcomes: tuple[Outcome, ...]


def replay(past: PastCall, terms: Terms, scored: Scored | None) -> Replayed:
    """The call under these terms. `scored` None where nothing is scored: then every eligible applicant is in the list."""
    eligible = [(one, amount) for one, amount in zip(past.applicants, terms.amounts, strict=True) if amount is not None]
    placed = [(one, amount) for one, amount in eligible if scored is None or one.application_id in scored.results]
    entries = [_entry(one, amount, scored, terms.least) for one, amount in placed]
    ranked = tuple(_ranked(past, terms, entries))
    listed = {each.entry.application_id: Outcome(each.outcome.value) for each in ranked}
    outcomes = (
        Outcome.INELIGIBLE if amount is None else listed.get(one.application_id, Outcome.NOT_SCORED)
        for one, amount in zip(past.applicants, terms.amounts, strict=True)
    )
    return Replayed(ranked, tuple(outcomes))


def _entry(applicant: Applicant, amount_minor: int, scored: Scored | None, least: Mapping[str, int]) -> ListEntry:
    key, own = applicant.application_id, least.get(applicant.voucher_type or "")
    if scored is None:
        return ListEntry(key, amount_minor, applicant.requested_minor, smallest_minor=own)
    result = scored.results[key]
    return ListEntry(key, amount_minor, applicant.requested_minor, scored.scores[key], result.criteria, result.failed, own)


def _ranked(past: PastCall, terms: Terms, entries: Sequence[ListEntry]) -> Iterable[RankedEntry]:
    """Entries come in the order of the applicants' sequence, which decides in a first-come call."""
    if past.selection_method == SelectionMethod.FIRST_COME:
        pairs = zip(entries, allot(entries, terms.envelope_minor, terms.shortage), strict=True)
        return [RankedEntry(rank, entry, one.outcome, one.amount_minor) for rank, (entry, one) in enumerate(pairs, start=1)]
    criteria = tuple(criterion.id for criterion in terms.evaluation.criteria) if terms.evaluation else ()
    rule, smallest = terms.shortage.rule, terms.shortage.smallest_minor
    listing = Listing(
        past.call_id, past.selection_method, "", past.currency, terms.envelope_minor, criteria, terms.ties, tuple(entries), rule, smallest
    )
    return rank_entries(listing, past.seed)


@dataclass(frozen=True, slots=True)
class Sums:
    """Applications and money of one group. `eligible` counts those that are not scored too."""

    applications: int
    eligible: int
    granted: int
    granted_minor: int


def sums_of(applicants: Iterable[tuple[Applicant, int | None, Outcome]]) -> Sums:
    """`applicants`: each with its amount and its outcome."""
    rows = list(applicants)
    granted = [amount or 0 for _, amount, outcome in rows if outcome is Outcome.GRANTED]
    return Sums(len(rows), sum(amount is not None for _, amount, _ in rows), len(granted), sum(granted))
