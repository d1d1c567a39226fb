"""How many rows of several kinds there are, by one statement: for first pages, which show no row of them."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.web.paging import MAX_COUNTED


class CountView(BaseModel):
    """Counted up to 1,000: where there are more, `exact` is false."""

    count: int
    exact: bool = True


async def counts_of(session: AsyncSession, kinds: Mapping[str, Select[Any]]) -> dict[str, CountView]:
    """By kind. Each query selects one column of the rows that are counted."""
    counted = [query.limit(MAX_COUNTED + 1).subquery() for query in kinds.values()]
    columns = [select(func.count()).select_from(rows).scalar_subquery() for rows in counted]
    numbers = (await session.execute(select(*columns))).one()
    return {
        kind: CountView(count=min(number, MAX_COUNTED), exact=number <= MAX_COUNTED) for kind, number in zip(kinds, numbers, strict=True)
    }
