"""A payee's account changes. It then rests for a cooling-off time, and approvals given to the old account count no more."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.commands.register_payee import bank_of, keep_account
from services.payments.domain.payees import check_payee, party_of
from services.payments.domain.status import Happening, State, next_state
from services.payments.locks import known_disbursement, lock, not_found
from services.payments.tables import AttemptRow, PayeeRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict
from shared.messaging.context import Context
from shared.policy.resolver import PolicyBook

_OPEN = [state for state in State if next_state(state, Happening.ACCOUNT_CHANGED)]


async def change_account(context: Context, payee_id: UUID, name: str | None, account_number: str) -> PayeeRow:
    """The first registration does not rest; what is given again unchanged is no change.

    Vouchers are locked before the payee, as everywhere; hence the second look for disbursements prepared in between.
    """
    open_ones = await _open_disbursements(context, payee_id)
    found = [await known_disbursement(context, disbursement_id) for disbursement_id in open_ones]
    payee = await lock(context, PayeeRow, col(PayeeRow.id) == payee_id)
    if payee is None:
        raise not_found("payee")
    authorise(context.actor, Permission.REGISTER_PAYEE, region=payee.region, owner=payee.organisation_id)
    if not set(await _open_disbursements(context, payee_id)) <= set(open_ones):
        raise Conflict("concurrent-change", "A payment to this account was prepared at the same moment. Repeat the change.")
    name = name or payee.name
    if (name, account_number) == (payee.name, payee.account_number):
        return payee
    bank = bank_of(context.policies, payee.region)
    check_payee(party_of(name, account_number, payee.address), bank)
    payee.name, payee.account_number = name, account_number
    payee.account_version += 1
    payee.account_set_by, payee.account_set_at = context.actor.id, context.now
    payee.cooling_off_until = context.now + timedelta(days=_cooling_off_days(context.policies, payee.region))
    keep_account(context, payee)
    for _, disbursement, attempt in found:
        target = next_state(State(attempt.state), Happening.ACCOUNT_CHANGED)
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
