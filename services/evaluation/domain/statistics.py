"""Statistics of the agreement between evaluators. For display only: no decision depends on them, so floats are allowed here.

ICC(1,1): Shrout and Fleiss 1979, one-way random effects, single rater. Alpha: Krippendorff, interval metric.
"""

from collections.abc import Sequence

TotalsPerCase = Sequence[Sequence[int]]
"""One row for each case: the totals of its sheets."""


def icc(rows: TotalsPerCase) -> float | None:
    """ICC(1,1) of cases with equally many sheets (two or more); None when there are fewer than two cases or nothing varies."""
    k = len(rows[0]) if rows else 0
    if len(rows) < 2 or k < 2:
        return None
    means = [sum(row) / k for row in rows]
    grand = sum(means) / len(means)
    between = k * sum((mean - grand) ** 2 for mean in means) / (len(rows) - 1)
    within = sum((value - mean) ** 2 for row, mean in zip(rows, means, strict=True) for value in row) / (len(rows) * (k - 1))
    return (between - within) / (between + (k - 1) * within) if between + within else None


def alpha(rows: TotalsPerCase) -> float | None:
    """Krippendorff's alpha; cases with a single sheet are left out. None when nothing varies."""
    rows = [row for row in rows if len(row) > 1]
    values = [value for row in rows for value in row]
    observed = sum(_squares(row) / (len(row) - 1) for row in rows)
    expected = _squares(values) / (len(values) - 1) if len(values) > 1 else 0
    return 1 - observed / expected if expected else None


def _squares(values: Sequence[int]) -> float:
    """The sum over all ordered pairs of the squared difference."""
    return 2 * (len(values) * sum(value * value for value in values) - sum(values) ** 2)
