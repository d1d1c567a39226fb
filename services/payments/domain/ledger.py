"""Double entry: how each kind of movement shifts an amount between a call's accounts, and what it does to the running totals; and between
the accounts of a region, for money that is of no call.

funding −A, available +A when the envelope opens or gets more money; else an amount only moves from one account to another, so that all six
add up to zero. `recovered` runs negative: money that came back and is available again.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple


class LedgerAccount(StrEnum):
    FUNDING = "funding"
    AVAILABLE = "available"
    RESERVED = "reserved"
    COMMITTED = "committed"
    PAID = "paid"
    RECOVERED = "recovered"


class EntryKind(StrEnum):
    """Kinds of movement. ADDED: a voucher is granted more. DECOMMITTED keeps the stored value of its first name: ledger rows do not
    change. The three that are UNDONE: two persons take back what they have said of a payment or of a recovery."""

    OPENED = "opened"
    RESERVED = "reserved"
    COMMITTED = "committed"
    ADDED = "added"
    RESERVATION_RELEASED = "reservation-released"
    DECOMMITTED = "commitment-released"
    PAID = "paid"
    RETURNED = "returned"
    RECOVERED = "recovered"
    TOPPED_UP = "topped-up"
    TRANSFERRED_IN = "transferred-in"
    TRANSFERRED_OUT = "transferred-out"
    PAID_UNDONE = "paid-undone"
    RETURNED_UNDONE = "returned-undone"
    RECOVERED_UNDONE = "recovered-undone"


class Move(NamedTuple):
    source: LedgerAccount
    target: LedgerAccount


MOVES: Mapping[EntryKind, Move] = MappingProxyType(
    {
        EntryKind.OPENED: Move(LedgerAccount.FUNDING, LedgerAccount.AVAILABLE),
        EntryKind.RESERVED: Move(LedgerAccount.AVAILABLE, LedgerAccount.RESERVED),
        EntryKind.COMMITTED: Move(LedgerAccount.RESERVED, LedgerAccount.COMMITTED),
        EntryKind.ADDED: Move(LedgerAccount.AVAILABLE, LedgerAccount.COMMITTED),
        EntryKind.RESERVATION_RELEASED: Move(LedgerAccount.RESERVED, LedgerAccount.AVAILABLE),
        EntryKind.DECOMMITTED: Move(LedgerAccount.COMMITTED, LedgerAccount.AVAILABLE),
        EntryKind.PAID: Move(LedgerAccount.COMMITTED, LedgerAccount.PAID),
        EntryKind.RETURNED: Move(LedgerAccount.PAID, LedgerAccount.COMMITTED),
        EntryKind.RECOVERED: Move(LedgerAccount.RECOVERED, LedgerAccount.AVAILABLE),
        EntryKind.TOPPED_UP: Move(LedgerAccount.FUNDING, LedgerAccount.AVAILABLE),
        EntryKind.TRANSFERRED_IN: Move(LedgerAccount.FUNDING, LedgerAccount.AVAILABLE),
        EntryKind.TRANSFERRED_OUT: Move(LedgerAccount.AVAILABLE, LedgerAccount.FUNDING),
        EntryKind.PAID_UNDONE: Move(LedgerAccount.PAID, LedgerAccount.COMMITTED),
        EntryKind.RETURNED_UNDONE: Move(LedgerAccount.COMMITTED, LedgerAccount.PAID),
        EntryKind.RECOVERED_UNDONE: Move(LedgerAccount.AVAILABLE, LedgerAccount.RECOVERED),
    }
)

RUNNING = (LedgerAccount.RESERVED, LedgerAccount.COMMITTED, LedgerAccount.PAID, LedgerAccount.RECOVERED)
"""The accounts that envelope and voucher keep a running total of."""


def postings(kind: EntryKind, amount_minor: int) -> dict[LedgerAccount, int]:
    """The two sides of an entry; `amount_minor` is positive."""
    if amount_minor <= 0:
        raise ValueError("an entry moves a positive amount")
    source, target = MOVES[kind]
    return {source: -amount_minor, target: amount_minor}


def running_changes(kind: EntryKind, amount_minor: int) -> dict[LedgerAccount, int]:
    """The change of each running total. `recovered` counts upwards there."""
    sides = postings(kind, amount_minor)
    return {account: -sides[account] if account is LedgerAccount.RECOVERED else sides[account] for account in RUNNING if account in sides}


def balances(entries: Iterable[Mapping[LedgerAccount, int]]) -> dict[LedgerAccount, int]:
    """The balance of each account after these entries."""
    sums = dict.fromkeys(LedgerAccount, 0)
    for entry in entries:
        for account, amount in entry.items():
            sums[account] += amount
    return sums


class RegionAccount(StrEnum):
    """A region's accounts, one set for each currency, for money at its bank that is of no call. CLEARING is the bank's side, and runs
    negative; INCOME is the region's; SUSPENSE has to go back to its senders; DEPOSITS are own shares of
    beneficiaries, kept for providers. CHARGES are what banks took, RECEIVABLE what a bank owes: both run negative."""

    CLEARING = "clearing"
    INCOME = "income"
    SUSPENSE = "suspense"
    DEPOSITS = "deposits"
    CHARGES = "charges"
    RECEIVABLE = "receivable"


class RegionEntryKind(StrEnum):
    """What a resolved line of the bank books. TO_SENDER: money that came in and has to go back; SENT_BACK: it left the bank.
    CHARGE: the bank took it; TO_COME_BACK: it left and has to come back; CAME_BACK: it did. Each has its opposite, which undoes it."""

    INCOME = "income"
    TO_SENDER = "to-sender"
    SENT_BACK = "sent-back"
    INCOME_UNDONE = "income-undone"
    TO_SENDER_UNDONE = "to-sender-undone"
    SENT_BACK_UNDONE = "sent-back-undone"
    CHARGE = "charge"
    TO_COME_BACK = "to-come-back"
    CAME_BACK = "came-back"
    CHARGE_UNDONE = "charge-undone"
    TO_COME_BACK_UNDONE = "to-come-back-undone"
    CAME_BACK_UNDONE = "came-back-undone"


class RegionMove(NamedTuple):
    source: RegionAccount
    target: RegionAccount


REGION_MOVES: Mapping[RegionEntryKind, RegionMove] = MappingProxyType(
    {
        RegionEntryKind.INCOME: RegionMove(RegionAccount.CLEARING, RegionAccount.INCOME),
        RegionEntryKind.TO_SENDER: RegionMove(RegionAccount.CLEARING, RegionAccount.SUSPENSE),
        RegionEntryKind.SENT_BACK: RegionMove(RegionAccount.SUSPENSE, RegionAccount.CLEARING),
        RegionEntryKind.INCOME_UNDONE: RegionMove(RegionAccount.INCOME, RegionAccount.CLEARING),
        RegionEntryKind.TO_SENDER_UNDONE: RegionMove(RegionAccount.SUSPENSE, RegionAccount.CLEARING),
        RegionEntryKind.SENT_BACK_UNDONE: RegionMove(RegionAccount.CLEARING, RegionAccount.SUSPENSE),
        RegionEntryKind.CHARGE: RegionMove(RegionAccount.CHARGES, RegionAccount.CLEARING),
        RegionEntryKind.TO_COME_BACK: RegionMove(RegionAccount.RECEIVABLE, RegionAccount.CLEARING),
        RegionEntryKind.CAME_BACK: RegionMove(RegionAccount.CLEARING, RegionAccount.RECEIVABLE),
        RegionEntryKind.CHARGE_UNDONE: RegionMove(RegionAccount.CLEARING, RegionAccount.CHARGES),
        RegionEntryKind.TO_COME_BACK_UNDONE: RegionMove(RegionAccount.CLEARING, RegionAccount.RECEIVABLE),
        RegionEntryKind.CAME_BACK_UNDONE: RegionMove(RegionAccount.RECEIVABLE, RegionAccount.CLEARING),
    }
)
OPPOSITES: Mapping[RegionEntryKind, RegionEntryKind] = MappingProxyType(
    {
        RegionEntryKind.INCOME: RegionEntryKind.INCOME_UNDONE,
        RegionEntryKind.TO_SENDER: RegionEntryKind.TO_SENDER_UNDONE,
        RegionEntryKind.SENT_BACK: RegionEntryKind.SENT_BACK_UNDONE,
        RegionEntryKind.CHARGE: RegionEntryKind.CHARGE_UNDONE,
        RegionEntryKind.TO_COME_BACK: RegionEntryKind.TO_COME_BACK_UNDONE,
        RegionEntryKind.CAME_BACK: RegionEntryKind.CAME_BACK_UNDONE,
    }
)
_HOLD = (RegionAccount.INCOME, RegionAccount.SUSPENSE, RegionAccount.DEPOSITS)
"""What came in: these never go below zero."""
_LACK = (RegionAccount.CHARGES, RegionAccount.RECEIVABLE)
"""What left: these never go above zero."""


def drawn_from(kind: RegionEntryKind) -> tuple[RegionAccount, int] | None:
    """The account that an entry takes from, and the sign of what it may hold; None for one that may take any amount."""
    source, target = REGION_MOVES[kind]
    return (source, 1) if source in _HOLD else (target, -1) if target in _LACK else None


def region_postings(kind: RegionEntryKind, amount_minor: int) -> dict[RegionAccount, int]:
    """The two sides of an entry of a region; `amount_minor` is positive."""
    if amount_minor <= 0:
        raise ValueError("an entry moves a positive amount")
    source, target = REGION_MOVES[kind]
    return {source: -amount_minor, target: amount_minor}
