"""Drafts of claims: who may change one, and how a document goes."""

from enum import Enum
from typing import Any
from uuid import UUID

from sqlmodel import col

from services.payments.domain.states import CORRECTABLE, OrderState
from services.payments.locks import lock_row
from services.payments.queries.claim_lines import unknown_draft
from services.payments.queries.order_facts import order_of_draft
from services.payments.tables import ClaimDraftRow, ClaimFileRow, ClaimRow, ProviderRow, VoucherRow
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise, owned_by
from shared.kernel.errors import Conflict
from shared.messaging.acts import take_unpublished_part
from shared.messaging.context import Context


class Part(Enum):
    """Of a draft. WHOLE: its payee, and whether there is one."""

    DOCUMENTS = "documents"
    LINES = "lines"
    WHOLE = "whole"


async def editable(context: Context, draft_id: UUID, part: Part = Part.DOCUMENTS) -> tuple[ClaimDraftRow, VoucherRow]:
    """A draft of which the actor may change this part now, locked, and its voucher. Who changes it takes part in the case, on the side of
    the applicant or on that of the provider, which writes the invoices of an order until it sends them.

    `NotFound` 'unknown-draft'; `Forbidden`; `Conflict` 'claim-lodged-already' unless it was never lodged, or its claim came back, and
    'claim-of-order' for what only the other side changes.
    """
    draft = await lock_row(context, ClaimDraftRow, col(ClaimDraftRow.id) == draft_id)
    if draft is None:
        raise unknown_draft()
    order = await order_of_draft(context, draft.id)
    by_provider = order is not None and order.state == OrderState.REDEEMED
    owner = order.provider_organisation_id if order is not None and by_provider else draft.organisation_id
    authorise(context.actor, Permission.LODGE_CLAIM, region=draft.region, owner=owned_by(owner))
    if draft.discarded_at is not None:
        raise unknown_draft()
    if order is not None and (part is Part.WHOLE or (part is Part.LINES and order.state == OrderState.INVOICED)):
        raise Conflict("claim-of-order", "The invoices of this claim are those of an order: the provider writes them, and you confirm.")
    voucher = await context.session.get_one(VoucherRow, draft.voucher_id)
    duty = Duty.PROVIDE if by_provider else Duty.APPLY
    await take_unpublished_part(context, duty, voucher.application_id, call_id=voucher.call_id)
    claim = None if draft.claim_id is None else await context.session.get_one(ClaimRow, draft.claim_id)
    if claim is not None and claim.state not in CORRECTABLE:
        raise Conflict("claim-lodged-already", "The claim is lodged. It can be changed only when an officer returns it.")
    return draft, voucher


async def values_of_order(context: Context, draft: ClaimDraftRow) -> dict[str, Any]:
    """What is not typed of an invoice in the draft of an order: the seller is the provider, and what may be claimed of it is claimed, until
    the beneficiary says which VAT it gets back. Empty for another draft, and for a claim that came back: then only the seller stays."""
    order = await order_of_draft(context, draft.id)
    if order is None:
        return {}
    provider = await context.session.get_one(ProviderRow, order.provider_id)
    seller = {"seller": provider.name, "seller_tax_number": provider.tax_number}
    if order.state != OrderState.REDEEMED:
        return seller
    return {**seller, "vat_recoverable": False}


def remove_document(file: ClaimFileRow, context: Context) -> None:
    """From its line. Its content goes, unless a claim names it."""
    file.removed_at = context.now
    if not file.lodged:
        file.name, file.deleted_at = None, context.now
