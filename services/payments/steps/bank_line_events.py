"""Publishes that an unmatched line freezes payments, and that it no longer does."""

from uuid import UUID

from services.payments.steps.events import publish_voucher_event, voucher_fields
from services.payments.tables import BankLineRow, VoucherRow
from shared.contracts.payments import BankLineResolved, BankLineUnmatched
from shared.messaging.context import Context

APPLIED_LATER = "applied-later"


def publish_unmatched(context: Context, voucher: VoucherRow, line: BankLineRow, disbursement_id: UUID | None) -> None:
    unmatched = BankLineUnmatched(**voucher_fields(voucher), line_id=line.id, disbursement_id=disbursement_id, code=line.reason)
    publish_voucher_event(context, voucher, unmatched, "bank-file")


def publish_resolved(context: Context, voucher: VoucherRow, line: BankLineRow, disbursement_id: UUID | None, resolution: str) -> None:
    """`resolution` is the person's, or APPLIED_LATER where the line has found its payment by itself."""
    resolved = BankLineResolved(**voucher_fields(voucher), line_id=line.id, disbursement_id=disbursement_id)
    publish_voucher_event(context, voucher, resolved, resolution)
