"""Disbursements: prepared, approved by others, corrected and cancelled by finance."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.payments import queries
from services.payments.api.common import Book, Input, Reason, in_scope, matching
from services.payments.commands.approve_disbursement import approve_disbursement
from services.payments.commands.cancel_disbursement import cancel_disbursement
from services.payments.commands.prepare_disbursement import prepare_disbursement, prepare_next_attempt
from services.payments.commands.record_enquiry import record_enquiry
from services.payments.domain.status import State
from services.payments.tables import AttemptRow, DisbursementRow
from shared.identity.actor import Actor
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import NotFound
from shared.web.app import CallerCause, Session
from shared.web.auth import api_router, requires
from shared.web.paging import Page, Paging, page_of

router = api_router("disbursements", prefix="/disbursements")
Preparer = Annotated[Actor, requires(Permission.PREPARE_DISBURSEMENT)]
Approver = Annotated[Actor, requires(Permission.APPROVE_DISBURSEMENT)]
Reader = Annotated[Actor, requires(Permission.READ_PAYMENTS)]


class NewDisbursement(Input):
    claim_id: UUID


class NextAttempt(Input):
    """Without `payee_id` the same payee, whose account was corrected."""

    payee_id: UUID | None = None


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


@router.post("", status_code=201)
async def post_disbursement(body: NewDisbursement, session: Session, actor: Preparer, cause: CallerCause, book: Book) -> Disbursement:
    return await _view(session, await prepare_disbursement(session, book, cause, actor, body.claim_id))


@router.post("/{disbursement_id}/approval")
async def post_approval(disbursement_id: UUID, session: Session, actor: Approver, cause: CallerCause) -> Disbursement:
    return await _view(session, await approve_disbursement(session, cause, actor, disbursement_id))


@router.post("/{disbursement_id}/cancellation")
async def post_cancellation(disbursement_id: UUID, body: Reason, session: Session, actor: Preparer, cause: CallerCause) -> Disbursement:
    return await _view(session, await cancel_disbursement(session, cause, actor, disbursement_id, body.reason))


@router.post("/{disbursement_id}/next-attempt")
async def post_next_attempt(
    disbursement_id: UUID, body: NextAttempt, session: Session, actor: Preparer, cause: CallerCause, book: Book
) -> Disbursement:
    return await _view(session, await prepare_next_attempt(session, book, cause, actor, disbursement_id, body.payee_id))


@router.post("/{disbursement_id}/enquiry")
async def post_enquiry(disbursement_id: UUID, session: Session, actor: Preparer, cause: CallerCause) -> Disbursement:
    return await _view(session, await record_enquiry(session, cause, actor, disbursement_id))


@router.get("/{disbursement_id}")
async def read_disbursement(disbursement_id: UUID, session: Session, actor: Reader) -> Disbursement:
    row = await session.get(DisbursementRow, disbursement_id)
    if row is None:
        raise NotFound("unknown-disbursement", "There is no such disbursement.")
    authorise(actor, Permission.READ_PAYMENTS, region=row.region)
    return await _view(session, row)


@router.get("")
async def list_disbursements(
    session: Session,
    actor: Reader,
    paging: Annotated[Paging, Depends(queries.DISBURSEMENTS)],
    region: str | None = None,
    state: State | None = None,
    voucher_id: UUID | None = None,
    call_id: UUID | None = None,
    batch_id: UUID | None = None,
) -> Page[Disbursement]:
    row = DisbursementRow
    criteria = matching(state=(row.state, state), voucher=(row.voucher_id, voucher_id), call=(row.call_id, call_id))
    if batch_id is not None:
        criteria.append(col(row.id).in_(select(col(AttemptRow.disbursement_id)).where(col(AttemptRow.batch_id) == batch_id)))
    query = select(row).where(*in_scope(actor, Permission.READ_PAYMENTS, region, row), *criteria)
    page = await page_of(session, query, paging, lambda found: found)
    return Page[Disbursement](items=await _views(session, page.items), total=page.total, limit=page.limit, next=page.next)


async def _view(session: AsyncSession, row: DisbursementRow) -> Disbursement:
    await session.flush()
    return (await _views(session, [row]))[0]


async def _views(session: AsyncSession, rows: Sequence[DisbursementRow]) -> list[Disbursement]:
    attempts = await queries.attempts_of(session, rows)
    applications = await queries.application_ids_of(session, [row.voucher_id for row in rows])
    return [
        Disbursement.model_validate(
            {
                **attempts[row.id].model_dump(),
                **row.model_dump(),
                "disbursement_id": row.id,
                "attempt_id": attempts[row.id].id,
                "application_id": applications[row.voucher_id],
            }
        )
        for row in rows
    ]
