"""`triptych whatif`: past calls under other rules, with an auditor's rights. Nothing is written."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import track
from rich.table import Table

from operations.cli.actors import AUDITOR, regions
from operations.cli.address import api_here
from operations.cli.console import echo, err, fail, out, wide
from operations.client import Api, Problem
from operations.what_if import OWN, Replay, check_scenarios, csv_text, find_calls, read_scenarios, replay_call
from shared.kernel.errors import NotFound
from shared.kernel.money import Money
from shared.policy.loader import LoadError, load_book
from shared.policy.scenario import Scenario

app = typer.Typer()


@app.command("whatif")
def what_if(
    file: Annotated[Path, typer.Argument(help="Scenarios: [[scenarios]] with name and changed values.", exists=True, dir_okay=False)],
    call: Annotated[list[str] | None, typer.Option("--call", help="Id, slug or REGION/SLUG; may be given several times. Else all.")] = None,
    rounds: Annotated[int, typer.Option(help="Rounds of the bootstrap; fewer are done where there are many cases.", min=0, max=500)] = 100,
    export: Annotated[Path | None, typer.Option("--csv", help="Write each application under each scenario to this file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answers as JSON.")] = False,
) -> None:
    """Replay past calls under changed rules (weights, thresholds, budget, intensity, eligibility): who would be eligible, granted, and
    what spent. The record stays as it is. Exit status 1 when a value of the file is not possible."""
    try:
        scenarios = read_scenarios(file)
        replays = asyncio.run(_replayed(api_here(), file, call or [], scenarios, rounds))
    except (LoadError, LookupError, NotFound, Problem) as error:
        fail(str(error))
    if export is not None:
        export.write_text(csv_text(replays), encoding="utf-8")
    if as_json:
        echo(json.dumps([{"call": dict(one.call), "replay": dict(one.view)} for one in replays], indent=2))
        return
    if not replays:
        out.print("There is no past call yet: one can be replayed once all its applications are screened.")
        return
    for table in (*(_figures(one) for one in replays), _by_region(replays), _by_transition(replays)):
        wide().print(table)
    out.print(f"{len(replays)} calls replayed. Nothing was changed.")


async def _replayed(api: Api, file: Path, refs: Sequence[str], scenarios: Sequence[Scenario], rounds: int) -> list[Replay]:
    try:
        calls, book = await find_calls(api, AUDITOR, refs), load_book(regions())
        for call in calls:
            with suppress(NotFound):  # a policy that was published since the files of this machine: the platform checks the values
                check_scenarios(file, book.get(call["policy_id"]), scenarios)
        return [
            await replay_call(api, AUDITOR, call, scenarios, rounds)
            for call in track(calls, "Replaying", console=err, transient=True, disable=not err.is_terminal)
        ]
    finally:
        await api.close()


def _figures(replay: Replay) -> Table:
    """Of one call, a row for each scenario."""
    currency = replay.view["currency"]
    table = Table(
        *("scenario", "eligible", "not scored", "granted", "reserve", "refused", "in", "out", "budget", "spent", "spent, 90 % of rounds"),
        title=f"{replay.view['region']}: {replay.call['slug']}",
    )
    for number, one in enumerate(replay.view["scenarios"]):
        span = one["granted_minor_range"]
        table.add_row(
            one["name"] if number else OWN, str(one["sums"]["eligible"]), str(one["not_scored"]), str(one["sums"]["granted"]),
            str(one["reserve"]), str(one["refused"]), str(len(one["moved_in"])), str(len(one["moved_out"])),
            _money(one["envelope_minor"], currency), _money(one["sums"]["granted_minor"], currency),
            f"{_money(span['low'], currency)} to {_money(span['high'], currency)} ({one['rounds']})" if span else "",
        )  # fmt: skip
    return table


def _by_region(replays: Sequence[Replay]) -> Table:
    groups: dict[str, list[list[Mapping[str, Any]]]] = {}
    for replay in replays:
        groups.setdefault(replay.view["region"], []).append([one["sums"] for one in replay.view["scenarios"]])
    return _grouped("By region, in EUR", groups, replays)


def _by_transition(replays: Sequence[Replay]) -> Table:
    groups: dict[str, list[list[Mapping[str, Any]]]] = {}
    for replay in replays:
        for code in replay.view["scenarios"][0]["transitions"]:
            groups.setdefault(code, []).append([one["transitions"][code] for one in replay.view["scenarios"]])
    return _grouped("By transition, in EUR", groups, replays)


def _grouped(title: str, groups: Mapping[str, Sequence[Sequence[Mapping[str, Any]]]], replays: Sequence[Replay]) -> Table:
    """`groups`: name → of each call its sums in each scenario."""
    names = [one["name"] if number else OWN for number, one in enumerate(replays[0].view["scenarios"])]
    table = Table("", *names, title=title)
    for name, calls in groups.items():
        cells = []
        for number in range(len(names)):
            granted, eligible, minor = (sum(call[number][of] for call in calls) for of in ("granted", "eligible", "granted_eur_minor"))
            cells.append(f"{granted} of {eligible} eligible, {_money(minor, 'EUR')}")
        table.add_row(name, *cells)
    return table


def _money(minor: int, currency: str) -> str:
    return f"{Money(minor, currency).decimal()} {currency}"
