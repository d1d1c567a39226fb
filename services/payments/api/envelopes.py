"""/envelopes and the ledger behind them"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.payments.api.dependencies import EnvelopeChanger, EnvelopeConfirmer, PaymentReader
from services.payments.api.schemas import EnvelopeChangeInput
from services.payments.commands.confirm_envelope import confirm_envelope
from services.payments.commands.confirm_envelope_change import confirm_envelope_change
from services.payments.commands.propose_envelope_change import NewChange, propose_envelope_change
from services.payments.commands.reject_envelope_change import reject_envelope_change
from services.payments.queries import envelope_changes, envelopes
from services.payments.queries.desk_views import EnvelopeChangeView
from services.payments.queries.envelope_changes import ChangeFilter
from services.payments.queries.views import EnvelopeView, LedgerEntryView, LedgerView
from shared.web.auth import api_router
from shared.web.paging import Page, Paging

router = api_router("envelopes")


@router.get("/envelopes")
async def list_envelopes(
    context: PaymentReader,
    paging: Annotated[Paging, Depends(envelopes.ENVELOPES)],
    region: str | None = None,
    awaits_confirmation: bool | None = None,
) -> Page[EnvelopeView]:
    return await envelopes.list_envelopes(context, paging, region, awaits_confirmation)


@router.get("/envelopes/{call_id}")
async def get_envelope(context: PaymentReader, call_id: UUID) -> EnvelopeView:
    return await envelopes.get_envelope(context, call_id)


@router.post("/envelopes/{call_id}/confirmation")
async def post_envelope_confirmation(context: EnvelopeConfirmer, call_id: UUID) -> EnvelopeView:
    return EnvelopeView.of(await confirm_envelope(context, call_id))


@router.post("/envelopes/{call_id}/changes", status_code=201)
async def post_envelope_change(context: EnvelopeChanger, call_id: UUID, body: EnvelopeChangeInput) -> EnvelopeChangeView:
    """Proposes a top-up, or a transfer from another envelope. Nothing moves before a second person has confirmed it."""
    new = NewChange(body.amount_minor, body.reason, body.from_call_id)
    return EnvelopeChangeView.of(await propose_envelope_change(context, call_id, new))


@router.get("/envelope-changes")
async def list_envelope_changes(
    context: PaymentReader,
    paging: Annotated[Paging, Depends(envelope_changes.CHANGES)],
    wanted: Annotated[ChangeFilter, Query()],
) -> Page[EnvelopeChangeView]:
    return await envelope_changes.list_envelope_changes(context, paging, wanted)


@router.post("/envelope-changes/{change_id}/confirmation")
async def post_envelope_change_confirmation(context: EnvelopeChanger, change_id: UUID) -> EnvelopeChangeView:
    return EnvelopeChangeView.of(await confirm_envelope_change(context, change_id))


@router.post("/envelope-changes/{change_id}/rejection")
async def post_envelope_change_rejection(context: EnvelopeChanger, change_id: UUID) -> EnvelopeChangeView:
    return EnvelopeChangeView.of(await reject_envelope_change(context, change_id))


@router.get("/ledger")
async def get_ledger(context: PaymentReader, call_id: UUID) -> LedgerView:
    return await envelopes.get_ledger(context, call_id)


@router.get("/ledger/entries")
async def list_ledger_entries(
    context: PaymentReader, call_id: UUID, paging: Annotated[Paging, Depends(envelopes.ENTRIES)], voucher_id: UUID | None = None
) -> Page[LedgerEntryView]:
    return await envelopes.list_ledger_entries(context, paging, call_id, voucher_id)
