"""Persons and machines as administrators see them: those with a role in force in their regions, and one person by e-mail address."""

from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlmodel import col

from services.people.queries.roles import holds_role_in
from services.people.queries.views import PersonView
from services.people.tables import PersonRow
from shared.identity.permissions import Permission, visible_regions
from shared.messaging.context import Context
from shared.privacy.sealed import digest_of
from shared.web.paging import Page, Paging, Sorting, page_of

PERSONS = Sorting({"registered_at": PersonRow.registered_at}, unique=PersonRow.id, default="-registered_at")


async def person_page(context: Context, paging: Paging, *, region: str | None, email: str | None) -> Page[PersonView]:
    """With `email`: who has signed in with this verified address, so that a role can be proposed; the name only of who is seen without it,
    too. Without it: who has a role in force in the regions, and the reader's own machines."""
    regions = visible_regions(context.actor, Permission.READ_ROLES, region)
    seen = or_(holds_role_in(regions, context.now), col(PersonRow.machine) & (col(PersonRow.registered_by) == context.actor.id))
    if email is None:
        return await page_of(context.session, select(PersonRow).where(seen), paging, person_view)
    page: Page[PersonRow] = await page_of(context.session, select(PersonRow).where(*_has_address(context, email)), paging, lambda row: row)
    named = set(await context.session.scalars(select(col(PersonRow.id)).where(seen, col(PersonRow.id).in_([row.id for row in page.items]))))
    return page.with_items([person_view(row, named=row.id in named) for row in page.items])


async def persons_with_address(context: Context, email: str) -> list[UUID]:
    query = select(col(PersonRow.id)).where(*_has_address(context, email))
    return list(await context.session.scalars(query.order_by(col(PersonRow.id))))


def _has_address(context: Context, email: str) -> tuple[ColumnElement[bool], ...]:
    """With open accounts, whose provider has verified the address: another address is what somebody says of themselves."""
    key = digest_of(context.session, "email_key", email)
    return col(PersonRow.email_key) == key, col(PersonRow.email_verified).is_(True), col(PersonRow.ended_at).is_(None)


def person_view(row: PersonRow, *, named: bool = True) -> PersonView:
    view = PersonView.model_validate(row, from_attributes=True)
    return view if named else view.model_copy(update={"name": None})
