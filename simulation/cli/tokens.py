"""`triptych token`: bearer tokens of the demonstration's people."""

import asyncio
from typing import Annotated
from uuid import UUID

import typer

from deploy.embedded.data_directory import DataDirectory
from operations.cli.actors import api_of
from operations.cli.console import echo, fail, state_or_fail
from operations.client import Api, Person, Problem
from simulation.provider.people import demonstration_people, regions_in

app = typer.Typer()


@app.command()
def token(
    name: Annotated[str, typer.Argument(metavar="PERSON", help="User name, such as officer-1.koprivnica: the start page lists them.")],
    organisation: Annotated[UUID | None, typer.Option(help="The organisation that an applicant acts for.")] = None,
) -> None:
    """Sign a person of the demonstration in, and print the access token that the services take: of the roles that were granted, or of the
    organisation. It is good for a quarter of an hour."""
    data = DataDirectory.default()
    state = state_or_fail(data)
    if name not in {person.user_name for person in demonstration_people(regions_in(state.policies))}:
        fail(f"There is no {name} in the demonstration: its people are on the start page, {state.gateway}/.")
    try:
        echo(asyncio.run(_token(api_of(data, state), Person(name, organisation))))
    except Problem as problem:
        fail(f"No token: {problem}")


async def _token(api: Api, person: Person) -> str:
    try:
        return await api.token(person)
    finally:
        await api.close()
