"""Envelopes and the ledger behind them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.payments import queries
from services.payments.api.common import in_scope, matching
from services.payments.tables import EnvelopeRow, LedgerEntryRow
from shared.identity.actor import Actor
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import NotFound
from shared.web.app import Session
from shared.web.auth import api_router, requires
from shared.web.paging import Page, Paging, page_of

router = api_router("envelopes")
Reader = Annotated[Actor, requires(Permission.READ_PAYMENTS)]


class Envelope(BaseModel):
    """available = amount − reserved − committed − paid + recovered."""

    call_id: UUID
    region: str
    scheme: str
    slug: str
    currency: str
    amount_minor: int
    reserved_minor: int
    committed_minor: int
    paid_minor: int
    recovered_minor: int
    available_minor: int

    @classmethod
    def of(cls, row: EnvelopeRow) -> "Envelope":
        return cls.model_validate({**row.model_dump(), "available_minor": row.available_minor})


class Balances(BaseModel):
    """The six accounts of a call; they add up to zero."""

    call_id: UUID
    currency: str
    balances: dict[str, int]


class Posting(BaseModel):
    account: str
    amount_minor: int


class Entry(BaseModel):
    entry_id: UUID
    kind: str
    voucher_id: UUID | None
    at: datetime
    postings: list[Posting]


@router.get("/envelopes")
async def list_envelopes(
    session: Session, actor: Reader, paging: Annotated[Paging, Depends(queries.ENVELOPES)], region: str | None = None
) -> Page[Envelope]:
    return await page_of(
        session, select(EnvelopeRow).where(*in_scope(actor, Permission.READ_PAYMENTS, region, EnvelopeRow)), paging, Envelope.of
    )


@router.get("/envelopes/{call_id}")
async def read_envelope(call_id: UUID, session: Session, actor: Reader) -> Envelope:
    return Envelope.of(await _envelope(session, actor, call_id))


@router.get("/ledger")
async def read_ledger(call_id: UUID, session: Session, actor: Reader) -> Balances:
    envelope = await _envelope(session, actor, call_id)
    return Balances(call_id=call_id, currency=envelope.currency, balances=await queries.ledger_balances(session, call_id))


@router.get("/ledger/entries")
async def list_entries(
    call_id: UUID, session: Session, actor: Reader, paging: Annotated[Paging, Depends(queries.ENTRIES)], voucher_id: UUID | None = None
) -> Page[Entry]:
    await _envelope(session, actor, call_id)
    criteria = matching(call=(LedgerEntryRow.call_id, call_id), voucher=(LedgerEntryRow.voucher_id, voucher_id))
    page = await page_of(session, select(LedgerEntryRow).where(*criteria), paging, lambda row: row)
    sides = await queries.postings_of(session, [row.id for row in page.items])
    entries = [
        Entry(
            entry_id=row.id, kind=row.kind, voucher_id=row.voucher_id, at=row.at,
            postings=[Posting(account=account, amount_minor=amount) for account, amount in sides[row.id]],
        )
        for row in page.items
    ]  # fmt: skip
    return Page[Entry](items=entries, total=page.total, limit=page.limit, next=page.next)


async def _envelope(session: AsyncSession, actor: Actor, call_id: UUID) -> EnvelopeRow:
    envelope = await session.scalar(select(EnvelopeRow).where(col(EnvelopeRow.call_id) == call_id))
    if envelope is None:
        raise NotFound("unknown-envelope", "There is no such envelope.")
    authorise(actor, Permission.READ_PAYMENTS, region=envelope.region)
    return envelope
