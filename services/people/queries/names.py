"""Names of those who act for the agency, for records that have their ids."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import exists, select
from sqlmodel import col

from services.people.domain.states import GrantState
from services.people.queries.roles import holds_role_in
from services.people.queries.views import NameView
from services.people.tables import PersonRow, RoleGrantRow
from shared.identity.actor import Role
from shared.identity.permissions import Permission, visible_regions
from shared.messaging.context import Context

_GIVEN = (GrantState.GRANTED, GrantState.ENDED)


async def names_of(context: Context, person_ids: Collection[UUID]) -> list[NameView]:
    """Of persons who have, or had, a role in a region of the reader, also when their account is closed. Others are left out: an applicant,
    and who was only proposed."""
    regions = visible_regions(context.actor, Permission.READ_NAMES, None)
    grant = RoleGrantRow
    held = exists().where(
        col(grant.person_id) == col(PersonRow.id), col(grant.region).in_(regions), col(grant.state).in_(_GIVEN)
    )  # fmt: skip
    query = select(PersonRow).where(col(PersonRow.id).in_(person_ids), held).order_by(col(PersonRow.id))
    return [NameView.model_validate(row, from_attributes=True) for row in await context.session.scalars(query)]


async def names_with_role(context: Context, role: Role, region: str | None, most: int) -> list[NameView]:
    """Who has the role now in a region of the reader, in the order of their ids, `most` of them. `Forbidden` 'foreign-region'."""
    regions = visible_regions(context.actor, Permission.READ_NAMES, region)
    now_held = holds_role_in(regions, context.now, role)
    query = select(PersonRow).where(col(PersonRow.ended_at).is_(None), now_held).order_by(col(PersonRow.id)).limit(most)
    return [NameView.model_validate(row, from_attributes=True) for row in await context.session.scalars(query)]
