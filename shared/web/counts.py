"""How many rows of several kinds there are, by one statement: for first pages, which show no row of them."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from sqlalchemy import BindParameter, Select, String, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.web.paging import MAX_COUNTED

REGIONS: BindParameter[Any] = bindparam("regions", expanding=True)
"""Of a statement that is built once: the regions that the reader may see."""
ACTOR = bindparam("actor", type_=String)


class CountView(BaseModel):
    """Counted up to 1,000: where there are more, `exact` is false."""

    count: int
    exact: bool = True


class Counts:
    """The statement, which may be built once and be asked with `parameters` for each reader: building it costs as much as asking it.

    `kinds`: each query selects one column of the rows that are counted.
    """

    def __init__(self, kinds: Mapping[str, Select[Any]]) -> None:
        counted = [query.limit(MAX_COUNTED + 1).subquery() for query in kinds.values()]
        self._kinds = list(kinds)
        self._statement = select(*(select(func.count()).select_from(rows).scalar_subquery() for rows in counted))

    async def of(self, session: AsyncSession, **parameters: Any) -> dict[str, CountView]:
        """By kind."""
        numbers = (await session.execute(self._statement, parameters)).one()
        return {
            kind: CountView(count=min(number, MAX_COUNTED), exact=number <= MAX_COUNTED)
            for kind, number in zip(self._kinds, numbers, strict=True)
        }


async def counts_of(session: AsyncSession, kinds: Mapping[str, Select[Any]]) -> dict[str, CountView]:
    """By kind, of queries that were made for this reader."""
    return await Counts(kinds).of(session)
