"""The list in force of a call: the one that was approved, or the last that took its place after appeals."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.evaluation.tables import RankingRow, RevisedRankingRow
from shared.messaging.context import Context


async def list_in_force(context: Context, call_id: UUID) -> RankingRow | RevisedRankingRow | None:
    query = select(RevisedRankingRow).where(col(RevisedRankingRow.call_id) == call_id).order_by(col(RevisedRankingRow.number).desc())
    return (await context.session.scalars(query.limit(1))).one_or_none() or await context.session.get(RankingRow, call_id)


async def lists_of(context: Context, call_id: UUID) -> list[RankingRow | RevisedRankingRow]:
    """All of them, the first one first."""
    first = await context.session.get(RankingRow, call_id)
    query = select(RevisedRankingRow).where(col(RevisedRankingRow.call_id) == call_id).order_by(col(RevisedRankingRow.number))
    return [*([first] if first else []), *(await context.session.scalars(query)).all()]
