"""The nonce of a call's draw, which is stored encrypted until the list is approved and published permanently afterwards."""

from services.evaluation.tables import CallRow
from shared.database.sealing import unseal
from shared.messaging.context import Context


def nonce_of(context: Context, call: CallRow) -> str:
    """The nonce in hex. AssertionError for a call without a draw."""
    assert call.nonce is not None, "a call with a list has a nonce (constraint of the table)"
    return unseal(context.session, call.nonce, call.id)
