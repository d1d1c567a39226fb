"""An officer publishes a call."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import col

from services.applications.tables import CallRow
from shared.contracts.applications import CallPublished
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict, Refused
from shared.kernel.ids import new_id
from shared.messaging.context import Context
from shared.messaging.outbox import publish
from shared.policy.call import CallDefinition, CallInstants, check_call


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
    content_hash = hashlib.sha256(definition.model_dump_json().encode()).hexdigest()
    same_id = (col(CallRow.region) == definition.region) & (col(CallRow.slug) == definition.id)
    known = (await context.session.scalars(select(CallRow).where(same_id))).one_or_none()
    if known is not None:
        if known.content_hash != content_hash:
            raise Conflict("call-changed", "A call with this id was published with other content.", call_id=known.id)
        return Published(known, is_new=False)

    policy = context.policies.resolve(definition.region, definition.scheme, definition.opens_at.date())
    check_call(definition, policy)
    form = context.policies.form_in_force(definition.region, definition.scheme, definition.opens_at.date())
    instants = definition.instants(policy.zone)
    if instants.closes_at <= context.now:
        raise Refused("call-in-the-past", "The call would have ended already.", field="closes_at")
    call = CallRow(
        id=new_id(),
        slug=definition.id,
        region=definition.region,
        scheme=definition.scheme,
        policy_id=policy.id,
        form_id=form.id,
        title=definition.title,
        selection_method=policy.selection.method,
        currency=definition.currency,
        envelope_minor=definition.envelope_minor,
        opens_at=instants.opens_at,
        closes_at=instants.closes_at,
        first_closes_at=instants.closes_at,
        evaluation_due_at=instants.evaluation_due_at,
        reserve_list_ends_at=instants.reserve_list_ends_at,
        content_hash=content_hash,
        published_at=context.now,
    )
    context.session.add(call)
    publish(context, _published(call, instants), reason="published", policy_id=policy.id)
    await context.session.flush()
    return Published(call, is_new=True)


def _published(call: CallRow, instants: CallInstants) -> CallPublished:
    return CallPublished(
        call_id=call.id,
        region=call.region,
        slug=call.slug,
        title=call.title,
        scheme=call.scheme,
        policy_id=call.policy_id,
        form_id=call.form_id,
        selection_method=call.selection_method,
        currency=call.currency,
        envelope_minor=call.envelope_minor,
        opens_at=call.opens_at,
        closes_at=call.closes_at,
        evaluation_due_at=call.evaluation_due_at,
        reserve_list_ends_at=call.reserve_list_ends_at,
        reminders_at=list(instants.reminders_at),
    )
