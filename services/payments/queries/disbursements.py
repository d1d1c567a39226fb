"""Disbursements with their latest attempt."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.status import State
from services.payments.queries.scope import in_scope, matching
from services.payments.queries.vouchers import vouchers_by_id
from services.payments.tables import AttemptRow, DisbursementRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import NotFound
from shared.messaging.context import Context
from shared.web.paging import Page, Paging, Sorting, page_of

DISBURSEMENTS = Sorting(
    {"prepared_at": DisbursementRow.prepared_at, "amount_minor": DisbursementRow.amount_minor},
    tie=DisbursementRow.id,
    default="prepared_at",
)


class Disbursement(BaseModel):
    """`state` and what follows `attempt` are those of the latest attempt."""

    disbursement_id: UUID
    claim_id: UUID
    voucher_id: UUID
    application_id: UUID
    call_id: UUID
    region: str
    amount_minor: int
    currency: str
    state: str
    prepared_at: datetime
    attempt: int
    attempt_id: UUID
    approvals: int
    approvals_needed: int
    prepared_by: str
    payee_id: UUID
    batch_id: UUID | None
    bank_reason: str | None
    paid_on: date | None
    returned_on: date | None
    enquired_at: datetime | None


class DisbursementFilter(BaseModel):
    """None: any."""

    region: str | None = None
    state: State | None = None
    voucher_id: UUID | None = None
    call_id: UUID | None = None
    batch_id: UUID | None = None


async def list_disbursements(context: Context, paging: Paging, wanted: DisbursementFilter) -> Page[Disbursement]:
    row = DisbursementRow
    criteria = matching(state=(row.state, wanted.state), voucher=(row.voucher_id, wanted.voucher_id), call=(row.call_id, wanted.call_id))
    if wanted.batch_id is not None:
        criteria.append(col(row.id).in_(select(col(AttemptRow.disbursement_id)).where(col(AttemptRow.batch_id) == wanted.batch_id)))
    query = select(row).where(*in_scope(context.actor, Permission.READ_PAYMENTS, wanted.region, row), *criteria)
    page = await page_of(context.session, query, paging, lambda found: found)
    return page.with_items(await _views(context, page.items))


async def read_disbursement(context: Context, disbursement_id: UUID) -> Disbursement:
    """`NotFound` 'unknown-disbursement'."""
    row = await context.session.get(DisbursementRow, disbursement_id)
    if row is None:
        raise NotFound("unknown-disbursement", "There is no such disbursement.")
    authorise(context.actor, Permission.READ_PAYMENTS, region=row.region)
    return await disbursement_view(context, row)


async def disbursement_view(context: Context, row: DisbursementRow) -> Disbursement:
    return (await _views(context, [row]))[0]


async def _views(context: Context, rows: Sequence[DisbursementRow]) -> list[Disbursement]:
    attempts = await _attempts_of(context, rows)
    vouchers = await vouchers_by_id(context, [row.voucher_id for row in rows])
    return [
        Disbursement.model_validate(
            {
                **attempts[row.id].model_dump(),
                **row.model_dump(),
                "disbursement_id": row.id,
                "attempt_id": attempts[row.id].id,
                "application_id": vouchers[row.voucher_id].application_id,
            }
        )
        for row in rows
    ]


async def _attempts_of(context: Context, rows: Sequence[DisbursementRow]) -> dict[UUID, AttemptRow]:
    """Disbursement → its latest attempt."""
    query = select(AttemptRow).where(col(AttemptRow.disbursement_id).in_([row.id for row in rows])).order_by(col(AttemptRow.number))
    return {attempt.disbursement_id: attempt for attempt in await context.session.scalars(query)}
