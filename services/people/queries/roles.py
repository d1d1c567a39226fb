"""Roles in force, and the list of roles."""

from datetime import datetime
from uuid import UUID

from orjson import dumps
from sqlalchemy import select
from sqlmodel import col

from services.people.domain.roles import Given, in_force
from services.people.domain.states import GrantState, InvitationState
from services.people.queries.views import RoleGrantView
from services.people.tables import PersonRow, RoleGrantRow, RoleInvitationRow
from shared.contracts.people import RoleEnded, RoleGranted
from shared.database.scope import in_scope
from shared.identity.actor import Grant, Role
from shared.identity.permissions import Permission
from shared.messaging.context import Context
from shared.messaging.proven import proven_events
from shared.web.paging import Page, Paging, Sorting, page_of

ROLE_GRANTS = Sorting({"proposed_at": RoleGrantRow.proposed_at}, unique=RoleGrantRow.id, default="-proposed_at")


async def roles_in_force(context: Context, person_id: UUID) -> frozenset[Grant]:
    """What the person may act as at this moment of the programme: by the events of the decisions, since a row can be written by who has
    the password of the database alone."""
    events = await proven_events(context.session, [person_id], RoleGranted, RoleEnded)
    given = {
        event.body["grant_id"]: RoleGranted.model_validate_json(dumps(event.body)) for event in events if event.type == RoleGranted.type
    }
    ended = {event.body["grant_id"] for event in events if event.type == RoleEnded.type}
    lasting = [grant for grant_id, grant in given.items() if grant_id not in ended]
    return in_force([Given(str(grant.role), grant.region, grant.valid_from, grant.valid_until) for grant in lasting], context.now)


async def administrators_in_force(context: Context, region: str) -> set[UUID]:
    """Whose account is open and whose role holds at this moment, by the events of the decisions."""
    query = (
        select(col(PersonRow.id))
        .join(RoleGrantRow, col(RoleGrantRow.person_id) == col(PersonRow.id))
        .where(col(RoleGrantRow.role) == Role.ADMINISTRATOR, col(RoleGrantRow.region) == region, col(PersonRow.ended_at).is_(None))
    )
    known = set(await context.session.scalars(query.distinct()))
    return {person for person in known if Grant(Role.ADMINISTRATOR, region) in await roles_in_force(context, person)}


async def role_page(
    context: Context, paging: Paging, *, region: str | None, state: GrantState | None, person_id: UUID | None
) -> Page[RoleGrantView]:
    """Of the regions whose roles the reader may see."""
    query = select(RoleGrantRow).where(in_scope(context.actor, Permission.READ_ROLES, region, RoleGrantRow))
    if state is not None:
        query = query.where(col(RoleGrantRow.state) == state)
    if person_id is not None:
        query = query.where(col(RoleGrantRow.person_id) == person_id)
    page: Page[RoleGrantRow] = await page_of(context.session, query, paging, lambda row: row)
    return page.with_items(await role_views(context, page.items))


async def open_role_invitations(context: Context, region: str | None) -> list[RoleInvitationRow]:
    """Proposals for addresses with which nobody has signed in yet."""
    query = select(RoleInvitationRow).where(
        col(RoleInvitationRow.state) == InvitationState.OPEN, col(RoleInvitationRow.expires_at) > context.now
    )
    if region is not None:
        query = query.where(col(RoleInvitationRow.region) == region)
    return list(await context.session.scalars(query.order_by(col(RoleInvitationRow.proposed_at), col(RoleInvitationRow.id))))


async def own_roles(context: Context, person_id: UUID) -> list[RoleGrantView]:
    """All that a person has or had, the newest first."""
    query = select(RoleGrantRow).where(col(RoleGrantRow.person_id) == person_id).order_by(col(RoleGrantRow.proposed_at).desc())
    return await role_views(context, list(await context.session.scalars(query)))


async def role_views(context: Context, rows: list[RoleGrantRow]) -> list[RoleGrantView]:
    persons = await _persons(context, {row.person_id for row in rows})
    return [_view(row, persons[row.person_id], context.now) for row in rows]


async def _persons(context: Context, ids: set[UUID]) -> dict[UUID, PersonRow]:
    return {person.id: person for person in await context.session.scalars(select(PersonRow).where(col(PersonRow.id).in_(ids)))}


def _view(row: RoleGrantRow, person: PersonRow, now: datetime) -> RoleGrantView:
    holds = row.state == GrantState.GRANTED and row.valid_from <= now and (row.valid_until is None or now < row.valid_until)
    fields = {name: getattr(row, name) for name in RoleGrantView.model_fields if name not in ("name", "email", "in_force")}
    return RoleGrantView(**fields, name=person.name, email=person.email, in_force=holds)
