"""Lists in pages: sorted by a column that the list allows, continued after the last row seen (keyset).

Rows that are added or removed while a client reads pages shift nothing: no row is shown twice and none is skipped.
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field, TypeAdapter
from pydantic_core import to_jsonable_python
from sqlalchemy import BigInteger, Integer, Select, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from shared.kernel.errors import Refused
from shared.web.body import check_storable
from shared.web.instants import Instant

MAX_LIMIT = 200
MAX_COUNTED = 1_000
"""Rows are counted up to this number: counting is the one part of a page whose cost grows with the table."""
T = TypeVar("T")
U = TypeVar("U")
Row = TypeVar("Row")


class Page(BaseModel, Generic[T]):
    """`total` counts the rows of all pages, up to 1,000: where there are more, `total_is_exact` is false. `next` is the cursor of the
    next page, absent on the last."""

    items: list[T]
    total: int
    total_is_exact: bool = True
    limit: int
    next: str | None = None

    def with_items(self, items: list[U]) -> "Page[U]":
        """The same page with other items, one for each row."""
        return Page(items=items, total=self.total, total_is_exact=self.total_is_exact, limit=self.limit, next=self.next)


@dataclass(frozen=True)
class Paging:
    """A checked request for a page: up to `limit` rows in the order of `column` then `unique`, after the values of `after`."""

    sort: str
    column: Any
    unique: Any
    descending: bool
    limit: int
    after: tuple[Any, Any] | None


class Sorting:
    """The columns by which one list may be sorted, declared once beside its query, and the dependency that reads the parameters:

    `CALLS = Sorting({"closes_at": CallRow.closes_at}, unique=CallRow.id, default="-closes_at")`, then in the route
    `paging: Annotated[Paging, Depends(CALLS)]`. Columns are NOT NULL, `unique` has no value twice.
    """

    def __init__(self, columns: Mapping[str, Any], *, unique: Any, default: str) -> None:
        self._columns, self._unique, self._default = columns, unique, default

    async def __call__(
        self,
        limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 50,
        cursor: Annotated[str | None, Query(max_length=1000, description="`next` of the page before")] = None,
        sort: Annotated[str | None, Query(max_length=100, description="A field of the list; with a minus, in descending order")] = None,
    ) -> Paging:
        """`Refused` 'unknown-sort' or 'bad-cursor', naming the parameter."""
        sort = sort or self._default
        column = self._columns.get(sort.removeprefix("-"))
        if column is None:
            raise Refused("unknown-sort", "Sort by one of: {names}.", field="sort", names=sorted(self._columns))
        after = self._read(cursor, sort, column) if cursor else None
        return Paging(sort, column, self._unique, sort.startswith("-"), limit, after)

    def _read(self, cursor: str, sort: str, column: Any) -> tuple[Any, Any]:
        try:
            of_sort, *values = json.loads(base64.urlsafe_b64decode(cursor.encode()))
            check_storable(values)
            value, unique = values
            if of_sort != sort:
                raise ValueError("the cursor of another order")
            return _typed(column, value), _typed(self._unique, unique)
        except (Refused, ValueError, TypeError, RecursionError) as error:
            raise Refused("bad-cursor", "This cursor does not belong to this list and order.", field="cursor") from error


async def page_of(session: AsyncSession, query: Select[Row], paging: Paging, as_item: Callable[[Row], T]) -> Page[T]:
    """The page of a select of one entity; filters are in the query already, order and limit are set here."""
    keys = (paging.column, paging.unique)
    counted = query.with_only_columns(paging.unique).order_by(None).limit(MAX_COUNTED + 1).subquery()
    count = select(func.count()).select_from(counted).scalar_subquery()  # once for the statement, not for each row
    order = (key.desc() if paging.descending else key for key in keys)
    window = query.add_columns(*keys, count).order_by(*order).limit(paging.limit + 1)
    if paging.after:
        seen = tuple_(*keys)
        window = window.where(seen < paging.after if paging.descending else seen > paging.after)
    rows = (await session.execute(window)).all()
    more = len(rows) > paging.limit
    rows = rows[: paging.limit]
    cursor = _cursor(paging.sort, *rows[-1][-3:-1]) if more else None
    total = rows[0][-1] if rows else (await session.scalar(select(count)) if paging.after else 0) or 0
    exact = total <= MAX_COUNTED
    return Page(
        items=[as_item(row[0]) for row in rows], total=min(total, MAX_COUNTED), total_is_exact=exact, limit=paging.limit, next=cursor
    )


def _cursor(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(to_jsonable_python(parts)).encode()).decode()


def _typed(column: Any, value: Any) -> Any:
    """The value as the column's Python type; ValueError when it is not one."""
    stored = getattr(column.type, "impl_instance", column.type)  # SQLModel wraps its text type
    if isinstance(stored, Integer):
        bound = 2 ** (63 if isinstance(stored, BigInteger) else 31)
        return TypeAdapter(Annotated[int, Field(ge=-bound, lt=bound)]).validate_python(value)
    kind = stored.python_type
    return TypeAdapter(Instant if kind is datetime else kind).validate_python(value)
