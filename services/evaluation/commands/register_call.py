"""CallPublished: registers the call and commits to its draw; applications closes the call only after that."""

import secrets

from services.evaluation.domain.draw import nonce_hash
from services.evaluation.tables import CallRow
from shared.contracts.applications import CallPublished
from shared.contracts.evaluation import DrawCommitted
from shared.database.sealing import seal
from shared.kernel.vocabulary import SelectionMethod
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def register_call(context: Context, event: CallPublished) -> None:
    """Draws the secret nonce, stores it encrypted and publishes its hash. A ranking may need the draw for ties; first come needs none."""
    if await context.session.get(CallRow, event.call_id) is not None:
        return
    nonce = None if event.selection_method == SelectionMethod.FIRST_COME else secrets.token_hex(32)
    call = CallRow(
        id=event.call_id,
        nonce=nonce and seal(context.session, nonce, event.call_id),
        nonce_hash=nonce and nonce_hash(nonce),
        published_at=context.now,
        **event.model_dump(exclude={"call_id"}),
    )
    context.session.add(call)
    if call.nonce_hash:
        committed = DrawCommitted(call_id=call.id, region=call.region, nonce_hash=call.nonce_hash)
        publish(context, committed, reason="call-published", policy_id=call.policy_id)
