"""Loads the regions of a demonstration: each with its policy, its call and its rows of the input."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.embedded.data_directory import REGIONS, REPOSITORY
from operations.client import Api
from shared.kernel.clock import ProgrammeClock
from shared.kernel.encodings import text_of
from shared.kernel.spreadsheets import decimal_of, plain_amount, table_of
from shared.policy.call import CallDefinition, call_files, load_call
from shared.policy.loader import load_book
from shared.policy.resolver import PolicyBook
from simulation.demo.behaviour import Behaviour
from simulation.demo.published_operations import FACTS, Operation, Refusal, TargetCall, is_operation, region_of
from simulation.demo.region import Region
from simulation.demo.sample_applications import to_import_row
from simulation.demo.schemes import EVERYBODY_CLAIMS, INVITED_APPLY, Claiming, calls_of_schemes, rows_of
from simulation.demo.seeded_random import SeededRandom
from simulation.sample_files import pdf_questions

OPERATIONS = REPOSITORY / "simulation" / "demo" / "operations.jsonl"


@dataclass(frozen=True)
class DemoOptions:
    """`file` None: the project's own list. `regions` None: all. `max_rows`: at most so many rows of each region."""

    seed: str
    file: Path | None = None
    regions: Sequence[str] | None = None
    max_rows: int | None = None


def load_regions(api: Api, clock: ProgrammeClock, options: DemoOptions, policies: Path = REGIONS) -> tuple[list[Region], Counter[str]]:
    """Returns a region for each wanted call, and the number of rows that belong to no region, by reason.

    A row that cannot become an application counts as refused in its region.
    """
    book = load_book(policies)
    calls = [load_call(path, book) for path in call_files(policies)]
    regions = {
        call.region: Region(call.region, policy, call, api, Behaviour(SeededRandom(options.seed)), clock)
        for call, policy in calls
        if not options.regions or call.region in options.regions
    }
    forms = {call.region: book.form_in_force(call.region, call.scheme, call.opens_at.date()) for call, _ in calls}
    for name, region in regions.items():
        region.file_questions = pdf_questions(forms[name])
    targets = {call.region: TargetCall(policy, forms[call.region], call.closes_at.date()) for call, policy in calls}
    unassigned: Counter[str] = Counter()
    for row in _rows(options.file or OPERATIONS):
        if not isinstance(row, dict) or not is_operation(row):
            unassigned["not-an-operation"] += 1
        elif not (name := region_of(row)):
            unassigned["unknown-country"] += 1
        elif name not in regions:
            unassigned["region-not-played"] += 1
        elif options.max_rows is None or regions[name].rows_read < options.max_rows:
            _add_row(regions[name], row, targets)
    if options.max_rows is None and options.file is None:
        return [*regions.values(), *_scheme_regions(book, [call for call, _ in calls], regions)], unassigned
    return list(regions.values()), unassigned


def _scheme_regions(book: PolicyBook, calls: Sequence[CallDefinition], regions: dict[str, Region]) -> Iterator[Region]:
    """The schemes of the regions that are played, each with its own call and rows."""
    for scheme, call, policy in calls_of_schemes(book, calls):
        if (own := regions.get(scheme.region)) is None:
            continue
        target = TargetCall(policy, book.form_in_force(call.region, call.scheme, call.opens_at.date()), call.closes_at.date())
        rows = rows_of(scheme, target, own.behaviour.random.seed)
        behaviour = Claiming(own.behaviour.random, INVITED_APPLY if policy.by_invitation else EVERYBODY_CLAIMS)
        yield Region(own.id, policy, call, own.api, behaviour, own.clock, len(rows), rows, scheme_call=scheme.number)


def _add_row(region: Region, operation: Operation, targets: dict[str, TargetCall]) -> None:
    region.rows_read += 1
    row = to_import_row(operation, targets)
    if isinstance(row, Refusal):
        region.refused[row.row_key] = row.code
    else:
        region.rows.append(row.as_json())


def _rows(file: Path) -> Iterator[Any]:
    """Yields each line's JSON value; None for a line that is not JSON. Of a list that a spreadsheet has saved (CSV), each row with its
    amount as a decimal number. `Refused` when the file cannot be read."""
    if file.suffix.lower() == ".csv":
        rows = table_of(file.read_bytes(), FACTS.__contains__)
        decimal = decimal_of(row.cells.get("total_eligible", "") for row in rows)
        yield from ({**row.cells, "total_eligible": _plain(row.cells, decimal)} for row in rows)
        return
    for line in filter(str.strip, text_of(file.read_bytes()).split("\n")):
        try:
            yield json.loads(line)
        except ValueError:
            yield None


def _plain(cells: Mapping[str, str], decimal: str) -> str:
    """What is no amount stays as it is, and its row is refused."""
    cell = cells.get("total_eligible", "")
    try:
        return plain_amount(cell, decimal, cells.get("currency", ""))
    except ValueError:
        return cell
