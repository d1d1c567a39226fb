"""/claims: lodged by the beneficiary, decided by an officer"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.payments.api.dependencies import ClaimChecker, ClaimLodger, OpenClaims, VoucherReader
from services.payments.api.schemas import AcceptanceInput, ClaimInput, RejectionInput
from services.payments.commands.accept_claim import accept_claim
from services.payments.commands.lodge_claim import NewClaim, lodge_claim
from services.payments.commands.reject_claim import reject_claim
from services.payments.domain.claims import Evidence
from services.payments.domain.invoices import COMPARABLE, tax_number_key
from services.payments.queries import claims
from services.payments.queries.claims import ClaimFilter, claim_view
from services.payments.queries.views import ClaimView
from shared.kernel.ids import keyed_hash
from shared.kernel.vocabulary import RelationKind
from shared.web.auth import api_router
from shared.web.hash_key import HashKey
from shared.web.idempotency import IdempotencyKey, once
from shared.web.paging import Page, Paging

router = api_router("claims")


@router.post("/claims", status_code=201)
async def post_claim(context: ClaimLodger, body: ClaimInput, key: IdempotencyKey, most: OpenClaims, hash_key: HashKey) -> ClaimView:
    documents = [
        Evidence(one.kind, one.sha256, one.issued_on, one.amount_minor, one.reference, _issuer_hash(hash_key, one.issuer))
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


@router.get("/claims/{claim_id}")
async def get_claim(context: VoucherReader, claim_id: UUID) -> ClaimView:
    return await claims.get_claim(context, claim_id)


@router.get("/claims")
async def list_claims(
    context: VoucherReader, paging: Annotated[Paging, Depends(claims.CLAIMS)], wanted: Annotated[ClaimFilter, Query()]
) -> Page[ClaimView]:
    return await claims.list_claims(context, paging, wanted)


def _issuer_hash(hash_key: bytes, issuer: str | None) -> str | None:
    return None if issuer is None else COMPARABLE + keyed_hash(hash_key, RelationKind.TAX_NUMBER, tax_number_key(issuer))
