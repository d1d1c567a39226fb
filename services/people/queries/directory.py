"""Persons and machines as administrators see them: those with a role in their regions, and one person by e-mail address."""

from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlmodel import col

from services.people.queries.views import PersonView
from services.people.tables import PersonRow, RoleGrantRow
from shared.identity.permissions import Permission, visible_regions
from shared.messaging.context import Context
from shared.privacy.sealed import digest_of
from shared.web.paging import Page, Paging, Sorting, page_of

PERSONS = Sorting({"registered_at": PersonRow.registered_at}, unique=PersonRow.id, default="-registered_at")


async def person_page(context: Context, paging: Paging, *, region: str | None, email: str | None) -> Page[PersonView]:
    """With `email`: who has signed in with this address, so that a role can be given. Without it applicants are not listed."""
    regions = visible_regions(context.actor, Permission.READ_ROLES, region)
    with_a_role = exists().where(col(RoleGrantRow.person_id) == col(PersonRow.id), col(RoleGrantRow.region).in_(regions))
    query = select(PersonRow).where(or_(with_a_role, col(PersonRow.machine)))
    if email is not None:
        query = select(PersonRow).where(col(PersonRow.email_key) == digest_of(context.session, "email_key", email))
    return await page_of(context.session, query, paging, person_view)


async def persons_with_address(context: Context, email: str) -> list[UUID]:
    """With open accounts, whose provider has verified the address: another address is what somebody says of themselves."""
    query = select(col(PersonRow.id)).where(
        col(PersonRow.email_key) == digest_of(context.session, "email_key", email),
        col(PersonRow.email_verified),
        col(PersonRow.ended_at).is_(None),
    )
    return list(await context.session.scalars(query.order_by(col(PersonRow.id))))


def person_view(row: PersonRow) -> PersonView:
    return PersonView.model_validate(row, from_attributes=True)
