"""Cases that mails are about."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.people.tables import CallRow, CaseRow
from shared.contracts.binding import require_same
from shared.contracts.common import CaseEvent
from shared.kernel.errors import NotYet
from shared.messaging.context import Context


async def reported_case(context: Context, event: CaseEvent) -> CaseRow:
    """The case of a consumed event. `NotYet` when nothing has arrived about it; `Contradiction` when it is of another call,
    region or organisation."""
    case = await known_case(context, event.application_id)
    require_same(event, case)
    return case


async def known_case(context: Context, application_id: UUID) -> CaseRow:
    """`NotYet` when nothing has arrived about it."""
    case = await context.session.get(CaseRow, application_id)
    if case is None:
        raise NotYet(application_id, "the case is not known yet")
    return case


async def known_call(context: Context, call_id: UUID) -> CallRow:
    """`NotYet` when CallPublished has not arrived."""
    call = await context.session.get(CallRow, call_id)
    if call is None:
        raise NotYet(call_id, "the call is not known yet")
    return call


async def cases_of_call(context: Context, call_id: UUID) -> Sequence[CaseRow]:
    """Those that were not withdrawn, drafts among them."""
    query = select(CaseRow).where(col(CaseRow.call_id) == call_id, col(CaseRow.withdrawn_at).is_(None))
    return (await context.session.scalars(query.order_by(col(CaseRow.application_id)))).all()
