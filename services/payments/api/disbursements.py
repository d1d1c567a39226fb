"""Disbursements: prepared, approved by others, corrected and cancelled by finance."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.payments.api.dependencies import Input, Reason
from services.payments.commands.approve_disbursement import approve_disbursement
from services.payments.commands.cancel_disbursement import cancel_disbursement
from services.payments.commands.prepare_disbursement import prepare_disbursement, prepare_next_attempt
from services.payments.commands.record_enquiry import record_enquiry
from services.payments.queries import disbursements
from services.payments.queries.disbursements import Disbursement, DisbursementFilter, disbursement_view
from shared.identity.permissions import Permission
from shared.messaging.context import Context
from shared.web.auth import api_router, requires
from shared.web.paging import Page, Paging

router = api_router("disbursements", prefix="/disbursements")
Preparer = Annotated[Context, requires(Permission.PREPARE_DISBURSEMENT)]
Approver = Annotated[Context, requires(Permission.APPROVE_DISBURSEMENT)]
Reader = Annotated[Context, requires(Permission.READ_PAYMENTS)]


class NewDisbursement(Input):
    claim_id: UUID


class NextAttempt(Input):
    """Without `payee_id` the same payee, whose account was corrected."""

    payee_id: UUID | None = None


@router.post("", status_code=201)
async def post_disbursement(context: Preparer, body: NewDisbursement) -> Disbursement:
    return await disbursement_view(context, await prepare_disbursement(context, body.claim_id))


@router.post("/{disbursement_id}/approval")
async def post_approval(context: Approver, disbursement_id: UUID) -> Disbursement:
    return await disbursement_view(context, await approve_disbursement(context, disbursement_id))


@router.post("/{disbursement_id}/cancellation")
async def post_cancellation(context: Preparer, disbursement_id: UUID, body: Reason) -> Disbursement:
    return await disbursement_view(context, await cancel_disbursement(context, disbursement_id, body.reason))


@router.post("/{disbursement_id}/next-attempt")
async def post_next_attempt(context: Preparer, disbursement_id: UUID, body: NextAttempt) -> Disbursement:
    return await disbursement_view(context, await prepare_next_attempt(context, disbursement_id, body.payee_id))


@router.post("/{disbursement_id}/enquiry")
async def post_enquiry(context: Preparer, disbursement_id: UUID) -> Disbursement:
    return await disbursement_view(context, await record_enquiry(context, disbursement_id))


@router.get("/{disbursement_id}")
async def read_disbursement(context: Reader, disbursement_id: UUID) -> Disbursement:
    return await disbursements.read_disbursement(context, disbursement_id)


@router.get("")
async def list_disbursements(
    context: Reader, paging: Annotated[Paging, Depends(disbursements.DISBURSEMENTS)], wanted: Annotated[DisbursementFilter, Query()]
) -> Page[Disbursement]:
    return await disbursements.list_disbursements(context, paging, wanted)
