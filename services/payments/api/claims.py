"""Claims: lodged by the beneficiary, decided by an officer."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments import queries
from services.payments.api.common import Book, Input, PositiveMinor, ReasonCode, in_scope, matching
from services.payments.commands.accept_claim import accept_claim
from services.payments.commands.lodge_claim import ClaimInput, Document, lodge_claim
from services.payments.commands.reject_claim import reject_claim
from services.payments.tables import ClaimRow
from shared.identity.actor import Actor
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import NotFound
from shared.policy.sections import EvidenceKind
from shared.web.app import CallerCause, Session
from shared.web.auth import api_router, requires
from shared.web.idempotency import IdempotencyKey, once
from shared.web.paging import Page, Paging, page_of

router = api_router("claims")
Reader = Annotated[Actor, requires(Permission.READ_VOUCHER)]
Checker = Annotated[Actor, requires(Permission.CHECK_CLAIM)]


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


class EvidenceOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    kind: str
    reference: str
    sha256: str
    issued_on: date
    amount_minor: int


class Claim(BaseModel):
    claim_id: UUID
    voucher_id: UUID
    application_id: UUID
    call_id: UUID
    region: str
    organisation_id: UUID
    payee_id: UUID
    state: str
    eligible_minor: int
    requested_minor: int
    granted_minor: int | None
    currency: str
    lodged_at: datetime
    check_by: datetime
    overdue: bool
    decided_at: datetime | None
    pay_by: datetime | None
    rules: list[str]
    note: str | None
    disbursement_id: UUID | None
    evidence: list[EvidenceOut]


@router.post("/claims", status_code=201)
async def post_claim(
    body: NewClaim,
    session: Session,
    actor: Annotated[Actor, requires(Permission.LODGE_CLAIM)],
    cause: CallerCause,
    book: Book,
    key: IdempotencyKey,
) -> Claim:
    documents = [Document(one.kind, one.reference, one.sha256, one.issued_on, one.amount_minor) for one in body.evidence]
    asked = ClaimInput(body.voucher_id, body.payee_id, body.eligible_minor, body.requested_minor, documents)

    async def lodge() -> Claim:
        return await _claim(session, await lodge_claim(session, book, cause, actor, asked))

    return Claim.model_validate(await once(session, actor, key, "POST /claims", body, lodge))


@router.post("/claims/{claim_id}/acceptance")
async def post_acceptance(claim_id: UUID, body: Acceptance, session: Session, actor: Checker, cause: CallerCause, book: Book) -> Claim:
    return await _claim(session, await accept_claim(session, book, cause, actor, claim_id, body.granted_minor))


@router.post("/claims/{claim_id}/rejection")
async def post_rejection(claim_id: UUID, body: Rejection, session: Session, actor: Checker, cause: CallerCause) -> Claim:
    return await _claim(session, await reject_claim(session, cause, actor, claim_id, body.rules, body.note))


@router.get("/claims/{claim_id}")
async def read_claim(claim_id: UUID, session: Session, actor: Reader) -> Claim:
    claim = await session.get(ClaimRow, claim_id)
    if claim is None:
        raise NotFound("unknown-claim", "There is no such claim.")
    authorise(actor, Permission.READ_VOUCHER, region=claim.region, owner=claim.organisation_id)
    return await _claim(session, claim)


@router.get("/claims")
async def list_claims(
    session: Session,
    actor: Reader,
    paging: Annotated[Paging, Depends(queries.CLAIMS)],
    region: str | None = None,
    state: Literal["lodged", "accepted", "rejected"] | None = None,
    voucher_id: UUID | None = None,
    call_id: UUID | None = None,
    without_disbursement: bool = False,
) -> Page[Claim]:
    """`without_disbursement`: accepted, and waiting for finance."""
    criteria = matching(state=(ClaimRow.state, state), voucher=(ClaimRow.voucher_id, voucher_id), call=(ClaimRow.call_id, call_id))
    if without_disbursement:
        criteria.append(queries.waits_for_finance())
    query = select(ClaimRow).where(*in_scope(actor, Permission.READ_VOUCHER, region, ClaimRow), *criteria)
    page = await page_of(session, query, paging, lambda row: row)
    return Page[Claim](items=await _claims(session, page.items), total=page.total, limit=page.limit, next=page.next)


async def _claim(session: AsyncSession, row: ClaimRow) -> Claim:
    return (await _claims(session, [row]))[0]


async def _claims(session: AsyncSession, rows: Sequence[ClaimRow]) -> list[Claim]:
    claim_ids, voucher_ids = [row.id for row in rows], [row.voucher_id for row in rows]
    evidence = await queries.evidence_of(session, claim_ids)
    disbursements = await queries.disbursement_ids_of(session, claim_ids)
    applications = await queries.application_ids_of(session, voucher_ids)
    currencies = await queries.currencies_of(session, voucher_ids)

    def more(row: ClaimRow) -> dict[str, Any]:
        return {
            "claim_id": row.id,
            "application_id": applications[row.voucher_id],
            "currency": currencies[row.voucher_id],
            "disbursement_id": disbursements.get(row.id),
            "evidence": evidence[row.id],
        }

    return [Claim.model_validate({**row.model_dump(), **more(row)}) for row in rows]
