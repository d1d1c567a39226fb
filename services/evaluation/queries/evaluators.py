"""Evaluators with the number of their open assignments."""

from collections.abc import Collection

from sqlalchemy import func, select
from sqlmodel import col

from services.evaluation.domain.states import PENDING
from services.evaluation.queries.views import EvaluatorView
from services.evaluation.tables import AssignmentRow, EvaluatorRow
from shared.database.scope import in_scope
from shared.identity.permissions import Permission
from shared.messaging.context import Context
from shared.web.paging import Page, Paging, Sorting, page_of

EVALUATORS = Sorting(
    {"registered_at": EvaluatorRow.registered_at, "evaluator_id": EvaluatorRow.id},
    unique=col(EvaluatorRow.region) + "/" + col(EvaluatorRow.id),
    default="evaluator_id",
)


async def evaluator_page(context: Context, paging: Paging, *, region: str | None) -> Page[EvaluatorView]:
    query = select(EvaluatorRow).where(in_scope(context.actor, Permission.READ_EVALUATION, region, EvaluatorRow))
    page: Page[EvaluatorRow] = await page_of(context.session, query, paging, lambda row: row)
    load = await _load(context, [row.id for row in page.items])
    items = [_view(row, load.get((row.region, row.id), 0)) for row in page.items]
    return page.with_items(items)


def relation_hashes(row: EvaluatorRow) -> frozenset[str]:
    """The keyed hashes of all known relations, of whatever kind."""
    return frozenset(value for values in row.relations.values() for value in values)


async def evaluator_view(context: Context, row: EvaluatorRow) -> EvaluatorView:
    load = await _load(context, [row.id])
    return _view(row, load.get((row.region, row.id), 0))


async def _load(context: Context, ids: Collection[str]) -> dict[tuple[str, str], int]:
    query = (
        select(col(AssignmentRow.region), col(AssignmentRow.evaluator_id), func.count())
        .where(col(AssignmentRow.evaluator_id).in_(ids), col(AssignmentRow.state).in_(PENDING))
        .group_by(col(AssignmentRow.region), col(AssignmentRow.evaluator_id))
    )
    return {(region, evaluator_id): count for region, evaluator_id, count in (await context.session.execute(query)).all()}


def _view(row: EvaluatorRow, open_assignments: int) -> EvaluatorView:
    return EvaluatorView(
        evaluator_id=row.id,
        region=row.region,
        languages=row.languages,
        topics=row.topics,
        relation_kinds=sorted(row.relations),
        registered_at=row.registered_at,
        open_assignments=open_assignments,
    )
