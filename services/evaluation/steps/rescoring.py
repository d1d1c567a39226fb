"""Has a case scored again after its appeal was upheld."""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from services.evaluation.domain.states import ACTIVE, Rescoring, SetAside
from services.evaluation.steps.assignment import assign_evaluators
from services.evaluation.steps.recusal import recuse
from services.evaluation.steps.set_aside import set_sheet_aside
from services.evaluation.tables import AssignmentRow, CallRow, CaseRow
from shared.kernel.vocabulary import AssignmentState
from shared.messaging.context import Context


async def score_again(context: Context, call: CallRow, case: CaseRow, rescoring: Rescoring, words: str) -> None:
    """All sheets are set aside. The same evaluators get them back as drafts; or others take the seats, and the first ones lose the right to
    read. The caller holds the lock on the call."""
    held = (col(AssignmentRow.application_id) == case.application_id, col(AssignmentRow.state).in_(ACTIVE))
    due_at = _due_at(context, call)
    for assignment in (await context.session.scalars(select(AssignmentRow).where(*held))).all():
        if rescoring == Rescoring.OTHER_EVALUATORS:
            await recuse(context, call, assignment, kind=None, reason="appeal-upheld", why=SetAside.APPEAL, words=words)
        elif assignment.state == AssignmentState.SCORED:
            await set_sheet_aside(context, assignment, case, AssignmentState.DECLARED, SetAside.APPEAL, words)
            assignment.due_at = due_at
    if rescoring == Rescoring.OTHER_EVALUATORS:
        case.divergent = False
        await assign_evaluators(context, call, reason="appeal-upheld")


def _due_at(context: Context, call: CallRow) -> datetime:
    policy = context.policies.get(call.policy_id)
    assert policy.evaluation is not None, "a policy that ranks has criteria"
    return policy.deadline(policy.evaluation.due, context.now)
