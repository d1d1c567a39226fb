"""An officer publishes a call from a file."""

from dataclasses import dataclass

from services.applications.steps.publication import known_call, publish_rounds
from services.applications.tables import CallRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Refused
from shared.kernel.ids import new_id
from shared.messaging.context import Context
from shared.policy.call import CallDefinition, rounds_of


@dataclass(frozen=True, slots=True)
class Published:
    """`is_new` is false when the same call was published before."""

    call: CallRow
    is_new: bool


async def publish_call(context: Context, definition: CallDefinition) -> Published:
    """The call, under the policy and with the form in force on the day it opens; of a rolling call its first round. The same definition
    again changes nothing.

    `Conflict` 'call-changed' for another definition under the same id; `Refused` 'round-of-a-call' for a round by itself, or when it
    contradicts its policy (`shared.policy.call.check_call`) or would have ended already.
    """
    authorise(context.actor, Permission.MANAGE_CALLS, region=definition.region)
    if definition.round is not None:
        raise Refused("round-of-a-call", "A round is published with its call: give the cut-offs of the call.", field="round")
    known = [await known_call(context, one) for one in rounds_of(definition)]
    if known[0] is not None and None not in known:
        return Published(known[0], is_new=False)
    return Published((await publish_rounds(context, new_id(), definition))[0], is_new=True)
