"""`triptych cases`: one case's whole story across the services, as an auditor may read it."""

import asyncio
from datetime import timedelta
from typing import Annotated

import typer

from deploy.embedded.home import Home
from deploy.embedded.identity import load_key
from deploy.embedded.state import State
from operations.cases.gather import Story, UnknownReference, gather_story
from operations.cases.tell import tell
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
    home = Home.default()
    state = state_or_fail(home)
    try:
        story = asyncio.run(read_story(home, state, ref))
    except (UnknownReference, Problem) as error:
        fail(str(error))
    if as_json:
        typer.echo(story.model_dump_json(indent=2))
    else:
        wide().print(tell(story))


async def read_story(home: Home, state: State, ref: str) -> Story:
    """Raises `UnknownReference`, or `Problem` when a service does not answer."""
    api = Api(state.gateway, load_key(home.private_key), patience=timedelta(seconds=15))
    try:
        return await gather_story(api, auditor(), ref)
    finally:
        await api.close()


def auditor() -> Person:
    """Reads every region and nothing else."""
    return Person("auditor-1", Role.AUDITOR, frozenset(path.name for path in regions().iterdir() if path.is_dir()))
