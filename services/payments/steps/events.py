"""The fields that every event about a voucher or a disbursement carries, from the rows that have them."""

from typing import TypedDict
from uuid import UUID

from services.payments.tables import AttemptRow, DisbursementRow, VoucherRow
from shared.messaging.context import Context
from shared.messaging.event import Event
from shared.messaging.outbox import publish


class VoucherFields(TypedDict):
    application_id: UUID
    call_id: UUID
    region: str
    voucher_id: UUID


class DisbursementFields(VoucherFields):
    disbursement_id: UUID
    attempt: int


def about(voucher: VoucherRow) -> VoucherFields:
    return {"application_id": voucher.application_id, "call_id": voucher.call_id, "region": voucher.region, "voucher_id": voucher.id}


def about_attempt(voucher: VoucherRow, disbursement: DisbursementRow, attempt: AttemptRow) -> DisbursementFields:
    return {**about(voucher), "disbursement_id": disbursement.id, "attempt": attempt.number}


def tell(context: Context, voucher: VoucherRow, event: Event, reason: str) -> None:
    """Publishes under the policy that the voucher is pinned to."""
    publish(context, event, reason=reason, policy_id=voucher.policy_id)
