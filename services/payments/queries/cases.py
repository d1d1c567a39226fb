"""From any id that payments owns to the case that it belongs to."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.payments.tables import (
    AttemptRow,
    BatchRow,
    ClaimRow,
    DisbursementRow,
    EnvelopeRow,
    PayeeRow,
    RecoveryRow,
    VoucherRow,
)
from shared.messaging.context import Context


class Case(BaseModel):
    """`application_id` is None for what concerns no single application: an envelope, a batch, a payee."""

    application_id: UUID | None
    call_id: UUID | None
    region: str
    kind: str


async def find_case(context: Context, ref: UUID) -> Case | None:
    """The application, call, region and kind of whatever has this id."""
    for kind, row in _CASES.items():
        found = await context.session.get(row, ref)
        if found is not None:
            return await _case_of(context, kind, found)
    return None


async def _case_of(context: Context, kind: str, found: Any) -> Case:
    if isinstance(found, AttemptRow):
        found = await context.session.get_one(DisbursementRow, found.disbursement_id)
    voucher_id = getattr(found, "voucher_id", None)
    voucher = await context.session.get_one(VoucherRow, voucher_id) if voucher_id else found
    return Case(
        application_id=getattr(voucher, "application_id", None),
        call_id=getattr(voucher, "call_id", None),
        region=found.region,
        kind=kind,
    )


_CASES: dict[str, Any] = {
    "voucher": VoucherRow,
    "claim": ClaimRow,
    "disbursement": DisbursementRow,
    "attempt": AttemptRow,
    "recovery": RecoveryRow,
    "batch": BatchRow,
    "payee": PayeeRow,
    "envelope": EnvelopeRow,
}
