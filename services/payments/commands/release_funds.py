"""FundsReleaseRequested: the money of an offer that was not taken goes back to the envelope."""

from services.payments.locks import lock_reported_voucher
from services.payments.steps.release import release_before_issue
from shared.contracts.vouchers import FundsReleaseRequested
from shared.messaging.context import Context


async def release_funds(context: Context, asked: FundsReleaseRequested) -> None:
    voucher = await lock_reported_voucher(context, asked)
    await release_before_issue(context, voucher, "offer-not-taken")
