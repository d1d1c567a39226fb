"""The beneficiary asks for payment of a part of the voucher, on evidence that is kept elsewhere."""

from services.payments.locks import lock_voucher
from services.payments.settings import OPEN_CLAIMS
from services.payments.steps.lodging import NewClaim, lodge
from services.payments.tables import ClaimRow
from shared.identity.permissions import Permission, authorise, owned_by
from shared.messaging.context import Context


async def lodge_claim(context: Context, new: NewClaim, most_open: int = OPEN_CLAIMS) -> ClaimRow:
    """A claim without lines: its sums are those that the beneficiary states. Raises as `lodge`."""
    voucher = await lock_voucher(context, new.voucher_id)
    authorise(context.actor, Permission.LODGE_CLAIM, region=voucher.region, owner=owned_by(voucher.organisation_id))
    return await lodge(context, voucher, new, most_open)
