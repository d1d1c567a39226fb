"""What is read of vouchers and calendars; nothing is changed here."""

from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlmodel import col

from services.vouchers.domain.code import typed_code
from services.vouchers.domain.stages import Stage, Standing, deadline_of, standing_of
from services.vouchers.tables import CallDateRow, CallRow, ExtensionRow, VoucherRow
from shared.identity.actor import Actor
from shared.identity.permissions import Permission, acts_as_applicant, authorise, visible_regions
from shared.kernel.errors import NotFound, NotYet, Refused
from shared.messaging.context import Context
from shared.web.paging import Sorting

VOUCHERS = Sorting(
    {
        "created_at": VoucherRow.created_at,
        "amount_minor": VoucherRow.amount_minor,
        "region": VoucherRow.region,
        "state": VoucherRow.state,
    },
    tie=VoucherRow.id,
    default="-created_at",
)


async def voucher_of(context: Context, voucher_id: UUID) -> VoucherRow:
    """For a handler: NotYet when the lifecycle has not made it yet."""
    row = await context.session.get(VoucherRow, voucher_id)
    if row is None:
        raise NotYet(voucher_id)
    return row


async def call_of(context: Context, call_id: UUID) -> CallRow:
    """For a handler: NotYet when CallPublished has not come yet."""
    row = await context.session.get(CallRow, call_id)
    if row is None:
        raise NotYet(call_id)
    return row


async def read_voucher(context: Context, voucher_id: UUID) -> VoucherRow:
    return _readable(context.actor, await context.session.get(VoucherRow, voucher_id))


async def read_by_code(context: Context, code: str) -> VoucherRow:
    """Case, and O for 0 or I and L for 1, are forgiven. `Refused` wrong-code when the check character does not fit."""
    return _readable(context.actor, await context.session.scalar(select(VoucherRow).where(col(VoucherRow.code) == typed_code(code))))


def _readable(actor: Actor, row: VoucherRow | None) -> VoucherRow:
    if row is None:
        raise NotFound("unknown-voucher", "There is no such voucher.")
    authorise(actor, Permission.READ_VOUCHER, region=row.region, owner=row.organisation_id)
    return row


def list_vouchers(
    actor: Actor, *, region: str | None, state: str | None, call_id: UUID | None, application_id: UUID | None
) -> Select[VoucherRow]:
    """An applicant sees those of the own organisation, everyone else those of the own regions."""
    wanted = {"state": state, "call_id": call_id, "application_id": application_id}
    if acts_as_applicant(actor, Permission.READ_VOUCHER):
        wanted["organisation_id"] = actor.organisation_id or UUID(int=0)
    query = select(VoucherRow).where(col(VoucherRow.region).in_(visible_regions(actor, region)))
    return query.filter_by(**{name: value for name, value in wanted.items() if value is not None})


async def extensions_of(context: Context, voucher_id: UUID) -> list[ExtensionRow]:
    query = select(ExtensionRow).where(col(ExtensionRow.voucher_id) == voucher_id).order_by(col(ExtensionRow.number))
    return list((await context.session.scalars(query)).all())


def recorded_standing(row: VoucherRow) -> Standing:
    """What the row says of stage, next actor and deadline, when the workflow cannot be asked or has ended."""
    stage = Stage(row.state)
    return standing_of(stage, deadline_of(stage, row.answer_by, row.valid_until, row.claim_window_until), row.suspended, row.overdue_since)


async def read_calendar(context: Context, call_id: UUID) -> tuple[CallRow, list[CallDateRow]]:
    call = await context.session.get(CallRow, call_id)
    if call is None:
        raise NotFound("unknown-call", "There is no calendar of such a call.")
    authorise(context.actor, Permission.READ_CALLS, region=call.region)
    query = select(CallDateRow).where(col(CallDateRow.call_id) == call_id).order_by(col(CallDateRow.due_at), col(CallDateRow.kind))
    return call, list((await context.session.scalars(query)).all())


async def look_up(context: Context, ref: str) -> VoucherRow:
    """By voucher id, award id or code. NotFound unknown-reference."""
    try:
        match = or_(col(VoucherRow.id) == UUID(ref), col(VoucherRow.award_id) == UUID(ref))
    except ValueError:
        match = col(VoucherRow.code) == _code_or_nothing(ref)
    row = await context.session.scalar(select(VoucherRow).where(match))
    if row is None:
        raise NotFound("unknown-reference", "Vouchers knows nothing by this reference.", field="ref")
    authorise(context.actor, Permission.READ_HISTORY, region=row.region)
    return row


def _code_or_nothing(ref: str) -> str | None:
    try:
        return typed_code(ref)
    except Refused:
        return None
