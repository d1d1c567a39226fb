"""/claim-drafts: a claim as the beneficiary prepares it, line by line, and lodges it as a whole"""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.payments.api.dependencies import ClaimLodger, OpenClaims
from services.payments.api.schemas import ClaimDraftInput, ClaimHoursInput, ClaimLineInput, PayeeChoiceInput
from services.payments.commands.begin_claim_draft import begin_claim_draft
from services.payments.commands.choose_claim_payee import choose_claim_payee
from services.payments.commands.discard_claim_draft import discard_claim_draft
from services.payments.commands.give_document import NewDocument, give_document
from services.payments.commands.lodge_claim_draft import lodge_claim_draft
from services.payments.commands.remove_claim_document import remove_claim_document
from services.payments.commands.remove_claim_line import remove_claim_line
from services.payments.commands.save_claim_hours import NewHours, save_claim_hours
from services.payments.commands.save_claim_line import NewLine, save_claim_line
from services.payments.queries.claim_details import content_of, get_claim_detail
from services.payments.queries.claim_drafts import claim_draft_of, claim_drafts_of, document_of_draft
from services.payments.queries.claim_views import ClaimDetail, ClaimDraftView
from shared.files.kinds import MEDIA_TYPES
from shared.kernel.vocabulary import EvidenceKind
from shared.web.auth import api_router
from shared.web.hash_key import HashKey
from shared.web.idempotency import IdempotencyKey, once
from shared.web.language import Language
from shared.web.uploads import BINARY, BODY, Attachment, FileLimits, FileName, Files, TakenFile, Traffic

router = api_router("claim drafts")
DRAFT = "/claim-drafts/{draft_id}"
Proves = Annotated[EvidenceKind, Query(description="What the document proves")]


@router.post("/claim-drafts", status_code=201)
async def post_claim_draft(context: ClaimLodger, body: ClaimDraftInput, language: Language) -> ClaimDraftView:
    """Begins a claim on the voucher, or gives the one that was begun and not lodged yet: a repetition changes nothing."""
    return await claim_draft_of(context, await begin_claim_draft(context, body.voucher_id), language)


@router.get("/vouchers/{voucher_id}/claim-drafts")
async def list_claim_drafts(context: ClaimLodger, voucher_id: UUID, language: Language) -> list[ClaimDraftView]:
    return await claim_drafts_of(context, voucher_id, language)


@router.get(DRAFT)
async def get_claim_draft(context: ClaimLodger, draft_id: UUID, language: Language) -> ClaimDraftView:
    """Also after it was lodged: with the state of its claim."""
    return await claim_draft_of(context, draft_id, language)


@router.delete(DRAFT, status_code=204)
async def delete_claim_draft(context: ClaimLodger, draft_id: UUID) -> None:
    """Gives up a draft that was never lodged; its lines and documents are deleted."""
    await discard_claim_draft(context, draft_id)


@router.put(DRAFT + "/payee")
async def put_claim_draft_payee(context: ClaimLodger, draft_id: UUID, body: PayeeChoiceInput, language: Language) -> ClaimDraftView:
    await choose_claim_payee(context, draft_id, body.payee_id)
    return await claim_draft_of(context, draft_id, language)


@router.put(DRAFT + "/lines/{line_id}")
async def put_claim_draft_line(
    context: ClaimLodger, draft_id: UUID, line_id: UUID, body: ClaimLineInput, hash_key: HashKey, language: Language
) -> ClaimDraftView:
    """Adds or changes a line. The id is chosen by the caller (a UUID that is not used yet), so that a repetition changes nothing."""
    await save_claim_line(context, draft_id, line_id, NewLine(**body.model_dump()), hash_key)
    return await claim_draft_of(context, draft_id, language)


@router.put(DRAFT + "/hours/{line_id}")
async def put_claim_draft_hours(
    context: ClaimLodger, draft_id: UUID, line_id: UUID, body: ClaimHoursInput, language: Language
) -> ClaimDraftView:
    """Adds or changes a line of own hours, where the rules of the voucher count them: they come to the hours at the rate of the rules. The
    id is chosen by the caller, as of a line, by which it is read, given a timesheet and deleted."""
    await save_claim_hours(context, draft_id, line_id, NewHours(**body.model_dump()))
    return await claim_draft_of(context, draft_id, language)


@router.delete(DRAFT + "/lines/{line_id}")
async def delete_claim_draft_line(context: ClaimLodger, draft_id: UUID, line_id: UUID, language: Language) -> ClaimDraftView:
    """Also its documents, unless a claim that was lodged names them. Repeating changes nothing."""
    await remove_claim_line(context, draft_id, line_id)
    return await claim_draft_of(context, draft_id, language)


@router.post(DRAFT + "/lines/{line_id}/files", status_code=201, openapi_extra=BODY)
async def post_claim_draft_file(
    context: ClaimLodger, draft_id: UUID, line_id: UUID, kind: Proves, file_name: FileName, file: TakenFile, files: Files,
    limits: FileLimits, key: IdempotencyKey, language: Language,
) -> ClaimDraftView:  # fmt: skip
    """A document at a line. The body is the content as it is; what kind of file it is comes from the content. Nothing is kept of a file
    that is refused."""
    new = NewDocument(kind, file.name, file.content, file.sha256, file.scan)
    payload = [draft_id, line_id, kind, file.name, file.sha256]
    await once(context, key, "POST /claim-drafts/files", payload, lambda: give_document(context, files, draft_id, line_id, new, limits))
    return await claim_draft_of(context, draft_id, language)


@router.get(
    DRAFT + "/files/{file_id}",
    response_class=Response,
    responses={200: {"content": {kind: {"schema": BINARY} for kind in MEDIA_TYPES.values()}}},
)
async def get_claim_draft_file(context: ClaimLodger, draft_id: UUID, file_id: UUID, files: Files, traffic: Traffic) -> Response:
    file = await document_of_draft(context, draft_id, file_id)
    return Attachment(await content_of(context, files, file), file.media_type, file.name or "", traffic.memory)


@router.delete(DRAFT + "/files/{file_id}")
async def delete_claim_draft_file(context: ClaimLodger, draft_id: UUID, file_id: UUID, language: Language) -> ClaimDraftView:
    """Repeating changes nothing."""
    await remove_claim_document(context, draft_id, file_id)
    return await claim_draft_of(context, draft_id, language)


@router.post(DRAFT + "/lodging")
async def post_claim_draft_lodging(context: ClaimLodger, draft_id: UUID, hash_key: HashKey, most: OpenClaims) -> ClaimDetail:
    """Lodges the claim as a whole; its sums follow from the lines. Repeating it gives the same claim."""
    return await get_claim_detail(context, await lodge_claim_draft(context, draft_id, hash_key, most))
