"""Double entry: how each kind of movement shifts an amount between a call's accounts, and what it does to the running totals.

funding −A, available +A when the envelope opens; from then on an amount only moves from one account to another, so that all six add
up to zero. `recovered` runs negative: money that came back and is available again.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple


class Account(StrEnum):
    FUNDING = "funding"
    AVAILABLE = "available"
    RESERVED = "reserved"
    COMMITTED = "committed"
    PAID = "paid"
    RECOVERED = "recovered"


class Kind(StrEnum):
    OPENED = "opened"
    RESERVED = "reserved"
    COMMITTED = "committed"
    RESERVATION_RELEASED = "reservation-released"
    COMMITMENT_RELEASED = "commitment-released"
    PAID = "paid"
    RETURNED = "returned"
    RECOVERED = "recovered"


class Move(NamedTuple):
    source: Account
    target: Account


MOVES: Mapping[Kind, Move] = MappingProxyType(
    {
        Kind.OPENED: Move(Account.FUNDING, Account.AVAILABLE),
        Kind.RESERVED: Move(Account.AVAILABLE, Account.RESERVED),
        Kind.COMMITTED: Move(Account.RESERVED, Account.COMMITTED),
        Kind.RESERVATION_RELEASED: Move(Account.RESERVED, Account.AVAILABLE),
        Kind.COMMITMENT_RELEASED: Move(Account.COMMITTED, Account.AVAILABLE),
        Kind.PAID: Move(Account.COMMITTED, Account.PAID),
        Kind.RETURNED: Move(Account.PAID, Account.COMMITTED),
        Kind.RECOVERED: Move(Account.RECOVERED, Account.AVAILABLE),
    }
)

RUNNING = (Account.RESERVED, Account.COMMITTED, Account.PAID, Account.RECOVERED)
"""The accounts that envelope and voucher keep a running total of."""


def postings(kind: Kind, amount_minor: int) -> dict[Account, int]:
    """The two sides of an entry; `amount_minor` is positive."""
    if amount_minor <= 0:
        raise ValueError("an entry moves a positive amount")
    source, target = MOVES[kind]
    return {source: -amount_minor, target: amount_minor}


def running_changes(kind: Kind, amount_minor: int) -> dict[Account, int]:
    """By how much the running totals change. `recovered` counts upwards there."""
    sides = postings(kind, amount_minor)
    return {account: -sides[account] if account is Account.RECOVERED else sides[account] for account in RUNNING if account in sides}


def balances(entries: Iterable[Mapping[Account, int]]) -> dict[Account, int]:
    """The balance of each account after these entries."""
    sums = dict.fromkeys(Account, 0)
    for entry in entries:
        for account, amount in entry.items():
            sums[account] += amount
    return sums
