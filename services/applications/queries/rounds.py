"""The rounds of a rolling call, and the calls that invite from one."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import col

from services.applications.queries.call_parts import RoundView
from services.applications.tables import CallRow
from shared.messaging.context import Context


async def rounds_with(context: Context, call: CallRow) -> Sequence[CallRow]:
    """Those of the rolling call of which it is one, in order; none for any other call."""
    if call.series is None:
        return []
    query = select(CallRow).where(col(CallRow.region) == call.region, col(CallRow.series) == call.series)
    return (await context.session.scalars(query.order_by(col(CallRow.round_number)))).all()


async def calls_of_series(context: Context, call: CallRow) -> set[UUID]:
    """The ids of its rounds, its own among them."""
    return {call.id, *(one.id for one in await rounds_with(context, call))}


async def round_views(context: Context, call: CallRow) -> list[RoundView]:
    return [RoundView.model_validate(one, from_attributes=True) for one in await rounds_with(context, call)]


async def inviting_calls(context: Context, call: CallRow) -> Sequence[CallRow]:
    """The published calls that invite from this one, or from the rolling call of which it is a round; the oldest first."""
    names = [col(CallRow.invites_from).contains([name]) for name in (call.slug, call.series) if name]
    query = select(CallRow).where(col(CallRow.region) == call.region, or_(*names))
    return (await context.session.scalars(query.order_by(col(CallRow.published_at), col(CallRow.id)))).all()
