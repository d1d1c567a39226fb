"""ProviderChanged: invoices from that day on are of the other provider."""

from services.payments.locks import lock_reported_voucher
from services.payments.tables import ProviderChangeRow
from shared.contracts.vouchers import ProviderChanged
from shared.messaging.context import Context


async def record_provider_changed(context: Context, changed: ProviderChanged) -> None:
    """Once per change, in whatever order they arrive."""
    voucher = await lock_reported_voucher(context, changed)
    if await context.session.get(ProviderChangeRow, changed.change_id) is None:
        context.session.add(
            ProviderChangeRow(
                change_id=changed.change_id, voucher_id=voucher.id, provider_hash=changed.provider_hash, since=changed.since,
                granted_at=context.happened_at,
            )
        )  # fmt: skip
