"""A list as a file, written while its rows are read: they never stand in memory as a whole.

An answer that has begun cannot be refused any more. What fails then ends the connection: a browser does not take a part for the whole.
"""

import asyncio
import csv
import io
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from tempfile import TemporaryFile
from typing import Any

import xlsxwriter
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from portal.client.base import ApiProblem

Value = str | int | Decimal | date | None
Rows = Sequence[Sequence[Value]]
CSV, XLSX = "csv", "xlsx"
TYPES = {CSV: "text/csv; charset=utf-8", XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
TOO_MANY_REQUESTS, TRIES = 429, 5
"""So often a page of the list is asked for again, a second later each time, when the service asks to come later."""
_FORMULA = re.compile(r"^[=+\-@\t\r]")
_LONGEST, _MOST_LINES = 32_767, 1_048_576
"""Characters that a cell of a spreadsheet takes, and rows of a worksheet."""
MADE_AT = datetime(2000, 1, 1, tzinfo=UTC)
"""Of every workbook, so that the same rows give the same bytes."""
_CHUNK = 65_536


def as_file(name: str, kind: str, names: Sequence[str], pages: AsyncIterator[Rows]) -> StreamingResponse:
    """`kind`: CSV or XLSX. `names`: of the columns, the first row. `pages`: the rows, some at a time."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    parts = csv_parts(names, pages) if kind == CSV else xlsx_parts(names, pages)
    return StreamingResponse(parts, media_type=TYPES[kind], headers=headers)


async def patiently(ask: Callable[[], Awaitable[Any]]) -> Any:
    """Asks again a little later where there were too many requests. Raises what is raised otherwise."""
    for _ in range(TRIES - 1):
        try:
            return await ask()
        except ApiProblem as problem:
            if problem.status != TOO_MANY_REQUESTS:
                raise
        await asyncio.sleep(1)
    return await ask()


async def csv_parts(names: Sequence[str], pages: AsyncIterator[Rows]) -> AsyncIterator[bytes]:
    """RFC 4180 in UTF-8 with its mark, so that spreadsheets read it. A text that a spreadsheet would compute gets an apostrophe before
    it."""
    yield b"\xef\xbb\xbf" + _csv_lines([names])
    async for rows in pages:
        yield _csv_lines(rows)


def _csv_lines(rows: Rows) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([[_plain(value) for value in row] for row in rows])
    return out.getvalue().encode()


def _plain(value: Value) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return f"'{value}" if _FORMULA.match(value) else value
    return "" if value is None else str(value)


async def xlsx_parts(names: Sequence[str], pages: AsyncIterator[Rows]) -> AsyncIterator[bytes]:
    """Numbers as numbers, instants as texts with their zone, texts as texts, nothing to compute. Rows go to a temporary file as they are
    read; the workbook, which is made of it at the end, has room for 1,048,575 of them, CSV for any number. Where there are more, the
    answer ends without a workbook."""
    with TemporaryFile() as file:
        book = xlsxwriter.Workbook(file, {"constant_memory": True})
        book.set_properties({"created": MADE_AT})
        sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
        _write(sheet, 0, [names], bold)
        line = 1
        async for rows in pages:
            if line + len(rows) > _MOST_LINES:
                raise ValueError("more rows than a worksheet has: they would be left out in silence")
            await run_in_threadpool(_write, sheet, line, rows)
            line += len(rows)
        await run_in_threadpool(book.close)
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk


def _write(sheet: Any, first: int, rows: Rows, style: Any = None) -> None:
    for line, row in enumerate(rows, start=first):
        for place, value in enumerate(row):
            if isinstance(value, int | Decimal):
                sheet.write_number(line, place, float(value))
            elif value is not None:
                sheet.write_string(line, place, value.isoformat() if isinstance(value, date) else value[:_LONGEST], style)
