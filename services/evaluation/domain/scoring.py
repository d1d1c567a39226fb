"""Score sheets: which are valid, when one more is needed, which of them count, and their result.

Points are whole numbers; a mean is kept in hundredths of a point as an integer, rounded half up (that only matters when three
sheets count). Thresholds are compared on the exact sums, before any rounding.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.kernel.errors import Refused
from shared.kernel.money import BASIS
from shared.policy.sections import Criterion, Evaluation

BELOW_THRESHOLD, BELOW_CRITERION = "below-threshold", "below-criterion-threshold"
ScoreSheet = Mapping[str, int]
"""Criterion id → points."""


@dataclass(frozen=True, slots=True)
class CaseResult:
    """`criteria` and `total` are hundredths of a point; `failed` names the missed thresholds, empty when all were met."""

    total: int
    criteria: dict[str, int]
    counted: int
    failed: tuple[str, ...]


def check_sheet(sheet: ScoreSheet, rules: Evaluation) -> None:
    """`Refused` score-missing, score-out-of-range or unknown-criterion, with the criterion as the field.

    Every criterion of the policy needs points from 0 to its maximum, and there is no other.
    """
    for criterion in rules.criteria:
        points = sheet.get(criterion.id)
        field = f"scores.{criterion.id}"
        if points is None:
            raise Refused("score-missing", "This criterion has no points yet.", field=field)
        if not 0 <= points <= criterion.points_max:
            raise Refused("score-out-of-range", "From 0 to {points_max} points.", field=field, points_max=criterion.points_max)
    for unknown in sorted(set(sheet) - {criterion.id for criterion in rules.criteria}):
        raise Refused("unknown-criterion", "The policy has no such criterion.", field=f"scores.{unknown}")


def check_draft(content: Mapping[str, Any], rules: Evaluation) -> None:
    """`Refused` score-out-of-range or unknown-criterion. What is not written yet is no fault of a draft."""
    for criterion in rules.criteria:
        points = content["scores"].get(criterion.id, 0)
        if not 0 <= points <= criterion.points_max:
            field = f"scores.{criterion.id}"
            raise Refused("score-out-of-range", "From 0 to {points_max} points.", field=field, points_max=criterion.points_max)
    known = {criterion.id for criterion in rules.criteria}
    for part in ("scores", "justifications"):
        for unknown in sorted(set(content[part]) - known):
            raise Refused("unknown-criterion", "The policy has no such criterion.", field=f"{part}.{unknown}")


def check_justifications(justifications: Mapping[str, str], rules: Evaluation) -> None:
    """`Refused` justification-too-short or unknown-criterion. Blanks around the text do not count."""
    least = rules.justification_min_length or 0
    for criterion in rules.criteria:
        if len(justifications.get(criterion.id, "").strip()) < least:
            raise Refused(
                "justification-too-short",
                "Justify these points in at least {least} characters.",
                field=f"justifications.{criterion.id}",
                least=least,
            )
    for unknown in sorted(set(justifications) - {criterion.id for criterion in rules.criteria}):
        raise Refused("unknown-criterion", "The policy has no such criterion.", field=f"justifications.{unknown}")


def needs_another(totals: Sequence[int], rules: Evaluation) -> bool:
    """True when the first sheets differ so much that a further evaluator is needed; never when all are below the threshold."""
    passing = sum(total >= rules.total_threshold for total in totals)
    if not passing:
        return False
    split = rules.third_when_split and passing < len(totals)
    return split or max(totals) - min(totals) >= rules.divergence_points


def sheets_that_count(sheets: Sequence[ScoreSheet], rules: Evaluation) -> list[ScoreSheet]:
    """All sheets. With "nearest-two" and one sheet more than usual: those nearest to one another, in doubt the higher ones."""
    usual = rules.evaluators_per_case
    if rules.third_score == "all" or len(sheets) <= usual:
        return list(sheets)
    ranked = sorted(sheets, key=lambda sheet: (total_of(sheet), sorted(sheet.items())), reverse=True)
    windows = [ranked[start : start + usual] for start in range(len(ranked) - usual + 1)]
    return min(windows, key=lambda window: total_of(window[0]) - total_of(window[-1]))


def evaluate(sheets: Sequence[ScoreSheet], rules: Evaluation) -> CaseResult:
    """The mean of the sheets that count, and the thresholds that it misses."""
    counted = sheets_that_count(sheets, rules)
    sums = {criterion.id: sum(sheet[criterion.id] for sheet in counted) for criterion in rules.criteria}
    failed = []
    if sum(sums.values()) < rules.total_threshold * len(counted):
        failed.append(BELOW_THRESHOLD)
    if any(_below(sums[criterion.id], criterion, len(counted)) for criterion in rules.criteria):
        failed.append(BELOW_CRITERION)
    criteria = {name: hundredths(points, len(counted)) for name, points in sums.items()}
    return CaseResult(hundredths(sum(sums.values()), len(counted)), criteria, len(counted), tuple(failed))


def total_of(sheet: ScoreSheet) -> int:
    """Points of all criteria together."""
    return sum(sheet.values())


def hundredths(points: int, count: int) -> int:
    """points / count in hundredths, rounded half up."""
    return (points * 200 + count) // (2 * count)


def threshold_hundredths(criterion: Criterion) -> int:
    """The least mean of a criterion in hundredths, for display: rounded up, while the comparison itself is exact."""
    return -(-criterion.points_max * 100 * criterion.threshold_share_bp // BASIS)


def _below(points: int, criterion: Criterion, count: int) -> bool:
    return points * BASIS < criterion.points_max * criterion.threshold_share_bp * count
