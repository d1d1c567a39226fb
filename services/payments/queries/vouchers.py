"""A voucher as payments knows it: its money, and whether claims are taken."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select
from sqlmodel import col

from services.payments.tables import VoucherRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import NotFound
from shared.messaging.context import Context


class VoucherMoney(BaseModel):
    voucher_id: UUID
    application_id: UUID
    call_id: UUID
    region: str
    state: str
    closure_reason: str | None
    suspended: bool
    payment_mode: str | None
    currency: str
    amount_minor: int
    reserved_minor: int
    committed_minor: int
    claimed_minor: int
    paid_minor: int
    recovered_minor: int
    released_minor: int
    claim_window_until: datetime | None


async def read_voucher(context: Context, voucher_id: UUID) -> VoucherMoney:
    """`NotFound` until its reservation was heard of."""
    voucher = await context.session.get(VoucherRow, voucher_id)
    if voucher is None:
        raise NotFound("unknown-voucher", "Payments has not heard of this voucher.")
    authorise(context.actor, Permission.READ_VOUCHER, region=voucher.region, owner=voucher.organisation_id)
    return VoucherMoney.model_validate({**voucher.model_dump(), "voucher_id": voucher.id})


async def vouchers_by_id(context: Context, voucher_ids: Sequence[UUID]) -> dict[UUID, VoucherRow]:
    query = select(VoucherRow).where(col(VoucherRow.id).in_(voucher_ids))
    return {row.id: row for row in await context.session.scalars(query)}
