"""The money of a voucher that is not issued goes back to the envelope, its places or minutes to the call."""

from services.vouchers.domain.stages import Stage
from services.vouchers.steps.capacity import release_units
from services.vouchers.steps.events import publish_voucher_event
from services.vouchers.steps.voucher import enter_stage
from services.vouchers.tables import VoucherRow
from shared.contracts.vouchers import FundsReleaseRequested
from shared.kernel.vocabulary import VoucherOutcome
from shared.messaging.context import Context


async def request_release(context: Context, row: VoucherRow, outcome: VoucherOutcome) -> None:
    """`row` is locked. The voucher closes when payments has released the money; units are released at once."""
    enter_stage(context, row, Stage.RELEASING)
    row.outcome = outcome
    if context.policies.get(row.policy_id).benefit is not None:
        await release_units(context, row, outcome)
        row.released_at = context.now
        return
    publish_voucher_event(context, row, FundsReleaseRequested, outcome)
