"""UnitsReserved, VoucherAccepted, UnitsReleased: what hours or places count as de minimis aid (Regulation (EU) 2023/2831, Article 3(5)),
under the same ceiling as money. The units themselves are kept by vouchers."""

from services.payments.domain.ledger import EntryKind
from services.payments.domain.state_aid import CEILING, AidState
from services.payments.steps.state_aid import aid_row, change_aid, headroom_minor, rate_of_offer, require_applicant
from services.payments.tables import AidEntryRow, CallWithoutMoneyRow
from shared.contracts.aid import AidReservationRefused, AidReserved
from shared.contracts.binding import require_amount, require_equal, require_same, require_voucher_value
from shared.contracts.vouchers import UnitsReleased, UnitsReserved, VoucherAccepted
from shared.kernel.errors import NotYet
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def reserve_aid_in_kind(context: Context, asked: UnitsReserved) -> None:
    """Answers whether the offer may be made, once per voucher: its entry keeps the answer. `NotYet` before its call, and while the declared
    aid of the applicant is not known where the policy asks for it; `Contradiction` when it does not fit the call, when its policy allows no
    such award, or when the voucher asked for something else before."""
    call = await context.session.get(CallWithoutMoneyRow, asked.call_id)
    if call is None:
        raise NotYet(asked.call_id, "CallPublished has not arrived")
    require_same(asked, call)
    policy = context.policies.get(call.policy_id)
    require_same(asked, policy)
    require_voucher_value(asked, policy, asked.amount_minor)
    await require_applicant(context, asked)
    rate = await rate_of_offer(context, policy)
    headroom = await headroom_minor(context, policy, asked.organisation_id, rate)
    known = await context.session.get(AidEntryRow, asked.voucher_id)  # under the lock of the undertaking, so it is written once
    if known is not None:
        require_same(asked, known)
        require_equal(asked, "amount_minor", asked.amount_minor, known.awarded_minor)
        return
    entry = aid_row(asked, policy, rate, context.now)
    context.session.add(entry)
    fields = asked.model_dump(include={"application_id", "call_id", "region", "voucher_id", "amount_minor", "currency"})
    if asked.amount_minor > headroom:
        entry.state, entry.amount_minor, entry.eur_minor = AidState.RELEASED, 0, 0
        refused = AidReservationRefused(**fields, rule=CEILING, headroom_minor=headroom)
        publish(context, refused, reason=CEILING, policy_id=call.policy_id)
        return
    publish(context, AidReserved(**fields), reason="award-granted", policy_id=call.policy_id)


async def grant_aid_in_kind(context: Context, accepted: VoucherAccepted) -> None:
    """The legal right counts from its day on. Once. `NotYet` before UnitsReserved."""
    entry = await _lock(context, accepted)
    if entry.state == AidState.RESERVED:
        change_aid(context, entry, EntryKind.COMMITTED, entry.amount_minor)


async def release_aid_in_kind(context: Context, released: UnitsReleased) -> None:
    """What was not given is no aid: an offer that was not taken, or hours that nobody attended. A seat that was kept for somebody absent
    was given. Once: it comes at the end. `NotYet` before UnitsReserved; `Contradiction` for more than there is."""
    entry = await _lock(context, released)
    require_amount(released, "amount_minor", released.amount_minor, most=entry.awarded_minor)
    less = entry.amount_minor - (entry.awarded_minor - released.amount_minor)
    if less > 0:
        change_aid(context, entry, EntryKind.DECOMMITTED, less)


async def _lock(context: Context, event: VoucherAccepted | UnitsReleased) -> AidEntryRow:
    entry = await context.session.get(AidEntryRow, event.voucher_id, with_for_update=True, populate_existing=True)
    if entry is None:
        raise NotYet(event.voucher_id, "UnitsReserved has not arrived")
    require_same(event, entry)
    require_equal(event, "money_of", None, entry.money_of)
    return entry
