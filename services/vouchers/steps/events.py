"""Publishes the events about a voucher, with the fields that all of them carry."""

from datetime import datetime
from typing import Any, TypedDict, TypeVar

from services.vouchers.tables import VoucherRow
from shared.contracts.common import VoucherEvent
from shared.contracts.vouchers import MilestoneReached
from shared.kernel.vocabulary import MilestoneKind
from shared.messaging.context import Context
from shared.messaging.outbox import publish

Contract = TypeVar("Contract", bound=VoucherEvent)


class AmountFields(TypedDict):
    amount_minor: int
    currency: str


def publish_voucher_event(context: Context, row: VoucherRow, contract: type[Contract], reason: str, **fields: Any) -> None:
    """`fields` are those of the contract besides the common ones. Published under the policy that the voucher is pinned to."""
    event = contract(voucher_id=row.id, application_id=row.application_id, call_id=row.call_id, region=row.region, **fields)
    publish(context, event, reason=reason, policy_id=row.policy_id)


def publish_voucher_milestone(context: Context, row: VoucherRow, kind: MilestoneKind, due_at: datetime) -> None:
    milestone = MilestoneReached(subject_id=row.id, case_id=row.application_id, region=row.region, kind=kind, due_at=due_at)
    publish(context, milestone, reason="deadline", policy_id=row.policy_id)


def amount_of(row: VoucherRow) -> AmountFields:
    return {"amount_minor": row.amount_minor, "currency": row.currency}
