"""Figures of the vouchers of all regions, side by side. Sums and counts only."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import func, select
from sqlmodel import col

from services.vouchers.tables import AwardRow, CapacityRow, HoldingRow, VoucherRow
from shared.messaging.context import Context
from shared.web.figures import AmountView, SpreadView, amount_of, places, spreads

_STAGES = {
    "award-to-offer": (VoucherRow.created_at, VoucherRow.offered_at),
    "offer-to-answer": (VoucherRow.offered_at, VoucherRow.answered_at),
    "offer-to-voucher": (VoucherRow.offered_at, VoucherRow.issued_at),
    "voucher-to-close": (VoucherRow.issued_at, VoucherRow.closed_at),
}


class UnitsView(BaseModel):
    """Hours (as minutes) or places of the calls of a region that give no money: `supplied` in all; `held` by offers and vouchers,
    `attended` used up. `vouchers`: how many were accepted."""

    unit: str
    supplied: int
    held: int
    attended: int
    vouchers: int


class RegionFiguresView(BaseModel):
    """Of one region. `states` and `outcomes` count vouchers. What is no money is in `units` alone."""

    region: str
    counted_at: datetime
    currency: str
    awards: int
    states: dict[str, int]
    outcomes: dict[str, int]
    amount: AmountView
    redeemed: AmountView
    spreads: list[SpreadView]
    units: list[UnitsView] = []


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
    units = await _units(context)
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
            units=units.get(region, []),
        )  # fmt: skip
        found.append(view)
    return found


async def _units(context: Context) -> dict[str, list[UnitsView]]:
    row, holding = CapacityRow, HoldingRow
    accepted = (
        select(col(holding.region), col(holding.unit), func.count().label("vouchers"))
        .join(VoucherRow, col(VoucherRow.id) == col(holding.voucher_id))
        .where(col(VoucherRow.committed_at).is_not(None))
        .group_by(col(holding.region), col(holding.unit))
    )
    vouchers = {(one.region, one.unit): one.vouchers for one in await context.session.execute(accepted)}
    held = func.sum(col(row.reserved) + col(row.committed)).label("held")
    sums = (func.sum(row.supplied).label("supplied"), held, func.sum(row.attended).label("attended"))
    query = select(col(row.region), col(row.unit), *sums).group_by(col(row.region), col(row.unit)).order_by(col(row.unit))
    found: dict[str, list[UnitsView]] = defaultdict(list)
    for one in await context.session.execute(query):
        counted = {"supplied": int(one.supplied), "held": int(one.held), "attended": int(one.attended)}
        found[one.region].append(UnitsView(unit=one.unit, vouchers=vouchers.get((one.region, one.unit), 0), **counted))
    return found
