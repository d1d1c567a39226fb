"""Moves an amount in the ledger and in the running totals, in one transaction. No other module writes either."""

from uuid import UUID

from sqlalchemy import insert, update
from sqlmodel import col

from services.payments.domain.ledger import EntryKind, LedgerAccount, postings, running_changes
from services.payments.steps.state_aid import follow_money
from services.payments.tables import EnvelopeRow, LedgerEntryRow, LedgerPostingRow, VoucherRow
from shared.kernel.ids import derive_id
from shared.messaging.context import Context

_AVAILABLE = (
    col(EnvelopeRow.amount_minor)
    - col(EnvelopeRow.reserved_minor)
    - col(EnvelopeRow.committed_minor)
    - col(EnvelopeRow.paid_minor)
    + col(EnvelopeRow.recovered_minor)
)


def account_id(call_id: UUID, account: LedgerAccount) -> UUID:
    return derive_id(call_id, "ledger-account", account)


async def take_from_envelope(context: Context, call_id: UUID, kind: EntryKind, amount_minor: int) -> int | None:
    """One conditional statement changes the running totals: of many transactions that compete for the last euro, one gets it.

    Returns what is available afterwards; None, and nothing has changed, when that would be less than nothing.
    """
    changes = {f"{account}_minor": change for account, change in running_changes(kind, amount_minor).items()}
    left = _AVAILABLE - sum(-change if name == "recovered_minor" else change for name, change in changes.items())
    statement = (
        update(EnvelopeRow)
        .where(col(EnvelopeRow.call_id) == call_id, left >= 0)
        .values({name: getattr(EnvelopeRow, name) + change for name, change in changes.items()})
        .returning(_AVAILABLE)
        .execution_options(synchronize_session=False)
    )
    return await context.session.scalar(statement)


async def change_envelope(context: Context, call_id: UUID, change_minor: int) -> int | None:
    """More money for the envelope, or less of what is available: one conditional statement, as above. Returns what is available afterwards;
    None, and nothing has changed, when that would be less than nothing."""
    statement = (
        update(EnvelopeRow)
        .where(col(EnvelopeRow.call_id) == call_id, _AVAILABLE + change_minor >= 0)
        .values(amount_minor=EnvelopeRow.amount_minor + change_minor)
        .returning(_AVAILABLE)
        .execution_options(synchronize_session=False)
    )
    return await context.session.scalar(statement)


async def move_money(context: Context, voucher: VoucherRow, kind: EntryKind, amount_minor: int, origin: UUID) -> int:
    """Moves money of a voucher whose row is locked. `origin` is the voucher, attempt or recovery that
    moves it: each moves an amount at most once per kind.

    Returns what the envelope has available afterwards.
    """
    available = await take_money(context, voucher, kind, amount_minor, origin)
    assert available is not None, "only a reservation, or more for a voucher, takes from what is available"
    return available


async def take_money(context: Context, voucher: VoucherRow, kind: EntryKind, amount_minor: int, origin: UUID) -> int | None:
    """As `move_money`; None, and nothing has changed, when the envelope has too little."""
    available = await take_from_envelope(context, voucher.call_id, kind, amount_minor)
    if available is None:
        return None
    for account, change in running_changes(kind, amount_minor).items():
        setattr(voucher, f"{account}_minor", getattr(voucher, f"{account}_minor") + change)
    await record_entry(context, voucher.call_id, voucher.id, kind, amount_minor, origin)
    await follow_money(context, voucher, kind, amount_minor)
    return available


async def record_entry(context: Context, call_id: UUID, voucher_id: UUID | None, kind: EntryKind, amount_minor: int, origin: UUID) -> None:
    """The entry with its two postings."""
    entry_id = derive_id(origin, "ledger", kind)
    entry = {"id": entry_id, "call_id": call_id, "voucher_id": voucher_id, "kind": kind.value, "at": context.now}
    await context.session.execute(insert(LedgerEntryRow).values(entry))
    sides = [
        {"entry_id": entry_id, "account_id": account_id(call_id, account), "amount_minor": amount}
        for account, amount in postings(kind, amount_minor).items()
    ]
    await context.session.execute(insert(LedgerPostingRow).values(sides))
