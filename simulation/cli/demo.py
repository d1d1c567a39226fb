"""`triptych demo`: real input through the whole platform, from the call to the last payment reconciled."""

import asyncio
import shlex
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.live import Live

from deploy.embedded import daemon
from deploy.embedded.board import Phase
from deploy.embedded.home import Home
from deploy.embedded.identity import load_key
from deploy.embedded.state import Choice
from operations.cases.gather import gather_story
from operations.cases.tell import tell
from operations.cli import stack
from operations.cli.cases import auditor
from operations.cli.console import err, fail, out, state_or_fail, wide
from operations.client import Api, Problem
from simulation.demo.actors.officer import publish_call
from simulation.demo.load import Wanted, load_regions
from simulation.demo.play import Play
from simulation.demo.progress import line, live_table
from simulation.demo.region import Region
from simulation.demo.result import problems, read_envelopes, result

_REDRAW_SECONDS, _LINE_SECONDS = 1, 5
app = typer.Typer()


@app.command()
def demo(
    file: Annotated[Path | None, typer.Option("--input", help="Another list of operations (JSON lines) to play.", exists=True)] = None,
    seed: Annotated[str, typer.Option(help="What people do follows from it; the same seed plays the same demonstration.")] = "triptych",
    region: Annotated[list[str] | None, typer.Option(help="Only this region; may be given several times.")] = None,
    rows: Annotated[int | None, typer.Option(help="At most so many rows of each region.", min=1)] = None,
    check: Annotated[bool, typer.Option("--exit", help="For checks: end with status 1 when something is unsettled or failed.")] = False,
    broker: stack.BrokerOption = None,
    brokers: stack.BrokersOption = None,
    down: Annotated[bool, typer.Option("--down", help="Stop the platform at the end.")] = False,
) -> None:
    """Start the platform if need be and play the real input through all regions. Broken off, it goes on when run again."""
    home = Home.default()
    stack.refuse_another_broker(home, Choice(broker=broker, brokers=brokers))
    board = daemon.board_of(home)
    if board is None or board.phase is not Phase.READY:
        stack.up(foreground=False, port=None, broker=broker, brokers=brokers)
    try:
        sound = asyncio.run(_play(home, Wanted(seed, file, region, rows)))
    except KeyboardInterrupt:
        fail("Broken off. The platform is still up; `triptych demo` goes on from here, `triptych down` stops it.")
    if down:
        stack.down()
    else:
        stack.print_addresses(home)
    if check and not sound:
        raise typer.Exit(1)


async def _play(home: Home, wanted: Wanted) -> bool:
    """Everything from the calls to the result; whether all came to its end without a fault of the platform."""
    state = state_or_fail(home)
    api = Api(state.gateway, load_key(home.private_key))
    try:
        regions, homeless = load_regions(api, state.clock, wanted, state.policies)
        plays = [Play(region) for region in regions]
        for reason, count in homeless.items():
            out.print(f"{count} rows of no region here: {reason}", highlight=False)
        started = time.monotonic()
        await _publish_calls(regions, home)
        await _run(plays, started)
        wide().print(result(plays, await read_envelopes(plays)))
        _print_times(plays, started)
        sound = _print_verdict(api, plays)
        await _print_case(api, plays)
        return sound
    finally:
        await api.close()


async def _publish_calls(regions: Sequence[Region], home: Home) -> None:
    for region in regions:
        try:
            await publish_call(region)
        except Problem as problem:
            fail(_why_not_published(region, problem, home))


def _why_not_published(region: Region, problem: Problem, home: Home) -> str:
    if problem.code != "call-in-the-past":
        return f"The call of {region.id} could not be published: {problem}"
    return (
        f"The call of {region.id} ended on {region.closes_at:%d %B %Y}, and the programme is at {region.now:%d %B %Y} already. "
        "If nobody has used this platform yet, `triptych down` and then the same again: the programme begins anew. "
        f"Otherwise it takes an empty TRIPTYCH_HOME; this one is {home.root}."
    )


async def _run(plays: Sequence[Play], started: float) -> None:
    async with asyncio.TaskGroup() as tasks:
        for play in plays:
            tasks.create_task(play.run())
        await (_redraw if out.is_terminal else _lines)(plays, started)


async def _redraw(plays: Sequence[Play], started: float) -> None:
    with Live(live_table(plays, _since(started)), console=out, auto_refresh=False) as live:
        while not all(play.ended for play in plays):
            await asyncio.sleep(_REDRAW_SECONDS)
            live.update(live_table(plays, _since(started)), refresh=True)


async def _lines(plays: Sequence[Play], started: float) -> None:
    while not all(play.ended for play in plays):
        await asyncio.sleep(_LINE_SECONDS)
        out.print(line(plays, _since(started)), highlight=False, soft_wrap=True)


def _print_times(plays: Sequence[Play], started: float) -> None:
    paid = [play.first_payment_seen for play in plays if play.first_payment_seen is not None]
    first = f"first voucher paid after {min(paid) - started:.0f} s, " if paid else ""
    out.print(f"Played in {_since(started).total_seconds():.0f} s: {first}{plays[0].region.api.requests} requests.", highlight=False)


async def _print_case(api: Api, plays: Sequence[Play]) -> None:
    """One case told whole: one whose payment came back, if there is any."""
    code = _telling(plays)
    if code is not None:
        out.print(f"\nOne case: triptych cases show {shlex.quote(code)}", style="bold", highlight=False)
        wide().print(tell(await gather_story(api, auditor(), code)))


def _telling(plays: Sequence[Play]) -> str | None:
    vouchers = {voucher_id: voucher for play in plays for voucher_id, voucher in play.view.vouchers.items() if voucher["code"]}
    disbursements = [item for play in plays for item in play.view.disbursements]
    came_back = [item["voucher_id"] for item in disbursements if item["attempt"] > 1 and item["state"] == "paid"]
    paid = [item["voucher_id"] for item in disbursements if item["state"] == "paid"]
    chosen = next((voucher_id for voucher_id in [*came_back, *paid, *vouchers] if voucher_id in vouchers), None)
    return str(vouchers[chosen]["code"]) if chosen else None


def _print_verdict(api: Api, plays: Sequence[Play]) -> bool:
    for text in problems(api):
        out.print(f"refused: {text}", style="dim", highlight=False)
    unsettled = [f"{play.region.id}: {what}" for play in plays for what in play.open]
    for fault in [*unsettled, *api.faults]:
        err.print(fault, style="red", markup=False, highlight=False)
    if not unsettled and not api.faults:
        out.print("Every call is decided, every voucher closed, every payment reconciled.", style="green")
    return not unsettled and not api.faults


def _since(started: float) -> timedelta:
    return timedelta(seconds=time.monotonic() - started)
