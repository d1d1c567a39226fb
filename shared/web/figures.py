"""What the figures of the programme have in common: amounts in two currencies, and how long a stage takes. Sums and counts of regions: no
person, no organisation and no case is in them."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from shared.policy.resolver import PolicyBook

_HOUR = timedelta(hours=1)


class AmountView(BaseModel):
    """`minor` units of the region's currency, and of the euro at the rate of the policy to which each call is pinned."""

    minor: int
    eur_minor: int


class SpreadView(BaseModel):
    """How long `stage` took in the `cases` that have ended it: half of them at most `median_hours`, nine of ten at most `most_hours`."""

    stage: str
    cases: int
    median_hours: int
    most_hours: int


def places(policies: PolicyBook) -> dict[str, str]:
    """Every region with its currency, in the order of the regions' ids."""
    return {policy.region: policy.currency for policy in policies.all()}


def amount_of(policies: PolicyBook, sums: Iterable[tuple[str, int | None]]) -> AmountView:
    """`sums`: policy id and minor units of each group of cases, of one currency."""
    known = [(policy_id, int(minor or 0)) for policy_id, minor in sums]
    return AmountView(minor=sum(minor for _, minor in known), eur_minor=sum(policies.get(one).to_eur_minor(minor) for one, minor in known))


def share_bp(part: int, whole: int) -> int | None:
    """In basis points, rounded down; None of nothing."""
    return part * 10_000 // whole if whole else None


async def spreads(session: AsyncSession, region: Any, stages: Mapping[str, tuple[Any, Any]]) -> dict[str, list[SpreadView]]:
    """By region, for each stage its columns of beginning and end. Stages that no case has ended are left out."""
    found: dict[str, list[SpreadView]] = {}
    for stage, (begins, ends) in stages.items():
        took = col(ends) - col(begins)
        columns = [func.percentile_disc(share).within_group(took.asc()) for share in (0.5, 0.9)]
        query = select(col(region), func.count(), *columns).where(col(begins).is_not(None), col(ends).is_not(None))
        for place, cases, median, most in await session.execute(query.group_by(col(region))):
            view = SpreadView(stage=stage, cases=cases, median_hours=median // _HOUR, most_hours=most // _HOUR)
            found.setdefault(place, []).append(view)
    return found
