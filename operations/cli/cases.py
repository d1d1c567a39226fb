"""`triptych cases`: one case's whole story across the services, as an auditor may read it."""

import asyncio
from datetime import timedelta
from typing import Annotated

import typer

from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.identity import load_key
from deploy.embedded.state import State
from operations.cases.gather import Story, UnknownReference, gather_case_history
from operations.cases.render import render
from operations.cli.console import fail, state_or_fail, wide
from operations.cli.people import regions
from operations.client import Api, Person, Problem
from shared.identity.actor import Role

app = typer.Typer(help="Single cases.", no_args_is_help=True)


@app.command()
def show(
    ref: Annotated[str, typer.Argument(help="Receipt number, voucher code, or any id.")],
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Tell one case in order: events with actor, time, reason and rule version, scores, money, what is awaited now."""
    data = DataDirectory.default()
    state = state_or_fail(data)
    try:
        story = asyncio.run(read_case_history(data, state, ref))
    except (UnknownReference, Problem) as error:
        fail(str(error))
    if as_json:
        typer.echo(story.model_dump_json(indent=2))
    else:
        wide().print(render(story))


async def read_case_history(data: DataDirectory, state: State, ref: str) -> Story:
    """Raises `UnknownReference`, or `Problem` when a service does not answer."""
    api = Api(state.gateway, load_key(data.private_key), retry_for=timedelta(seconds=15))
    try:
        return await gather_case_history(api, auditor(), ref)
    finally:
        await api.close()


def auditor() -> Person:
    """Reads every region and nothing else."""
    return Person("auditor-1", Role.AUDITOR, frozenset(path.name for path in regions().iterdir() if path.is_dir()))
