"""Nobody who acted for an applicant has set or confirmed an account that its money goes to, whichever came first.

`take_part` asks what the acting person did. Here others are asked about: two persons may have brought the two sides together.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlmodel import col

from services.payments.domain.states import PayeeKind
from services.payments.queries.payees import cases_of_payee, vouchers_paid_to
from services.payments.tables import PayeeAccountRow, PayeeRow, VoucherRow
from shared.identity.duties import Duty, duty_of_setting
from shared.kernel.errors import Forbidden
from shared.messaging.acts import any_took_part, take_part
from shared.messaging.context import Context


async def take_part_in_setting(context: Context, payee: PayeeRow) -> None:
    """Of who registers or proposes an account, and took no part in a case that it concerns. A beneficiary's is set by its own side: not by
    who took any step of the agency in one of its cases, and joined later. `Forbidden` 'incompatible-step'."""
    cases = await cases_of_payee(context, payee)
    await take_part(context, duty_of_setting(payee.kind), payee.id, *cases)
    if payee.kind == PayeeKind.BENEFICIARY:
        await take_part(context, Duty.APPLY, *cases)


async def keep_client_off(context: Context, payee: PayeeRow) -> None:
    """Before the actor sets or confirms an account of the payee: not in the name of an applicant whose claims or payments, in whatever
    state, name it. `Forbidden` 'account-of-applicant'."""
    claimants = select(col(VoucherRow.organisation_id)).where(col(VoucherRow.id).in_(vouchers_paid_to(payee.id)))
    client = or_(col(VoucherRow.organisation_id) == payee.organisation_id, col(VoucherRow.organisation_id).in_(claimants))
    await _refuse_applicants(context, {context.actor.id}, select(col(VoucherRow.application_id)).where(client))


async def keep_setters_off(context: Context, voucher: VoucherRow, payee: PayeeRow) -> None:
    """Before money of the voucher's organisation is asked for, prepared or approved to the payee. All who ever set or confirmed an account
    of the payee count, and all cases of the organisation. A beneficiary sets its own account. `Forbidden` 'account-of-applicant'."""
    accounts = select(col(PayeeAccountRow.set_by), col(PayeeAccountRow.confirmed_by)).where(col(PayeeAccountRow.payee_id) == payee.id)
    hands = {
        person
        for set_by, confirmed_by in await context.session.execute(accounts)
        for person in (set_by if payee.kind == PayeeKind.PROVIDER else None, confirmed_by)
        if person is not None
    }
    own = col(VoucherRow.organisation_id) == voucher.organisation_id
    await _refuse_applicants(context, hands, select(col(VoucherRow.application_id)).where(own))


async def _refuse_applicants(context: Context, persons: Collection[str], applications: Select[UUID]) -> None:
    if persons and await any_took_part(context, Duty.APPLY, persons, list(await context.session.scalars(applications))):
        raise Forbidden(
            "account-of-applicant",
            "Who acted for the applicant has set or confirmed an account of this payee. Choose another payee.",
        )
