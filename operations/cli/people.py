"""`triptych people`: roles of persons, and their erasure. The first administrator of a region is given here, all else is proposed to its
administrators."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import typer
from pydantic import TypeAdapter, ValidationError
from rich.table import Table
from sqlalchemy.exc import DBAPIError

from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.master_keys import sealer_of
from operations.cli.actors import regions
from operations.cli.address import answer
from operations.cli.console import at, fail, out, state_or_fail, wide
from operations.client import Person
from operations.installations import people as by_address
from operations.transactions import Begin, transactions
from shared.contracts.common import Code
from shared.identity.actor import Role
from shared.kernel.errors import Refused

app = typer.Typer(help="Persons and their roles by region.", no_args_is_help=True)
T = TypeVar("T")
SIGNED_IN = Person("administrator-cli")
"""Who is signed in by --at, with an own role as administrator."""
DAY = "%Y-%m-%d"
RoleOption = Annotated[Role, typer.Option(help="The role.")]
Region = Annotated[str, typer.Option(help="The region in which it holds.")]
First = Annotated[datetime | None, typer.Option("--from", formats=[DAY], help="The first day, of the programme; else from now on.")]
Last = Annotated[datetime | None, typer.Option("--until", formats=[DAY], help="The last day; else until it is ended.")]


@app.command("list")
def list_roles(
    region: Annotated[str | None, typer.Option(help="Only of this region.")] = None,
    after: Annotated[str | None, typer.Option(help="The next page, as the page before says.")] = None,
) -> None:
    """List persons and their roles, the newest first, and the roles that wait for somebody's first sign-in."""
    if at():
        _show_roles(*answer(lambda api: by_address.list_roles(api, SIGNED_IN, region)))
        return
    from operations import people  # the code of the service: other commands start without it

    page, invitations = _ask(lambda begin: people.list_roles(begin, region, after))
    table = Table("region", "role", "state", "from", "until", "name", "e-mail", "person", "id of the role")
    for row in invitations:
        table.add_row(row.region, row.role, "invited", _day(row.valid_from), _day(row.valid_until), "", row.email, "", str(row.id))
    for view in page.items:
        state = f"{view.state}, in force" if view.in_force else str(view.state)
        days = _day(view.valid_from), _day(view.valid_until)
        table.add_row(view.region, view.role, state, *days, view.name or "", view.email or "", str(view.person_id), str(view.id))
    wide().print(table if table.row_count else "Nobody has a role yet.")
    if page.next:
        out.print(f"More: triptych people list {f'--region {region} ' if region else ''}--after {page.next}", soft_wrap=True)


@app.command()
def grant(
    person: Annotated[str, typer.Argument(help="E-mail address with which the person has signed in, or id.")],
    role: RoleOption,
    region: Region,
    first: First = None,
    last: Last = None,
) -> None:
    """Give a region its first administrator, or propose a role, which an administrator of the region confirms. By address: propose a role
    as an administrator, for another one to confirm."""
    if at():
        body = by_address.wanted(role, region, first and first.date(), last and last.date(), _zone)
        role_view = answer(lambda api: by_address.propose(api, SIGNED_IN, person, body))
        out.print(f"{role} in {region}: another administrator confirms it with `people confirm {role_view['id']}`.", soft_wrap=True)
        return
    from operations import people

    wanted = people.Wanted(role, region, first and first.date(), last and last.date())
    view = _ask(lambda begin: people.grant(begin, person, wanted))
    waits = "It holds." if view.state == "granted" else "Proposed: an administrator of the region confirms it."
    out.print(f"{view.role} in {view.region} for {view.name or view.person_id}: {waits} {view.id}", soft_wrap=True, highlight=False)


@app.command()
def invite(
    email: Annotated[str, typer.Argument(help="The address, which the identity provider has to verify.")],
    role: RoleOption,
    region: Region,
    first: First = None,
    last: Last = None,
) -> None:
    """Propose a role for an address with which nobody has signed in yet. It takes effect with the first sign-in."""
    from operations import people
    from services.people.api.schemas import Email

    try:
        TypeAdapter(Email).validate_python(email)
    except ValidationError:
        fail(f"{email} is no e-mail address.")
    if at():
        body = by_address.wanted(role, region, first and first.date(), last and last.date(), _zone)
        waiting = answer(lambda api: by_address.invite(api, SIGNED_IN, email, body))
        out.print(f"{role} in {region} waits for the first sign-in until {waiting['expires_at'][:10]}. {waiting['id']}", highlight=False)
        return
    wanted = people.Wanted(role, region, first and first.date(), last and last.date())
    row = _ask(lambda begin: people.invite(begin, email, wanted))
    waits = f"{row.role} in {row.region} waits for the first sign-in until {_day(row.expires_at)}. {row.id}"
    out.print(waits, soft_wrap=True, highlight=False)


@app.command()
def confirm(identity: Annotated[UUID, typer.Argument(metavar="ID", help="Of the role, as `list` shows it.")]) -> None:
    """Confirm a role that another administrator proposed. By address only: it is a person's act."""
    if not at():
        fail("A role is confirmed by a person who is signed in: `triptych --at ADDRESS people confirm ID`, or the page of the role.")
    view = answer(lambda api: by_address.confirm(api, SIGNED_IN, identity))
    out.print(f"{view['role']} in {view['region']} for {view['name'] or view['person_id']} is {view['state']}.", highlight=False)


@app.command()
def end(identity: Annotated[UUID, typer.Argument(metavar="ID", help="Of the role, or of the invitation, as `list` shows it.")]) -> None:
    """End a role, or withdraw what waits for a first sign-in. The operator does not end the last administrator of a region."""
    if at():
        ended = answer(lambda api: by_address.end(api, SIGNED_IN, identity))
        out.print(f"{ended['role']} in {ended['region']} is {ended['state']}.", highlight=False)
        return
    from operations import people

    row = _ask(lambda begin: people.end(begin, identity))
    out.print(f"{row.role} in {row.region} is {row.state}.", highlight=False)


@app.command()
def erase(
    person: Annotated[str, typer.Argument(help="E-mail address with which the person has signed in, or id.")],
    reason: Annotated[str, typer.Option(help="A code, such as 'letter-of-2026-11-29'. It stays in the record: no name.")],
) -> None:
    """Close the account of a person who has asked for it by letter, and erase name and address. There is no way back."""
    from operations import people

    try:
        TypeAdapter(Code).validate_python(reason)
    except ValidationError:
        fail("The reason is a code of small letters, digits and hyphens.")
    view = _ask(lambda begin: people.erase(begin, person, reason))
    kept = f"Name and address stay until {_day(view.name_kept_until) or 'a policy sets a term'}." if view.name_kept else "Nothing is kept."
    out.print(f"The account is closed. {kept}", highlight=False)


def _show_roles(roles: list[dict[str, Any]], waiting: list[dict[str, Any]]) -> None:
    table = Table("region", "role", "state", "from", "until", "name", "e-mail", "person", "id of the role")
    for one in waiting:
        days = (one["valid_from"] or "")[:10], (one["valid_until"] or "")[:10]
        table.add_row(one["region"], one["role"], "invited", *days, "", one["email"] or "", "", one["id"])
    for one in roles:
        state = f"{one['state']}, in force" if one["in_force"] else one["state"]
        days = (one["valid_from"] or "")[:10], (one["valid_until"] or "")[:10]
        table.add_row(one["region"], one["role"], state, *days, one["name"] or "", one["email"] or "", one["person_id"], one["id"])
    wide().print(table if table.row_count else "Nobody has a role in your regions yet.")


def _zone(region: str) -> ZoneInfo:
    from shared.policy.loader import load_book

    zones = [policy.zone for policy in load_book(regions()).all() if policy.region == region]
    if not zones:
        fail(f"There is no region {region}.")
    return ZoneInfo(zones[-1])


def _day(instant: datetime | None) -> str:
    return f"{instant:{DAY}}" if instant else ""


def _ask(question: Callable[[Begin], Awaitable[T]]) -> T:
    data = DataDirectory.default()
    state = state_or_fail(data)

    async def ask() -> T:
        async with transactions(state, "people", sealer_of(data, "people", state.hash_key)) as begin:
            return await question(begin)

    try:
        return asyncio.run(ask())
    except Refused as refused:
        fail(str(refused.detail))
    except (OSError, asyncpg.PostgresError, DBAPIError) as error:
        fail(f"The database of people cannot be reached: {error}. Is the platform up?")
