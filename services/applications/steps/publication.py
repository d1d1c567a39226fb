"""The publication of a call: from a file, or from a draft that two officers wrote and read."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.applications.queries.drafted_calls import call_row, hash_of
from services.applications.steps.carrying import check_carried
from services.applications.steps.invitations import check_sources, invite_all_chosen
from services.applications.tables import CallRow, CallWordingRow
from shared.contracts.applications import CallPublished
from shared.kernel.errors import Conflict, Refused
from shared.kernel.ids import new_id
from shared.messaging.context import Context
from shared.messaging.outbox import publish
from shared.policy.call import CallDefinition, CallInstants, check_call, rounds_of


async def known_call(context: Context, definition: CallDefinition) -> CallRow | None:
    """The same call as it was published before. `Conflict` 'call-changed' for another one under the same id."""
    same_id = (col(CallRow.region) == definition.region) & (col(CallRow.slug) == definition.id)
    known = (await context.session.scalars(select(CallRow).where(same_id))).one_or_none()
    if known is not None and known.content_hash != hash_of(definition):
        raise Conflict("call-changed", "A call with this id was published with other content.", call_id=known.id)
    return known


async def publish_definition(
    context: Context, call_id: UUID, definition: CallDefinition, wording: Mapping[str, Any] | None = None, pinned_on: date | None = None
) -> CallRow:
    """Under the policy and with the form in force on the day it opens, or of `pinned_on`. `Refused` when it contradicts its policy
    (`shared.policy.call.check_call`), or would have ended already."""
    policy = context.policies.resolve(definition.region, definition.scheme, pinned_on or definition.opens_at.date())
    check_call(definition, policy)
    await check_sources(context, definition, policy)
    instants = definition.instants(policy.zone)
    if instants.closes_at <= context.now:
        raise Refused("call-in-the-past", "The call would have ended already.", field="closes_at")
    call = call_row(context, call_id, definition, policy, wording, pinned_on)
    check_carried(context, call, policy)
    context.session.add(call)
    publish(context, _published(call, instants), reason="published", policy_id=policy.id)
    await context.session.flush()
    keep_wording(context, call, "")
    await invite_all_chosen(context, call)
    return call


async def publish_rounds(
    context: Context, first_id: UUID, definition: CallDefinition, wording: Mapping[str, Any] | None = None
) -> tuple[CallRow, ...]:
    """Every round of a rolling call that is not published yet, under the rules of the first; of any other call, the call. The first one has
    this id. Raises as `publish_definition` and `known_call`."""
    found: list[CallRow] = []
    for one in rounds_of(definition):
        known = await known_call(context, one)
        new = first_id if not found else new_id()
        texts = wording if one.round is None or wording is None else {**wording, "title": one.title}
        found.append(known or await publish_definition(context, new, one, texts, definition.opens_at.date()))
    return tuple(found)


def keep_wording(context: Context, call: CallRow, words: str) -> None:
    """The texts as people read them from now on; `words` say why they were corrected."""
    row = CallWordingRow(
        call_id=call.id, version=call.wording_version, title=call.shown_title, text=call.text, words=words,
        written_by=context.actor.id, at=context.now,
    )  # fmt: skip
    context.session.add(row)


async def keep_first_wording(context: Context, call: CallRow) -> None:
    """Of a call that was published before texts had versions; called before its first correction."""
    if await context.session.get(CallWordingRow, (call.id, call.wording_version)) is None:
        row = CallWordingRow(
            call_id=call.id, version=call.wording_version, title=call.shown_title, text=call.text, words="",
            written_by="", at=call.published_at,
        )  # fmt: skip
        context.session.add(row)


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
        series=call.series,
        round_number=call.round_number,
    )
