"""`triptych policies`: policies and forms that are added while the platform runs."""

from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.table import Table

from operations.cli.actors import OFFICER, SECOND_OFFICER
from operations.cli.address import answer
from operations.cli.console import fail, out, wide
from shared.policy.loader import FORM

FILES = "/api/applications/scheme-files"

app = typer.Typer(help="Policies and forms that are added while the platform runs.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(help="A policy or a form, as it would stand under regions/.", exists=True, dir_okay=False)]
Identity = Annotated[UUID, typer.Argument(metavar="ID", help="As `list` shows it.")]


@app.command()
def check(file: File) -> None:
    """Show what is wrong with a file, and what it would change. Nothing is kept. Exit status 1 when anything is wrong."""
    found = answer(lambda api: api.post(OFFICER, f"{FILES}/check", _body(file)))
    _show(found)
    if found["faults"]:
        raise typer.Exit(1)


@app.command()
def propose(file: File) -> None:
    """Propose a file to another officer."""
    found = answer(lambda api: api.post(OFFICER, FILES, _body(file)))
    out.print(
        f"Proposed: another officer publishes it with `policies publish {found['id']}`, or on its page.", highlight=False, soft_wrap=True
    )


@app.command("list")
def list_files(
    region: Annotated[str | None, typer.Option(help="Only of this region.")] = None,
    waiting: Annotated[bool, typer.Option("--waiting", help="Only what waits for a second officer.")] = False,
) -> None:
    """List what was proposed and published, the newest first."""

    async def rows(api: Any) -> list[dict[str, Any]]:
        return [one async for one in api.list_items(OFFICER, FILES, region=region, state="submitted" if waiting else None)]

    table = Table("file", "state", "proposed", "id")
    for one in answer(rows):
        table.add_row(one["place"], one["state"], one["proposed_at"][:10], one["id"])
    wide().print(table if table.row_count else "Nothing was proposed.")


@app.command()
def show(identity: Identity) -> None:
    """Show what a proposed file changes."""
    _show(answer(lambda api: api.get(OFFICER, f"{FILES}/{identity}")))


@app.command()
def publish(identity: Identity) -> None:
    """Publish a file that another officer proposed. It cannot be taken back: it holds for calls that open on its first day or later."""
    found = answer(lambda api: api.post(SECOND_OFFICER, f"{FILES}/{identity}/publication"))
    out.print(f"{found['place']} is published as {found['rules_id']}.", highlight=False, soft_wrap=True)


@app.command()
def refuse(identity: Identity, words: Annotated[str, typer.Option(help="Why, for who proposed it.")]) -> None:
    """Say that a file is not published; who proposed it takes it back so."""
    found = answer(lambda api: api.post(SECOND_OFFICER, f"{FILES}/{identity}/refusal", {"words": words}))
    out.print(f"{found['place']} is not published.", highlight=False, soft_wrap=True)


def _body(file: Path) -> dict[str, str]:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{file} cannot be read: {error}")
    return {"kind": "form" if file.name.startswith(FORM) else "policy", "text": text}


def _show(found: dict[str, Any]) -> None:
    for fault in found["faults"]:
        out.print(fault, style="red", highlight=False, soft_wrap=True)
    if found["place"] is None:
        return
    out.print(f"{found['place']}, compared with {found['compared_with'] or 'nothing: it is the first of its scheme'}", soft_wrap=True)
    table = Table("where", "until then", "from then on")
    for one in found["differences"]:
        table.add_row(one["place"], one["before"] or "", one["after"] or "")
    wide().print(table)
