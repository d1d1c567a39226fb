"""/claims: lodged by the beneficiary, decided by an officer"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Query, Response

from services.payments.api.dependencies import ClaimChecker, ClaimLodger, OpenClaims, VoucherReader
from services.payments.api.schemas import AcceptanceInput, ClaimInput, LineCheckInput, RejectionInput, ReturnInput
from services.payments.commands.accept_claim import accept_claim
from services.payments.commands.check_claim_line import check_claim_line
from services.payments.commands.lodge_claim import lodge_claim
from services.payments.commands.reject_claim import reject_claim
from services.payments.commands.return_claim import return_claim
from services.payments.domain.claims import Evidence
from services.payments.queries import claim_details, claims
from services.payments.queries.claim_views import ClaimDetail, ClaimView
from services.payments.queries.claims import ClaimFilter, claim_view
from services.payments.steps.lodging import NewClaim
from shared.files.kinds import MEDIA_TYPES
from shared.kernel.invoice_numbers import issuer_hash
from shared.web.auth import api_router
from shared.web.hash_key import HashKey
from shared.web.idempotency import IdempotencyKey, once
from shared.web.paging import Page, Paging
from shared.web.uploads import BINARY, Attachment, Files, Traffic

router = api_router("claims")
LineNumber = Annotated[int, Path(ge=1, le=1_000)]


@router.post("/claims", status_code=201)
async def post_claim(context: ClaimLodger, body: ClaimInput, key: IdempotencyKey, most: OpenClaims, hash_key: HashKey) -> ClaimView:
    documents = [
        Evidence(
            one.kind,
            one.sha256,
            one.issued_on,
            one.amount_minor,
            one.reference,
            one.issuer and issuer_hash(hash_key, one.issuer),
            ordered_on=one.ordered_on,
        )
        for one in body.evidence
    ]
    new = NewClaim(body.voucher_id, body.payee_id, body.eligible_minor, body.requested_minor, documents)

    async def lodge() -> UUID:
        return (await lodge_claim(context, new, most)).id

    return await claims.get_claim(context, await once(context, key, "POST /claims", body, lodge))


@router.post("/claims/{claim_id}/acceptance")
async def post_claim_acceptance(context: ClaimChecker, claim_id: UUID, body: AcceptanceInput) -> ClaimView:
    return await claim_view(context, await accept_claim(context, claim_id, body.granted_minor, body.confirmed_lines))


@router.post("/claims/{claim_id}/rejection")
async def post_claim_rejection(context: ClaimChecker, claim_id: UUID, body: RejectionInput) -> ClaimView:
    return await claim_view(context, await reject_claim(context, claim_id, body.rules, body.note))


@router.post("/claims/{claim_id}/return")
async def post_claim_return(context: ClaimChecker, claim_id: UUID, body: ReturnInput) -> ClaimView:
    """To the beneficiary, who corrects the draft and lodges it again within the policy's term."""
    return await claim_view(context, await return_claim(context, claim_id, body.note))


@router.put("/claims/{claim_id}/lines/{number}/check")
async def put_claim_line_check(context: ClaimChecker, claim_id: UUID, number: LineNumber, body: LineCheckInput) -> ClaimDetail:
    """A line is accepted or cut. It may be changed until the claim is decided; the acceptance needs that every line was looked at."""
    await check_claim_line(context, claim_id, number, body.cut_minor, body.reason)
    return await claim_details.get_claim_detail(context, claim_id)


@router.get("/claims/{claim_id}")
async def get_claim(context: VoucherReader, claim_id: UUID) -> ClaimDetail:
    return await claim_details.get_claim_detail(context, claim_id)


@router.get("/claims")
async def list_claims(
    context: VoucherReader, paging: Annotated[Paging, Depends(claims.CLAIMS)], wanted: Annotated[ClaimFilter, Query()]
) -> Page[ClaimView]:
    return await claims.list_claims(context, paging, wanted)


@router.get(
    "/claims/{claim_id}/files/{file_id}",
    response_class=Response,
    responses={200: {"content": {kind: {"schema": BINARY} for kind in MEDIA_TYPES.values()}}},
)
async def get_claim_file(context: VoucherReader, claim_id: UUID, file_id: UUID, files: Files, traffic: Traffic) -> Response:
    """A document that was lodged, as a download. Each reading by the agency is recorded."""
    file = await claim_details.document_of_claim(context, claim_id, file_id)
    return Attachment(await claim_details.content_of(context, files, file), file.media_type, file.name or "", traffic.memory)
