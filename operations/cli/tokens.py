"""`triptych whoami|token-revoke`: bearer tokens of the embedded platform."""

import asyncio
import time
from datetime import datetime
from typing import Annotated
from uuid import UUID

import asyncpg
import typer
from sqlalchemy.exc import DBAPIError

from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.identity import unverified_claims
from deploy.embedded.master_keys import sealer_of
from deploy.embedded.state import State
from operations.cli.console import fail, out, state_or_fail
from operations.transactions import transactions
from shared.identity.actor import Role, pseudonym
from shared.identity.tokens import actor_of
from shared.kernel.errors import Refused
from shared.kernel.services import SERVICES

app = typer.Typer()


@app.command()
def whoami(text: Annotated[str, typer.Argument(metavar="TOKEN", help="The token, as `triptych token` prints it.")]) -> None:
    """Show who a token is: person, roles by region, organisation, and until when. The signature is not checked."""
    state = state_or_fail(DataDirectory.default())
    try:
        claims = unverified_claims(text)
        actor = actor_of(claims, bytes.fromhex(state.hash_key))
    except (ValueError, Refused) as error:
        fail(str(error))
    held = {region: ", ".join(sorted(actor.roles_in(region))) for region in sorted(actor.regions_as(*Role))}
    for what, value in {
        "person": actor.id,
        **({"acts for": str(actor.organisation_id)} if actor.organisation_id else {}),
        **held,
        "until": f"{datetime.fromtimestamp(claims['exp']).astimezone():%d %B %Y, %H:%M:%S %Z}",
    }.items():
        out.print(f"{what:<20} {value}", highlight=False, soft_wrap=True)


@app.command()
def token_revoke(
    text: Annotated[str | None, typer.Option("--token", help="The token to revoke.")] = None,
    subject: Annotated[str | None, typer.Option(help="A person, all of whose tokens of sign-ins until now are revoked.")] = None,
) -> None:
    """Revoke a token, or all tokens of a person, on the embedded platform. It works within a minute."""
    if (text is None) == (subject is None):
        fail("Give a token (--token) or a person (--subject).")
    data = DataDirectory.default()
    state = state_or_fail(data)
    person = subject and pseudonym(bytes.fromhex(state.hash_key), subject)
    try:
        asyncio.run(_revoke(data, state, text, person))
    except ValueError as error:
        fail(str(error))
    except (OSError, asyncpg.PostgresError, DBAPIError) as error:
        fail(f"Nothing is revoked: the database of people cannot be reached: {error}. Is the platform up?")
    out.print(_revoked(state, person) if person else "Revoked: the token.", highlight=False, soft_wrap=True)


async def _revoke(data: DataDirectory, state: State, text: str | None, person: str | None) -> None:
    """ValueError when `text` is no token."""
    from services.people.commands.revoke_person import revoke_person  # other commands start without the service
    from services.people.commands.revoke_token import revoke_token

    claims = unverified_claims(text) if text else {}
    async with transactions(state, "people", sealer_of(data, "people", state.hash_key)) as begin, begin() as context:
        if person:
            await revoke_person(context, person, "by-the-operator", time.time())
        else:
            sign_in = claims.get("sid")
            await revoke_token(context, claims["jti"], UUID(sign_in) if sign_in else None, claims["exp"], time.time())


def _revoked(state: State, person: str) -> str:
    """What was revoked, and whether the services know the person: a name with a slip would leave the right one signed in."""
    try:
        steps = asyncio.run(_steps_of(state, person))
    except (OSError, asyncpg.PostgresError):
        return f"Revoked: every sign-in of {person} until now. Whether this person was ever seen is unknown: the databases cannot be read."
    if not steps:
        return f"Revoked: every sign-in of {person} until now. Nothing that this person did is recorded here: is the name right?"
    return f"Revoked: every sign-in of {person} until now. {steps} steps and readings of data by this person are recorded here."


async def _steps_of(state: State, person: str) -> int:
    """How many parts in cases and readings of data the services have recorded of the person."""
    return sum([await _recorded(state.verify_url(service, "postgresql"), person) for service in SERVICES])


async def _recorded(url: str, person: str) -> int:
    database = await asyncpg.connect(url)
    try:
        query = "SELECT (SELECT count(*) FROM acts WHERE actor = $1) + (SELECT count(*) FROM access_log WHERE reader = $1)"
        return int(await database.fetchval(query, person))
    finally:
        await database.close()
