"""A person has entered granted aid in the register of the member state."""

from datetime import date
from uuid import UUID

from services.payments.locks import lock_voucher
from services.payments.tables import AidEntryRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict, NotFound, Refused
from shared.messaging.context import Context


async def register_aid(context: Context, voucher_id: UUID, number: str, registered_on: date) -> AidEntryRow:
    """`number`: the register's own of the entry; once more when the amount has changed since. `NotFound` 'unknown-voucher' or
    'no-granted-aid'; `Conflict` 'aid-registered'; `Refused` 'register-day'."""
    entry = await context.session.get(AidEntryRow, voucher_id)
    of_money = entry is None or entry.money_of is not None
    voucher = await lock_voucher(context, voucher_id) if of_money else entry
    assert voucher is not None, "an entry of no money is there"
    authorise(context.actor, Permission.REGISTER_AID, region=voucher.region)
    entry = await context.session.get(AidEntryRow, voucher_id, populate_existing=True, with_for_update=True)
    if entry is None or entry.granted_on is None:
        raise NotFound("no-granted-aid", "No aid is granted by this voucher.")
    if entry.registered_minor == entry.amount_minor:
        raise Conflict("aid-registered", "This aid is entered already, with the number {number}.", number=entry.register_number)
    today = context.policies.get(entry.policy_id).local_day(context.now)
    if not entry.granted_on <= registered_on <= today:
        raise Refused(
            "register-day", "Give the day of the entry, from {first} until {last}.", field="registered_on",
            first=entry.granted_on, last=today,
        )  # fmt: skip
    entry.register_number, entry.registered_on, entry.registered_minor = number, registered_on, entry.amount_minor
    entry.registered_by, entry.registered_at = context.actor.id, context.now
    return entry
