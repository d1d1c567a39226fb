"""The catalogue of providers: as everybody reads it, and registrations for the provider and the agency."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel
from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlmodel import col

from services.payments.domain.accounts import masked, payee_id_of
from services.payments.domain.catalogue import ServiceKind, is_listed
from services.payments.domain.states import PayeeKind, ProposalState, ProviderState
from services.payments.queries.catalogue_views import CatalogueEntryView, ProviderDetail, ProviderStepView, ProviderView
from services.payments.queries.filters import matching
from services.payments.queries.provider_facts import entry_of, today_in, unknown_provider
from services.payments.tables import AccountProposalRow, PayeeRow, ProviderRow, ProviderStepRow
from shared.database.scope import in_scope
from shared.identity.permissions import Permission, acts_as_applicant, authorise, owned_by
from shared.messaging.context import Context
from shared.privacy.keys import DESTROYED, SubjectKeyRow
from shared.privacy.sealed import without
from shared.web.access_log import record_access
from shared.web.paging import Page, Paging, Sorting, page_of

PROVIDERS = Sorting({"applied_at": ProviderRow.applied_at}, unique=ProviderRow.id, default="applied_at")
_PRIVATE = (ProviderRow.tax_number, ProviderRow.seat, ProviderRow.owners, ProviderRow.kin, ProviderRow.worked_with, ProviderRow.reason)


class CatalogueFilter(BaseModel):
    """None: any."""

    region: Annotated[str | None, Query(max_length=80)] = None
    service: ServiceKind | None = None


class ProviderFilter(BaseModel):
    """None: any."""

    region: str | None = None
    state: ProviderState | None = None


async def list_catalogue(context: Context, paging: Paging, wanted: CatalogueFilter) -> Page[CatalogueEntryView]:
    """Who stands in it today, for everybody. Not who was erased."""
    row = ProviderRow
    criteria = [] if wanted.service is None else [col(row.approved_services).contains([wanted.service])]
    erased = select(col(SubjectKeyRow.subject_id)).where(col(SubjectKeyRow.wrapped) == DESTROYED)
    query = select(row).where(_listed_today(context, wanted.region), col(row.organisation_id).not_in(erased), *criteria)
    return await page_of(context.session, query.options(*without(*_PRIVATE)), paging, _entry_view)


async def list_registrations(context: Context, paging: Paging, wanted: ProviderFilter) -> Page[ProviderView]:
    """Those of the own organisation, or of the regions in which one may read them."""
    row = ProviderRow
    scope = in_scope(context.actor, Permission.READ_PROVIDER, wanted.region, row, owner=row.organisation_id)
    query = select(row).where(scope, *matching(state=(row.state, wanted.state))).options(*without(*_PRIVATE))
    return await page_of(context.session, query, paging, lambda found: ProviderView.model_validate(_values(context, found)))


async def registration_of(context: Context, provider_id: UUID) -> ProviderDetail:
    """`NotFound` 'provider-unknown'; `Forbidden`."""
    row = await context.session.get(ProviderRow, provider_id)
    if row is None:
        raise unknown_provider()
    authorise(context.actor, Permission.READ_PROVIDER, region=row.region, owner=owned_by(row.organisation_id))
    own = acts_as_applicant(context.actor, Permission.READ_PROVIDER, row.region)
    await record_access(context, Permission.READ_PROVIDER, [] if own else [(row.id, row.region)])
    payee = await context.session.get(PayeeRow, payee_id_of(row.region, PayeeKind.PROVIDER, row.organisation_id))
    waits = payee is not None and await _waits(context, payee.id)
    in_force = payee is not None and payee.account_version > 0
    steps = await _steps(context, row.id)
    suspended_by = next((one.actor for one in reversed(steps) if one.state == ProviderState.SUSPENDED), "")
    private = {
        "country": row.country, "tax_number": row.tax_number, "seat": row.seat, "website": row.website, "summary": row.summary,
        "owners": row.owners or [], "kin": row.kin or [], "worked_with": row.worked_with or [], "reason": row.reason,
        "account": "proposed" if waits else "in-force" if in_force else "missing",
        "account_shown": masked(payee.account_number) if payee is not None and payee.account_number else None,
        "suspended_by": suspended_by if row.state == ProviderState.SUSPENDED and not own else "",
        "history": [_step_view(one, own) for one in steps],
    }  # fmt: skip
    return ProviderDetail.model_validate(_values(context, row) | private)


async def _waits(context: Context, payee_id: UUID) -> bool:
    """Whether an account of the payee waits for finance."""
    row = AccountProposalRow
    query = select(col(row.id)).where(col(row.payee_id) == payee_id, col(row.state) == ProposalState.PROPOSED)
    return await context.session.scalar(query) is not None


async def _steps(context: Context, provider_id: UUID) -> Sequence[ProviderStepRow]:
    query = select(ProviderStepRow).where(col(ProviderStepRow.provider_id) == provider_id).order_by(col(ProviderStepRow.number))
    return (await context.session.scalars(query)).all()


def _listed_today(context: Context, wanted: str | None) -> ColumnElement[bool]:
    """In each region by the day that it has there."""
    row, listed = ProviderRow, []
    for region in sorted({policy.region for policy in context.policies.all()}):
        if wanted in (None, region):
            today = today_in(context, region)
            within = or_(col(row.until).is_(None), col(row.until) >= today)
            listed.append(and_(col(row.region) == region, col(row.since) <= today, within))
    return and_(col(row.state) == ProviderState.APPROVED, or_(false(), *listed))


def _entry_view(row: ProviderRow) -> CatalogueEntryView:
    return CatalogueEntryView.model_validate(
        {**row.model_dump(exclude={"services"}), "provider_id": row.id, "services": row.approved_services}
    )


def _values(context: Context, row: ProviderRow) -> dict[str, object]:
    listed = is_listed(entry_of(row), today_in(context, row.region))
    names = set(ProviderView.model_fields) - {"provider_id", "listed"}
    return {**{name: getattr(row, name) for name in names}, "provider_id": row.id, "listed": listed}


def _step_view(row: ProviderStepRow, own: bool) -> ProviderStepView:
    return ProviderStepView.model_validate({**row.model_dump(), "actor": "" if own else row.actor})
