"""An officer begins a call: from a scheme, or as a copy of an earlier call."""

from uuid import UUID

from services.applications.domain.call_drafts import CallContent, copied
from services.applications.locks import read_call
from services.applications.tables import CallDraftRow
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Refused
from shared.kernel.ids import new_id
from shared.messaging.acts import take_unpublished_part
from shared.messaging.context import Context
from shared.policy.call import CallDefinition


async def draft_call(
    context: Context, region: str, scheme: str, copy_of: UUID | None = None, template: CallDefinition | None = None
) -> CallDraftRow:
    """A new draft. `copy_of`: an earlier call of the region, whose scheme counts; or `template`: a call of a file of the region and scheme.
    `Refused` 'unknown-scheme', 'call-of-another-region'."""
    authorise(context.actor, Permission.MANAGE_CALLS, region=region)
    content = CallContent()
    if copy_of is not None:
        call = await read_call(context, copy_of)
        if call.region != region:
            raise Refused("call-of-another-region", "This call is of another region.", field="copy_of")
        scheme, zone = call.scheme, context.policies.get(call.policy_id).zone
        instants = {name: getattr(call, name) for name in ("opens_at", "closes_at", "evaluation_due_at", "reserve_list_ends_at")}
        content = copied(call.shown_title, call.text, instants, call.envelope_minor, zone, context.now)
    elif template is not None:
        zone = context.policies.resolve(template.region, template.scheme, template.opens_at.date()).zone
        filed = template.instants(zone).model_dump(exclude={"reminders_at"})
        content = copied(template.title, {}, filed, template.envelope_minor, zone, context.now)
        content = content.model_copy(update={"reminders_before_days": template.reminders_before_days})
    if not any((policy.region, policy.scheme) == (region, scheme) for policy in context.policies.all()):
        raise Refused("unknown-scheme", "This region has no scheme {scheme}.", field="scheme", scheme=scheme)
    draft = CallDraftRow(
        id=new_id(), region=region, scheme=scheme, copy_of=copy_of, content=content.model_dump(mode="json", exclude_none=True),
        created_by=context.actor.id, created_at=context.now, changed_by=context.actor.id, changed_at=context.now,
    )  # fmt: skip
    await take_unpublished_part(context, Duty.DRAFT_CALL, draft.id)
    context.session.add(draft)
    await context.session.flush()
    return draft
