"""`triptych verify`: are the seven invariants kept? Status 0: yes; 1: no, and by which cases."""

import asyncio
import json
from typing import Annotated

import asyncpg
import typer

from deploy.cli.console import fail, out, state_or_fail
from deploy.embedded.home import Home
from deploy.embedded.state import State
from deploy.verify.check import verify as check_all
from deploy.verify.facts import SERVICES
from deploy.verify.gather import gather
from deploy.verify.report import Report

app = typer.Typer()


@app.command()
def verify(
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
    settled: Annotated[
        bool, typer.Option("--settled/--running", help="All has come to rest, or work is under way: that is then no breach.")
    ] = True,
    replay: Annotated[int, typer.Option(help="Send so many random events once more and see that nothing changes.", min=0)] = 0,
) -> None:
    """Check the seven invariants on this platform: tables against event logs, ledger, bank files, the bank's book, Temporal."""
    home = Home.default()
    state = state_or_fail(home)
    try:
        report = asyncio.run(_verify(home, state, settled=settled, replay=replay))
    except (OSError, asyncpg.PostgresConnectionError) as error:
        fail(f"The databases cannot be read: {error}. Is the platform up?")
    if as_json:
        typer.echo(json.dumps(report.as_json(), indent=1))
    else:
        report.show(out)
    if report.breaches:
        raise typer.Exit(1)


async def _verify(home: Home, state: State, *, settled: bool, replay: int) -> Report:
    report = await check_all(lambda: gather(home, state), settled=settled)
    if not replay:
        return report
    from deploy.verify.again import replay_events

    urls = {service: state.verify_url(service, "postgresql") for service in SERVICES}
    sent, changed = await replay_events(urls, state.kafka, replay)
    return report.with_replay(sent, changed)
