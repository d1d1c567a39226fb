"""/envelopes and the ledger behind them"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.payments.api.dependencies import EnvelopeConfirmer, PaymentReader
from services.payments.commands.confirm_envelope import confirm_envelope
from services.payments.queries import envelopes
from services.payments.queries.views import EnvelopeView, LedgerEntryView, LedgerView
from shared.web.auth import api_router
from shared.web.paging import Page, Paging

router = api_router("envelopes")


@router.get("/envelopes")
async def list_envelopes(
    context: PaymentReader, paging: Annotated[Paging, Depends(envelopes.ENVELOPES)], region: str | None = None
) -> Page[EnvelopeView]:
    return await envelopes.list_envelopes(context, paging, region)


@router.get("/envelopes/{call_id}")
async def get_envelope(context: PaymentReader, call_id: UUID) -> EnvelopeView:
    return await envelopes.get_envelope(context, call_id)


@router.post("/envelopes/{call_id}/confirmation")
async def post_envelope_confirmation(context: EnvelopeConfirmer, call_id: UUID) -> EnvelopeView:
    return EnvelopeView.of(await confirm_envelope(context, call_id))


@router.get("/ledger")
async def get_ledger(context: PaymentReader, call_id: UUID) -> LedgerView:
    return await envelopes.get_ledger(context, call_id)


@router.get("/ledger/entries")
async def list_ledger_entries(
    context: PaymentReader, call_id: UUID, paging: Annotated[Paging, Depends(envelopes.ENTRIES)], voucher_id: UUID | None = None
) -> Page[LedgerEntryView]:
    return await envelopes.list_ledger_entries(context, paging, call_id, voucher_id)
