"""`triptych applications`: lists of applications."""

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

from deploy.embedded.home import Home
from deploy.embedded.identity import load_key
from deploy.embedded.state import State
from operations.cli.calls import CALLS
from operations.cli.console import err, fail, out, state_or_fail
from operations.cli.lists import Line, Ready, Sorter, read_lines
from operations.cli.people import officer, regions
from operations.client import Api, Problem
from shared.policy.loader import load_book
from simulation.demo.operations import Refusal

ROWS_AT_ONCE = 50

app = typer.Typer(help="Applications.", no_args_is_help=True)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one line; the columns of the report."""

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
        Path, typer.Argument(help="JSONL or CSV: the native form, or a list of published operations.", exists=True, dir_okay=False)
    ],
    call: Annotated[
        str | None, typer.Option(help="Id or slug of the call; left out, operations go to their region's next call to end.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Write the outcome of every row to this CSV file.", dir_okay=False)] = None,
) -> None:
    """Take over a list of applications: each row is imported, refused with a reason, or was imported before."""
    home = Home.default()
    state = state_or_fail(home)
    lines = list(read_lines(file))
    try:
        outcomes = asyncio.run(_with_progress(home, state, lines, call))
    except (ValueError, Problem) as error:
        fail(str(error))
    for outcome in outcomes:
        if outcome.outcome == "refused":
            place = f" {outcome.field}" if outcome.field else ""
            text = f"line {outcome.line}: {outcome.code}{place}: {outcome.detail}"
            out.print(text, markup=False, highlight=False, soft_wrap=True)
    out.print(summary(outcomes))
    if report is not None:
        write_report(report, outcomes)
        out.print(f"Every row: {report}", highlight=False, soft_wrap=True)


async def _with_progress(home: Home, state: State, lines: list[Line], named: str | None) -> list[Outcome]:
    api = Api(state.gateway, load_key(home.private_key))
    columns = (TextColumn("importing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        calls = [call async for call in api.every(officer(), CALLS)]
        sorter = Sorter(calls, load_book(regions()), state.clock.now(), named)
        with Progress(*columns, console=err) as progress:
            bar = progress.add_task("", total=len(lines))
            return await import_lines(api, lines, sorter, lambda done: progress.advance(bar, done))
    finally:
        await api.close()


async def import_lines(api: Api, lines: list[Line], sorter: Sorter, done: Callable[[int], object]) -> list[Outcome]:
    """The outcome of every line, in their order. Rows of one call keep their order on the way."""
    found: dict[int, Outcome] = {}
    waiting: dict[str, list[tuple[Line, Ready]]] = defaultdict(list)
    for line in lines:
        sorted_line = sorter.sort(line)
        if isinstance(sorted_line, Refusal):
            found[line.number] = Outcome(line.number, sorted_line.row_key, "refused", code=sorted_line.code, detail=sorted_line.detail)
            done(1)
        else:
            waiting[sorted_line.call["id"]].append((line, sorted_line))
    for rows in waiting.values():
        for first in range(0, len(rows), ROWS_AT_ONCE):
            part = rows[first : first + ROWS_AT_ONCE]
            found |= {outcome.line: outcome for outcome in await _send(api, part)}
            done(len(part))
    return [found[line.number] for line in lines]


async def _send(api: Api, rows: list[tuple[Line, Ready]]) -> Iterator[Outcome]:
    call = rows[0][1].call
    body = {"call_id": call["id"], "rows": [ready.row for _, ready in rows]}
    try:
        results = (await api.post(officer(), "/api/applications/imports", body))["results"]
    except Problem as problem:  # the request as a whole: none of its rows was taken
        refused = {"outcome": "refused", "code": problem.code, "detail": problem.detail, "field": problem.field}
        results = [refused | {"row_key": ready.row["row_key"]} for _, ready in rows]
    return (_outcome(line, call, result) for (line, _), result in zip(rows, results, strict=True))


def _outcome(line: Line, call: Any, result: Any) -> Outcome:
    texts = {name: str(result.get(name) or "") for name in ("row_key", "outcome", "application_id", "receipt", "code", "field", "detail")}
    return Outcome(line=line.number, region=call["region"], call=call["slug"], **texts)


def summary(outcomes: list[Outcome]) -> Table:
    """How many rows of each region had which outcome, refusals by their reason."""
    counts = Counter((outcome.region or "-", outcome.outcome, outcome.code) for outcome in outcomes)
    table = Table("region", "outcome", "because", "rows", title=f"{len(outcomes)} rows", title_justify="left")
    for (region, outcome, code), count in sorted(counts.items()):
        table.add_row(region, outcome, code, str(count))
    return table


def write_report(path: Path, outcomes: list[Outcome]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Outcome)])
        writer.writeheader()
        writer.writerows(asdict(outcome) for outcome in outcomes)
