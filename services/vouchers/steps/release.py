"""The money of an offer that was not taken goes back."""

from services.vouchers.domain.stages import Outcome, Stage
from services.vouchers.steps.voucher import enter, tell
from services.vouchers.tables import VoucherRow
from shared.contracts.vouchers import FundsReleaseRequested
from shared.messaging.context import Context


def release_funds(context: Context, row: VoucherRow, outcome: Outcome) -> None:
    """`row` is locked and not issued; it closes when payments has released."""
    enter(context, row, Stage.RELEASING)
    row.outcome = outcome
    tell(context, row, FundsReleaseRequested, outcome)
