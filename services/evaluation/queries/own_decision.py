"""The decision on one application with its reasons, as the applicant sees it: points without who gave them."""

from uuid import UUID

from services.evaluation.domain.scoring import threshold_hundredths
from services.evaluation.queries.appeal_views import CriterionResultView
from services.evaluation.queries.cases import decision_view
from services.evaluation.queries.decisions import decisions_of
from services.evaluation.queries.views import OwnDecisionView
from services.evaluation.tables import CallRow, CaseRow
from shared.identity.permissions import Permission, authorise, owned_by
from shared.kernel.errors import NotFound
from shared.kernel.vocabulary import SelectionMethod
from shared.messaging.context import Context
from shared.policy.sections import Evaluation


async def read_own_decision(context: Context, application_id: UUID) -> OwnDecisionView:
    """`NotFound` 'not-decided' until there is a decision. Nobody learns of points or a place before."""
    case = await context.session.get(CaseRow, application_id)
    if case is None:
        raise _not_decided()
    authorise(context.actor, Permission.READ_DECISION, region=case.region, owner=owned_by(case.organisation_id))
    decisions = (await decisions_of(context, [application_id]))[application_id]
    if not decisions:
        raise _not_decided()
    call = await context.session.get_one(CallRow, case.call_id)
    policy = context.policies.get(case.policy_id)
    rules = policy.evaluation if call.selection_method == SelectionMethod.RANKING else None
    return OwnDecisionView(
        application_id=case.application_id,
        call_id=case.call_id,
        region=case.region,
        currency=case.currency,
        selection_method=SelectionMethod(call.selection_method),
        rank=case.rank,
        total_hundredths=case.total_hundredths if rules else None,
        threshold_hundredths=rules.total_threshold * 100 if rules else None,
        failed_rules=case.failed_rules or [],
        criteria=criteria_of(case, rules),
        decisions=[decision_view(each) for each in decisions],
        reserve_list_ends_at=call.reserve_list_ends_at,
    )


def criteria_of(case: CaseRow, rules: Evaluation | None) -> list[CriterionResultView]:
    """The mean of the points by criterion, in the order of the policy; empty for a case that is not scored."""
    given = case.criteria or {}
    return [
        CriterionResultView(
            id=criterion.id,
            title=criterion.title,
            points_max=criterion.points_max,
            threshold_hundredths=threshold_hundredths(criterion),
            hundredths=given[criterion.id],
        )
        for criterion in (rules.criteria if rules else ())
        if criterion.id in given
    ]


def _not_decided() -> NotFound:
    return NotFound("not-decided", "There is no decision on this application yet.")
