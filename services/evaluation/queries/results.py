"""What an applicant may know of the evaluation: place in the list, points without who gave them, decisions, and the appeal."""

import json
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.evaluation.domain.distance import Distance, distance_to_cut_off
from services.evaluation.domain.scoring import threshold_hundredths
from services.evaluation.queries.appeals import appeal_of, appeal_view, may_appeal, remedy_of
from services.evaluation.queries.cases import decision_view
from services.evaluation.queries.decisions import decisions_of
from services.evaluation.queries.listing import shown_outcome
from services.evaluation.queries.lists import list_in_force
from services.evaluation.queries.views import CriterionResultView, ResultView
from services.evaluation.tables import CallRow, CaseRow, DecisionRow, RankingRow, RevisedRankingRow
from shared.identity.permissions import Permission, authorise, owned_by
from shared.kernel.errors import NotFound
from shared.kernel.vocabulary import SelectionMethod
from shared.messaging.context import Context
from shared.policy.sections import Evaluation
from shared.policy.two_step import CHOSEN


async def read_result(context: Context, application_id: UUID) -> ResultView:
    """Nobody learns of points or a place before a list is in force or the case is decided. `NotFound` 'not-decided' for an application that
    is not in evaluation yet."""
    case = await context.session.get(CaseRow, application_id)
    if case is None:
        raise NotFound("not-decided", "There is no decision on this application yet.")
    authorise(context.actor, Permission.READ_DECISION, region=case.region, owner=owned_by(case.organisation_id))
    call = await context.session.get_one(CallRow, case.call_id)
    appeal, listed = await appeal_of(context, application_id), await list_in_force(context, call.id)
    decisions, remedy = (await decisions_of(context, [application_id]))[application_id], await remedy_of(context, call, case, appeal)
    is_listed = listed is not None and str(application_id) in listed.outcomes and case.completed_at is not None
    known = is_listed or bool(decisions)
    rules = context.policies.get(case.policy_id).evaluation if call.selection_method == SelectionMethod.RANKING else None
    distance = await _distance(context, case, listed) if listed and is_listed and rules else None
    return ResultView(
        application_id=application_id,
        call_id=call.id,
        region=case.region,
        currency=case.currency,
        selection_method=SelectionMethod(call.selection_method),
        listed_as=shown_outcome(context, call, listed.outcomes.get(str(application_id))) if listed else None,
        listed_at=listed.approved_at if listed else None,
        rank=case.rank if known else None,
        total_hundredths=case.total_hundredths if known and rules else None,
        threshold_hundredths=rules.total_threshold * 100 if rules else None,
        failed_rules=(case.failed_rules or []) if known else [],
        criteria=_criteria(case, rules) if known else [],
        cut_off_hundredths=distance.cut_off_hundredths if distance else None,
        missing_hundredths=distance.missing_hundredths if distance else None,
        amount_minor=case.amount_minor,
        decisions=[decision_view(each) for each in decisions],
        decisions_issued=call.appeals_over_at is not None,
        reserve_list_ends_at=call.reserve_list_ends_at,
        appeal_until=remedy.until,
        may_appeal=may_appeal(context, call, remedy),
        appeal=appeal_view(appeal) if appeal else None,
    )


async def _distance(context: Context, case: CaseRow, listed: RankingRow | RevisedRankingRow) -> Distance | None:
    """By the decisions once they are issued, else by the list in force. Scores are those of the list, which it is ranked by."""
    scores = {UUID(entry["application_id"]): int(entry["score"]) for entry in json.loads(listed.list_text)["entries"]}
    in_force = (col(DecisionRow.call_id) == case.call_id, col(DecisionRow.superseded_at).is_(None))
    query = select(col(DecisionRow.application_id)).where(*in_force, col(DecisionRow.outcome).in_(CHOSEN))
    granted = set(await context.session.scalars(query)) or {UUID(key) for key, one in listed.outcomes.items() if one == "granted"}
    return distance_to_cut_off(case.application_id, scores, granted)


def _criteria(case: CaseRow, rules: Evaluation | None) -> list[CriterionResultView]:
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
