"""A shrunk additive adjustment for evaluators who are milder or more severe than their colleagues. It applies where the policy chose
it before the call opened. Exact fractions; thresholds are always compared with the raw mean."""

from collections import defaultdict
from collections.abc import Mapping
from fractions import Fraction
from uuid import UUID

SHRINKAGE = 5
"""The weight of doubt, in cases: an evaluator with n cases is corrected by n / (n + 5) of the observed deviation (default)."""


def severities(totals: Mapping[UUID, Mapping[str, int]]) -> dict[str, Fraction]:
    """Evaluator → mean deviation in points from the mean of the case's sheets; negative is severe. `totals`: case → evaluator → total."""
    deviations: dict[str, list[Fraction]] = defaultdict(list)
    for sheets in totals.values():
        if len(sheets) > 1:
            mean = Fraction(sum(sheets.values()), len(sheets))
            for evaluator, total in sheets.items():
                deviations[evaluator].append(total - mean)
    return {evaluator: sum(values, Fraction()) / len(values) for evaluator, values in sorted(deviations.items())}


def adjusted(total_hundredths: int, sheets: Mapping[str, int], severity: Mapping[str, Fraction], cases: Mapping[str, int]) -> int:
    """The mean total minus the shrunk mean deviation of its evaluators, in hundredths, rounded half up; between 0 and 10,000.

    `sheets` are the case's totals by evaluator, `cases` how many cases each evaluator has scored.
    """
    shrunk = [severity.get(e, Fraction()) * Fraction(cases.get(e, 0), cases.get(e, 0) + SHRINKAGE) for e in sheets]
    if not shrunk:
        return total_hundredths
    value = total_hundredths - sum(shrunk, Fraction()) * 100 / len(shrunk)
    return min(max((2 * value + 1) // 2, 0), 10_000)
