"""Takes an evaluator off a case; only the open seat is filled again."""

from services.evaluation.tables import AssignmentRow, CallRow
from shared.contracts.evaluation import EvaluatorRecused
from shared.kernel.vocabulary import AssignmentState
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def recuse(context: Context, call: CallRow, assignment: AssignmentRow, *, kind: str | None, reason: str) -> None:
    """`kind` is the kind of the relation, if it was declared. The caller holds the lock on the call and assigns another evaluator."""
    assignment.state, assignment.conflict_kind = AssignmentState.RECUSED, kind
    event = EvaluatorRecused(
        application_id=assignment.application_id,
        call_id=call.id,
        region=call.region,
        assignment_id=assignment.id,
        evaluator_id=assignment.evaluator_id,
    )
    publish(context, event, reason=reason, policy_id=call.policy_id)
    await context.session.flush()
