"""EnvelopeChanged, CapacityChanged: a call has more money, or more hours or places, so the reserve list may move up; or less."""

from services.evaluation.locks import lock_call
from services.evaluation.steps.decisions import grant_from_reserve_list
from services.evaluation.tables import EnvelopeChangeRow
from shared.contracts.binding import require_same
from shared.contracts.payments import EnvelopeChanged
from shared.contracts.vouchers import CapacityChanged
from shared.messaging.context import Context


async def record_envelope_change(context: Context, event: EnvelopeChanged | CapacityChanged) -> None:
    """Once per change. What two persons decided follows by rule: the platform is the actor of the awards. `NotYet` for an unknown call;
    `Contradiction` when the event is about another region or currency."""
    call = await lock_call(context, event.call_id)
    require_same(event, call)
    if await context.session.get(EnvelopeChangeRow, (call.id, event.change_id)) is not None:
        return
    row = EnvelopeChangeRow(call_id=call.id, change_id=event.change_id, change_minor=event.change_minor, recorded_at=context.now)
    context.session.add(row)
    call.change_minor += event.change_minor
    if event.change_minor > 0:
        call.released_at = context.now
    await context.session.flush()
    await grant_from_reserve_list(context.as_system(), call)
