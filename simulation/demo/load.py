"""The regions to play: each with its policy, its call and its rows of the input."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.embedded.home import REGIONS, REPOSITORY
from operations.client import Api
from shared.kernel.clock import ProgrammeClock
from shared.policy.call import call_files, load_call
from shared.policy.loader import load_book
from simulation.demo.behaviour import Behaviour
from simulation.demo.dice import Dice
from simulation.demo.operations import PLACES, Refusal, Target, is_operation, to_row
from simulation.demo.region import Region

OPERATIONS = REPOSITORY / "simulation" / "demo" / "operations.jsonl"


@dataclass(frozen=True)
class Wanted:
    """`file` None: the list of the project. `most`: at most so many rows of each region."""

    seed: str
    file: Path | None = None
    regions: Sequence[str] | None = None
    most: int | None = None


def load_regions(api: Api, clock: ProgrammeClock, wanted: Wanted, policies: Path = REGIONS) -> tuple[list[Region], Counter[str]]:
    """A region for each call that is wanted, and how many rows belong to none, by reason.

    A row that no application can be made of is counted as refused in its region.
    """
    book = load_book(policies)
    calls = [load_call(path, book) for path in call_files(policies)]
    regions = {
        call.region: Region(call.region, policy, call, api, Behaviour(Dice(wanted.seed)), clock)
        for call, policy in calls
        if not wanted.regions or call.region in wanted.regions
    }
    targets = {call.region: Target(policy, call.closes_at.date()) for call, policy in calls}
    homeless: Counter[str] = Counter()
    for row in _lines(wanted.file or OPERATIONS):
        _place(row, regions, targets, homeless, wanted.most)
    return list(regions.values()), homeless


def _place(row: Any, regions: dict[str, Region], targets: dict[str, Target], homeless: Counter[str], most: int | None) -> None:
    if not isinstance(row, dict) or not is_operation(row):
        homeless["not-an-operation"] += 1
        return
    name, *_ = PLACES.get(str(row["country"]), ("",))
    region = regions.get(name)
    if region is None:
        homeless["unknown-country" if not name else "region-not-played"] += 1
        return
    if most is not None and region.rows_read >= most:
        return
    region.rows_read += 1
    made = to_row(row, targets)
    if isinstance(made, Refusal):
        region.refused[made.row_key] = made.code
    else:
        region.rows.append({"row_key": made.row_key, "organisation_id": str(made.organisation_id), "form": made.form})


def _lines(file: Path) -> Iterator[Any]:
    """Each line's JSON value; None for a line that has none."""
    with file.open(encoding="utf-8") as lines:
        for line in filter(str.strip, lines):
            try:
                yield json.loads(line)
            except ValueError:
                yield None
