"""Roles in force, and the list of roles."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from orjson import dumps
from sqlalchemy import ColumnElement, String, cast, exists, or_, select
from sqlmodel import col

from services.people.domain.roles import Given, in_force
from services.people.domain.states import GrantState, InvitationState
from services.people.queries.views import RoleGrantView
from services.people.tables import PersonRow, RoleGrantRow, RoleInvitationRow
from shared.contracts.people import RoleEnded, RoleGranted
from shared.database.scope import in_scope
from shared.identity.actor import Grant, Role
from shared.identity.permissions import ROLES, Permission
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


def holds_role_in(regions: Collection[str], now: datetime, role_held: Role | None = None) -> ColumnElement[bool]:
    """Of a person's row: a role, or this one, is in force in one of the regions."""
    role, end = col(RoleGrantRow.person_id) == col(PersonRow.id), col(RoleGrantRow.valid_until)
    given = col(RoleGrantRow.state) == GrantState.GRANTED, col(RoleGrantRow.valid_from) <= now, or_(end.is_(None), end > now)
    of_kind = () if role_held is None else (col(RoleGrantRow.role) == role_held,)
    return exists().where(role, col(RoleGrantRow.region).in_(regions), *given, *of_kind)


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
    """Name and address only of who has a role in force where the reader sees roles, of the reader, and of machines: a proposal of a role
    shows nobody."""
    if not rows:
        return []
    regions = context.actor.regions_as(*ROLES[Permission.READ_ROLES])
    seen = or_(holds_role_in(regions, context.now), col(PersonRow.machine), cast(col(PersonRow.id), String) == context.actor.id)
    query = select(PersonRow).where(col(PersonRow.id).in_({row.person_id for row in rows}), seen)
    persons = {person.id: person for person in await context.session.scalars(query)}
    return [_view(row, persons.get(row.person_id), context.now) for row in rows]


def _view(row: RoleGrantRow, person: PersonRow | None, now: datetime) -> RoleGrantView:
    holds = row.state == GrantState.GRANTED and row.valid_from <= now and (row.valid_until is None or now < row.valid_until)
    fields = {name: getattr(row, name) for name in RoleGrantView.model_fields if name not in ("name", "email", "in_force")}
    shown = {"name": person and person.name, "email": person and person.email}
    return RoleGrantView(**fields, **shown, in_force=holds)
