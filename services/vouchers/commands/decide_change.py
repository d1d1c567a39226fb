"""An officer grants or refuses a request for a change."""

from uuid import UUID
from zoneinfo import ZoneInfo

from services.vouchers.domain.changes import ChangeKind, ChangeState, Wish, check_wish, granted_state, may_decide
from services.vouchers.locks import lock_change
from services.vouchers.steps.events import publish_voucher_event
from services.vouchers.steps.extension import extend
from services.vouchers.steps.voucher import facts_of, redeemed_of, value_of
from services.vouchers.tables import ChangeRow, VoucherRow
from shared.contracts.vouchers import AmountChangeRequested, ChangeDecided, ProviderChanged
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.messaging.acts import take_part
from shared.messaging.context import Context
from shared.policy.case_terms import granted_most


async def decide_change(context: Context, change_id: UUID, *, granted: bool, reason: str) -> ChangeRow:
    """A granted extension extends the voucher in the same transaction. Another provider counts from today on: payments refuses claims of
    others. Another amount counts once payments has booked it, and is refused when the money or the claims do not allow it. The same
    decision twice does nothing.

    Raises `Conflict` change-decided; for a grant as `check_wish`, because the voucher may have changed since it was asked.
    """
    row, voucher = await lock_change(context, change_id)
    authorise(context.actor, Permission.MANAGE_VOUCHER, region=row.region)
    await take_part(context, Duty.MANAGE_VOUCHER, row.application_id, call_id=row.call_id)
    if not may_decide(ChangeState(row.state), granted):
        return row
    if granted:
        _apply(context, row, voucher)
    row.state = granted_state(ChangeKind(row.kind)) if granted else ChangeState.REFUSED
    row.decided_by, row.decided_at, row.reason = context.actor.id, context.now, reason
    if row.state != ChangeState.APPROVED:
        row.in_force_at = context.now if granted else None
        outcome = "change-granted" if granted else "change-refused"
        publish_voucher_event(context, voucher, ChangeDecided, outcome, change_id=row.id, kind=row.kind, granted=granted)
    return row


def _apply(context: Context, row: ChangeRow, voucher: VoucherRow) -> None:
    provider = (row.provider or "") if row.kind == ChangeKind.PROVIDER else None  # empty once its words are erased
    wish = Wish(ChangeKind(row.kind), row.valid_until, provider, provider_hash=row.provider_hash, amount_minor=row.amount_minor)
    policy = context.policies.get(voucher.policy_id)
    most = granted_most(policy, voucher.terms, voucher.amount_minor)
    check_wish(wish, facts_of(voucher), value_of(voucher), redeemed_of(voucher), policy, context.now, most)
    if wish.valid_until is not None:
        extend(context, voucher, wish.valid_until, "change-granted")
    elif wish.amount_minor is not None:
        voucher.drawn_minor += max(0, wish.amount_minor - voucher.value_minor)
        fields = {"amount_minor": wish.amount_minor, "currency": voucher.currency}
        publish_voucher_event(context, voucher, AmountChangeRequested, "change-granted", change_id=row.id, **fields)
    else:
        today = context.now.astimezone(ZoneInfo(policy.zone)).date()
        publish_voucher_event(
            context, voucher, ProviderChanged, "change-granted", change_id=row.id, provider_hash=wish.provider_hash, since=today
        )
