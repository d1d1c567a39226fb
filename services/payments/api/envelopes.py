"""Envelopes and the ledger behind them."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.payments.queries import envelopes
from services.payments.queries.envelopes import Balances, Entry, Envelope
from shared.identity.actor import Actor
from shared.identity.permissions import Permission
from shared.web.app import Session
from shared.web.auth import api_router, requires
from shared.web.paging import Page, Paging

router = api_router("envelopes")
Reader = Annotated[Actor, requires(Permission.READ_PAYMENTS)]


@router.get("/envelopes")
async def list_envelopes(
    session: Session, actor: Reader, paging: Annotated[Paging, Depends(envelopes.ENVELOPES)], region: str | None = None
) -> Page[Envelope]:
    return await envelopes.list_envelopes(session, actor, paging, region)


@router.get("/envelopes/{call_id}")
async def read_envelope(call_id: UUID, session: Session, actor: Reader) -> Envelope:
    return await envelopes.read_envelope(session, actor, call_id)


@router.get("/ledger")
async def read_ledger(call_id: UUID, session: Session, actor: Reader) -> Balances:
    envelope = await envelopes.read_envelope(session, actor, call_id)
    return Balances(call_id=call_id, currency=envelope.currency, balances=await envelopes.ledger_balances(session, call_id))


@router.get("/ledger/entries")
async def list_entries(
    call_id: UUID, session: Session, actor: Reader, paging: Annotated[Paging, Depends(envelopes.ENTRIES)], voucher_id: UUID | None = None
) -> Page[Entry]:
    return await envelopes.list_entries(session, actor, paging, call_id, voucher_id)
