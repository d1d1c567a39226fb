"""`triptych verify`: checks the eight invariants. Exit status 0 when all hold, 1 when one is broken, with the cases."""

import asyncio
import json
from typing import TYPE_CHECKING, Annotated

import asyncpg
import typer
from aiokafka.errors import KafkaError

from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.state import State
from operations.cli.console import echo, fail, out, state_or_fail

if TYPE_CHECKING:  # the checks are imported by the command, so that others start at once
    from operations.verify.report import Report

app = typer.Typer()


@app.command()
def verify(
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    settled: Annotated[
        bool, typer.Option("--settled/--running", help="No work is in flight; or work is in flight, and unfinished work is then no breach.")
    ] = True,
    replay: Annotated[int, typer.Option(help="Send this many random events a second time and check that no table changes.", min=0)] = 0,
) -> None:
    """Check the eight invariants on this platform: compare tables, event logs, ledger, bank files, the bank's book and Temporal."""
    from operations.verify.check import verify as check_all
    from operations.verify.gather import gather

    data = DataDirectory.default()
    state = state_or_fail(data)
    try:
        report = asyncio.run(check_all(lambda: gather(data, state), settled=settled))
    except (OSError, asyncpg.PostgresError) as error:
        fail(f"The databases cannot be read: {error}. Is the platform up?")
    if replay:
        report = _replayed(state, report, replay)
    if as_json:
        echo(json.dumps(report.as_json(), indent=1))
    else:
        report.show(out)
    if report.breaches:
        raise typer.Exit(1)


def _replayed(state: State, report: "Report", count: int) -> "Report":
    from operations.verify.replay import replay_events
    from shared.kernel.services import SERVICES

    urls = {service: state.verify_url(service, "postgresql") for service in SERVICES}
    try:
        sent, changed = asyncio.run(replay_events(urls, state.signers, state.kafka, state.broker_profile, count))
    except (OSError, KafkaError) as error:
        fail(f"Events could not be replayed, or were not consumed: {error or 'no answer in time'}. Are broker and workers up?")
    return report.with_replay(sent, changed)
