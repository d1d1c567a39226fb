"""Decisions, the usage of a call's envelope that follows from them, and the reserve list."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlmodel import col

from services.evaluation.tables import CallRow, CaseRow, DecisionRow
from shared.kernel.vocabulary import DecisionOutcome
from shared.messaging.context import Context
from shared.policy.two_step import CHOSEN


@dataclass(frozen=True, slots=True)
class EnvelopeUsage:
    """`granted_minor`: awarded or added, and not released. `has_waiting`: at least one case is on the reserve list."""

    granted_minor: int
    has_waiting: bool


async def envelope_usage(context: Context, call: CallRow) -> EnvelopeUsage:
    """How much of the call's envelope its awards hold, or of its indicative budget the invitations. Awards that were not funded hold
    nothing."""
    held = col(DecisionRow.amount_minor) + col(DecisionRow.added_minor) - col(DecisionRow.released_minor)
    counts = and_(col(DecisionRow.outcome).in_(CHOSEN), col(DecisionRow.not_funded).is_(False))
    waits = and_(col(DecisionRow.outcome) == DecisionOutcome.RESERVE, col(DecisionRow.superseded_at).is_(None))
    query = select(func.coalesce(func.sum(held).filter(counts), 0), func.count().filter(waits)).where(col(DecisionRow.call_id) == call.id)
    granted, waiting = (await context.session.execute(query)).one()
    return EnvelopeUsage(int(granted), waiting > 0)


async def decision_in_force(context: Context, application_id: UUID) -> DecisionRow | None:
    query = select(DecisionRow).where(col(DecisionRow.application_id) == application_id, col(DecisionRow.superseded_at).is_(None))
    return (await context.session.scalars(query)).one_or_none()


async def decisions_of(context: Context, application_ids: Collection[UUID]) -> dict[UUID, list[DecisionRow]]:
    """Application → its decisions, the oldest first."""
    found: dict[UUID, list[DecisionRow]] = defaultdict(list)
    query = select(DecisionRow).where(col(DecisionRow.application_id).in_(application_ids))
    for row in await context.session.scalars(query.order_by(col(DecisionRow.number))):
        found[row.application_id].append(row)
    return found


def reserve_list_is_open(call: CallRow, now: datetime) -> bool:
    return call.reserve_ended_at is None and now < call.reserve_list_ends_at


async def reserve_list(context: Context, call: CallRow) -> list[CaseRow]:
    """The cases on the reserve list in the order of their rank, so a case that was not funded comes first."""
    query = (
        select(CaseRow)
        .join(DecisionRow, col(DecisionRow.application_id) == col(CaseRow.application_id))
        .where(col(CaseRow.call_id) == call.id)
        .where(col(DecisionRow.superseded_at).is_(None), col(DecisionRow.outcome) == DecisionOutcome.RESERVE)
        .order_by(col(CaseRow.rank))
    )
    return list((await context.session.scalars(query)).all())
