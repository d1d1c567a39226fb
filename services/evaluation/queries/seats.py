"""The evaluator seats of a case: how many the policy asks for, and which of them are open."""

from collections.abc import Iterable
from typing import TypeVar

from services.evaluation.domain.states import ACTIVE
from services.evaluation.tables import AssignmentRow, CallRow, CaseRow
from shared.messaging.context import Context
from shared.policy.sections import Evaluation

T = TypeVar("T")


def evaluation_rules(context: Context, call: CallRow) -> Evaluation:
    """The rules by which a ranking call is evaluated."""
    rules = context.policies.get(call.policy_id).evaluation
    assert rules is not None, "a policy that ranks has criteria"
    return rules


def seats(usual: T, divergent: T) -> T:
    """One more than usual when the first sheets diverge: of one case, or as a column of a query. `divergent`: 1 or 0."""
    return usual + divergent  # type: ignore[no-any-return, operator]  # numbers, or columns of them


def seats_needed(case: CaseRow, rules: Evaluation) -> int:
    return seats(rules.evaluators_per_case, int(case.divergent))


def open_seats(case: CaseRow, rules: Evaluation, assignments: Iterable[AssignmentRow]) -> tuple[int, ...]:
    """The seats, from 1, that no evaluator holds. `assignments` are all of the case."""
    filled = {row.seat for row in assignments if row.state in ACTIVE}
    return tuple(seat for seat in range(1, seats_needed(case, rules) + 1) if seat not in filled)
