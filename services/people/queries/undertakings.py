"""The links of an organisation, as its members see them, and as those do who read a case of it."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.people.domain.link_corrections import CorrectionState
from services.people.domain.memberships import check_member
from services.people.queries.organisations import role_in
from services.people.queries.persons import actor_person
from services.people.queries.views import CaseLinksView, LinkCorrectionView, UndertakingLinkView
from services.people.tables import CaseRow, LinkCorrectionRow, OrganisationRow, UndertakingLinkRow
from shared.database.scope import in_scope
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import NotFound
from shared.messaging.context import Context
from shared.web.paging import Page, Paging, Sorting, page_of

CORRECTIONS = Sorting({"proposed_at": LinkCorrectionRow.proposed_at}, unique=LinkCorrectionRow.id, default="proposed_at")


async def links_of(context: Context, organisation_id: UUID) -> list[UndertakingLinkRow]:
    """Also those that have ended, in the order in which they were declared."""
    row = UndertakingLinkRow
    query = select(row).where(col(row.organisation_id) == organisation_id).order_by(col(row.declared_at), col(row.id))
    return list(await context.session.scalars(query))


async def list_links(context: Context, organisation_id: UUID) -> list[UndertakingLinkView]:
    """For members: `Forbidden` 'not-a-member' for others."""
    check_member(await role_in(context, organisation_id, actor_person(context)))
    return [link_view(row) for row in await links_of(context, organisation_id)]


async def case_of(context: Context, application_id: UUID, permission: Permission) -> CaseRow:
    """The submitted case, for who has the permission in its region. `NotFound` 'unknown-case'."""
    case = await context.session.get(CaseRow, application_id)
    if case is None or case.receipt is None:
        raise NotFound("unknown-case", "No application with this id was submitted.")
    authorise(context.actor, permission, region=case.region)
    return case


async def case_links(context: Context, application_id: UUID) -> CaseLinksView:
    """Of the applicant of a case. `NotFound` 'unknown-case'."""
    case = await case_of(context, application_id, Permission.READ_LINKS)
    organisation = await context.session.get_one(OrganisationRow, case.organisation_id)
    row = LinkCorrectionRow
    corrections = select(row).where(col(row.organisation_id) == case.organisation_id, col(row.region) == case.region)
    found = await context.session.scalars(corrections.order_by(col(row.proposed_at), col(row.id)))
    return CaseLinksView(
        organisation_id=organisation.id, name=organisation.name, country=organisation.country, tax_number=organisation.tax_number,
        links=[link_view(one) for one in await links_of(context, organisation.id)],
        corrections=[correction_view(one, context) for one in found],
    )  # fmt: skip


async def list_corrections(context: Context, paging: Paging, region: str | None, state: CorrectionState | None) -> Page[LinkCorrectionView]:
    """What officers have proposed in the regions of the reader."""
    scope = in_scope(context.actor, Permission.READ_LINKS, region, LinkCorrectionRow)
    query = select(LinkCorrectionRow).where(scope, *([col(LinkCorrectionRow.state) == state] if state else []))
    return await page_of(context.session, query, paging, lambda row: correction_view(row, context))


def correction_view(row: LinkCorrectionRow, context: Context) -> LinkCorrectionView:
    return LinkCorrectionView.model_validate({**row.model_dump(), "own": str(row.proposed_by) == context.actor.id})


def own_number(organisation: OrganisationRow) -> tuple[str, str | None]:
    """Country and tax number."""
    return organisation.country, organisation.tax_number


def link_view(row: UndertakingLinkRow) -> UndertakingLinkView:
    return UndertakingLinkView.model_validate(row, from_attributes=True)
