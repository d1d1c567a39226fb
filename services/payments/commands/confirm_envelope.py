"""Finance confirms an envelope that is above the ceiling of the policy."""

from uuid import UUID

from sqlmodel import col

from services.payments.locks import lock_row
from services.payments.tables import EnvelopeRow
from shared.contracts.payments import EnvelopeConfirmed
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict, NotFound
from shared.messaging.acts import take_part
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def confirm_envelope(context: Context, call_id: UUID) -> EnvelopeRow:
    """From now on its money may be reserved: requests that wait are tried again. A second confirmation changes nothing.

    `NotFound` unknown-envelope; `Conflict` no-confirmation-needed; `Forbidden` incompatible-step.
    """
    envelope = await lock_row(context, EnvelopeRow, col(EnvelopeRow.call_id) == call_id)
    if envelope is None:
        raise NotFound("unknown-envelope", "There is no such envelope.")
    authorise(context.actor, Permission.CONFIRM_ENVELOPE, region=envelope.region)
    if not envelope.needs_confirmation:
        raise Conflict("no-confirmation-needed", "The policy asks for no confirmation of this envelope.")
    await take_part(context, Duty.CONFIRM_BUDGET, call_id=call_id)
    if envelope.awaits_confirmation:
        envelope.confirmed_by, envelope.confirmed_at = context.actor.id, context.now
        fields = {"region": envelope.region, "amount_minor": envelope.amount_minor, "currency": envelope.currency}
        publish(context, EnvelopeConfirmed(call_id=call_id, **fields), reason="above-the-ceiling", policy_id=envelope.policy_id)
    return envelope
