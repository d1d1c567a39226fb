"""Figures of the evaluation in all regions, side by side. Sums and counts only."""

from datetime import datetime

from pydantic import BaseModel
from sqlalchemy import Integer, func, select
from sqlmodel import col

from services.evaluation.tables import CaseRow, DecisionRow
from shared.kernel.vocabulary import DecisionOutcome
from shared.messaging.context import Context
from shared.web.figures import SpreadView, places, share_bp, spreads

TRANSITION = "transition"
"""The criterion of the policies that asks for the threefold transition."""
_STAGES = {"eligible-to-evaluated": (CaseRow.opened_at, CaseRow.completed_at)}


class RegionFiguresView(BaseModel):
    """Of one region. `outcomes` are the decisions in force; `success_bp`: the share granted of these, without invitations, in basis points,
    null before any.
    `mean_hundredths` and `transition_hundredths`: the mean total, and of the criterion for the threefold transition, in hundredths of a
    point."""

    region: str
    counted_at: datetime
    eligible: int
    evaluated: int
    divergent: int
    mean_hundredths: int | None
    transition_hundredths: int | None
    outcomes: dict[str, int]
    success_bp: int | None
    spreads: list[SpreadView]


async def region_figures(context: Context) -> list[RegionFiguresView]:
    case, none = CaseRow, [0, 0, 0, None, None]
    points = col(case.criteria)[TRANSITION].astext.cast(Integer)
    total = func.avg(case.total_hundredths).cast(Integer)
    columns = (
        func.count(),
        func.count(col(case.completed_at)),
        func.count().filter(col(case.divergent)),
        total,
        func.avg(points).cast(Integer),
    )
    rows = await context.session.execute(select(col(case.region), *columns).group_by(col(case.region)))
    cases = {region: list(values) for region, *values in rows}
    in_force = col(DecisionRow.superseded_at).is_(None)
    query = select(col(case.region), col(DecisionRow.outcome), func.count()).join(
        CaseRow, col(case.application_id) == col(DecisionRow.application_id)
    )
    outcomes: dict[str, dict[str, int]] = {}
    for region, outcome, count in await context.session.execute(query.where(in_force).group_by(col(case.region), col(DecisionRow.outcome))):
        outcomes.setdefault(region, {})[outcome] = count
    took = await spreads(context.session, case.region, _STAGES)
    found = []
    for region in places(context.policies):
        eligible, evaluated, divergent, mean, transition = cases.get(region, none)
        decided = outcomes.get(region, {})
        view = RegionFiguresView(
            region=region, counted_at=context.now, eligible=eligible, evaluated=evaluated, divergent=divergent, mean_hundredths=mean,
            transition_hundredths=transition, outcomes=decided,
            success_bp=share_bp(decided.get(DecisionOutcome.GRANTED, 0), sum(decided.values()) - decided.get(DecisionOutcome.INVITED, 0)),
            spreads=took.get(region, []),
        )  # fmt: skip
        found.append(view)
    return found
