"""Finance asks back money that was paid."""

from uuid import UUID

from services.payments.locks import lock_voucher
from services.payments.steps.recovery_orders import add_recovery, largest_amount
from services.payments.tables import RecoveryRow
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Refused
from shared.kernel.ids import new_id
from shared.kernel.money import Money
from shared.messaging.acts import take_part
from shared.messaging.context import Context


async def order_recovery(context: Context, voucher_id: UUID, amount_minor: int, reason: str) -> RecoveryRow:
    """For an irregularity, also after the voucher was settled."""
    voucher = await lock_voucher(context, voucher_id)
    authorise(context.actor, Permission.ORDER_RECOVERY, region=voucher.region)
    await take_part(context, Duty.ORDER_RECOVERY, voucher.application_id, call_id=voucher.call_id)
    most = Money(await largest_amount(context, voucher), voucher.currency)
    if amount_minor > most.minor:
        raise Refused(
            "above-paid", "At most {most} can be asked back: what was paid and is not asked back yet.", field="amount_minor",
            most=most, most_minor=most.minor,
        )  # fmt: skip
    return add_recovery(context, voucher, new_id(), amount_minor, reason)
