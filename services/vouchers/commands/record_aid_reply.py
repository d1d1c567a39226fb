"""Payments has replied whether the ceiling of de minimis aid allows the offer of hours or places."""

from services.vouchers.domain.stages import Stage
from services.vouchers.locks import lock_reported_voucher
from services.vouchers.steps.capacity import return_units
from services.vouchers.tables import HoldingRow
from shared.contracts.aid import AidReservationRefused, AidReserved
from shared.contracts.binding import require_amount
from shared.kernel.errors import Contradiction
from shared.messaging.context import Context


async def record_aid_reply(context: Context, event: AidReserved | AidReservationRefused) -> None:
    """The first answer stays, and the lifecycle goes on by it. What is refused goes back to the call. `NotYet` when the voucher is not
    known yet; `Contradiction` for another case, region, currency or amount than the voucher's, and for a voucher that holds no units."""
    row = await lock_reported_voucher(context, event)
    require_amount(event, "amount_minor", event.amount_minor, least=row.amount_minor, most=row.amount_minor)
    if await context.session.get(HoldingRow, row.id) is None:
        raise Contradiction(f"{event.type}: voucher {row.id} holds no hours or places")
    if row.state != Stage.REQUESTED or row.reserved_at is not None or row.refused_at is not None:
        return
    if isinstance(event, AidReserved):
        row.reserved_at = context.happened_at
        return
    await return_units(context, row)
    row.refused_at, row.refused_rule = context.happened_at, event.rule
