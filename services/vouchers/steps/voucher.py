"""What several commands on a voucher need."""

from typing import Any, TypeVar
from uuid import UUID

from services.vouchers.domain.stages import Stage, Voucher
from services.vouchers.tables import VoucherRow
from shared.contracts.common import VoucherEvent
from shared.kernel.errors import NotFound
from shared.messaging.context import Context
from shared.messaging.outbox import publish

Told = TypeVar("Told", bound=VoucherEvent)


async def locked(context: Context, voucher_id: UUID) -> VoucherRow:
    """The voucher under lock: what decides about it, and its events, come one after another. NotFound unknown-voucher."""
    row = await context.session.get(VoucherRow, voucher_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise unknown_voucher(voucher_id)
    return row


def unknown_voucher(voucher_id: UUID) -> NotFound:
    return NotFound("unknown-voucher", "There is no such voucher.", voucher_id=voucher_id)


def facts(row: VoucherRow) -> Voucher:
    return Voucher.model_validate(row)


def enter(context: Context, row: VoucherRow, stage: Stage) -> None:
    """`row` is locked. What was overdue in the last stage is so no longer."""
    row.state, row.state_since, row.overdue_since = stage, context.now, None


def tell(context: Context, row: VoucherRow, contract: type[Told], reason: str, **more: Any) -> None:
    """Publishes a contract about the voucher; `more` are its fields besides the common ones."""
    event = contract(voucher_id=row.id, application_id=row.application_id, call_id=row.call_id, region=row.region, **more)
    publish(context, event, reason=reason, policy_id=row.policy_id)


def amount(row: VoucherRow) -> dict[str, Any]:
    return {"amount_minor": row.amount_minor, "currency": row.currency}
