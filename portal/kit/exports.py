"""A list as a file, written while its rows are read: neither its rows nor the file stand in memory or on a disk as a whole.

An answer that has begun cannot be refused any more. What fails then ends the connection: a browser does not take a part for the whole.
"""

import asyncio
import csv
import io
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from starlette.responses import StreamingResponse

from portal.client.base import ApiProblem

Value = str | int | Decimal | date | None
Rows = Sequence[Sequence[Value]]
CSV, XLSX = "csv", "xlsx"
TYPES = {CSV: "text/csv; charset=utf-8", XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
TOO_MANY_REQUESTS, TRIES = 429, 5
"""So often a page of the list is asked for again, a second later each time, when the service asks to come later."""
_FORMULA = re.compile(r"^[=+\-@\t\r]")
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_LONGEST = 32_767
"""Characters that a cell of a spreadsheet takes."""


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
    """A workbook of ECMA-376 with one sheet: numbers as numbers, instants as texts with their zone, texts as texts, nothing to compute.
    A spreadsheet has room for 1,048,575 rows; CSV for any number."""
    written = _Written()
    with ZipFile(written, "w", ZIP_DEFLATED) as book:  # type: ignore[call-overload]  # written to and never read, which ZipFile allows
        for path, content in _BOOK.items():
            book.writestr(_entry(path), content)
        with book.open(_entry("xl/worksheets/sheet1.xml"), "w") as sheet:
            sheet.write(_SHEET + _xlsx_rows([names], 1, _BOLD))
            line = 2
            async for rows in pages:
                sheet.write(_xlsx_rows(rows, line))
                line += len(rows)
                yield written.take()
            sheet.write(_END)
    yield written.take()


class _Written:
    """What a `ZipFile` has written since it was last taken."""

    def __init__(self) -> None:
        self._content = bytearray()

    def write(self, content: bytes) -> int:
        self._content += content
        return len(content)

    def flush(self) -> None:
        """`ZipFile` calls it; there is nothing behind."""

    def take(self) -> bytes:
        taken, self._content = bytes(self._content), bytearray()
        return taken


def _entry(path: str) -> ZipInfo:
    """Of the same day in each file, so that the same rows give the same bytes."""
    entry = ZipInfo(path, (2000, 1, 1, 0, 0, 0))
    entry.compress_type = ZIP_DEFLATED
    return entry


def _xlsx_rows(rows: Rows, first: int, style: str = "") -> bytes:
    return "".join(
        f'<row r="{line}">{"".join(_xlsx_cell(f"{_letters(at)}{line}", value, style) for at, value in enumerate(row))}</row>'
        for line, row in enumerate(rows, start=first)
    ).encode()


def _xlsx_cell(place: str, value: Value, style: str) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, int | Decimal):
        return f'<c r="{place}"{style}><v>{Decimal(value):f}</v></c>'
    words = value.isoformat() if isinstance(value, date) else value
    safe = escape(_ESCAPE.sub("_x005F_", _NO_XML.sub("", words))[:_LONGEST])
    return f'<c r="{place}"{style} t="inlineStr"><is><t xml:space="preserve">{safe}</t></is></c>'


def _letters(at: int) -> str:
    """Of a column: 0 is A, 26 is AA."""
    letters = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_KINDS = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_BOLD = ' s="1"'
_SHEET = f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>'.encode()
_END = b"</sheetData></worksheet>"
_BOOK = {
    "[Content_Types].xml": f'{_XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_KINDS}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KINDS}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_KINDS}.styles+xml"/></Types>',
    "_rels/.rels": f'{_XML}<Relationships xmlns="{_RELATIONS}">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'{_XML}<Relationships xmlns="{_RELATIONS}">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'{_XML}<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}
