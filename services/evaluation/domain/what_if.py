"""The list as it would be with another budget, threshold or other weights: a question to the record, which stays as it is.

Weights are the most points of each criterion; their sum is scaled to 100. Means are hundredths of a point, and stay within a criterion:
its own threshold is a share, so weights do not change who misses it. The draw is not asked: ties that only it breaks go by application id.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from services.evaluation.domain.allotment import allot
from services.evaluation.domain.ranking import ListEntry, Listing, sort_key
from services.evaluation.domain.scoring import BELOW_CRITERION, BELOW_THRESHOLD
from shared.kernel.errors import Refused
from shared.kernel.vocabulary import DecisionOutcome
from shared.policy.sections import Evaluation


@dataclass(frozen=True, slots=True)
class Supposition:
    """What is supposed in place of the record; None and empty keep it. `threshold` in points."""

    envelope_minor: int | None = None
    threshold: int | None = None
    weights: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class SupposedEntry:
    rank: int
    application_id: UUID
    score: int
    failed: tuple[str, ...]
    outcome: DecisionOutcome
    awarded_minor: int = 0


def check_supposition(supposed: Supposition, rules: Evaluation | None) -> None:
    """`Refused` unknown-criterion, or weights-incomplete where some criterion has none, or all have none together."""
    if not supposed.weights:
        return
    known = {criterion.id for criterion in rules.criteria} if rules else set()
    for unknown in sorted(set(supposed.weights) - known):
        raise Refused("unknown-criterion", "The policy has no such criterion.", field=f"scores.{unknown}")
    if set(supposed.weights) != known or not sum(supposed.weights.values()):
        raise Refused("weights-incomplete", "Give a weight for each criterion, and not 0 for all.", field="weights")


def what_if(listing: Listing, supposed: Supposition, rules: Evaluation | None) -> list[SupposedEntry]:
    """The whole list in order. The caller has called `check_supposition`."""
    entries = [_supposed(entry, supposed, rules) for entry in listing.entries]
    ordered = sorted(entries, key=lambda entry: (*sort_key(entry, listing), str(entry.application_id)))
    envelope = listing.envelope_minor if supposed.envelope_minor is None else supposed.envelope_minor
    return [
        SupposedEntry(rank, entry.application_id, entry.score, entry.failed, one.outcome, one.amount_minor)
        for rank, (entry, one) in enumerate(zip(ordered, allot(ordered, envelope, listing.shortage), strict=True), start=1)
    ]


def _supposed(entry: ListEntry, supposed: Supposition, rules: Evaluation | None) -> ListEntry:
    if rules is None:
        return entry
    score = _weighted(entry, supposed.weights, rules) if supposed.weights else entry.score
    if not supposed.weights and supposed.threshold is None:
        return entry
    total = score if supposed.weights else sum(entry.criteria.values())  # thresholds use the raw mean
    threshold = rules.total_threshold if supposed.threshold is None else supposed.threshold
    failed = [BELOW_THRESHOLD] if total < threshold * 100 else []
    failed += [BELOW_CRITERION] if BELOW_CRITERION in entry.failed else []
    return replace(entry, score=score, failed=tuple(failed))


def _weighted(entry: ListEntry, weights: Mapping[str, int], rules: Evaluation) -> int:
    """Hundredths of a point, rounded half up: the sum of mean / most points × weight, as a share of all weights."""
    whole = sum(weights.values())
    common = 1
    for criterion in rules.criteria:
        common *= criterion.points_max
    points = sum(entry.criteria.get(each.id, 0) * weights[each.id] * (common // each.points_max) for each in rules.criteria)
    return (200 * points + common * whole) // (2 * common * whole)
