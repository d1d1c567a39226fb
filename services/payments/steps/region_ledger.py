"""Books a resolved line of the bank in the ledger of its region: money that is of no call. No other module writes these entries."""

from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.dialects.postgresql import insert as insert_or_skip
from sqlmodel import col

from services.payments.domain.ledger import RegionAccount, RegionEntryKind, drawn_from, region_postings
from services.payments.queries.line_facts import ledger_of_line
from services.payments.tables import BankLineRow, LedgerAccountRow, LedgerEntryRow, LedgerPostingRow
from shared.database.locks import lock_names
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict
from shared.kernel.ids import derive_id, region_id
from shared.kernel.money import Money
from shared.messaging.context import Context


def region_account_id(region: str, account: RegionAccount, currency: str) -> UUID:
    return derive_id(region_id(region), "ledger-account", f"{account}-{currency}")


def amount_to_book(line: BankLineRow) -> Money:
    """`Conflict` 'line-without-amount'."""
    if not line.amount_minor or line.currency is None:
        raise Conflict("line-without-amount", "The line states no amount, so nothing can be booked. Resolve it otherwise.")
    return Money(line.amount_minor, line.currency)


async def region_to_book(context: Context, line: BankLineRow) -> str:
    """`Conflict` 'line-of-no-region'."""
    region = await ledger_of_line(context, line)
    if region is None:
        raise Conflict("line-of-no-region", "It is not known to whose account the line belongs. Resolve it otherwise.")
    return region


async def book_line(
    context: Context, line: BankLineRow, region: str, kind: RegionEntryKind, origin: UUID, amount_minor: int | None = None
) -> None:
    """The caller holds the lock on the line. `origin` is the proposal, or a part of it: each books at most one entry of a kind.
    `amount_minor`: without it, all of the line.

    `Forbidden` in another region; `Conflict` as `amount_to_book`, and 'not-booked-so-much' when less than the amount is left to take: more
    would go back, or come back, than was booked, or what is undone has gone already.
    """
    authorise(context.actor, Permission.RESOLVE_BANK_LINE, region=region)
    amount = amount_to_book(line)
    amount = amount if amount_minor is None else Money(amount_minor, amount.currency)
    await lock_names(context.session, [f"ledger {region} {amount.currency}"])
    if (drawn := drawn_from(kind)) is not None:
        account, sign = drawn
        held = Money(sign * await _balance(context, region_account_id(region, account, amount.currency)), amount.currency)
        if held < amount:
            raise Conflict("not-booked-so-much", "Only {held} are booked there. Look for the line that it belongs to.", held=held)
    accounts = [
        {"id": region_account_id(region, one, amount.currency), "region": region, "name": one.value, "currency": amount.currency}
        for one in RegionAccount
    ]
    await context.session.execute(insert_or_skip(LedgerAccountRow).values(accounts).on_conflict_do_nothing())
    entry_id = derive_id(origin, "ledger", kind)
    entry = {"id": entry_id, "region": region, "line_id": line.id, "kind": kind.value, "at": context.now}
    await context.session.execute(insert(LedgerEntryRow).values(entry))
    sides = [
        {"entry_id": entry_id, "account_id": region_account_id(region, account, amount.currency), "amount_minor": change}
        for account, change in region_postings(kind, amount.minor).items()
    ]
    await context.session.execute(insert(LedgerPostingRow).values(sides))


async def _balance(context: Context, account_id: UUID) -> int:
    total = select(func.coalesce(func.sum(col(LedgerPostingRow.amount_minor)), 0)).where(col(LedgerPostingRow.account_id) == account_id)
    return int(await context.session.scalar(total) or 0)
