"""Figures of the money of all regions, side by side. Sums and counts only."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Row, func, select
from sqlmodel import col

from services.payments.tables import ClaimRow, EnvelopeRow
from shared.messaging.context import Context
from shared.web.figures import AmountView, SpreadView, amount_of, places, spreads

_STAGES = {"claim-to-decision": (ClaimRow.lodged_at, ClaimRow.decided_at)}
_TOTALS = ("amount", "reserved", "committed", "paid", "recovered")


class RegionFiguresView(BaseModel):
    """Of one region: its envelopes and what was done with them. `claims` by state."""

    region: str
    counted_at: datetime
    currency: str
    envelope: AmountView
    reserved: AmountView
    committed: AmountView
    paid: AmountView
    recovered: AmountView
    claims: dict[str, int]
    spreads: list[SpreadView]


async def region_figures(context: Context) -> list[RegionFiguresView]:
    row = EnvelopeRow
    sums = [func.sum(getattr(row, f"{total}_minor")).label(total) for total in _TOTALS]
    envelopes: dict[str, list[Row[Any]]] = defaultdict(list)
    for group in await context.session.execute(
        select(col(row.region), col(row.policy_id), *sums).group_by(col(row.region), col(row.policy_id))
    ):
        envelopes[group.region].append(group)
    query = select(col(ClaimRow.region), col(ClaimRow.state), func.count()).group_by(col(ClaimRow.region), col(ClaimRow.state))
    claims: dict[str, dict[str, int]] = defaultdict(dict)
    for region, state, count in await context.session.execute(query):
        claims[region][state] = count
    took = await spreads(context.session, ClaimRow.region, _STAGES)
    found = []
    for region, currency in places(context.policies).items():
        totals = {
            total: amount_of(context.policies, [(group.policy_id, getattr(group, total)) for group in envelopes[region]])
            for total in _TOTALS
        }
        view = RegionFiguresView(
            region=region, counted_at=context.now,
            currency=currency, envelope=totals["amount"], reserved=totals["reserved"], committed=totals["committed"],
            paid=totals["paid"], recovered=totals["recovered"], claims=claims[region], spreads=took.get(region, []),
        )  # fmt: skip
        found.append(view)
    return found
