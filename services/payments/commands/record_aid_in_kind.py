"""UnitsReserved, VoucherAccepted, UnitsReleased: what hours or places count as de minimis aid (Regulation (EU) 2023/2831, Article 3(5))."""

from decimal import Decimal
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from services.payments.domain.state_aid import AidState, FrozenRate, in_eur_minor
from services.payments.steps.state_aid import rate_of_offer
from services.payments.tables import AidInKindRow, CallWithoutMoneyRow
from shared.contracts.binding import require_amount, require_same, require_voucher_value
from shared.contracts.vouchers import UnitsReleased, UnitsReserved, VoucherAccepted
from shared.kernel.errors import NotYet
from shared.messaging.context import Context


async def record_aid_in_kind(context: Context, reserved: UnitsReserved) -> None:
    """An open offer counts, once per voucher. `NotYet` before its call; `Contradiction` when it does not fit the call, or its policy allows
    no such award."""
    call = await context.session.get(CallWithoutMoneyRow, reserved.call_id)
    if call is None:
        raise NotYet(reserved.call_id, "CallPublished has not arrived")
    require_same(reserved, call)
    policy = context.policies.get(call.policy_id)
    require_same(reserved, policy)
    require_voucher_value(reserved, policy, reserved.amount_minor)
    rate = await rate_of_offer(context, policy)
    values = reserved.model_dump(include={"voucher_id", "application_id", "call_id", "region", "organisation_id", "policy_id", "currency"})
    aid = {
        **values, "member_state": policy.calendar.country, "awarded_minor": reserved.amount_minor, "amount_minor": reserved.amount_minor,
        "eur_minor": in_eur_minor(reserved.amount_minor, reserved.currency, rate), "rate_id": rate.id, "per_euro": str(rate.per_euro),
        "state": AidState.RESERVED, "reserved_at": context.now,
    }  # fmt: skip
    await context.session.execute(insert(AidInKindRow).values(aid).on_conflict_do_nothing())


async def grant_aid_in_kind(context: Context, accepted: VoucherAccepted) -> None:
    """The legal right counts from its day on. `NotYet` before UnitsReserved."""
    row = await _lock(context, accepted, accepted.voucher_id)
    if row.state == AidState.RESERVED:
        row.state, row.granted_on = AidState.GRANTED, context.policies.get(row.policy_id).local_day(context.happened_at)


async def release_aid_in_kind(context: Context, released: UnitsReleased) -> None:
    """What was not used up is no aid. Once: it comes at the end. `NotYet` before UnitsReserved; `Contradiction` for more than there is."""
    row = await _lock(context, released, released.voucher_id)
    require_amount(released, "amount_minor", released.amount_minor, most=row.awarded_minor)
    left = row.awarded_minor - released.amount_minor
    row.amount_minor = left
    row.eur_minor = in_eur_minor(left, row.currency, FrozenRate(row.rate_id, Decimal(row.per_euro)))
    row.state = row.state if left else AidState.RELEASED


async def _lock(context: Context, event: VoucherAccepted | UnitsReleased, voucher_id: UUID) -> AidInKindRow:
    row = await context.session.get(AidInKindRow, voucher_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotYet(voucher_id, "UnitsReserved has not arrived")
    require_same(event, row)
    return row
