"""Claims, for the beneficiary's organisation and those who handle them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import ColumnElement, func, select
from sqlmodel import col

from services.payments.queries.claim_views import ClaimView, EvidenceView, GuaranteeView
from services.payments.queries.filters import matching
from services.payments.queries.similar_invoices import similar_lines
from services.payments.queries.vouchers import vouchers_by_id
from services.payments.tables import ClaimRow, DisbursementRow, EvidenceRow, GuaranteeRow
from shared.database.scope import in_scope
from shared.identity.permissions import Permission, acts_as_applicant, authorise, owned_by
from shared.kernel.errors import NotFound
from shared.kernel.vocabulary import ClaimState
from shared.messaging.context import Context
from shared.web.paging import Page, Paging, Sorting, page_of

CLAIMS = Sorting({"lodged_at": ClaimRow.lodged_at, "check_by": ClaimRow.check_by}, unique=ClaimRow.id, default="lodged_at")


class ClaimFilter(BaseModel):
    """None: any. `without_disbursement`: accepted, and waiting for finance."""

    region: str | None = None
    state: ClaimState | None = None
    voucher_id: UUID | None = None
    call_id: UUID | None = None
    without_disbursement: bool = False


async def list_claims(context: Context, paging: Paging, wanted: ClaimFilter) -> Page[ClaimView]:
    row = ClaimRow
    criteria = matching(state=(row.state, wanted.state), voucher=(row.voucher_id, wanted.voucher_id), call=(row.call_id, wanted.call_id))
    if wanted.without_disbursement:
        criteria.append(without_disbursement())
    query = select(row).where(in_scope(context.actor, Permission.READ_VOUCHER, wanted.region, row, owner=row.organisation_id), *criteria)
    page = await page_of(context.session, query, paging, lambda found: found)
    return page.with_items(await claim_views(context, page.items))


async def claim_to_read(context: Context, claim_id: UUID) -> ClaimRow:
    """`NotFound` 'unknown-claim'; `Forbidden`."""
    claim = await context.session.get(ClaimRow, claim_id)
    if claim is None:
        raise NotFound("unknown-claim", "There is no such claim.")
    authorise(context.actor, Permission.READ_VOUCHER, region=claim.region, owner=owned_by(claim.organisation_id))
    return claim


async def get_claim(context: Context, claim_id: UUID) -> ClaimView:
    """Raises as `claim_to_read`."""
    return await claim_view(context, await claim_to_read(context, claim_id))


async def count_undecided(context: Context, organisation_id: UUID) -> int:
    """How many claims of the organisation wait for a decision."""
    lodged = (col(ClaimRow.organisation_id) == organisation_id, col(ClaimRow.state) == ClaimState.LODGED)
    return await context.session.scalar(select(func.count()).where(*lodged)) or 0


async def claim_view(context: Context, row: ClaimRow) -> ClaimView:
    return (await claim_views(context, [row]))[0]


async def claim_views(context: Context, rows: Sequence[ClaimRow]) -> list[ClaimView]:
    if not rows:
        return []
    claim_ids = [row.id for row in rows]
    evidence = await _evidence_of(context, claim_ids)
    disbursements = await _disbursement_ids_of(context, claim_ids)
    similar = await similar_lines(context, claim_ids)
    guarantees = await _guarantees_of(context, claim_ids)
    vouchers = await vouchers_by_id(context, [row.voucher_id for row in rows])

    def more(row: ClaimRow) -> dict[str, Any]:
        voucher, hidden = vouchers[row.voucher_id], acts_as_applicant(context.actor, Permission.READ_VOUCHER, row.region)
        return {
            "claim_id": row.id,
            "application_id": voucher.application_id,
            "currency": voucher.currency,
            "disbursement_id": disbursements.get(row.id),
            "payable_minor": row.payable_minor,
            "guarantee": guarantees.get(row.id),
            "similar_invoice": None if hidden else bool(similar[row.id]),
            "similar_lines": None if hidden else similar[row.id],
            "evidence": [EvidenceView.model_validate(document) for document in evidence[row.id]],
        }

    return [ClaimView.model_validate({**row.model_dump(), **more(row)}) for row in rows]


def without_disbursement() -> ColumnElement[bool]:
    """Of a claim: accepted, and its payment is not prepared."""
    return (col(ClaimRow.state) == ClaimState.ACCEPTED) & ~col(ClaimRow.prepared)


async def _evidence_of(context: Context, claim_ids: Sequence[UUID]) -> dict[UUID, list[EvidenceRow]]:
    query = select(EvidenceRow).where(col(EvidenceRow.claim_id).in_(claim_ids)).order_by(col(EvidenceRow.number))
    found: dict[UUID, list[EvidenceRow]] = {claim_id: [] for claim_id in claim_ids}
    for row in await context.session.scalars(query):
        found[row.claim_id].append(row)
    return found


async def _disbursement_ids_of(context: Context, claim_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Claim → its disbursement, where there is one."""
    query = select(col(DisbursementRow.claim_id), col(DisbursementRow.id)).where(col(DisbursementRow.claim_id).in_(claim_ids))
    return {row[0]: row[1] for row in await context.session.execute(query)}


async def _guarantees_of(context: Context, claim_ids: Sequence[UUID]) -> dict[UUID, GuaranteeView]:
    """Claim → the guarantee of its advance, where there is one."""
    found = await context.session.scalars(select(GuaranteeRow).where(col(GuaranteeRow.claim_id).in_(claim_ids)))
    return {row.claim_id: GuaranteeView.model_validate(row.model_dump()) for row in found}
