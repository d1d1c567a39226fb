"""/open-awards: awards as open data (360Giving), for everybody."""

import csv
import io
from typing import Annotated, Any

import orjson
from fastapi import Query, Response

from services.applications.api.dependencies import Anybody
from services.applications.domain.open_awards import table_of
from services.applications.queries.open_awards import award_records
from shared.web.auth import open_router

router = open_router("open data")
Region = Annotated[str | None, Query(max_length=80)]
Year = Annotated[int | None, Query(ge=2020, le=2100, description="Of the decision, in UTC")]
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@router.get("/open-awards", response_class=Response, responses={200: {"content": {"application/json": {"schema": {"type": "object"}}}}})
async def list_open_awards(context: Anybody, region: Region = None, year: Year = None) -> Response:
    """360Giving JSON: one record for each award, amended in place when something about it changes."""
    records = [_with_number(record) for record in await award_records(context, region, year)]
    return Response(orjson.dumps({"grants": records}), media_type="application/json")


@router.get("/open-awards.csv", response_class=Response, responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}})
async def list_open_awards_csv(context: Anybody, region: Region = None, year: Year = None) -> Response:
    """The same as a table, with the names of the standard's columns."""
    text = io.StringIO()
    csv.writer(text).writerows([_harmless(cell) for cell in row] for row in table_of(await award_records(context, region, year)))
    headers = {"Content-Disposition": 'attachment; filename="awards.csv"'}
    return Response(text.getvalue().encode(), media_type="text/csv; charset=utf-8", headers=headers)


def _with_number(record: dict[str, Any]) -> dict[str, Any]:
    """The amount as a number of JSON, digit by digit."""
    return record | {"amountAwarded": orjson.Fragment(record["amountAwarded"])}


def _harmless(cell: str) -> str:
    """No spreadsheet takes it for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
