"""Rows, locked in one order: envelope, voucher, then what hangs on the voucher.

Whoever changes something about a voucher holds its envelope first. So no two requests can wait for one another, and the events of one
aggregate are written in the order in which they happened.
"""

from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.tables import AttemptRow, ClaimRow, DisbursementRow, EnvelopeRow, Table, VoucherRow
from shared.kernel.errors import NotFound, NotYet
from shared.messaging.context import Context

Row = TypeVar("Row", bound=Table)
Found = tuple[VoucherRow, DisbursementRow, AttemptRow]


async def lock(context: Context, row: type[Row], key: Any, *criteria: Any) -> Row | None:
    """The row as it is now, locked against other writers (not against rows that refer to it)."""
    query = select(row).where(key, *criteria).with_for_update(key_share=True).execution_options(populate_existing=True)
    return (await context.session.scalars(query)).one_or_none()


async def find_voucher(context: Context, voucher_id: UUID) -> VoucherRow | None:
    """Envelope and voucher, locked."""
    call_id = await context.session.scalar(select(col(VoucherRow.call_id)).where(col(VoucherRow.id) == voucher_id))
    if call_id is None:
        return None
    await lock(context, EnvelopeRow, col(EnvelopeRow.call_id) == call_id)
    return await lock(context, VoucherRow, col(VoucherRow.id) == voucher_id)


async def heard_voucher(context: Context, voucher_id: UUID) -> VoucherRow:
    """For handlers: `NotYet` while the reservation of this voucher has not been heard of."""
    voucher = await find_voucher(context, voucher_id)
    if voucher is None:
        raise NotYet(voucher_id, "its reservation has not come yet")
    return voucher


async def known_voucher(context: Context, voucher_id: UUID) -> VoucherRow:
    """For routes: `NotFound`."""
    voucher = await find_voucher(context, voucher_id)
    if voucher is None:
        raise not_found("voucher")
    return voucher


async def known_claim(context: Context, claim_id: UUID) -> tuple[VoucherRow, ClaimRow]:
    """A claim and its voucher, locked."""
    voucher_id = await context.session.scalar(select(col(ClaimRow.voucher_id)).where(col(ClaimRow.id) == claim_id))
    if voucher_id is None:
        raise not_found("claim")
    voucher = await known_voucher(context, voucher_id)
    return voucher, await context.session.get_one(ClaimRow, claim_id, populate_existing=True)


async def known_disbursement(context: Context, disbursement_id: UUID) -> Found:
    """A disbursement with its voucher (locked) and its latest attempt."""
    voucher_id = await context.session.scalar(select(col(DisbursementRow.voucher_id)).where(col(DisbursementRow.id) == disbursement_id))
    if voucher_id is None:
        raise not_found("disbursement")
    voucher = await known_voucher(context, voucher_id)
    disbursement = await context.session.get_one(DisbursementRow, disbursement_id, populate_existing=True)
    return voucher, disbursement, await latest_attempt(context, disbursement)


async def latest_attempt(context: Context, disbursement: DisbursementRow) -> AttemptRow:
    criteria = (col(AttemptRow.disbursement_id) == disbursement.id, col(AttemptRow.number) == disbursement.attempt)
    attempt = await lock(context, AttemptRow, *criteria)
    assert attempt is not None, "a disbursement has the attempt that it counts"
    return attempt


async def disbursements_of(context: Context, voucher_id: UUID, states: Sequence[str]) -> list[DisbursementRow]:
    """The voucher's disbursements in these states, in the order of their ids; the voucher is locked."""
    query = select(DisbursementRow).where(col(DisbursementRow.voucher_id) == voucher_id, col(DisbursementRow.state).in_(states))
    return list(await context.session.scalars(query.order_by(col(DisbursementRow.id)).execution_options(populate_existing=True)))


def not_found(kind: str) -> NotFound:
    return NotFound(f"unknown-{kind}", f"There is no such {kind}.")
