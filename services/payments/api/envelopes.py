"""Envelopes and the ledger behind them."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.payments.queries import envelopes
from services.payments.queries.envelopes import Balances, Entry, Envelope
from shared.identity.permissions import Permission
from shared.messaging.context import Context
from shared.web.auth import api_router, requires
from shared.web.paging import Page, Paging

router = api_router("envelopes")
Reader = Annotated[Context, requires(Permission.READ_PAYMENTS)]


@router.get("/envelopes")
async def list_envelopes(
    context: Reader, paging: Annotated[Paging, Depends(envelopes.ENVELOPES)], region: str | None = None
) -> Page[Envelope]:
    return await envelopes.list_envelopes(context, paging, region)


@router.get("/envelopes/{call_id}")
async def read_envelope(context: Reader, call_id: UUID) -> Envelope:
    return await envelopes.read_envelope(context, call_id)


@router.get("/ledger")
async def read_ledger(context: Reader, call_id: UUID) -> Balances:
    envelope = await envelopes.read_envelope(context, call_id)
    return Balances(call_id=call_id, currency=envelope.currency, balances=await envelopes.ledger_balances(context, call_id))


@router.get("/ledger/entries")
async def list_entries(
    context: Reader, call_id: UUID, paging: Annotated[Paging, Depends(envelopes.ENTRIES)], voucher_id: UUID | None = None
) -> Page[Entry]:
    return await envelopes.list_entries(context, paging, call_id, voucher_id)
