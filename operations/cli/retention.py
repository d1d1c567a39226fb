"""`triptych retention`: what the removals of personal content did, with an auditor's rights."""

from datetime import timedelta
from typing import Annotated, Any

import typer
from rich.table import Table

from operations.cli.actors import AUDITOR
from operations.cli.address import answer
from operations.cli.console import wide
from operations.client import Api
from services.applications.domain.ending import RemovalOutcome

app = typer.Typer()
RESULTS = ("at", "region", "application_id", "retention_class", "kept_until", "outcome", "reason", "policy_id")


@app.command()
def retention(
    region: Annotated[str | None, typer.Option(help="Only this region.")] = None,
    outcome: Annotated[RemovalOutcome | None, typer.Option(help="Only this outcome.")] = None,
) -> None:
    """List the cases whose term was over: removed, held or failed, and in which run. No personal data."""
    rows = answer(lambda api: _read(api, region=region, outcome=outcome), timedelta(seconds=15))
    table = Table(*(name.replace("_", " ") for name in RESULTS))
    for row in rows:
        table.add_row(*(str(row[name]) for name in RESULTS))
    wide().print(table if rows else "No case was removed, held or failed.")


async def _read(api: Api, **query: str | None) -> list[dict[str, Any]]:
    return [row async for row in api.list_items(AUDITOR, "/api/applications/retention-results", **query)]
