"""`triptych demo`: real input through the whole platform, from the call to the last reconciled payment."""

import asyncio
import shlex
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.live import Live

from deploy.embedded import daemon
from deploy.embedded.data_directory import REGIONS, DataDirectory
from deploy.embedded.process_status import Phase
from deploy.embedded.state import StartOptions, load_state
from operations.cases.gather import gather_case_history
from operations.cases.render import render
from operations.cli import stack
from operations.cli.actors import AUDITOR, api_of
from operations.cli.console import err, fail, out, state_or_fail, wide
from operations.client import Api, Problem
from shared.kernel.errors import Refused
from shared.messaging.profile import BrokerKind
from simulation.bank.kinds import OF_DEMONSTRATION, write_kinds
from simulation.demo.actors.officer import publish_call, published_calls
from simulation.demo.actors.undertaking import link_firms
from simulation.demo.load import DemoOptions, load_regions
from simulation.demo.progress import line, live_table
from simulation.demo.region import Region
from simulation.demo.result import fruitless, problems, read_envelopes, result
from simulation.demo.scenario import Scenario
from simulation.demo.schemes import dated_back
from simulation.provider.roles import give_roles

_REDRAW_SECONDS, _LINE_SECONDS = 1, 5
_SCHEME_POLL_RATE = 0.4
"""A call of a scheme has a few cases, and its actors read lists of the whole region."""
app = typer.Typer()


@app.command()
def demo(
    file: Annotated[
        Path | None, typer.Option("--input", help="Another list of funded operations (JSON lines or CSV).", exists=True)
    ] = None,
    seed: Annotated[str, typer.Option(help="Decides what the people do: the same seed gives the same demonstration.")] = "triptych",
    region: Annotated[list[str] | None, typer.Option(help="Only this region; may be given several times.")] = None,
    rows: Annotated[int | None, typer.Option(help="At most so many rows of each region.", min=1)] = None,
    check: Annotated[bool, typer.Option("--exit", help="For checks: exit status 1 if any work is unfinished or failed.")] = False,
    broker: stack.BrokerOption = None,
    brokers: stack.BrokersOption = None,
    down: Annotated[bool, typer.Option("--down", help="Stop the platform at the end.")] = False,
) -> None:
    """Start the platform if it is not running, and send the real input through all regions. An interrupted run continues when run again."""
    data = DataDirectory.default()
    stack.refuse_another_broker(data, StartOptions(broker=broker, brokers=brokers))
    known = load_state(data)
    if known is not None and known.of_containers:
        _give_roles(data)
    else:
        _start(data, broker, brokers)
    if not data.bank_kinds.exists():
        write_kinds(data.bank_kinds, OF_DEMONSTRATION)
    try:
        succeeded = asyncio.run(_run_demo(data, DemoOptions(seed, file, region, rows)))
    except Refused as refused:
        fail(f"{file}: {refused.detail}")
    except KeyboardInterrupt:
        fail("Interrupted. The platform is still running: `triptych demo` continues, `triptych down` stops it.")
    if down:
        stack.down()
    elif known is None or not known.of_containers:
        stack.print_addresses(data)
    if check and not succeeded:
        raise typer.Exit(1)


def _start(data: DataDirectory, broker: BrokerKind | None, brokers: Literal[1, 3] | None) -> None:
    status = daemon.platform_status(data)
    if status is None or status.phase is not Phase.READY:
        if load_state(data) is None:
            daemon.prepare(data, StartOptions(regions=dated_back(REGIONS, data.root / "regions")))
        stack.up(foreground=False, port=None, broker=broker, brokers=brokers)


def _give_roles(data: DataDirectory) -> None:
    """As the embedded platform does at its first start."""
    out.print("the people of the demonstration get their roles", highlight=False)
    asyncio.run(give_roles(data))
    data.demonstration_roles.touch()


async def _run_demo(data: DataDirectory, options: DemoOptions) -> bool:
    """Runs everything from the calls to the result. Returns whether all work was finished without an error of the platform."""
    state = state_or_fail(data)
    api = api_of(data, state)
    try:
        regions, unassigned = load_regions(api, state.clock, options, state.policies)
        for region in regions:
            region.paid_in = data.bank_paid_in
            if not region.scheme_call:
                link_firms(region)
        scenarios = [Scenario(region, poll_rate=_SCHEME_POLL_RATE if region.scheme_call else 1) for region in regions]
        for reason, count in unassigned.items():
            out.print(f"{count} rows belong to no region of this run: {reason}", highlight=False)
        started = time.monotonic()
        await _register(regions, data)
        await _publish_calls(regions, data)
        await _run_all(scenarios, started)
        wide().print(result(scenarios, await read_envelopes(scenarios)))
        _print_times(scenarios, started)
        succeeded = _print_verdict(api, scenarios)
        await _print_case(api, scenarios)
        return succeeded
    finally:
        await api.close()


async def _register(regions: Sequence[Region], data: DataDirectory) -> None:
    """Registers the organisations. Where that took so long that a call would be open already, the platform starts again: no call was
    published, so its clock begins again, and the organisations are there."""
    if await published_calls(regions):
        return
    out.print(f"registering the organisations of {sum(len(region.rows) for region in regions)} rows", highlight=False)
    await asyncio.gather(*(region.register_organisations() for region in regions))
    if any(region.now >= region.opens_at for region in regions):
        if state_or_fail(data).of_containers:
            fail("The first call is open already. Begin again: docker compose down --volumes, and docker compose up -d --wait.")
        out.print("That took longer than the days before the first call. The platform starts again, and with it the clock.")
        stack.down()
        stack.up(foreground=False, port=None)
        clock = state_or_fail(data).clock
        for region in regions:
            region.clock = clock


async def _publish_calls(regions: Sequence[Region], data: DataDirectory) -> None:
    for region in regions:
        try:
            await publish_call(region)
        except Problem as problem:
            fail(_not_published(region, problem, data))


def _not_published(region: Region, problem: Problem, data: DataDirectory) -> str:
    if problem.code != "call-in-the-past":
        return f"The call of {region.id} could not be published: {problem}"
    return (
        f"The call of {region.id} ended on {region.closes_at:%d %B %Y}, and the programme is at {region.now:%d %B %Y} already. "
        "If this platform has not been used yet, run `triptych down` and then this command again: the programme clock starts again. "
        f"Otherwise set TRIPTYCH_HOME to an empty folder; now it is {data.root}."
    )


async def _run_all(scenarios: Sequence[Scenario], started: float) -> None:
    async with asyncio.TaskGroup() as tasks:
        for scenario in scenarios:
            tasks.create_task(scenario.run())
        await (_redraw if out.is_terminal else _lines)(scenarios, started)


async def _redraw(scenarios: Sequence[Scenario], started: float) -> None:
    with Live(live_table(scenarios, _since(started)), console=out, auto_refresh=False) as live:
        while not all(scenario.ended for scenario in scenarios):
            await asyncio.sleep(_REDRAW_SECONDS)
            live.update(live_table(scenarios, _since(started)), refresh=True)


async def _lines(scenarios: Sequence[Scenario], started: float) -> None:
    while not all(scenario.ended for scenario in scenarios):
        await asyncio.sleep(_LINE_SECONDS)
        out.print(line(scenarios, _since(started)), highlight=False, soft_wrap=True)


def _print_times(scenarios: Sequence[Scenario], started: float) -> None:
    paid = [scenario.first_payment_seen for scenario in scenarios if scenario.first_payment_seen is not None]
    first = f"first voucher paid after {min(paid) - started:.0f} s, " if paid else ""
    out.print(f"Finished in {_since(started).total_seconds():.0f} s: {first}{scenarios[0].region.api.requests} requests.", highlight=False)


async def _print_case(api: Api, scenarios: Sequence[Scenario]) -> None:
    """Prints the history of one case: one whose payment was returned and paid again, if there is any."""
    code = _case_to_show(scenarios)
    if code is not None:
        out.print(f"\nOne case: triptych cases show {shlex.quote(code)}", style="bold", highlight=False)
        wide().print(render(await gather_case_history(api, AUDITOR, code)))


def _case_to_show(scenarios: Sequence[Scenario]) -> str | None:
    vouchers = {
        voucher_id: voucher for scenario in scenarios for voucher_id, voucher in scenario.snapshot.vouchers.items() if voucher["code"]
    }
    disbursements = [item for scenario in scenarios for item in scenario.snapshot.disbursements]
    paid_again = [item["voucher_id"] for item in disbursements if item["attempt"] > 1 and item["state"] == "paid"]
    paid = [item["voucher_id"] for item in disbursements if item["state"] == "paid"]
    chosen = next((voucher_id for voucher_id in [*paid_again, *paid, *vouchers] if voucher_id in vouchers), None)
    return str(vouchers[chosen]["code"]) if chosen else None


def _print_verdict(api: Api, scenarios: Sequence[Scenario]) -> bool:
    for text in problems(api):
        out.print(f"refused: {text}", style="dim", highlight=False)
    unfinished = [f"{scenario.region.label}: {work}" for scenario in scenarios for work in scenario.unfinished]
    schemes = [one for one in scenarios if one.region.scheme_call]
    unfinished += [f"{one.region.label}: {fault}" for one in schemes if (fault := fruitless(one))]
    if not any(scenario.counts.submitted for scenario in scenarios):
        unfinished.append("no application was submitted")
    for fault in [*unfinished, *api.faults]:
        err.print(fault, style="red", highlight=False)
    late = sum(code == "deadline-passed" for scenario in scenarios for code in scenario.region.refused.values())
    if late:
        out.print(
            f"{late} rows came after their deadline: a day a second is too fast for this machine. To begin again, run `triptych down`, "
            "remove the folder of the platform's data (var/, or TRIPTYCH_HOME), and set TRIPTYCH_DAY_SECONDS to 3.",
            highlight=False, soft_wrap=True,
        )  # fmt: skip
    if not unfinished and not api.faults:
        out.print("Every call is decided, every voucher closed, every payment reconciled.", style="green")
    return not unfinished and not api.faults


def _since(started: float) -> timedelta:
    return timedelta(seconds=time.monotonic() - started)
