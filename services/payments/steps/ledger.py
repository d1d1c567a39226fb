"""Moves an amount in the ledger and in the running totals, in one transaction. Nobody else writes either."""

from uuid import UUID

from sqlalchemy import insert, update
from sqlmodel import col

from services.payments.domain.ledger import Account, Kind, postings, running_changes
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


def account_id(call_id: UUID, account: Account) -> UUID:
    return derive_id(call_id, "ledger-account", account)


async def take_from_envelope(context: Context, call_id: UUID, kind: Kind, amount_minor: int) -> int | None:
    """One conditional statement changes the running totals: however many race for the last euro, one gets it.

    What is available afterwards, or None when that would be less than nothing; then nothing has changed.
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


async def move_money(context: Context, voucher: VoucherRow, kind: Kind, amount_minor: int, origin: UUID) -> int:
    """Moves money of a voucher whose row is locked. `origin` is what moved it (voucher, attempt, recovery): it moves once this way.

    Returns what the envelope has available then.
    """
    available = await take_from_envelope(context, voucher.call_id, kind, amount_minor)
    assert available is not None, "only a reservation takes from what is available"
    for account, change in running_changes(kind, amount_minor).items():
        setattr(voucher, f"{account}_minor", getattr(voucher, f"{account}_minor") + change)
    await record(context, voucher.call_id, voucher.id, kind, amount_minor, origin)
    return available


async def record(context: Context, call_id: UUID, voucher_id: UUID | None, kind: Kind, amount_minor: int, origin: UUID) -> None:
    """The entry with its two postings."""
    entry_id = derive_id(origin, "ledger", kind)
    entry = {"id": entry_id, "call_id": call_id, "voucher_id": voucher_id, "kind": kind.value, "at": context.now}
    await context.session.execute(insert(LedgerEntryRow).values(entry))
    sides = [
        {"entry_id": entry_id, "account_id": account_id(call_id, account), "amount_minor": amount}
        for account, amount in postings(kind, amount_minor).items()
    ]
    await context.session.execute(insert(LedgerPostingRow).values(sides))
