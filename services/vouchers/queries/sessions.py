"""Reads of capacities, sessions and bookings. A beneficiary sees its own bookings, the host of a session those of the session."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlmodel import col

from services.vouchers.domain.bookings import BookingState
from services.vouchers.domain.code import stored_code
from services.vouchers.queries.session_views import AttendanceView, BookingView, CapacityView, SessionView
from services.vouchers.queries.vouchers import read_voucher
from services.vouchers.tables import BookingRow, CapacityChangeRow, CapacityRow, CorrectionRow, HoldingRow, SessionRow, VoucherRow
from shared.database.scope import in_scope
from shared.identity.permissions import Permission, Unowned, acts_as_applicant, authorise, owned_by, visible_regions
from shared.kernel.errors import NotFound
from shared.messaging.context import Context
from shared.web.access_log import record_access
from shared.web.paging import Page, Paging, Sorting, page_of

SESSIONS = Sorting({"starts_at": SessionRow.starts_at}, unique=SessionRow.id, default="starts_at")
BOOKINGS = Sorting({"booked_at": BookingRow.booked_at}, unique=BookingRow.id, default="-booked_at")
CAPACITIES = Sorting({"region": CapacityRow.region}, unique=CapacityRow.call_id, default="region")


class SessionFilter(BaseModel):
    """None: any. `hosted`: of the caller's own organisation. `to_come`: that have not ended and will take place; False: the others."""

    region: str | None = None
    call_id: UUID | None = None
    hosted: bool = False
    to_come: bool | None = None


class BookingFilter(BaseModel):
    """None: any. `to_record`: of a session that is over, whose host has not recorded it. `to_correct`: a correction waits."""

    region: str | None = None
    call_id: UUID | None = None
    session_id: UUID | None = None
    state: BookingState | None = None
    to_record: bool = False
    to_correct: bool = False


async def read_capacity(context: Context, call_id: UUID) -> CapacityView:
    """`NotFound` unknown-capacity, also of a call that gives money."""
    row = await context.session.get(CapacityRow, call_id)
    if row is None:
        raise NotFound("unknown-capacity", "This call gives no places or hours.")
    authorise(context.actor, Permission.READ_CALLS, region=row.region, owner=Unowned.OPEN)
    return (await _with_changes(context, [CapacityView.model_validate(row)]))[0]


async def list_capacities(context: Context, paging: Paging, region: str | None, *, awaiting: bool) -> Page[CapacityView]:
    query = select(CapacityRow).where(in_scope(context.actor, Permission.READ_VOUCHER, region, CapacityRow))
    if awaiting:
        first = and_(col(CapacityRow.needs_confirmation), col(CapacityRow.confirmed_by).is_(None))
        more = select(col(CapacityChangeRow.call_id)).where(col(CapacityChangeRow.decided_at).is_(None))
        query = query.where(or_(first, col(CapacityRow.call_id).in_(more)))
    page = await page_of(context.session, query, paging, CapacityView.model_validate)
    return page.with_items(await _with_changes(context, page.items))


async def _with_changes(context: Context, views: Sequence[CapacityView]) -> list[CapacityView]:
    row = CapacityChangeRow
    query = select(col(row.call_id), col(row.id)).where(col(row.call_id).in_([one.call_id for one in views]), col(row.decided_at).is_(None))
    waiting = {found.call_id: found.id for found in await context.session.execute(query)}
    return [one.model_copy(update={"open_change_id": waiting.get(one.call_id)}) for one in views]


async def list_sessions(context: Context, paging: Paging, wanted: SessionFilter) -> Page[SessionView]:
    """What is offered in a region is open to all who apply there."""
    query = select(SessionRow).where(*sessions_in(context, Permission.READ_SESSION, wanted, Unowned.OPEN))
    return await page_of(context.session, query, paging, lambda one: _session(context, one))


def sessions_in(context: Context, permission: Permission, wanted: SessionFilter, owner: Unowned) -> list[ColumnElement[bool]]:
    """What a list of sessions shows the caller."""
    row = SessionRow
    criteria = [in_scope(context.actor, permission, wanted.region, row, owner=owner)]
    if wanted.call_id is not None:
        criteria.append(col(row.call_id) == wanted.call_id)
    if wanted.hosted:
        criteria.append(col(row.host_organisation_id) == context.actor.organisation_id)
    if wanted.to_come is not None:
        ahead = (col(row.ends_at) > context.now) & col(row.cancelled_at).is_(None)
        criteria.append(ahead if wanted.to_come else ~ahead)
    return criteria


async def read_session(context: Context, session_id: UUID) -> SessionView:
    """`NotFound` unknown-session."""
    row = await _known_session(context, session_id)
    authorise(context.actor, Permission.READ_SESSION, region=row.region, owner=Unowned.OPEN)
    return _session(context, row)


async def session_bookings(context: Context, session_id: UUID) -> list[BookingView]:
    """The attendance list, for the host, and for officers and auditors of the region. Bookings that were given up are left out."""
    row = await _known_session(context, session_id)
    authorise(context.actor, Permission.READ_SESSION, region=row.region, owner=owned_by(row.host_organisation_id))
    query = _bookings().where(col(BookingRow.session_id) == session_id, col(BookingRow.state) != BookingState.CANCELLED)
    for_host = acts_as_applicant(context.actor, Permission.READ_SESSION, row.region)
    return await _views(context, query.order_by(col(BookingRow.booked_at), col(BookingRow.id)), for_host=for_host)


async def bookings_by_code(context: Context, code: str) -> list[BookingView]:
    """What the host of a session reads in the code that a participant shows: bookings of the voucher in sessions that the caller may
    record. None where there is none, so that a code is of no use to others. `Refused` wrong-code."""
    found = await _views(context, _bookings().where(col(VoucherRow.code) == stored_code(code)), for_host=True)
    actor, permission = context.actor, Permission.RECORD_ATTENDANCE
    regions = visible_regions(actor, permission, None)
    return [
        one
        for one in found
        if one.region in regions
        and one.state is not BookingState.CANCELLED
        and (not acts_as_applicant(actor, permission, one.region) or one.session.host_organisation_id == actor.organisation_id)
        and (one.session.host_organisation_id is None or one.session.host_organisation_id == actor.organisation_id)
    ]


async def list_bookings(context: Context, paging: Paging, wanted: BookingFilter) -> Page[BookingView]:
    """The newest first."""
    row = BookingRow
    query = select(row).where(in_scope(context.actor, Permission.READ_VOUCHER, wanted.region, row, owner=row.organisation_id))
    chosen = wanted.model_dump(include={"call_id", "session_id", "state"}, exclude_none=True)
    query = query.filter_by(**chosen)
    if wanted.to_record:
        over = select(col(SessionRow.id)).where(col(SessionRow.ends_at) <= context.now)
        query = query.where(col(row.state) == BookingState.BOOKED, col(row.session_id).in_(over))
    if wanted.to_correct:
        query = query.where(col(row.id).in_(select(col(CorrectionRow.booking_id)).where(col(CorrectionRow.decided_at).is_(None))))
    page = await page_of(context.session, query, paging, lambda one: one)
    shown = {one.id: one for one in await _views(context, _bookings().where(col(row.id).in_([one.id for one in page.items])))}
    await record_access(context, Permission.READ_VOUCHER, [(one.id, one.region) for one in page.items])
    return page.with_items([shown[one.id] for one in page.items])


async def read_booking(context: Context, booking_id: UUID) -> BookingView:
    """`NotFound` unknown-booking. Its beneficiary, the host of its session, officers and auditors read it."""
    row = await context.session.get(BookingRow, booking_id)
    if row is None:
        raise NotFound("unknown-booking", "There is no such booking.")
    session = await _known_session(context, row.session_id)
    is_host = acts_as_applicant(context.actor, Permission.READ_SESSION, row.region) and (
        context.actor.organisation_id not in (None, row.organisation_id)
    )
    owner = owned_by(session.host_organisation_id if is_host else row.organisation_id)
    authorise(context.actor, Permission.READ_SESSION, region=row.region, owner=owner)
    await context.session.refresh(row)
    return (await _views(context, _bookings().where(col(BookingRow.id) == booking_id), for_host=is_host))[0]


async def read_attendance(context: Context, voucher_id: UUID) -> AttendanceView:
    """`NotFound` unknown-voucher, or no-attendance of one that is money or holds nothing yet."""
    voucher = await read_voucher(context, voucher_id)
    row = await context.session.get(HoldingRow, voucher_id, populate_existing=True)
    if row is None:
        raise NotFound("no-attendance", "This voucher holds no hours or places.")
    query = _bookings().where(col(BookingRow.voucher_id) == voucher_id).order_by(col(SessionRow.starts_at), col(BookingRow.id))
    return AttendanceView.of_holding(row, context.policies.get(voucher.policy_id), await _views(context, query))


def count_to_record(context: Context, regions: Collection[str]) -> Select[Any]:
    """Bookings of sessions that are over and that officers lead, and nobody recorded."""
    query: Select[Any] = select(col(BookingRow.id)).join(SessionRow, col(SessionRow.id) == col(BookingRow.session_id))
    return query.where(
        col(BookingRow.region).in_(regions), col(BookingRow.state) == BookingState.BOOKED, col(SessionRow.ends_at) <= context.now
    )


def count_objections(regions: Collection[str]) -> Select[Any]:
    return select(col(BookingRow.id)).where(col(BookingRow.region).in_(regions), col(BookingRow.state) == BookingState.OBJECTED)


def count_corrections(regions: Collection[str]) -> Select[Any]:
    """That wait for a second officer."""
    query: Select[Any] = select(col(CorrectionRow.id)).join(BookingRow, col(BookingRow.id) == col(CorrectionRow.booking_id))
    return query.where(col(BookingRow.region).in_(regions), col(CorrectionRow.decided_at).is_(None))


def _bookings() -> Select[Any]:
    query: Any = select(BookingRow, SessionRow, col(VoucherRow.code))
    query = query.join(SessionRow, col(SessionRow.id) == col(BookingRow.session_id))
    found: Select[Any] = query.join(VoucherRow, col(VoucherRow.id) == col(BookingRow.voucher_id))
    return found


async def _views(context: Context, query: Select[Any], *, for_host: bool = False) -> list[BookingView]:
    found = (await context.session.execute(query)).all()
    open_ones = select(CorrectionRow).where(
        col(CorrectionRow.booking_id).in_([booking.id for booking, _, _ in found]), col(CorrectionRow.decided_at).is_(None)
    )
    corrections = {one.booking_id: one for one in await context.session.scalars(open_ones)}
    return [
        BookingView.of(booking, _session(context, session), code, corrections.get(booking.id), for_host=for_host)
        for booking, session, code in found
    ]


def _session(context: Context, row: SessionRow) -> SessionView:
    return SessionView.of(row, context.policies.get(row.policy_id), context.now)


async def _known_session(context: Context, session_id: UUID) -> SessionRow:
    row = await context.session.get(SessionRow, session_id)
    if row is None:
        raise NotFound("unknown-session", "There is no such session.")
    return row
