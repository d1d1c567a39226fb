"""Claims: lodged by the beneficiary, decided by an officer."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query
from pydantic import Field

from services.payments.api.dependencies import Input, PositiveMinor, ReasonCode
from services.payments.commands.accept_claim import accept_claim
from services.payments.commands.lodge_claim import ClaimInput, Document, lodge_claim
from services.payments.commands.reject_claim import reject_claim
from services.payments.queries import claims
from services.payments.queries.claims import Claim, ClaimFilter, claim_view
from shared.identity.permissions import Permission
from shared.messaging.context import Context
from shared.policy.sections import EvidenceKind
from shared.web.auth import api_router, requires
from shared.web.idempotency import IdempotencyKey, once
from shared.web.paging import Page, Paging

router = api_router("claims")
Reader = Annotated[Context, requires(Permission.READ_VOUCHER)]
Checker = Annotated[Context, requires(Permission.CHECK_CLAIM)]


class EvidenceIn(Input):
    """A document kept elsewhere, by its hash."""

    kind: EvidenceKind
    reference: Annotated[str, Field(min_length=1, max_length=140)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    issued_on: date
    amount_minor: Annotated[int, Field(ge=0, le=10**15)] = 0


class NewClaim(Input):
    """`requested_minor` of aid on `eligible_minor` of expenditure, in the voucher's currency."""

    voucher_id: UUID
    payee_id: UUID
    eligible_minor: PositiveMinor
    requested_minor: PositiveMinor
    evidence: Annotated[list[EvidenceIn], Field(min_length=1, max_length=50)]


class Acceptance(Input):
    granted_minor: PositiveMinor | None = None


class Rejection(Input):
    rules: Annotated[list[ReasonCode], Field(min_length=1, max_length=20)]
    note: Annotated[str, Field(max_length=4000)] | None = None


@router.post("/claims", status_code=201)
async def post_claim(context: Annotated[Context, requires(Permission.LODGE_CLAIM)], body: NewClaim, key: IdempotencyKey) -> Claim:
    documents = [Document(one.kind, one.reference, one.sha256, one.issued_on, one.amount_minor) for one in body.evidence]
    asked = ClaimInput(body.voucher_id, body.payee_id, body.eligible_minor, body.requested_minor, documents)

    async def lodge() -> Claim:
        return await claim_view(context, await lodge_claim(context, asked))

    return Claim.model_validate(await once(context, key, "POST /claims", body, lodge))


@router.post("/claims/{claim_id}/acceptance")
async def post_acceptance(context: Checker, claim_id: UUID, body: Acceptance) -> Claim:
    return await claim_view(context, await accept_claim(context, claim_id, body.granted_minor))


@router.post("/claims/{claim_id}/rejection")
async def post_rejection(context: Checker, claim_id: UUID, body: Rejection) -> Claim:
    return await claim_view(context, await reject_claim(context, claim_id, body.rules, body.note))


@router.get("/claims/{claim_id}")
async def read_claim(context: Reader, claim_id: UUID) -> Claim:
    return await claims.read_claim(context, claim_id)


@router.get("/claims")
async def list_claims(
    context: Reader, paging: Annotated[Paging, Depends(claims.CLAIMS)], wanted: Annotated[ClaimFilter, Query()]
) -> Page[Claim]:
    return await claims.list_claims(context, paging, wanted)
