"""The beneficiary asks for a change of its voucher."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.vouchers.domain.changes import ChangeState, Wish, check_wish
from services.vouchers.locks import lock_voucher
from services.vouchers.steps.events import publish_voucher_event
from services.vouchers.steps.voucher import facts_of, redeemed_of, value_of
from services.vouchers.tables import ChangeRow
from shared.classifications.tax_numbers import check_seller_number
from shared.contracts.vouchers import ChangeRequested
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise, owned_by
from shared.kernel.errors import Conflict
from shared.kernel.ids import new_id
from shared.messaging.acts import take_part
from shared.messaging.context import Context
from shared.policy.case_terms import granted_most


async def request_change(context: Context, voucher_id: UUID, wish: Wish, explanation: str) -> ChangeRow:
    """It waits for an officer; nothing changes before. Raises as `check_wish` and `check_seller_number`, and `Conflict`
    change-open while one of its kind waits."""
    voucher = await lock_voucher(context, voucher_id)
    authorise(context.actor, Permission.REQUEST_CHANGE, region=voucher.region, owner=owned_by(voucher.organisation_id))
    await take_part(context, Duty.APPLY, voucher.application_id, call_id=voucher.call_id)
    policy = context.policies.get(voucher.policy_id)
    most = granted_most(policy, voucher.terms, voucher.amount_minor)
    check_wish(wish, facts_of(voucher), value_of(voucher), redeemed_of(voucher), policy, context.now, most)
    if wish.provider_tax_number is not None:
        check_seller_number(policy.calendar.country, wish.provider_tax_number, "provider_tax_number")
    undecided = col(ChangeRow.state).in_((ChangeState.OPEN, ChangeState.APPROVED))
    waiting = select(ChangeRow).where(col(ChangeRow.voucher_id) == voucher.id, col(ChangeRow.kind) == wish.kind, undecided)
    if await context.session.scalar(waiting):
        raise Conflict("change-open", "You have asked for this already. An officer has not decided yet.")
    row = ChangeRow(
        id=new_id(),
        voucher_id=voucher.id,
        application_id=voucher.application_id,
        call_id=voucher.call_id,
        region=voucher.region,
        organisation_id=voucher.organisation_id,
        kind=wish.kind,
        explanation=explanation,
        valid_until=wish.valid_until,
        provider=wish.provider,
        provider_tax_number=wish.provider_tax_number,
        provider_hash=wish.provider_hash,
        amount_minor=wish.amount_minor,
        requested_by=context.actor.id,
        requested_at=context.now,
    )
    context.session.add(row)
    publish_voucher_event(context, voucher, ChangeRequested, "by-beneficiary", change_id=row.id, kind=wish.kind)
    return row
