"""`triptych applications`: applications from files."""

import asyncio
import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from operations.cli.actors import OFFICER
from operations.cli.address import api_here, chosen
from operations.cli.calls import CALLS
from operations.cli.console import err, fail, out
from operations.cli.import_rows import ImportRow, RefusedRow, RowReader, read_lines
from operations.client import Api, Problem
from services.applications.domain.import_lines import Line
from shared.kernel.errors import Refused
from shared.kernel.spreadsheets import Named

ROWS_PER_REQUEST = 50

app = typer.Typer(help="Applications.", no_args_is_help=True)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one line of the file. The fields are the columns of the report."""

    line: int
    row_key: str
    outcome: str
    region: str = ""
    call: str = ""
    application_id: str = ""
    receipt: str = ""
    code: str = ""
    field: str = ""
    detail: str = ""


@app.command("import")
def import_(
    file: Annotated[
        Path, typer.Argument(help="JSONL or CSV: one application a row, with its applicant's own data.", exists=True, dir_okay=False)
    ],
    call: Annotated[str | None, typer.Option(help="Id or slug of the call of every row; without it each row names its own.")] = None,
    separator: Annotated[str | None, typer.Option(help="Between the columns of a CSV file; without it, found from its heading.")] = None,
    encoding: Annotated[str | None, typer.Option(help="Of the file, such as windows-1250; without it, found from its content.")] = None,
    decimal: Annotated[str | None, typer.Option(help="Before the decimals of amounts: , or . (default: found from all amounts).")] = None,
    report: Annotated[Path | None, typer.Option(help="Write the outcome of every row to this CSV file.", dir_okay=False)] = None,
) -> None:
    """Import applications from a file: each row is imported, refused with the field and the reason, or was imported before."""
    chosen()
    if decimal not in (None, ",", ".") or len(separator or ",") != 1:
        fail("--decimal takes , or . and --separator one sign.")
    try:
        lines = list(read_lines(file, Named(encoding, separator, decimal)))
    except Refused as refused:
        fail(f"{file}: {refused.detail} (--encoding, --separator, --decimal)")
    try:
        outcomes = asyncio.run(_with_progress(lines, call))
    except Refused as refused:
        fail(f"--call {call}: {refused.detail} `GET /api/applications/calls` lists the calls with their ids.")
    except Problem as problem:
        fail(str(problem))
    for outcome in outcomes:
        if outcome.outcome == "refused":
            field = f" {outcome.field}" if outcome.field else ""
            out.print(f"line {outcome.line}: {outcome.code}{field}: {outcome.detail}", highlight=False, soft_wrap=True)
    out.print(summary(outcomes))
    if report is not None:
        write_report(report, outcomes)
        out.print(f"Every row: {report}", highlight=False, soft_wrap=True)


async def _with_progress(lines: list[Line], named: str | None) -> list[Outcome]:
    api = api_here()
    columns = (TextColumn("importing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        reader = RowReader([call async for call in api.list_items(OFFICER, CALLS)], named)
        with Progress(*columns, console=err) as progress:
            bar = progress.add_task("", total=len(lines))
            return await import_lines(api, lines, reader, lambda done: progress.advance(bar, done))
    finally:
        await api.close()


async def import_lines(api: Api, lines: list[Line], reader: RowReader, done: Callable[[int], object]) -> list[Outcome]:
    """The outcome of every line, in the order of the file. Rows of one call are sent in that order; `done` gets each number of rows."""
    outcomes: dict[int, Outcome] = {}
    by_call: dict[str, list[tuple[Line, ImportRow]]] = defaultdict(list)
    for line in lines:
        row = reader.read(line)
        if isinstance(row, RefusedRow):
            outcomes[line.number] = _refused_here(line, row)
            done(1)
        else:
            by_call[row.call["id"]].append((line, row))
    for rows in by_call.values():
        for first in range(0, len(rows), ROWS_PER_REQUEST):
            part = rows[first : first + ROWS_PER_REQUEST]
            outcomes |= {outcome.line: outcome for outcome in await _send(api, part)}
            done(len(part))
    return [outcomes[line.number] for line in lines]


def _refused_here(line: Line, row: RefusedRow) -> Outcome:
    reason = row.reason
    return Outcome(line.number, row.row_key, "refused", code=reason.code, field=reason.field or "", detail=reason.detail)


async def _send(api: Api, rows: list[tuple[Line, ImportRow]]) -> Iterator[Outcome]:
    call = rows[0][1].call
    body = {"call_id": call["id"], "rows": [ready.row for _, ready in rows]}
    try:
        results = (await api.post(OFFICER, "/api/applications/imports", body))["results"]
    except Problem as problem:  # the whole request is refused: none of its rows was imported
        refused = {"outcome": "refused", "code": problem.code, "detail": problem.detail, "field": problem.field}
        results = [refused | {"row_key": ready.row["row_key"]} for _, ready in rows]
    return (_outcome(line, call, result) for (line, _), result in zip(rows, results, strict=True))


def _outcome(line: Line, call: Any, result: Any) -> Outcome:
    texts = {name: str(result.get(name) or "") for name in ("row_key", "outcome", "application_id", "receipt", "code", "field", "detail")}
    return Outcome(line=line.number, region=call["region"], call=call["slug"], **texts)


def summary(outcomes: list[Outcome]) -> Table:
    """How many rows of each region had which outcome; refusals are counted by their code."""
    counts = Counter((outcome.region or "-", outcome.outcome, outcome.code) for outcome in outcomes)
    table = Table("region", "outcome", "reason", "rows", title=f"{len(outcomes)} rows", title_justify="left")
    for (region, outcome, code), count in sorted(counts.items()):
        table.add_row(region, outcome, code, str(count))
    return table


def write_report(path: Path, outcomes: list[Outcome]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Outcome)])
        writer.writeheader()
        writer.writerows(asdict(outcome) for outcome in outcomes)
