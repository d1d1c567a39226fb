"""A proposed change of an envelope is rejected, or taken back by who made it: nothing moves."""

from uuid import UUID

from services.payments.steps.envelope_changes import lock_envelopes
from services.payments.steps.two_persons import lock_open_proposal, proposal_of, reject
from services.payments.tables import EnvelopeChangeRow
from shared.messaging.context import Context


async def reject_envelope_change(context: Context, change_id: UUID) -> EnvelopeChangeRow:
    """`NotFound` 'no-such-proposal', `Conflict` 'decided-already'."""
    change = await proposal_of(context, EnvelopeChangeRow, change_id)
    await lock_envelopes(context, change.call_id, change.from_call_id)
    change = await lock_open_proposal(context, EnvelopeChangeRow, change_id)
    reject(context, change)
    return change
