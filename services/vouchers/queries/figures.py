"""Figures of the vouchers of all regions, side by side. Sums and counts only."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import func, select
from sqlmodel import col

from services.vouchers.tables import AwardRow, VoucherRow
from shared.messaging.context import Context
from shared.web.figures import AmountView, SpreadView, amount_of, places, spreads

_STAGES = {
    "award-to-offer": (VoucherRow.created_at, VoucherRow.offered_at),
    "offer-to-answer": (VoucherRow.offered_at, VoucherRow.answered_at),
    "offer-to-voucher": (VoucherRow.offered_at, VoucherRow.issued_at),
    "voucher-to-close": (VoucherRow.issued_at, VoucherRow.closed_at),
}


class RegionFiguresView(BaseModel):
    """Of one region. `states` and `outcomes` count vouchers."""

    region: str
    counted_at: datetime
    currency: str
    awards: int
    states: dict[str, int]
    outcomes: dict[str, int]
    amount: AmountView
    redeemed: AmountView
    spreads: list[SpreadView]


async def region_figures(context: Context) -> list[RegionFiguresView]:
    row = VoucherRow
    keys = (col(row.region), col(row.policy_id), col(row.state), col(row.outcome))
    sums = (func.count().label("cases"), func.sum(row.value_minor).label("amount"), func.sum(row.redeemed_minor).label("redeemed"))
    grouped: dict[str, list[Any]] = defaultdict(list)
    for group in await context.session.execute(select(*keys, *sums).group_by(*keys)):
        grouped[group.region].append(group)
    query = select(col(AwardRow.region), func.count()).group_by(col(AwardRow.region))
    awards: dict[str, int] = {row[0]: row[1] for row in await context.session.execute(query)}
    took = await spreads(context.session, row.region, _STAGES)
    found = []
    for region, currency in places(context.policies).items():
        states, outcomes = defaultdict[str, int](int), defaultdict[str, int](int)
        for group in grouped[region]:
            states[group.state] += group.cases
            if group.outcome:
                outcomes[group.outcome] += group.cases
        view = RegionFiguresView(
            region=region, counted_at=context.now, currency=currency, awards=awards.get(region, 0), states=states, outcomes=outcomes,
            amount=amount_of(context.policies, [(group.policy_id, group.amount) for group in grouped[region]]),
            redeemed=amount_of(context.policies, [(group.policy_id, group.redeemed) for group in grouped[region]]),
            spreads=took.get(region, []),
        )  # fmt: skip
        found.append(view)
    return found
