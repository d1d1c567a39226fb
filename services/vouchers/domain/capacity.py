"""Offers that are not money: the places or minutes of a call in double entry, as money is kept by payments, and never together with it.

supply −U, available +U when the call has its capacity or gets more; else units only move from one account to another, so that all five add
up to zero. Units are whole: places, or minutes of an hour with a mentor.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from shared.kernel.errors import Conflict
from shared.policy.benefit import Benefit
from shared.policy.call import LARGEST_ENVELOPE_MINOR


class CapacityAccount(StrEnum):
    """RESERVED waits for the answer to an offer, COMMITTED for attendance. ATTENDED is used up."""

    SUPPLY = "supply"
    AVAILABLE = "available"
    RESERVED = "reserved"
    COMMITTED = "committed"
    ATTENDED = "attended"


class CapacityEntry(StrEnum):
    """Kinds of movement. RELEASED: an offer was not accepted. DECOMMITTED: a voucher ended with units left. CORRECTED: an attendance was
    recorded wrongly."""

    SUPPLIED = "supplied"
    RESERVED = "reserved"
    COMMITTED = "committed"
    RELEASED = "released"
    DECOMMITTED = "decommitted"
    ATTENDED = "attended"
    CORRECTED = "corrected"


_A = CapacityAccount
MOVES: Mapping[CapacityEntry, tuple[CapacityAccount, CapacityAccount]] = MappingProxyType(
    {
        CapacityEntry.SUPPLIED: (_A.SUPPLY, _A.AVAILABLE),
        CapacityEntry.RESERVED: (_A.AVAILABLE, _A.RESERVED),
        CapacityEntry.COMMITTED: (_A.RESERVED, _A.COMMITTED),
        CapacityEntry.RELEASED: (_A.RESERVED, _A.AVAILABLE),
        CapacityEntry.DECOMMITTED: (_A.COMMITTED, _A.AVAILABLE),
        CapacityEntry.ATTENDED: (_A.COMMITTED, _A.ATTENDED),
        CapacityEntry.CORRECTED: (_A.ATTENDED, _A.COMMITTED),
    }
)
"""From where to where the units of an entry go."""


def check_more(supplied: int, more: int, benefit: Benefit, *, awaits_confirmation: bool) -> None:
    """`Conflict` 'capacity-not-confirmed', 'capacity-too-large': in all it is worth at most what an envelope may be."""
    if awaits_confirmation:
        raise Conflict("capacity-not-confirmed", "What the call gives waits for its confirmation by finance. Nothing is added before.")
    most = LARGEST_ENVELOPE_MINOR // benefit.award_minor * benefit.units_per_award - supplied
    if more > most:
        raise Conflict(
            "capacity-too-large", "At most {most} vouchers can be added to this call.", most=max(0, most) // benefit.units_per_award
        )


NOTHING: Mapping[CapacityAccount, int] = MappingProxyType(dict.fromkeys(CapacityAccount, 0))


def moved(balances: Mapping[CapacityAccount, int], kind: CapacityEntry, units: int) -> Mapping[CapacityAccount, int]:
    """The balances after the entry. Raises `Conflict` 'capacity-exhausted' when the account has fewer units; ValueError unless `units` are
    more than none."""
    if units <= 0:
        raise ValueError(f"{units} units")
    source, target = MOVES[kind]
    left = balances[source] - units
    if left < 0 and source is not CapacityAccount.SUPPLY:
        raise Conflict("capacity-exhausted", "Of this call {left} are left, {units} are needed.", left=balances[source], units=units)
    return MappingProxyType({**balances, source: left, target: balances[target] + units})
