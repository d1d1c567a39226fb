"""MilestoneReached (appeals-over): turns the approved list into decisions."""

from sqlalchemy import select
from sqlmodel import col

from services.evaluation.domain.ranking import ListEntry, cut_off
from services.evaluation.locks import lock_call
from services.evaluation.queries.decisions import reserve_list_is_open
from services.evaluation.steps.decisions import grant, place_on_reserve_list, refuse
from services.evaluation.tables import CallRow, CaseRow, RankingRow
from shared.contracts.vouchers import MilestoneReached
from shared.kernel.vocabulary import DecisionOutcome
from shared.messaging.context import Context


async def issue_decisions(context: Context, event: MilestoneReached) -> None:
    """In the order of the list, without the cases withdrawn since the approval: the cases below them move up.

    Once. A call without an approved list has no appeals, so nothing happens there. `due_at` is only set by an approval, so it is
    never out of date.
    """
    call = await lock_call(context, event.subject_id)
    if call.appeals_over_at is not None or await context.session.get(RankingRow, call.id) is None:
        return
    call.appeals_over_at = context.now
    query = select(CaseRow).where(col(CaseRow.call_id) == call.id, col(CaseRow.rank).is_not(None), col(CaseRow.withdrawn_at).is_(None))
    cases = (await context.session.scalars(query.order_by(col(CaseRow.rank)))).all()
    entries = [_entry(case) for case in cases]
    for case, outcome in zip(cases, cut_off(entries, call.envelope_minor), strict=True):
        await _issue(context, call, case, outcome)


def _entry(case: CaseRow) -> ListEntry:
    return ListEntry(case.application_id, case.amount_minor, case.requested_minor, failed=tuple(case.failed_rules or ()))


async def _issue(context: Context, call: CallRow, case: CaseRow, outcome: DecisionOutcome) -> None:
    if outcome == DecisionOutcome.GRANTED:
        await grant(context, call, case, from_reserve=False, reason="within-envelope")
    elif outcome == DecisionOutcome.REFUSED:
        await refuse(context, call, case, case.failed_rules or [])
    elif reserve_list_is_open(call, context.now):
        await place_on_reserve_list(context, call, case, reason="envelope-exhausted")
    else:
        await refuse(context, call, case, ["envelope-exhausted"])
