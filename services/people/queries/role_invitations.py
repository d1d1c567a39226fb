"""Roles that wait for the first sign-in with an address."""

from sqlalchemy import select
from sqlmodel import col

from services.people.domain.states import InvitationState
from services.people.queries.views import RoleInvitationView
from services.people.tables import RoleInvitationRow
from shared.database.scope import in_scope
from shared.identity.actor import Role
from shared.identity.permissions import Permission
from shared.messaging.context import Context
from shared.web.paging import Page, Paging, Sorting, page_of

ROLE_INVITATIONS = Sorting({"proposed_at": RoleInvitationRow.proposed_at}, unique=RoleInvitationRow.id, default="-proposed_at")


async def role_invitation_page(
    context: Context, paging: Paging, *, region: str | None, state: InvitationState | None
) -> Page[RoleInvitationView]:
    """Of the regions whose roles the reader may see."""
    query = select(RoleInvitationRow).where(in_scope(context.actor, Permission.READ_ROLES, region, RoleInvitationRow))
    if state is not None:
        query = query.where(col(RoleInvitationRow.state) == state)
    return await page_of(context.session, query, paging, lambda row: role_invitation_view(context, row))


def role_invitation_view(context: Context, row: RoleInvitationRow) -> RoleInvitationView:
    manages = Role.ADMINISTRATOR in context.actor.roles_in(row.region)
    fields = {name: getattr(row, name) for name in RoleInvitationView.model_fields if name not in ("email", "expired")}
    expired = row.state == InvitationState.OPEN and row.expires_at <= context.now
    return RoleInvitationView(**fields, email=row.email if manages else None, expired=expired)
