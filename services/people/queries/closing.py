"""What stands against the closing of an account, and what it would do."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlmodel import col

from services.people.domain.closing import Obstacle, ObstacleKind, in_organisation, name_kept_until
from services.people.domain.states import GrantState
from services.people.queries.organisations import members_of, memberships_of
from services.people.queries.persons import own_person
from services.people.queries.roles import administrators_in_force, roles_in_force
from services.people.queries.views import ClosureView, ObstacleView
from services.people.tables import CallRow, CaseRow, OrganisationRow, PersonRow, RoleGrantRow
from shared.identity.actor import Role
from shared.messaging.context import Context
from shared.privacy.keys import is_destroyed


async def read_closure(context: Context) -> ClosureView:
    """Of the own account. `Forbidden` 'no-person' or 'person-ended'."""
    person = await own_person(context)
    found = [ObstacleView(**_fields(one), organisation=await _name_of(context, one)) for one in await obstacles(context, person.id)]
    return await closure_view(context, person, found)


async def closure_view(context: Context, person: PersonRow, found: list[ObstacleView]) -> ClosureView:
    """For a closed account what was done, else what would be."""
    erased = await is_destroyed(context.session, person.id)
    until = await _name_kept_until(context, person)
    at_once = until is not None and until <= context.now
    return ClosureView(closed_at=person.ended_at, obstacles=found, name_kept=not erased and not at_once, name_kept_until=until)


async def obstacles(context: Context, person_id: UUID) -> list[Obstacle]:
    """Those of organisations first. Under the locks of `lock_for_closing` they stay as they are."""
    in_organisations = [await _in_organisation(context, row.organisation_id, person_id) for row in await memberships_of(context, person_id)]
    regions = sorted(grant.region for grant in await roles_in_force(context, person_id) if grant.role is Role.ADMINISTRATOR)
    alone = [region for region in regions if not await administrators_in_force(context, region) - {person_id}]
    in_regions = [Obstacle(ObstacleKind.LAST_ADMINISTRATOR, region=region) for region in alone]
    return [*(one for one in in_organisations if one), *in_regions]


async def may_be_erased(context: Context, person: PersonRow) -> bool:
    until = await _name_kept_until(context, person)
    return until is not None and until <= context.now


async def _in_organisation(context: Context, organisation_id: UUID, person_id: UUID) -> Obstacle | None:
    members, runs = await members_of(context, organisation_id), await _has_running_case(context, organisation_id)
    return in_organisation(organisation_id, members, str(person_id), runs=runs)


async def _has_running_case(context: Context, organisation_id: UUID) -> bool:
    """A draft runs until its call has closed; a call that is not known has not closed."""
    closed = exists().where(col(CallRow.id) == col(CaseRow.call_id), col(CallRow.closes_at) <= context.now)
    query = select(col(CaseRow.application_id)).where(
        col(CaseRow.organisation_id) == organisation_id,
        col(CaseRow.withdrawn_at).is_(None),
        col(CaseRow.ended_at).is_(None),
        or_(col(CaseRow.receipt).is_not(None), ~closed),
    )
    return await context.session.scalar(query.limit(1)) is not None


async def _name_kept_until(context: Context, person: PersonRow) -> datetime | None:
    held = (GrantState.GRANTED, GrantState.ENDED)
    query = select(col(RoleGrantRow.region)).where(col(RoleGrantRow.person_id) == person.id, col(RoleGrantRow.state).in_(held))
    regions = set(await context.session.scalars(query.distinct()))
    return name_kept_until(context.policies.all(), regions, person.ended_at or context.now)


async def _name_of(context: Context, obstacle: Obstacle) -> str | None:
    if obstacle.organisation_id is None:
        return None
    return (await context.session.get_one(OrganisationRow, obstacle.organisation_id)).name


def _fields(obstacle: Obstacle) -> dict[str, Any]:
    return {"kind": obstacle.kind, "organisation_id": obstacle.organisation_id, "region": obstacle.region}
