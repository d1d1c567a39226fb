"""The voucher's row: its facts for decisions, its next stage."""

from services.vouchers.domain.stages import Stage, Voucher
from services.vouchers.tables import VoucherRow
from shared.kernel.money import Money
from shared.messaging.context import Context


def facts_of(row: VoucherRow) -> Voucher:
    return Voucher.model_validate(row)


def value_of(row: VoucherRow) -> Money:
    """What it is worth now."""
    return Money(row.value_minor, row.currency)


def redeemed_of(row: VoucherRow) -> Money:
    return Money(row.redeemed_minor, row.currency)


def enter_stage(context: Context, row: VoucherRow, stage: Stage) -> None:
    """`row` is locked. An overdue reply of the last stage is overdue no longer."""
    row.state, row.state_since, row.overdue_since = stage, context.now, None
