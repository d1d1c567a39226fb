"""/desk, /officer-desk, /own-desk: what waits for finance, officers, a beneficiary; /journal, /expenditure: what was moved, and spent"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from services.payments.api.dependencies import BankLineResolver, DisbursementPreparer, OfficerDeskReader, OwnDeskReader, PaymentReader
from services.payments.api.schemas import ReportInput
from services.payments.commands.confirm_outcome import confirm_outcome
from services.payments.commands.propose_outcome_undoing import propose_outcome_undoing
from services.payments.commands.reject_outcome import reject_outcome
from services.payments.commands.report_expenditure import report_expenditure
from services.payments.queries import desk, expenditure, journal, officer_desk, outcome_proofs, own_desk
from services.payments.queries.desk_views import DeskView, ExpenditureReportView, ExpenditureView, JournalEntryView, OutcomeProofView
from services.payments.queries.journal import JournalFilter
from services.payments.queries.officer_desk import OfficerDeskView
from services.payments.queries.own_desk import OwnDeskView
from shared.files.kinds import MEDIA_TYPES
from shared.web.auth import api_router
from shared.web.language import Language
from shared.web.paging import Page, Paging
from shared.web.schemas import Reason
from shared.web.uploads import BINARY, Attachment, Traffic

router = api_router("desk")


@router.get("/desk")
async def get_desk(context: PaymentReader, region: str | None = None) -> DeskView:
    return await desk.get_desk(context, region)


@router.get("/officer-desk")
async def get_officer_desk(context: OfficerDeskReader, region: str | None = None) -> OfficerDeskView:
    return await officer_desk.get_officer_desk(context, region)


@router.get("/own-desk")
async def get_own_desk(context: OwnDeskReader, language: Language) -> OwnDeskView:
    """What waits for the organisation that the caller acts for: at most five of each kind."""
    return await own_desk.get_own_desk(context, language)


@router.get("/journal")
async def list_journal(
    context: PaymentReader, paging: Annotated[Paging, Depends(journal.JOURNAL)], wanted: Annotated[JournalFilter, Query()]
) -> Page[JournalEntryView]:
    """Every entry of the ledgers of the regions that one may see."""
    return await journal.list_journal(context, paging, wanted)


@router.get("/expenditure")
async def list_expenditure(
    context: PaymentReader,
    paging: Annotated[Paging, Depends(expenditure.EXPENDITURE)],
    region: str | None = None,
    call_id: UUID | None = None,
) -> Page[ExpenditureView]:
    return await expenditure.list_expenditure(context, paging, region, call_id)


@router.get("/expenditure-reports")
async def list_expenditure_reports(
    context: PaymentReader, paging: Annotated[Paging, Depends(expenditure.REPORTS)], region: str | None = None
) -> Page[ExpenditureReportView]:
    return await expenditure.list_expenditure_reports(context, paging, region)


@router.post("/expenditure-reports", status_code=201)
async def post_expenditure_report(context: DisbursementPreparer, body: ReportInput) -> ExpenditureReportView:
    """All that is paid and in no report yet, in EUR by the rate of the current month, which stays."""
    return await expenditure.report_view(context, await report_expenditure(context, body.region))


@router.post("/outcome-proofs/{proof_id}/confirmation")
async def post_outcome_proof_confirmation(context: BankLineResolver, proof_id: UUID) -> OutcomeProofView:
    return OutcomeProofView.of(await confirm_outcome(context, proof_id))


@router.post("/outcome-proofs/{proof_id}/rejection")
async def post_outcome_proof_rejection(context: BankLineResolver, proof_id: UUID) -> OutcomeProofView:
    return OutcomeProofView.of(await reject_outcome(context, proof_id))


@router.post("/outcome-proofs/{proof_id}/undoing", status_code=201)
async def post_outcome_proof_undoing(context: BankLineResolver, proof_id: UUID, body: Reason) -> OutcomeProofView:
    """The confirmed proof was read wrongly: once another person confirms that, the outcome is unknown again."""
    return OutcomeProofView.of(await propose_outcome_undoing(context, proof_id, body.reason))


@router.get(
    "/outcome-proofs/{proof_id}/document",
    response_class=Response,
    responses={200: {"content": {kind: {"schema": BINARY} for kind in MEDIA_TYPES.values()}}},
)
async def get_outcome_proof_document(context: PaymentReader, proof_id: UUID, traffic: Traffic) -> Response:
    """The document, as a download. Each reading is recorded."""
    proof = await outcome_proofs.get_document(context, proof_id)
    return Attachment(proof.document or b"", proof.media_type or "", proof.name or "", traffic.memory)
