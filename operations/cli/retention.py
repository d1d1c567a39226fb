"""`triptych retention`: what the removals of personal content did, with an auditor's rights."""

import asyncio
from datetime import timedelta
from typing import Annotated, Any

import typer
from rich.table import Table

from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.state import State
from operations.cli.actors import AUDITOR, api_of
from operations.cli.console import fail, state_or_fail, wide
from operations.client import Problem
from services.applications.domain.ending import RemovalOutcome

app = typer.Typer()
RESULTS = ("at", "region", "application_id", "retention_class", "kept_until", "outcome", "reason", "policy_id")


@app.command()
def retention(
    region: Annotated[str | None, typer.Option(help="Only this region.")] = None,
    outcome: Annotated[RemovalOutcome | None, typer.Option(help="Only this outcome.")] = None,
) -> None:
    """List the cases whose term was over: removed, held or failed, and in which run. No personal data."""
    data = DataDirectory.default()
    try:
        rows = asyncio.run(_read(data, state_or_fail(data), region=region, outcome=outcome))
    except Problem as error:
        fail(str(error))
    table = Table(*(name.replace("_", " ") for name in RESULTS))
    for row in rows:
        table.add_row(*(str(row[name]) for name in RESULTS))
    wide().print(table if rows else "No case was removed, held or failed.")


async def _read(data: DataDirectory, state: State, **query: str | None) -> list[dict[str, Any]]:
    api = api_of(data, state, retry_for=timedelta(seconds=15))
    try:
        return [row async for row in api.list_items(AUDITOR, "/api/applications/retention-results", **query)]
    finally:
        await api.close()
