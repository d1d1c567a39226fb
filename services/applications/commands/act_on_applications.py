"""An officer takes one act on many applications of a call: each has its own result."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic_core import to_jsonable_python
from sqlalchemy import select
from sqlmodel import col

from services.applications.domain.bulk import BulkAction, BulkOutcome
from services.applications.domain.overrules import check_undecided
from services.applications.locks import lock_call, lock_limits, read_call
from services.applications.queries.earlier import earlier_for
from services.applications.queries.notes import has_flag, open_flags
from services.applications.queries.overrules import overrules_of
from services.applications.steps.notes import add_note, lift
from services.applications.steps.overrules import check_none_waits
from services.applications.steps.returns import Corrections, return_case
from services.applications.steps.screening import complete_screening, record_screening, screen
from services.applications.tables import ApplicationRow, BulkActRow, CallRow
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict, NotFound, Refused
from shared.kernel.ids import new_id
from shared.kernel.vocabulary import ApplicationState
from shared.messaging.acts import take_part
from shared.messaging.context import Context

MOST = 200
"""Applications in one act, which is one transaction."""


@dataclass(frozen=True, slots=True)
class BulkAct:
    """`ids`: None for all that are submitted and not flagged, in their order, up to `MOST`. `hash_key` is the key of the hashes of
    relations."""

    action: BulkAction
    ids: Sequence[UUID] | None
    hash_key: bytes
    asked: Corrections = field(default_factory=Corrections)
    words: str = ""


async def act_on_applications(context: Context, call_id: UUID, act: BulkAct) -> BulkActRow:
    """The act with the result of each; what is refused for one does not keep the others. `Refused` 'choose-applications',
    'nothing-to-correct' or 'words-needed' before anything is done."""
    call = await read_call(context, call_id)
    authorise(context.actor, Permission.SCREEN_APPLICATION, region=call.region)
    _check(act)
    found = await _applications(context, call_id, act.ids)
    if act.action is BulkAction.SCREEN:
        await lock_limits(context, found.values(), context.policies.get(call.policy_id))
    await lock_call(context, call.id)
    row = BulkActRow(id=new_id(), call_id=call.id, region=call.region, action=act.action, by=context.actor.id, at=context.now, results=[])
    for application_id in act.ids if act.ids is not None else list(found):
        row.results.append({"application_id": str(application_id), **await _result(context, row.id, call, found.get(application_id), act)})
    if act.action is BulkAction.SCREEN:
        await complete_screening(context, call)
    context.session.add(row)
    await context.session.flush()
    return row


def _check(act: BulkAct) -> None:
    if act.ids is None and act.action is not BulkAction.SCREEN:
        raise Refused("choose-applications", "Choose the applications that this is for.", field="application_ids")
    if act.action is BulkAction.RETURN and not act.asked.fields:
        raise Refused("nothing-to-correct", "Choose what is to be corrected.", field="corrections")
    if act.action is BulkAction.FLAG and not act.words:
        raise Refused("words-needed", "Say why these applications wait.", field="words")


async def _applications(context: Context, call_id: UUID, ids: Sequence[UUID] | None) -> dict[UUID, ApplicationRow]:
    """Locked, in the order of submission."""
    chosen = (
        [col(ApplicationRow.id).in_(ids)] if ids is not None else [col(ApplicationRow.state) == ApplicationState.SUBMITTED, ~has_flag()]
    )
    query = select(ApplicationRow).where(col(ApplicationRow.call_id) == call_id, col(ApplicationRow.sequence).is_not(None), *chosen)
    locked = query.order_by(col(ApplicationRow.sequence)).limit(MOST).with_for_update(key_share=True)
    return {application.id: application for application in await context.session.scalars(locked)}


async def _result(context: Context, bulk_id: UUID, call: CallRow, application: ApplicationRow | None, act: BulkAct) -> dict[str, Any]:
    """The outcome; of a refusal its code, and its message with the facts, in which there is no word of a person."""
    try:
        if application is None:
            raise NotFound("unknown-application", "There is no such application.")
        async with context.session.begin_nested():
            await take_part(context, Duty.SCREEN, application.id, call_id=call.id)
            return {"outcome": await _DO[act.action](context, bulk_id, call, application, act)}
    except Refused as refusal:
        facts = to_jsonable_python(refusal.facts, fallback=str)
        return {"outcome": BulkOutcome.REFUSED, "code": refusal.code, "message": refusal.message, "facts": facts}


async def _screen(context: Context, bulk_id: UUID, call: CallRow, application: ApplicationRow, act: BulkAct) -> BulkOutcome:
    check_undecided(application.state)
    overrules = (await overrules_of(context, [application.id])).get(application.id, [])
    check_none_waits(overrules)
    policy = context.policies.get(call.policy_id)
    screened = screen(context, application, policy, overrules, await earlier_for(context, application, policy, act.hash_key))
    record_screening(context, screened, call, act.hash_key)
    await context.session.flush()
    return BulkOutcome.ELIGIBLE if screened.assessment.eligible else BulkOutcome.INELIGIBLE


async def _return(context: Context, bulk_id: UUID, call: CallRow, application: ApplicationRow, act: BulkAct) -> BulkOutcome:
    await return_case(context, application, call, act.asked)
    await context.session.flush()
    return BulkOutcome.RETURNED if application.state == ApplicationState.RETURNED else BulkOutcome.PROPOSED


async def _flag(context: Context, bulk_id: UUID, call: CallRow, application: ApplicationRow, act: BulkAct) -> BulkOutcome:
    if application.removed_at is not None:
        raise Conflict("case-removed", "The content of this case was removed on {removed_at}.", removed_at=application.removed_at)
    add_note(context, application, act.words, flag=True, bulk_id=bulk_id)
    await context.session.flush()
    return BulkOutcome.FLAGGED


async def _lift(context: Context, bulk_id: UUID, call: CallRow, application: ApplicationRow, act: BulkAct) -> BulkOutcome:
    flags = await open_flags(context, [application.id])
    for flag in flags:
        lift(context, flag)
    return BulkOutcome.LIFTED if flags else BulkOutcome.LEFT


_DO = {BulkAction.SCREEN: _screen, BulkAction.RETURN: _return, BulkAction.FLAG: _flag, BulkAction.LIFT_FLAGS: _lift}
