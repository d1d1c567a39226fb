"""`triptych calls`: calls from files, and what is wrong with the files of a region."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from deploy.embedded.data_directory import DataDirectory
from operations.check_files import faults_of
from operations.cli.actors import OFFICER, api_of, regions
from operations.cli.console import fail, out, state_or_fail
from operations.client import Api, Problem
from shared.kernel.errors import Refused
from shared.policy.call import load_call
from shared.policy.loader import LoadError, load_book

CALLS = "/api/applications/calls"

app = typer.Typer(help="Calls for applications.", no_args_is_help=True)


@app.command()
def load(
    files: Annotated[list[Path], typer.Argument(help="Call files (regions/<region>/calls/<slug>.toml).", exists=True, dir_okay=False)],
) -> None:
    """Publish calls. A file that is loaded twice is one call. Exit status 1 when a file is refused."""
    data = DataDirectory.default()
    state = state_or_fail(data)
    bodies = [_body(file) for file in files]
    results = asyncio.run(_load(api_of(data, state), bodies))
    table = Table("region", "outcome", "call", "opens", "closes")
    for region, call, outcome, *window in results:
        table.add_row(region, outcome, call, *window)
    out.print(table)
    if any(outcome.startswith("refused") for _, _, outcome, *_ in results):
        raise typer.Exit(1)


@app.command()
def check(
    files: Annotated[
        list[Path], typer.Argument(help="Forms, policies or calls, as they stand under regions/.", exists=True, dir_okay=False)
    ],
) -> None:
    """Names what is wrong with forms (regions/<region>/<scheme>/form-<date>.toml), policies and calls: questions that nobody can
    reach, texts that are missing in a language, broken rules. Exit status 1 when there is anything."""
    faults = [fault for file in files for fault in faults_of(file)]
    for fault in faults:
        out.print(fault, highlight=False, soft_wrap=True)
    if faults:
        raise typer.Exit(1)
    out.print(f"{len(files)} checked, nothing is wrong.")


def _body(file: Path) -> Any:
    """The call as the API takes it. It is checked here first, because only here the file and its field can be named."""
    try:
        call, _ = load_call(file, load_book(regions()))
    except (LoadError, Refused) as error:
        fail(str(error))
    return call.model_dump(mode="json")


async def _load(api: Api, bodies: list[Any]) -> list[tuple[str, ...]]:
    try:
        return await publish_calls(api, bodies)
    finally:
        await api.close()


async def publish_calls(api: Api, bodies: list[Any]) -> list[tuple[str, ...]]:
    """(region, slug, outcome, opening day, closing day) of each call; the days are in UTC."""
    known = {(call["region"], call["slug"]) async for call in api.list_items(OFFICER, CALLS)}
    return [await _publish_one(api, body, (body["region"], body["id"]) in known) for body in bodies]


async def _publish_one(api: Api, body: Any, is_known: bool) -> tuple[str, ...]:
    try:
        call = await api.post(OFFICER, CALLS, body)
    except Problem as problem:
        return body["region"], body["id"], f"refused: {problem}", "", ""
    outcome = "published before" if is_known else "published"
    return call["region"], call["slug"], outcome, call["opens_at"][:10], call["closes_at"][:10]
