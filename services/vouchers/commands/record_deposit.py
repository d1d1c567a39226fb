"""The own share has been paid in."""

from services.vouchers.locks import lock_reported_voucher
from shared.contracts.binding import require_equal
from shared.contracts.payments import DepositReceived
from shared.kernel.errors import Contradiction
from shared.messaging.context import Context
from shared.policy.case_terms import granted_rate
from shared.policy.own_share import own_share_minor


async def record_deposit(context: Context, event: DepositReceived) -> None:
    """A voucher whose deposit is there does not lapse. `NotYet` when the voucher is not known yet; `Contradiction` for another amount than
    the own share of what the award gave, and where the policy asks for no deposit."""
    row = await lock_reported_voucher(context, event)
    policy = context.policies.get(row.policy_id)
    if policy.deposit is None:
        raise Contradiction(f"{event.type}: the policy of voucher {row.id} asks for no deposit")
    require_equal(event, "amount_minor", event.amount_minor, own_share_minor(row.amount_minor, granted_rate(policy, row.terms)))
    row.deposit_paid_at = row.deposit_paid_at or context.happened_at
