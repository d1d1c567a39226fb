"""The money of a voucher that is not issued goes back to the envelope."""

from services.vouchers.domain.stages import Stage
from services.vouchers.steps.events import publish_voucher_event
from services.vouchers.steps.voucher import enter_stage
from services.vouchers.tables import VoucherRow
from shared.contracts.vouchers import FundsReleaseRequested
from shared.kernel.vocabulary import VoucherOutcome
from shared.messaging.context import Context


def request_release(context: Context, row: VoucherRow, outcome: VoucherOutcome) -> None:
    """`row` is locked. The voucher closes when payments has released the money."""
    enter_stage(context, row, Stage.RELEASING)
    row.outcome = outcome
    publish_voucher_event(context, row, FundsReleaseRequested, outcome)
