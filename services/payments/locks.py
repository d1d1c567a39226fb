"""Row locks, in one order: envelope, voucher, then the voucher's claims, disbursements and attempts; payees last. The nodes of an
undertaking (`steps/state_aid.py`) come after the envelope and the voucher.

A command that changes something about a voucher locks its envelope first. So no two commands wait for one another, and the events of
one aggregate are written in the order in which they happened.
"""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.tables import AttemptRow, BankLineRow, ClaimRow, DisbursementRow, EnvelopeRow, PayeeRow, Table, VoucherRow
from shared.contracts.binding import require_equal, require_same
from shared.contracts.common import VoucherEvent
from shared.contracts.vouchers import MilestoneReached
from shared.database.locks import lock_names
from shared.kernel.errors import NotFound, NotYet
from shared.messaging.context import Context

Row = TypeVar("Row", bound=Table)
LockedDisbursement = tuple[VoucherRow, DisbursementRow, AttemptRow]


async def lock_row(context: Context, row: type[Row], key: Any, *criteria: Any) -> Row | None:
    """The row as it is now, locked against other writers (not against rows that refer to it)."""
    query = select(row).where(key, *criteria).with_for_update(key_share=True).execution_options(populate_existing=True)
    return (await context.session.scalars(query)).one_or_none()


async def find_and_lock_voucher(context: Context, voucher_id: UUID) -> VoucherRow | None:
    """The voucher, its envelope locked before it; None when payments does not know it."""
    call_id = await context.session.scalar(select(col(VoucherRow.call_id)).where(col(VoucherRow.id) == voucher_id))
    if call_id is None:
        return None
    await lock_row(context, EnvelopeRow, col(EnvelopeRow.call_id) == call_id)
    return await lock_row(context, VoucherRow, col(VoucherRow.id) == voucher_id)


async def lock_reported_voucher(context: Context, event: VoucherEvent | MilestoneReached) -> VoucherRow:
    """The voucher of a consumed event. `NotYet` while the request to reserve its money has not arrived; `Contradiction` when the event is
    about another case, call, region, organisation, policy or currency than that request."""
    voucher_id = event.subject_id if isinstance(event, MilestoneReached) else event.voucher_id
    voucher = await find_and_lock_voucher(context, voucher_id)
    if voucher is None:
        raise NotYet(voucher_id, "the request to reserve its money has not arrived")
    require_same(event, voucher)
    if isinstance(event, MilestoneReached):
        require_equal(event, "case_id", event.case_id, voucher.application_id)
    return voucher


async def lock_voucher(context: Context, voucher_id: UUID) -> VoucherRow:
    """The voucher of a request. `NotFound` 'unknown-voucher'."""
    voucher = await find_and_lock_voucher(context, voucher_id)
    if voucher is None:
        raise NotFound("unknown-voucher", "There is no such voucher.")
    return voucher


async def lock_claim(context: Context, claim_id: UUID) -> tuple[VoucherRow, ClaimRow]:
    """A claim and its voucher, locked. `NotFound` 'unknown-claim'."""
    voucher_id = await context.session.scalar(select(col(ClaimRow.voucher_id)).where(col(ClaimRow.id) == claim_id))
    if voucher_id is None:
        raise NotFound("unknown-claim", "There is no such claim.")
    voucher = await lock_voucher(context, voucher_id)
    return voucher, await context.session.get_one(ClaimRow, claim_id, populate_existing=True)


async def lock_disbursement(context: Context, disbursement_id: UUID) -> LockedDisbursement:
    """A disbursement with its voucher and its latest attempt, locked. `NotFound` 'unknown-disbursement'."""
    voucher_id = await context.session.scalar(select(col(DisbursementRow.voucher_id)).where(col(DisbursementRow.id) == disbursement_id))
    if voucher_id is None:
        raise NotFound("unknown-disbursement", "There is no such disbursement.")
    voucher = await lock_voucher(context, voucher_id)
    disbursement = await context.session.get_one(DisbursementRow, disbursement_id, populate_existing=True)
    return voucher, disbursement, await lock_latest_attempt(context, disbursement)


async def lock_latest_attempt(context: Context, disbursement: DisbursementRow) -> AttemptRow:
    criteria = (col(AttemptRow.disbursement_id) == disbursement.id, col(AttemptRow.number) == disbursement.attempt)
    attempt = await lock_row(context, AttemptRow, *criteria)
    assert attempt is not None, "a disbursement has the attempt that it counts"
    return attempt


async def lock_named_by_line(context: Context, line: BankLineRow) -> list[tuple[VoucherRow, UUID | None]]:
    """What a line of the bank is about: vouchers, each with the disbursement, or None for all of the voucher's. Those of a batch are locked
    in one order."""
    voucher = await find_and_lock_voucher(context, line.voucher_id) if line.voucher_id else None
    named: list[tuple[VoucherRow, UUID | None]] = [(voucher, line.disbursement_id)] if voucher else []
    return [*named, *(await lock_batch(context, line.batch_id) if line.batch_id else ())]


async def lock_batch(context: Context, batch_id: UUID) -> list[tuple[VoucherRow, UUID]]:
    """Each payment of the batch with its voucher, locked in one order."""
    query = (
        select(col(DisbursementRow.voucher_id), col(DisbursementRow.id))
        .join(AttemptRow, col(AttemptRow.disbursement_id) == col(DisbursementRow.id))
        .where(col(AttemptRow.batch_id) == batch_id)
        .order_by(col(DisbursementRow.call_id), col(DisbursementRow.voucher_id), col(DisbursementRow.id))
    )
    named = (await context.session.execute(query)).all()
    return [(voucher, one) for voucher_id, one in named if (voucher := await find_and_lock_voucher(context, voucher_id))]


async def disbursements_in(context: Context, voucher_id: UUID, states: Sequence[str]) -> list[DisbursementRow]:
    """The voucher's disbursements in these states, in the order of their ids; the caller holds the lock on the voucher."""
    query = select(DisbursementRow).where(col(DisbursementRow.voucher_id) == voucher_id, col(DisbursementRow.state).in_(states))
    return list(await context.session.scalars(query.order_by(col(DisbursementRow.id)).execution_options(populate_existing=True)))


async def share_lock_payee(context: Context, payee_id: UUID) -> PayeeRow:
    """The payee, whose account no other transaction changes until this one ends."""
    return (await context.session.scalars(select(PayeeRow).where(col(PayeeRow.id) == payee_id).with_for_update(read=True))).one()


async def lock_account(context: Context, account_key: str) -> None:
    """No other transaction registers, proposes or counts payments to this account until this one ends. Taken after the payee."""
    await lock_names(context.session, [account_key])


async def lock_bank_file(context: Context, sha256: str) -> None:
    """Of two uploads of the same file at once, the second one sees the first."""
    await lock_names(context.session, [f"bank file {sha256}"])


async def lock_invoices(context: Context, number_keys: Iterable[str]) -> None:
    """Of two claims at once with one of these invoices, the second sees the first. The locks are taken in one order."""
    await lock_names(context.session, (f"invoice {key}" for key in number_keys))
