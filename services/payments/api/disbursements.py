"""Disbursements: prepared, approved by others, corrected and cancelled by finance."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.payments.api.common import Book, Input, Reason
from services.payments.commands.approve_disbursement import approve_disbursement
from services.payments.commands.cancel_disbursement import cancel_disbursement
from services.payments.commands.prepare_disbursement import prepare_disbursement, prepare_next_attempt
from services.payments.commands.record_enquiry import record_enquiry
from services.payments.queries import disbursements
from services.payments.queries.disbursements import Disbursement, DisbursementFilter, disbursement_view
from shared.identity.actor import Actor
from shared.identity.permissions import Permission
from shared.web.app import CallerCause, Session
from shared.web.auth import api_router, requires
from shared.web.paging import Page, Paging

router = api_router("disbursements", prefix="/disbursements")
Preparer = Annotated[Actor, requires(Permission.PREPARE_DISBURSEMENT)]
Approver = Annotated[Actor, requires(Permission.APPROVE_DISBURSEMENT)]
Reader = Annotated[Actor, requires(Permission.READ_PAYMENTS)]


class NewDisbursement(Input):
    claim_id: UUID


class NextAttempt(Input):
    """Without `payee_id` the same payee, whose account was corrected."""

    payee_id: UUID | None = None


@router.post("", status_code=201)
async def post_disbursement(body: NewDisbursement, session: Session, actor: Preparer, cause: CallerCause, book: Book) -> Disbursement:
    return await disbursement_view(session, await prepare_disbursement(session, book, cause, actor, body.claim_id))


@router.post("/{disbursement_id}/approval")
async def post_approval(disbursement_id: UUID, session: Session, actor: Approver, cause: CallerCause) -> Disbursement:
    return await disbursement_view(session, await approve_disbursement(session, cause, actor, disbursement_id))


@router.post("/{disbursement_id}/cancellation")
async def post_cancellation(disbursement_id: UUID, body: Reason, session: Session, actor: Preparer, cause: CallerCause) -> Disbursement:
    return await disbursement_view(session, await cancel_disbursement(session, cause, actor, disbursement_id, body.reason))


@router.post("/{disbursement_id}/next-attempt")
async def post_next_attempt(
    disbursement_id: UUID, body: NextAttempt, session: Session, actor: Preparer, cause: CallerCause, book: Book
) -> Disbursement:
    return await disbursement_view(session, await prepare_next_attempt(session, book, cause, actor, disbursement_id, body.payee_id))


@router.post("/{disbursement_id}/enquiry")
async def post_enquiry(disbursement_id: UUID, session: Session, actor: Preparer, cause: CallerCause) -> Disbursement:
    return await disbursement_view(session, await record_enquiry(session, cause, actor, disbursement_id))


@router.get("/{disbursement_id}")
async def read_disbursement(disbursement_id: UUID, session: Session, actor: Reader) -> Disbursement:
    return await disbursements.read_disbursement(session, actor, disbursement_id)


@router.get("")
async def list_disbursements(
    session: Session,
    actor: Reader,
    paging: Annotated[Paging, Depends(disbursements.DISBURSEMENTS)],
    wanted: Annotated[DisbursementFilter, Query()],
) -> Page[Disbursement]:
    return await disbursements.list_disbursements(session, actor, paging, wanted)
