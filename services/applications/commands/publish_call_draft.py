"""A second officer publishes a call."""

from uuid import UUID

from services.applications.domain.call_drafts import definition_of
from services.applications.domain.states import DraftState
from services.applications.queries.drafted_calls import check_publishable, content_of, policy_of
from services.applications.steps.call_drafts import check_version, lock_draft
from services.applications.steps.publication import known_call, publish_rounds
from services.applications.tables import CallRow
from shared.identity.duties import Duty
from shared.identity.permissions import require_person
from shared.kernel.errors import Conflict
from shared.messaging.acts import take_part
from shared.messaging.context import Context
from shared.policy.call import rounds_of


async def publish_call_draft(context: Context, draft_id: UUID, version: int | None = None) -> CallRow:
    """The call, under the id of the draft; of a rolling call its first round. `version`: which the officer has read; who wrote it may have
    taken it back since and submitted another. `Forbidden` 'incompatible-step' for who has written at it, 'machine'; `Conflict`
    'draft-state', 'draft-changed', 'call-changed', 'call-known'; or its first fault, for instance because its window has passed."""
    draft = await lock_draft(context, draft_id, DraftState.SUBMITTED)
    check_version(draft, draft.version if version is None else version)
    require_person(context.actor)
    await take_part(context, Duty.PUBLISH_CALL, draft.id)
    check_publishable(context, draft)
    content = content_of(draft)
    definition = definition_of(content, policy_of(context, draft))
    if any([await known_call(context, one) for one in rounds_of(definition)]):
        raise Conflict("call-known", "This call was published before, from a file.")
    draft.state, draft.published_by = DraftState.PUBLISHED, context.actor.id
    return (await publish_rounds(context, draft.id, definition, {"title": content.title, "text": content.text}))[0]
