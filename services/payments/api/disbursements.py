"""/disbursements: prepared, approved by others, corrected and cancelled"""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Query

from services.payments.api.dependencies import BankLineResolver, DisbursementApprover, DisbursementPreparer, PaymentReader
from services.payments.api.schemas import ApprovalInput, ApprovalsInput, BankReference, DisbursementInput, NextAttemptInput
from services.payments.commands.approve_disbursement import approve_disbursement
from services.payments.commands.approve_disbursements import approve_disbursements
from services.payments.commands.cancel_disbursement import cancel_disbursement
from services.payments.commands.confirm_rejection import confirm_rejection
from services.payments.commands.prepare_disbursement import prepare_disbursement, prepare_next_attempt
from services.payments.commands.propose_outcome import NewProof, propose_outcome
from services.payments.commands.record_enquiry import record_enquiry
from services.payments.domain.bulk import ToApprove
from services.payments.domain.outcomes import ProvenOutcome
from services.payments.queries import disbursements, outcome_proofs
from services.payments.queries.desk_views import ApprovalResultsView, OutcomeProofView, PaymentLineView, StandingView
from services.payments.queries.disbursements import DisbursementFilter, disbursement_detail
from services.payments.queries.payment_lines import list_payment_lines
from services.payments.queries.standing import get_standing
from services.payments.queries.views import DisbursementDetail, DisbursementView
from shared.contracts.common import Code
from shared.kernel.money import Money
from shared.web.auth import api_router
from shared.web.language import Language
from shared.web.paging import Page, Paging
from shared.web.schemas import Reason
from shared.web.uploads import BODY, NAME_HEADER, TakenFile

router = api_router("disbursements", prefix="/disbursements")
FileName = Annotated[str, Header(alias=NAME_HEADER, max_length=2_000, description="Its name, percent-encoded UTF-8")]


@router.post("", status_code=201)
async def post_disbursement(context: DisbursementPreparer, body: DisbursementInput) -> DisbursementDetail:
    return await disbursement_detail(context, await prepare_disbursement(context, body.claim_id))


@router.post("/{disbursement_id}/approval")
async def post_disbursement_approval(context: DisbursementApprover, disbursement_id: UUID, body: ApprovalInput) -> DisbursementDetail:
    """Approves what was read. `approval-outdated` when payee, account or amount have changed since."""
    return await disbursement_detail(context, await approve_disbursement(context, disbursement_id, body.payment_hash))


@router.post("/approvals")
async def post_disbursement_approvals(context: DisbursementApprover, body: ApprovalsInput, language: Language) -> ApprovalResultsView:
    """Approves many payments, each by itself. `total-changed`, and none is approved, when those that wait are not what was read."""
    asked = [ToApprove(one.disbursement_id, one.payment_hash) for one in body.items]
    results = await approve_disbursements(context, asked, Money(body.expected_minor, body.currency))
    return await disbursements.results_view(context, results, body.currency, language)


@router.get("/{disbursement_id}/bank-lines")
async def list_disbursement_bank_lines(context: PaymentReader, disbursement_id: UUID) -> list[PaymentLineView]:
    """What the bank said about the payment, the last line first."""
    return await list_payment_lines(context, disbursement_id)


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


@router.post("/{disbursement_id}/outcome-proofs", status_code=201, openapi_extra=BODY)
async def post_disbursement_outcome_proof(
    context: BankLineResolver,
    disbursement_id: UUID,
    outcome: ProvenOutcome,
    on: date,
    reason: Code,
    file_name: FileName,
    file: TakenFile,
    bank_reference: BankReference | None = None,
) -> OutcomeProofView:
    """The bank's statement or letter about a payment whose outcome is unknown, as the body. A second person confirms it."""
    new = NewProof(outcome, on, reason, bank_reference, file.name, file.content, file.sha256, file.scan)
    return OutcomeProofView.of(await propose_outcome(context, disbursement_id, new))


@router.get("/{disbursement_id}/outcome-proofs")
async def list_disbursement_outcome_proofs(context: PaymentReader, disbursement_id: UUID) -> list[OutcomeProofView]:
    return await outcome_proofs.list_outcome_proofs(context, disbursement_id)


@router.get("/{disbursement_id}/standing")
async def get_disbursement_standing(context: PaymentReader, disbursement_id: UUID) -> StandingView:
    """Who took which step in the case, and which steps are closed to the person who asks."""
    return await get_standing(context, disbursement_id)


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
