"""A call that is being written: what it says, what keeps it from being published, and how it would stand then."""

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from services.applications.domain.call_drafts import CallContent, day_of, faults_of, read_content
from services.applications.tables import CallDraftRow, CallRow
from shared.kernel.errors import NotFound, Refused
from shared.kernel.vocabulary import CallState
from shared.messaging.context import Context
from shared.policy.call import CallDefinition
from shared.policy.schema import Policy


def content_of(draft: CallDraftRow) -> CallContent:
    return read_content(draft.content)


def policy_of(context: Context, draft: CallDraftRow) -> Policy:
    """The policy in force on the day the call opens; of a draft without that day, today's."""
    return context.policies.resolve(draft.region, draft.scheme, day_of(content_of(draft), context.now))


def faults_in(context: Context, draft: CallDraftRow) -> list[Refused]:
    """What keeps the draft from being published; also that no policy holds."""
    try:
        return list(faults_of(content_of(draft), policy_of(context, draft), context.now))
    except NotFound as fault:
        fault.field = "opens_at"
        return [fault]


def check_publishable(context: Context, draft: CallDraftRow) -> None:
    """Raises the first fault."""
    for fault in faults_in(context, draft):
        raise fault


def hash_of(definition: CallDefinition) -> str:
    """What a definition does not give is no part of it, so that a later field changes no call that is published."""
    return hashlib.sha256(definition.model_dump_json(exclude_none=True).encode()).hexdigest()


def call_row(
    context: Context, call_id: UUID, definition: CallDefinition, policy: Policy, wording: Mapping[str, Any] | None = None,
    pinned_on: date | None = None,
) -> CallRow:  # fmt: skip
    """The call as it would be published now; not added to the session. `pinned_on`: the day whose form it asks, that of its opening, or of
    the first round's."""
    form = context.policies.form_in_force(definition.region, definition.scheme, pinned_on or definition.opens_at.date())
    place = definition.round
    instants = definition.instants(policy.zone)
    return CallRow(
        id=call_id,
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
        content_hash=hash_of(definition),
        published_at=context.now,
        state=CallState.PUBLISHED,
        wording=None if wording is None else dict(wording),
        series=place.series if place else None,
        round_number=place.number if place else None,
        round_count=place.count if place else None,
        invites_from=list(definition.invites_from) if definition.invites_from else None,
    )
