"""Statistics of the agreement between the evaluators of a call."""

from services.evaluation.domain.adjustment import severities
from services.evaluation.domain.statistics import alpha, icc
from services.evaluation.queries.listing import TotalsByCase, totals_of
from services.evaluation.queries.seats import evaluation_rules
from services.evaluation.queries.views import EvaluatorStatisticsView, StatisticsView
from services.evaluation.tables import CallRow
from shared.kernel.vocabulary import SelectionMethod
from shared.messaging.context import Context


async def statistics_of(context: Context, call: CallRow) -> StatisticsView:
    """Empty in a call without score sheets."""
    if call.selection_method != SelectionMethod.RANKING:
        return StatisticsView(icc=None, alpha=None, evaluators=[])
    totals = await totals_of(context, call)
    first = evaluation_rules(context, call).evaluators_per_case
    rows = [list(sheets.values()) for sheets in totals.values()]
    return StatisticsView(icc=icc([row[:first] for row in rows if len(row) >= first]), alpha=alpha(rows), evaluators=_by_evaluator(totals))


def _by_evaluator(totals: TotalsByCase) -> list[EvaluatorStatisticsView]:
    severity = severities(totals)
    everyone = sorted({evaluator for sheets in totals.values() for evaluator in sheets})
    return [
        EvaluatorStatisticsView(
            evaluator_id=each,
            sheets=sum(each in sheets for sheets in totals.values()),
            severity=round(float(severity[each]), 2) if each in severity else None,
        )
        for each in everyone
    ]
