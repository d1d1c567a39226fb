"""The register of sessions: each with how many took part, for officers and auditors of the region."""

from collections.abc import Collection
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import func, select
from sqlmodel import col

from services.vouchers.domain.bookings import BookingState
from services.vouchers.queries.session_views import SessionView
from services.vouchers.queries.sessions import SessionFilter, sessions_in
from services.vouchers.tables import BookingRow, SessionRow
from shared.identity.permissions import Permission, Unowned
from shared.messaging.context import Context
from shared.web.paging import Page, Paging, page_of


class SessionCounts(BaseModel):
    """Of bookings that were not given up: `present` and `absent` as recorded, `objected` to such a record, `unrecorded`. `units_used`:
    minutes or places that are used up, also by bookings that were given up too late."""

    present: int = 0
    absent: int = 0
    objected: int = 0
    unrecorded: int = 0
    units_used: int = 0


class RegisteredSessionView(SessionView):
    counts: SessionCounts


async def list_session_register(context: Context, paging: Paging, wanted: SessionFilter) -> Page[RegisteredSessionView]:
    query = select(SessionRow).where(*sessions_in(context, Permission.READ_VOUCHER, wanted, Unowned.NO_APPLICANT))
    found = await page_of(context.session, query, paging, lambda row: row)
    counts = await _counts(context, [row.id for row in found.items])
    return found.with_items([_view(context, row, counts.get(row.id, SessionCounts())) for row in found.items])


def _view(context: Context, row: SessionRow, counts: SessionCounts) -> RegisteredSessionView:
    known = SessionView.of(row, context.policies.get(row.policy_id), context.now)
    return RegisteredSessionView(**known.model_dump(), counts=counts)


async def _counts(context: Context, sessions: Collection[UUID]) -> dict[UUID, SessionCounts]:
    row = BookingRow
    decided = col(row.state).in_((BookingState.RECORDED, BookingState.CONFIRMED))
    final = col(row.state).in_((BookingState.CONFIRMED, BookingState.CANCELLED))
    query = select(
        col(row.session_id),
        func.count().filter(decided, col(row.minutes) > 0),
        func.count().filter(decided, col(row.minutes) == 0),
        func.count().filter(col(row.state) == BookingState.OBJECTED),
        func.count().filter(col(row.state) == BookingState.BOOKED),
        func.coalesce(func.sum(col(row.units_used)).filter(final), 0),
    )
    rows = await context.session.execute(query.where(col(row.session_id).in_(sessions)).group_by(col(row.session_id)))
    names = ("present", "absent", "objected", "unrecorded", "units_used")
    return {session_id: SessionCounts(**dict(zip(names, counted, strict=True))) for session_id, *counted in rows}
