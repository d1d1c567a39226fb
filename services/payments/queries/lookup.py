"""Lookup of the case that an id belongs to."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from services.payments.queries.views import LookupView
from services.payments.tables import AttemptRow, BatchRow, ClaimRow, DisbursementRow, EnvelopeRow, PayeeRow, RecoveryRow, VoucherRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import NotFound
from shared.messaging.context import Context

_ROWS: dict[str, Any] = {
    "voucher": VoucherRow,
    "claim": ClaimRow,
    "disbursement": DisbursementRow,
    "attempt": AttemptRow,
    "recovery": RecoveryRow,
    "batch": BatchRow,
    "payee": PayeeRow,
    "envelope": EnvelopeRow,
}


async def look_up(context: Context, ref: str) -> LookupView:
    """By the id of anything that payments owns. `NotFound` 'unknown-reference'."""
    found: LookupView | None = None
    with suppress(ValueError):  # not an id: payments gives out no other references
        found = await _find(context, UUID(ref.strip()))
    if found is None:
        raise NotFound("unknown-reference", "Nothing has this reference.", field="ref")
    authorise(context.actor, Permission.READ_HISTORY, region=found.region)
    return found


async def _find(context: Context, key: UUID) -> LookupView | None:
    for kind, table in _ROWS.items():
        row = await context.session.get(table, key)
        if row is not None:
            return await _view(context, kind, row)
    return None


async def _view(context: Context, kind: str, row: Any) -> LookupView:
    if isinstance(row, AttemptRow):
        row = await context.session.get_one(DisbursementRow, row.disbursement_id)
    voucher_id = getattr(row, "voucher_id", None)
    voucher = await context.session.get_one(VoucherRow, voucher_id) if voucher_id else row
    return LookupView(
        application_id=getattr(voucher, "application_id", None), call_id=getattr(voucher, "call_id", None), region=row.region, kind=kind
    )
