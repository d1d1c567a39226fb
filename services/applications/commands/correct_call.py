"""An officer corrects the texts of a published call."""

from collections.abc import Mapping
from uuid import UUID

from services.applications.domain.call_drafts import changed_texts
from services.applications.locks import lock_call
from services.applications.steps.publication import keep_first_wording, keep_wording
from services.applications.tables import CallRow
from shared.contracts.applications import CallCorrected
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict
from shared.messaging.acts import take_part
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def correct_call(
    context: Context, call_id: UUID, version: int, title: Mapping[str, str], text: Mapping[str, str], words: str
) -> CallRow:
    """Title and text as a new version; the earlier ones stay, and everybody sees why (`words`). Rules, money and dates are not corrected:
    the end is extended, for the rest another call is published. `Conflict` 'call-corrected' when somebody else did so since `version`."""
    call = await lock_call(context, call_id)
    authorise(context.actor, Permission.MANAGE_CALLS, region=call.region)
    await take_part(context, Duty.PUBLISH_CALL, call_id=call.id)
    if call.wording_version != version:
        raise Conflict("call-corrected", "Somebody else has corrected this call since you loaded it. Load it, and correct it there.")
    wording = {"title": dict(title), "text": dict(text)}
    changed_texts({"title": call.shown_title, "text": call.text}, wording, context.policies.get(call.policy_id).languages)
    await keep_first_wording(context, call)
    call.wording, call.wording_version = wording, version + 1
    keep_wording(context, call, words)
    corrected = CallCorrected(call_id=call.id, region=call.region, number=call.number, version=call.wording_version)
    publish(context, corrected, reason="corrected", policy_id=call.policy_id)
    return call
