"""What the figures of the programme have in common: amounts in two currencies, and how long a stage takes. Sums and counts of regions: no
person, no organisation and no case is in them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from shared.messaging.context import Context
from shared.policy.resolver import PolicyBook

_HOUR = timedelta(hours=1)
KEPT = timedelta(minutes=1)
"""Of programme time. All cases are counted once in it at most, however many read the figures."""
T = TypeVar("T")


class Figures(Generic[T]):
    """The figures of one process, as they were counted a minute ago at the earliest. They are of all regions, so they are the same for
    everybody who may read them."""

    def __init__(self, count: Callable[[Context], Awaitable[T]]) -> None:
        self._count, self._counting = count, asyncio.Lock()
        self._counted_at: datetime | None = None
        self._found: T | None = None

    async def read(self, context: Context) -> T:
        """Who comes while they are counted waits for this count."""
        async with self._counting:
            if self._found is None or self._counted_at is None or not timedelta() <= context.now - self._counted_at < KEPT:
                self._found, self._counted_at = await self._count(context), context.now
            return self._found


async def kept_figures(app: FastAPI, context: Context, count: Callable[[Context], Awaitable[T]]) -> T:
    """Those of the app, counted by `count` when they are too old."""
    if not hasattr(app.state, "figures"):
        app.state.figures = Figures(count)
    figures: Figures[T] = app.state.figures
    return await figures.read(context)


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
    """`sums`: policy id and minor units of each group of cases, of one currency. What is given and is no money is in no sum of it."""
    known = [(policy_id, int(minor or 0)) for policy_id, minor in sums if policies.get(policy_id).gives_money]
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
