"""The appeals of a call, and what goes on when none is open any more: the decisions that waited for them."""

from sqlalchemy import select
from sqlmodel import col

from services.evaluation.domain.allotment import Allotment, allot
from services.evaluation.domain.appeals import hold_decisions
from services.evaluation.domain.ranking import ListEntry
from services.evaluation.domain.states import AppealState
from services.evaluation.queries.appeals import appeal_states
from services.evaluation.queries.decisions import reserve_list_is_open
from services.evaluation.queries.listing import least_of, shortage_of, voucher_type_of
from services.evaluation.steps.decisions import grant, note_unspent, place_on_reserve_list, refuse
from services.evaluation.tables import AppealRow, CallRow, CaseRow
from shared.kernel.vocabulary import DecisionOutcome
from shared.messaging.context import Context
from shared.policy.schema import Policy


async def issue_decisions_unless_held(context: Context, call: CallRow) -> None:
    """In the order of the list, without the cases withdrawn since the approval: the cases below them move up; by the envelope as it is
    then. Once, when the time for
    appeals is over and each was decided. What a person's decision on an appeal sets free follows by rule: the platform is its actor."""
    await context.session.flush()
    if call.appeal_term_over_at is None or call.appeals_over_at is not None or call.revision_since is not None:
        return
    if hold_decisions(await appeal_states(context, call)):
        return
    context = context.as_system()
    call.appeals_over_at = context.now
    query = select(CaseRow).where(col(CaseRow.call_id) == call.id, col(CaseRow.rank).is_not(None), col(CaseRow.withdrawn_at).is_(None))
    cases = (await context.session.scalars(query.order_by(col(CaseRow.rank)))).all()
    policy = context.policies.get(call.policy_id)
    entries, call.issued_envelope_minor = [_entry(policy, case) for case in cases], call.budget_minor
    allotted = allot(entries, call.issued_envelope_minor, shortage_of(context, call))
    granted = [case.total_hundredths for case, one in zip(cases, allotted, strict=True) if one.outcome == DecisionOutcome.GRANTED]
    cut_off = min((total for total in granted if total is not None), default=None)
    for case, one in zip(cases, allotted, strict=True):
        await _issue(context, call, case, one, cut_off)
    await note_unspent(context, call)


async def withdraw_appeal(context: Context, call: CallRow, case: CaseRow) -> None:
    """With the application: nobody decides an appeal that would change nothing."""
    query = select(AppealRow).where(col(AppealRow.application_id) == case.application_id)
    appeal = (await context.session.scalars(query)).one_or_none()
    if appeal is not None and appeal.state in (AppealState.LODGED, AppealState.UPHELD):
        appeal.state = AppealState.WITHDRAWN
        await context.session.flush()


def _entry(policy: Policy, case: CaseRow) -> ListEntry:
    least = least_of(policy, voucher_type_of(case.terms))
    failed = tuple(case.failed_rules or ())
    return ListEntry(case.application_id, case.amount_minor, case.requested_minor, failed=failed, smallest_minor=least)


async def _issue(context: Context, call: CallRow, case: CaseRow, allotted: Allotment, cut_off: int | None) -> None:
    if allotted.outcome == DecisionOutcome.GRANTED:
        partial = allotted.amount_minor < case.amount_minor
        reason = "partial-award" if partial else "within-envelope"
        await grant(context, call, case, from_reserve=False, reason=reason, amount_minor=allotted.amount_minor)
    elif allotted.outcome == DecisionOutcome.REFUSED:
        await refuse(context, call, case, case.failed_rules or [], cut_off_hundredths=cut_off)
    elif reserve_list_is_open(call, context.now):
        await place_on_reserve_list(context, call, case, reason="envelope-exhausted")
    else:
        await refuse(context, call, case, ["envelope-exhausted"], cut_off_hundredths=cut_off)
