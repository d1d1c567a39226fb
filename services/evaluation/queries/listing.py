"""The list of a call as it would be published now, and what it is built from."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.evaluation.domain.adjustment import adjusted, severities
from services.evaluation.domain.allotment import Shortage
from services.evaluation.domain.ranking import ListEntry, Listing
from services.evaluation.tables import AssignmentRow, CallRow, CaseRow
from shared.kernel.vocabulary import AssignmentState, DecisionOutcome, SelectionMethod
from shared.messaging.context import Context
from shared.policy.case_terms import smallest_of, type_of
from shared.policy.schema import Policy

TotalsByCase = dict[UUID, dict[str, int]]
"""Application → evaluator → total points of the sheet."""


async def active_cases(context: Context, call: CallRow) -> Sequence[CaseRow]:
    """The cases that are not withdrawn, by sequence."""
    query = select(CaseRow).where(col(CaseRow.call_id) == call.id, col(CaseRow.withdrawn_at).is_(None))
    return (await context.session.scalars(query.order_by(col(CaseRow.sequence)))).all()


def is_complete(call: CallRow, cases: Sequence[CaseRow]) -> bool:
    """True when all cases that screening named have arrived and, in a ranking call, each is evaluated. Never for first come."""
    if call.selection_method == SelectionMethod.FIRST_COME or call.complete_at is None:
        return False
    return call.selection_method != SelectionMethod.RANKING or all(case.completed_at is not None for case in cases)


def shown_outcome(context: Context, call: CallRow, outcome: str | None) -> str | None:
    """An outcome of the list as people read it: who is within the budget of a call for expressions of interest is invited."""
    is_invited = outcome == DecisionOutcome.GRANTED and context.policies.get(call.policy_id).expression is not None
    return DecisionOutcome.INVITED if is_invited else outcome


def shortage_of(context: Context, call: CallRow) -> Shortage:
    """What becomes of the money at the cut-off, by the policy of the call."""
    return shortage_by(context.policies.get(call.policy_id))


def shortage_by(policy: Policy, voucher_type: str | None = None) -> Shortage:
    """`voucher_type`: of the case that is offered a part of what it asks for, where cases have types."""
    return Shortage(policy.selection.when_short or "wait", smallest_of(policy, voucher_type))


def least_of(policy: Policy, voucher_type: str | None) -> int | None:
    """The least that a part of what a case of this type asks for may be; None where the type has none of its own, or the policy offers
    no part."""
    kind = type_of(policy, voucher_type) if policy.selection.when_short == "partial" else None
    return kind.smallest_minor if kind else None


async def least_by_case(context: Context, call: CallRow) -> dict[UUID, int | None]:
    """Application → `least_of`; nothing is read where no type has its own."""
    policy = context.policies.get(call.policy_id)
    if all(least_of(policy, one.id) is None for one in policy.voucher_types or ()):
        return {}
    cases = await context.session.execute(select(col(CaseRow.application_id), col(CaseRow.terms)).where(col(CaseRow.call_id) == call.id))
    return {key: least_of(policy, voucher_type_of(terms)) for key, terms in cases}


def voucher_type_of(terms: Mapping[str, Any] | None) -> str | None:
    """`terms`: of a case, as its award has them."""
    return (terms or {}).get("voucher_type")


async def listing_of(context: Context, call: CallRow, cases: Sequence[CaseRow]) -> Listing:
    """The list as it would be published now. It holds the evaluated cases of a ranking call, all cases of a draw."""
    policy = context.policies.get(call.policy_id)
    rules = policy.evaluation if call.selection_method == SelectionMethod.RANKING else None
    scores = {case.application_id: case.total_hundredths or 0 for case in cases}
    if rules and rules.adjustment == "shrunk-additive":
        scores = _adjust(scores, await totals_of(context, call))
    return Listing(
        call_id=call.id,
        selection_method=call.selection_method,
        policy_id=call.policy_id,
        currency=call.currency,
        envelope_minor=call.envelope_minor,
        criteria=tuple(criterion.id for criterion in rules.criteria) if rules else (),
        ties=policy.selection.ties,
        when_short=policy.selection.when_short,
        smallest_minor=policy.value.smallest_minor if policy.selection.when_short == "partial" else None,
        entries=tuple(_entry(policy, case, scores[case.application_id]) for case in cases if rules is None or case.completed_at),
    )


async def totals_of(context: Context, call: CallRow) -> TotalsByCase:
    """The totals of all submitted sheets of the call; within a case in the order of the seats."""
    totals: TotalsByCase = defaultdict(dict)
    query = select(AssignmentRow).where(col(AssignmentRow.call_id) == call.id, col(AssignmentRow.state) == AssignmentState.SCORED)
    for row in await context.session.scalars(query.order_by(col(AssignmentRow.seat))):
        totals[row.application_id][row.evaluator_id] = row.total_points or 0
    return totals


def _adjust(scores: dict[UUID, int], totals: TotalsByCase) -> dict[UUID, int]:
    severity = severities(totals)
    cases = Counter(evaluator for sheets in totals.values() for evaluator in sheets)
    return {key: adjusted(score, totals.get(key, {}), severity, cases) for key, score in scores.items()}


def _entry(policy: Policy, case: CaseRow, score: int) -> ListEntry:
    return ListEntry(
        case.application_id,
        amount_minor=case.amount_minor,
        requested_minor=case.requested_minor,
        score=score,
        criteria=case.criteria or {},
        failed=tuple(case.failed_rules or ()),
        smallest_minor=least_of(policy, voucher_type_of(case.terms)),
    )
