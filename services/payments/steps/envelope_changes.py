"""The envelopes of a change, locked in one order."""

from uuid import UUID

from sqlmodel import col

from services.payments.domain.envelope_changes import Purse
from services.payments.locks import lock_row
from services.payments.tables import EnvelopeRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import NotFound
from shared.kernel.money import Money
from shared.messaging.context import Context


async def lock_envelopes(context: Context, call_id: UUID, from_call_id: UUID | None) -> tuple[EnvelopeRow, EnvelopeRow | None]:
    """The one that gets the money, and the one that gives it. `NotFound` 'unknown-envelope'."""
    found: dict[UUID, EnvelopeRow] = {}
    for one in sorted({call_id, from_call_id} - {None}, key=str):
        envelope = await lock_row(context, EnvelopeRow, col(EnvelopeRow.call_id) == one)
        if envelope is None:
            raise NotFound("unknown-envelope", "There is no such envelope.")
        authorise(context.actor, Permission.CONFIRM_ENVELOPE, region=envelope.region)
        found[envelope.call_id] = envelope
    return found[call_id], found[from_call_id] if from_call_id else None


def purse_of(envelope: EnvelopeRow) -> Purse:
    available = Money(envelope.available_minor, envelope.currency)
    return Purse(envelope.call_id, envelope.region, available, envelope.awaits_confirmation)
