"""`triptych cases`: the history of one case across the services, with an auditor's rights."""

import asyncio
from datetime import timedelta
from typing import Annotated

import typer

from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.state import State
from operations.cases.gather import CaseHistory, UnknownReference, gather_case_history
from operations.cases.render import render
from operations.cli.actors import AUDITOR, api_of
from operations.cli.console import echo, fail, state_or_fail, wide
from operations.client import Problem

app = typer.Typer(help="Single cases.", no_args_is_help=True)


@app.command()
def show(
    ref: Annotated[str, typer.Argument(help="Receipt number, voucher code, or any id.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the history as JSON.")] = False,
) -> None:
    """Show the history of one case: events with actor, time, reason and rule version, scores, money, and what it waits for."""
    data = DataDirectory.default()
    state = state_or_fail(data)
    try:
        history = asyncio.run(read_case_history(data, state, ref))
    except (UnknownReference, Problem) as error:
        fail(str(error))
    if as_json:
        echo(history.model_dump_json(indent=2))
    else:
        wide().print(render(history))


async def read_case_history(data: DataDirectory, state: State, ref: str) -> CaseHistory:
    """The history of the case. Raises `UnknownReference`, or `Problem` when a service does not answer."""
    api = api_of(data, state, retry_for=timedelta(seconds=15))
    try:
        return await gather_case_history(api, AUDITOR, ref)
    finally:
        await api.close()
