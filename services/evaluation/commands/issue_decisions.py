"""MilestoneReached (appeals-over): the approved list becomes decisions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.evaluation.domain.ranking import GRANTED, REFUSED, Entry, cut_off
from services.evaluation.locks import lock_call
from services.evaluation.steps.decisions import grant, place_on_reserve, refuse, reserve_is_open
from services.evaluation.tables import CallRow, CaseRow, RankingRow
from shared.messaging.context import Context


async def issue_decisions(context: Context, call_id: UUID, due_at: datetime) -> None:
    """In the order of the list, without those who withdrew since it was approved: the places below them move up.

    Once. A call without an approved list has no appeals, so there it does nothing; `due_at` only follows an approval, so it is never stale.
    """
    call = await lock_call(context, call_id)
    if call.appeals_over_at is not None or await context.session.get(RankingRow, call_id) is None:
        return
    call.appeals_over_at = context.now
    query = select(CaseRow).where(col(CaseRow.call_id) == call_id, col(CaseRow.rank).is_not(None), col(CaseRow.withdrawn_at).is_(None))
    cases = (await context.session.scalars(query.order_by(col(CaseRow.rank)))).all()
    entries = [Entry(case.application_id, case.amount_minor, case.requested_minor, failed=tuple(case.failed_rules or ())) for case in cases]
    for case, outcome in zip(cases, cut_off(entries, call.envelope_minor), strict=True):
        await _issue(context, call, case, outcome)


async def _issue(context: Context, call: CallRow, case: CaseRow, outcome: str) -> None:
    if outcome == GRANTED:
        await grant(context, call, case, from_reserve=False, reason="within-envelope")
    elif outcome == REFUSED:
        await refuse(context, call, case, case.failed_rules or [])
    elif reserve_is_open(call, context.now):
        await place_on_reserve(context, call, case, reason="envelope-exhausted")
    else:
        await refuse(context, call, case, ["envelope-exhausted"])
