"""Vouchers as payments knows them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.queries.views import VoucherView
from services.payments.tables import VoucherRow
from shared.identity.permissions import Permission, authorise, owned_by
from shared.kernel.errors import NotFound
from shared.messaging.context import Context


async def get_voucher(context: Context, voucher_id: UUID) -> VoucherView:
    """`NotFound` 'unknown-voucher' until the request to reserve its money has arrived."""
    voucher = await context.session.get(VoucherRow, voucher_id)
    if voucher is None:
        raise NotFound("unknown-voucher", "There is no such voucher.")
    authorise(context.actor, Permission.READ_VOUCHER, region=voucher.region, owner=owned_by(voucher.organisation_id))
    return VoucherView.model_validate({**voucher.model_dump(), "voucher_id": voucher.id})


async def vouchers_by_id(context: Context, voucher_ids: Sequence[UUID]) -> dict[UUID, VoucherRow]:
    query = select(VoucherRow).where(col(VoucherRow.id).in_(voucher_ids))
    return {row.id: row for row in await context.session.scalars(query)}
