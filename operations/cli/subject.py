"""`triptych subject`: export and erasure of what is held about an organisation."""

import json
import re
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from operations.cli.actors import OFFICER, SECOND_OFFICER
from operations.cli.address import answer
from operations.cli.console import echo, fail, out
from operations.client import Api, Person, Problem
from shared.contracts.words import CODE_LENGTH, CODE_PATTERN
from shared.kernel.services import OF_CASES

ERASURES = "/api/applications/erasures"

app = typer.Typer(help="Export and erasure of what is held about an organisation.", no_args_is_help=True)
Organisation = Annotated[UUID, typer.Argument(metavar="ORGANISATION", help="Its id.")]


@app.command()
def export(
    organisation: Organisation,
    file: Annotated[Path | None, typer.Option("--out", help="The file to write; standard output without it.", dir_okay=False)] = None,
) -> None:
    """Write all that the services hold about an organisation, as JSON: one part for each service that holds something."""

    async def ask(api: Api) -> list[Any]:
        return [part for service in OF_CASES if (part := await _part(api, service, organisation)) is not None]

    parts = answer(ask)
    if not parts:
        fail("Nothing is held about this organisation.")
    content = json.dumps(parts, indent=2, ensure_ascii=False)
    if file is None:
        echo(content)
    else:
        file.touch(mode=0o600)
        file.write_text(content)


@app.command()
def erase(
    organisation: Organisation,
    reason: Annotated[str, typer.Option(help="A code, such as request-of-the-subject: no sentence, because events keep it for good.")],
) -> None:
    """Request the erasure. Nothing is erased before another person confirms it."""
    if len(reason) > CODE_LENGTH or not re.search(CODE_PATTERN, reason):
        fail(f"--reason takes a code: small letters, digits and hyphens, {CODE_LENGTH} characters at most, such as request-of-the-subject.")
    erasure = answer(lambda api: api.post(OFFICER, ERASURES, {"organisation_id": str(organisation), "reason": reason}))
    out.print(f"Requested: another person confirms it with `triptych subject confirm {erasure['id']}`.", highlight=False, soft_wrap=True)


@app.command()
def confirm(
    erasure: Annotated[UUID, typer.Argument(metavar="ERASURE", help="The id that `erase` printed.")],
    person: Annotated[
        str, typer.Option("--as", help="Who confirms, not who requested it; by address who is signed in.")
    ] = SECOND_OFFICER.subject,
) -> None:
    """Erase what identifies the organisation, in all services. It cannot be undone; rows, events and the ledger stay."""
    confirmed = answer(lambda api: api.post(Person(person), f"{ERASURES}/{erasure}/confirmation"))
    out.print(f"What was held about {confirmed['organisation_id']} is erased.", highlight=False)


async def _part(api: Api, service: str, organisation: UUID) -> Any:
    """None where the service holds nothing."""
    try:
        return await api.get(OFFICER, f"/api/{service}/subjects/{organisation}")
    except Problem as problem:
        if problem.code != "unknown-subject":
            raise
        return None
