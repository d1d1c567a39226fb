"""The links of an organisation, as its members see them."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.people.domain.memberships import check_member
from services.people.queries.organisations import role_in
from services.people.queries.persons import actor_person
from services.people.queries.views import UndertakingLinkView
from services.people.tables import UndertakingLinkRow
from shared.messaging.context import Context


async def links_of(context: Context, organisation_id: UUID) -> list[UndertakingLinkRow]:
    """Also those that have ended, in the order in which they were declared."""
    row = UndertakingLinkRow
    query = select(row).where(col(row.organisation_id) == organisation_id).order_by(col(row.declared_at), col(row.id))
    return list(await context.session.scalars(query))


async def list_links(context: Context, organisation_id: UUID) -> list[UndertakingLinkView]:
    """For members: `Forbidden` 'not-a-member' for others."""
    check_member(await role_in(context, organisation_id, actor_person(context)))
    return [link_view(row) for row in await links_of(context, organisation_id)]


def link_view(row: UndertakingLinkRow) -> UndertakingLinkView:
    return UndertakingLinkView.model_validate(row, from_attributes=True)
