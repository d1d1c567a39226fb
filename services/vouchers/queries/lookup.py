"""Lookup of the case that an id or a code belongs to."""

from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import col

from services.vouchers.domain.code import stored_code
from services.vouchers.queries.views import LookupView
from services.vouchers.tables import VoucherRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import NotFound, Refused
from shared.messaging.context import Context


async def look_up(context: Context, ref: str) -> LookupView:
    """By voucher id, award id or voucher code. `NotFound` unknown-reference."""
    try:
        match = or_(col(VoucherRow.id) == UUID(ref.strip()), col(VoucherRow.award_id) == UUID(ref.strip()))
    except ValueError:
        match = col(VoucherRow.code) == _code(ref)
    row = await context.session.scalar(select(VoucherRow).where(match))
    if row is None:
        raise _unknown()
    authorise(context.actor, Permission.READ_HISTORY, region=row.region)
    return LookupView(voucher_id=row.id, application_id=row.application_id, call_id=row.call_id, region=row.region)


def _code(ref: str) -> str:
    try:
        return stored_code(ref)
    except Refused as refused:
        raise _unknown() from refused  # not None: a voucher that was never issued has no code


def _unknown() -> NotFound:
    return NotFound("unknown-reference", "Nothing has this reference.", field="ref")
