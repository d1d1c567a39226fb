"""An officer publishes a call from a file."""

from dataclasses import dataclass

from services.applications.steps.publication import known_call, publish_definition
from services.applications.tables import CallRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.ids import new_id
from shared.messaging.context import Context
from shared.policy.call import CallDefinition


@dataclass(frozen=True, slots=True)
class Published:
    """`is_new` is false when the same call was published before."""

    call: CallRow
    is_new: bool


async def publish_call(context: Context, definition: CallDefinition) -> Published:
    """The call, under the policy and with the form in force on the day it opens. The same definition again changes nothing.

    `Conflict` 'call-changed' for another definition under the same id; `Refused` when it contradicts its policy
    (`shared.policy.call.check_call`) or would have ended already.
    """
    authorise(context.actor, Permission.MANAGE_CALLS, region=definition.region)
    known = await known_call(context, definition)
    if known is not None:
        return Published(known, is_new=False)
    return Published(await publish_definition(context, new_id(), definition), is_new=True)
