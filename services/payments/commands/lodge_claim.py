"""The beneficiary asks for payment of a part of the voucher, on evidence that is kept elsewhere."""

from services.payments.locks import lock_voucher
from services.payments.settings import OPEN_CLAIMS
from services.payments.steps.lodging import NewClaim, lodge
from services.payments.tables import ClaimRow
from shared.identity.permissions import Permission, authorise, owned_by
from shared.kernel.errors import Refused
from shared.messaging.context import Context


async def lodge_claim(context: Context, new: NewClaim, most_open: int = OPEN_CLAIMS) -> ClaimRow:
    """A claim without lines: its sums are those that the beneficiary states. `Refused` 'lines-needed' where the policy has a rule for VAT,
    which is known of lines alone; raises as `lodge`."""
    voucher = await lock_voucher(context, new.voucher_id)
    authorise(context.actor, Permission.LODGE_CLAIM, region=voucher.region, owner=owned_by(voucher.organisation_id))
    if context.policies.get(voucher.policy_id).vat is not None:
        raise Refused("lines-needed", "In this scheme a claim is lodged invoice by invoice, with the VAT of each.", field="evidence")
    return await lodge(context, voucher, new, most_open)
