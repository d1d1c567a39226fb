"""A payee's account changes: nothing is paid to the new one during the cooling-off, and approvals of the old one no longer count."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.payees import check_payable, party_of
from services.payments.domain.status import AttemptState, PaymentEvent, next_state
from services.payments.locks import lock_disbursement, lock_row
from services.payments.steps.payees import bank_of_region, record_account
from services.payments.tables import AttemptRow, PayeeRow
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise, owned_by
from shared.kernel.errors import Conflict, NotFound
from shared.messaging.acts import take_unpublished_part
from shared.messaging.context import Context
from shared.policy.resolver import PolicyBook

_OPEN = [state for state in AttemptState if next_state(state, PaymentEvent.ACCOUNT_CHANGED)]


async def change_account(context: Context, payee_id: UUID, name: str | None, account_number: str) -> PayeeRow:
    """No cooling-off for an account that is given again unchanged.

    Vouchers are locked before the payee, as everywhere; so disbursements are looked for again after the payee is locked, and one that
    was prepared in between is `Conflict` 'account-in-use'.
    """
    open_ones = await _open_disbursements(context, payee_id)
    found = [await lock_disbursement(context, disbursement_id) for disbursement_id in open_ones]
    payee = await lock_row(context, PayeeRow, col(PayeeRow.id) == payee_id)
    if payee is None:
        raise NotFound("unknown-payee", "There is no such payee.", field="payee_id")
    authorise(context.actor, Permission.REGISTER_PAYEE, region=payee.region, owner=owned_by(payee.organisation_id))
    if not set(await _open_disbursements(context, payee_id)) <= set(open_ones):
        raise Conflict("account-in-use", "A payment to this account was prepared at the same moment. Repeat the change.")
    name = name or payee.name
    if (name, account_number) == (payee.name, payee.account_number):
        return payee
    await take_unpublished_part(context, Duty.SET_ACCOUNT, payee.id, *(voucher.application_id for voucher, *_ in found))
    bank = bank_of_region(context.policies, payee.region)
    check_payable(party_of(name, account_number, payee.address), bank)
    payee.name, payee.account_number = name, account_number
    payee.account_version += 1
    payee.account_set_by, payee.account_set_at = context.actor.id, context.now
    payee.cooling_off_until = context.now + timedelta(days=_cooling_off_days(context.policies, payee.region))
    record_account(context, payee)
    for _, disbursement, attempt in found:
        target = next_state(AttemptState(attempt.state), PaymentEvent.ACCOUNT_CHANGED)
        if target is not None and attempt.payee_id == payee_id:
            attempt.state = disbursement.state = target
            attempt.approvals, attempt.account_version = 0, payee.account_version
    return payee


async def _open_disbursements(context: Context, payee_id: UUID) -> list[UUID]:
    query = select(col(AttemptRow.disbursement_id)).where(col(AttemptRow.payee_id) == payee_id, col(AttemptRow.state).in_(_OPEN))
    return list(await context.session.scalars(query.order_by(col(AttemptRow.disbursement_id))))


def _cooling_off_days(book: PolicyBook, region: str) -> int:
    """The longest of the region's schemes: an account may be paid under any of them."""
    return max(policy.approvals.account_cooling_off_days for policy in book.all() if policy.region == region)
