"""/disbursements: prepared, approved by others, corrected and cancelled"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.payments.api.dependencies import BankLineResolver, DisbursementApprover, DisbursementPreparer, PaymentReader
from services.payments.api.schemas import ApprovalInput, DisbursementInput, NextAttemptInput
from services.payments.commands.approve_disbursement import approve_disbursement
from services.payments.commands.cancel_disbursement import cancel_disbursement
from services.payments.commands.confirm_rejection import confirm_rejection
from services.payments.commands.prepare_disbursement import prepare_disbursement, prepare_next_attempt
from services.payments.commands.record_enquiry import record_enquiry
from services.payments.queries import disbursements
from services.payments.queries.disbursements import DisbursementFilter, disbursement_detail
from services.payments.queries.views import DisbursementDetail, DisbursementView
from shared.web.auth import api_router
from shared.web.paging import Page, Paging
from shared.web.schemas import Reason

router = api_router("disbursements", prefix="/disbursements")


@router.post("", status_code=201)
async def post_disbursement(context: DisbursementPreparer, body: DisbursementInput) -> DisbursementDetail:
    return await disbursement_detail(context, await prepare_disbursement(context, body.claim_id))


@router.post("/{disbursement_id}/approval")
async def post_disbursement_approval(context: DisbursementApprover, disbursement_id: UUID, body: ApprovalInput) -> DisbursementDetail:
    """Approves what was read. `approval-outdated` when payee, account or amount have changed since."""
    return await disbursement_detail(context, await approve_disbursement(context, disbursement_id, body.payment_hash))


@router.post("/{disbursement_id}/cancellation")
async def post_disbursement_cancellation(context: DisbursementPreparer, disbursement_id: UUID, body: Reason) -> DisbursementDetail:
    return await disbursement_detail(context, await cancel_disbursement(context, disbursement_id, body.reason))


@router.post("/{disbursement_id}/next-attempt")
async def post_disbursement_next_attempt(
    context: DisbursementPreparer, disbursement_id: UUID, body: NextAttemptInput
) -> DisbursementDetail:
    return await disbursement_detail(context, await prepare_next_attempt(context, disbursement_id, body.payee_id))


@router.post("/{disbursement_id}/rejection-confirmation")
async def post_disbursement_rejection_confirmation(context: BankLineResolver, disbursement_id: UUID, body: Reason) -> DisbursementDetail:
    return await disbursement_detail(context, await confirm_rejection(context, disbursement_id, body.reason))


@router.post("/{disbursement_id}/enquiry")
async def post_disbursement_enquiry(context: DisbursementPreparer, disbursement_id: UUID) -> DisbursementDetail:
    return await disbursement_detail(context, await record_enquiry(context, disbursement_id))


@router.get("/{disbursement_id}")
async def get_disbursement(context: PaymentReader, disbursement_id: UUID) -> DisbursementDetail:
    return await disbursements.get_disbursement(context, disbursement_id)


@router.get("")
async def list_disbursements(
    context: PaymentReader,
    paging: Annotated[Paging, Depends(disbursements.DISBURSEMENTS)],
    wanted: Annotated[DisbursementFilter, Query()],
) -> Page[DisbursementView]:
    return await disbursements.list_disbursements(context, paging, wanted)
