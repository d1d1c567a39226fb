"""A past call under other rules."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from bench.declare import Aim, Figures, Sides, benchmark
from bench.past_call import PastCall
from bench.stack import Stack

CASES = 10_000
ONE, FOUR = "1 scenario", "4 scenarios"
_POINTS = {"relevance": 20, "transition": 40, "quality": 20, "capacity": 10, "value-for-money": 10}
SCENARIOS: list[dict[str, Any]] = [
    {"name": "transition first", "changes": {f"evaluation.criteria.{name}.points_max": points for name, points in _POINTS.items()}},
    {"name": "threshold 75", "changes": {"evaluation.total_threshold": 75}},
    {"name": "intensity 60 %", "changes": {"value.intensity_bp": 6_000, "value.own_contribution_bp": 1_000}},
    {"name": "half of the budget, design alone", "envelope_bp": 5_000, "changes": {"eligibility.activity_codes": ["74"]}},
]


@benchmark(
    "A past call under other rules", unit="s", rounds=3,
    aims=(Aim(FOUR, metric="s in all", at_most=10), Aim(ONE, metric="s in all", at_most=10)),
)  # fmt: skip
async def whatif(stack: Stack) -> AsyncIterator[Sides]:
    """One call of 10,000 applications, each scored by two or three evaluators, replayed under one and under four scenarios (weights,
    threshold, intensity, budget with activities) with the spread by bootstrap. Two requests: one to `applications` for eligibility and
    amounts, one to `evaluation` for ranking and spread, both in this process. Forms and verdicts are encrypted."""
    past = await PastCall.open(stack, stack.pick(CASES, 1_000))
    try:
        yield {ONE: partial(_replay, past, 1), FOUR: partial(_replay, past, 4)}
    finally:
        await past.close()


async def _replay(past: PastCall, scenarios: int) -> Figures:
    return await past.replay(SCENARIOS[:scenarios], rounds=100)
