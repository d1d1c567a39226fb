"""Roles of persons by the public APIs, as an administrator who is signed in: what the operator does to the database of `people`, a person
does here with an own role, and a second administrator confirms it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from operations.client import Api, Person, Problem

ROLES, INVITATIONS, PERSONS = "/api/people/roles", "/api/people/role-invitations", "/api/people/persons"
REASON = "by-command"
ZoneOf = Callable[[str], ZoneInfo]


async def list_roles(api: Api, who: Person, region: str | None) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Roles, the newest first, and what waits for a first sign-in, of the regions whose roles this person reads. `Problem` as the API."""
    roles = [one async for one in api.list_items(who, ROLES, region=region)]
    waiting = [one async for one in api.list_items(who, INVITATIONS, region=region, state="open")]
    return roles, [one for one in waiting if not one["expired"]]


async def propose(api: Api, who: Person, person: str, body: dict[str, Any]) -> Any:
    """`person`: an id, or a verified e-mail address. `Problem` 'not-signed-in-yet' or 'several-persons', and as the API."""
    return await api.post(who, ROLES, {**body, "person_id": str(await _person(api, who, person)), "reason": REASON})


async def invite(api: Api, who: Person, email: str, body: dict[str, Any]) -> Any:
    """The role waits for the first sign-in with this address."""
    return await api.post(who, INVITATIONS, {**body, "email": email, "reason": REASON})


async def confirm(api: Api, who: Person, role_id: UUID) -> Any:
    """Of what another administrator proposed."""
    return await api.post(who, f"{ROLES}/{role_id}/confirmation", {"reason": REASON})


async def end(api: Api, who: Person, identity: UUID) -> Any:
    """A role, or what waits for a first sign-in."""
    try:
        return await api.post(who, f"{ROLES}/{identity}/end", {"reason": REASON})
    except Problem as problem:
        if problem.status != 404:
            raise
        return await api.post(who, f"{INVITATIONS}/{identity}/withdrawal", {"reason": REASON})


def wanted(role: str, region: str, first: date | None, last: date | None, zone_of: ZoneOf) -> dict[str, Any]:
    """The role from the morning of `first` (else from now) to the evening of `last`, in the zone of the region."""
    zone = zone_of(region) if first or last else ZoneInfo("UTC")
    return {
        "role": role,
        "region": region,
        "valid_from": _midnight(first, zone) if first else None,
        "valid_until": _midnight(last + timedelta(days=1), zone) if last else None,
    }


def _midnight(day: date, zone: ZoneInfo) -> str:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC).isoformat()


async def _person(api: Api, who: Person, person: str) -> UUID:
    if "@" not in person:
        try:
            return UUID(person)
        except ValueError as error:
            raise Problem(404, {"code": "not-a-person", "detail": "This is neither an e-mail address nor the id of a person."}) from error
    found = [one["id"] async for one in api.list_items(who, PERSONS, email=person)]
    if not found:
        said = "Nobody has signed in with this verified address: `triptych people invite` lets the role wait."
        raise Problem(404, {"code": "not-signed-in-yet", "detail": said})
    if len(found) > 1:
        said = f"Several persons have this address, name one by id: {', '.join(found)}."
        raise Problem(409, {"code": "several-persons", "detail": said})
    return UUID(found[0])
