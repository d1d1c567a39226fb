"""Publishes events about vouchers, payments and batches, with the fields that they share."""

from typing import TypedDict
from uuid import UUID

from services.payments.tables import AttemptRow, BatchRow, DisbursementRow, VoucherRow
from shared.contracts.payments import BatchSealed
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


def voucher_fields(voucher: VoucherRow) -> VoucherFields:
    return {"application_id": voucher.application_id, "call_id": voucher.call_id, "region": voucher.region, "voucher_id": voucher.id}


def disbursement_fields(voucher: VoucherRow, disbursement: DisbursementRow, attempt: AttemptRow) -> DisbursementFields:
    return {**voucher_fields(voucher), "disbursement_id": disbursement.id, "attempt": attempt.number}


def publish_voucher_event(context: Context, voucher: VoucherRow, event: Event, reason: str) -> None:
    """Publishes under the policy that the voucher is pinned to."""
    publish(context, event, reason=reason, policy_id=voucher.policy_id)


def publish_batch_sealed(context: Context, batch: BatchRow, reason: str) -> None:
    sealed = BatchSealed(
        batch_id=batch.id, region=batch.region, currency=batch.currency, disbursements=batch.disbursements,
        total_minor=batch.total_minor, file_hash=batch.file_hash, execution_on=batch.execution_on,
    )  # fmt: skip
    publish(context, sealed, reason=reason, policy_id=batch.policy_id)
