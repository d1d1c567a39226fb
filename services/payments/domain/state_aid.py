"""De minimis aid against its ceiling, in EUR cents (Regulation (EU) 2023/2831).

Article 3(2): the aid of a single undertaking by one Member State over any three years. Article 3(3): it is granted on the day of the legal
right, which is here the acceptance of the offer; until then an open offer is reserved, so that offers together never pass the ceiling.
What was granted goes down when a part of it is released or recovered, and never up but by a granted change.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from services.payments.domain.ledger import EntryKind
from services.payments.domain.rates import MonthlyRate, euro_cents
from shared.kernel.money import Money
from shared.policy.schema import Policy
from shared.policy.state_aid import counts_from_to, union, unlisted

CEILING = "de-minimis-ceiling"
"""The rule by which money is not reserved."""


class AidState(StrEnum):
    """RESERVED: an open offer. GRANTED: accepted. RELEASED: not granted, or nothing of it is left."""

    RESERVED = "reserved"
    GRANTED = "granted"
    RELEASED = "released"


class RegisterState(StrEnum):
    """DUE: to be entered. CHANGED: the amount is another one than was entered. ENTERED: as it is."""

    DUE = "due"
    CHANGED = "changed"
    ENTERED = "entered"


AID_TRANSITIONS: Mapping[AidState, frozenset[AidState]] = MappingProxyType(
    {
        AidState.RESERVED: frozenset({AidState.GRANTED, AidState.RELEASED}),
        AidState.GRANTED: frozenset({AidState.RELEASED}),
        AidState.RELEASED: frozenset({AidState.GRANTED}),  # two persons undo that a credit has settled its recovery
    }
)
LESS = (EntryKind.RESERVATION_RELEASED, EntryKind.DECOMMITTED, EntryKind.RECOVERED)
MORE = (EntryKind.ADDED, EntryKind.RECOVERED_UNDONE)
MOVES_AID = (*LESS, *MORE, EntryKind.COMMITTED)
"""The movements of money that change an undertaking's aid. A payment changes nothing: the right is older than the payment."""


class Listed(NamedTuple):
    """What a declaration and our own record have of the same aid."""

    granted_on: date
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class FrozenRate:
    """Units of the currency for one euro, with the id of where it comes from."""

    id: str
    per_euro: Decimal


@dataclass(frozen=True, slots=True)
class OwnAid:
    """Aid by this platform. `granted_on` is None while it is reserved; `awarded_minor` is the amount at first, as a declaration has it."""

    granted_on: date | None
    awarded_minor: int
    currency: str
    eur_minor: int


@dataclass(frozen=True, slots=True)
class Room:
    """EUR cents. `counted_minor`: what is granted within the years, reserved or declared; `left_minor`: what the ceiling leaves."""

    ceiling_minor: int
    counted_minor: int

    @property
    def left_minor(self) -> int:
        return max(0, self.ceiling_minor - self.counted_minor)


class Days(NamedTuple):
    """The days on which aid would count. An offer counts from its acceptance on, today or later: `of(today)`. What is added to older aid
    counts from the day of that one on, and so has to fit into the years before that day too."""

    first: date
    last: date

    @classmethod
    def of(cls, today: date, granted_on: date | None = None) -> "Days":
        return cls(granted_on or today, today)


Rates = Mapping[Listed, FrozenRate]


def rate_for(policy: Policy, published: MonthlyRate | None) -> FrozenRate:
    """The month's rate, derived from the ECB's; while it is not published, that which the policy is pinned to."""
    if published is not None:
        return FrozenRate(published.id, published.per_euro)
    return FrozenRate(f"policy-{policy.currency}-{policy.effective_from}", Decimal(policy.de_minimis.eur_rate))


def in_eur_minor(amount_minor: int, currency: str, rate: FrozenRate) -> int:
    """EUR cents, half a cent upwards."""
    return euro_cents(Money(amount_minor, currency), rate.per_euro)


def most_minor(left_eur_minor: int, currency: str, rate: FrozenRate) -> int:
    """The largest amount of the currency that is at most so many EUR cents."""
    least, most = 0, int(Decimal(left_eur_minor + 1) * max(Decimal(1), rate.per_euro)) + 1
    while least < most:
        middle = (least + most + 1) // 2
        least, most = (middle, most) if in_eur_minor(middle, currency, rate) <= left_eur_minor else (least, middle - 1)
    return least


def room(policy: Policy, days: Days, own: Iterable[OwnAid], declared: Sequence[Sequence[Listed]], rates: Rates) -> Room:
    """On the days. What is reserved counts whatever its day, because it may be accepted on any. `declared`: a list of each application of
    the undertaking; what several list, and what is our own, counts once. `rates` has one for each declared aid."""
    years = policy.de_minimis.window_years
    ours = [aid for aid in own if aid.granted_on is None or counts_from_to(aid.granted_on, *days, years)]
    known: Counter[Listed] = Counter(Listed(aid.granted_on, aid.awarded_minor, aid.currency) for aid in ours if aid.granted_on is not None)
    listed = union([one for one in each if counts_from_to(one.granted_on, *days, years)] for each in declared)
    others = unlisted(listed.elements(), known.elements())
    foreign = sum(in_eur_minor(one.amount_minor, one.currency, rates[one]) * count for one, count in others.items())
    return Room(policy.de_minimis.ceiling_minor, sum(aid.eur_minor for aid in ours) + foreign)


@dataclass(frozen=True, slots=True)
class Holding:
    """The aid of one voucher: state, minor units, and EUR cents at its frozen rate."""

    state: AidState
    amount_minor: int
    currency: str
    rate: FrozenRate

    @property
    def eur_minor(self) -> int:
        return in_eur_minor(self.amount_minor, self.currency, self.rate)

    def after(self, kind: EntryKind, moved_minor: int) -> "Holding":
        """After a movement of its money, one of `MOVES_AID`. ValueError for more than there is."""
        if kind is EntryKind.COMMITTED:
            return replace(self, state=AidState.GRANTED)
        if kind in MORE:
            state = self.state if self.amount_minor else AidState.GRANTED
            return replace(self, amount_minor=self.amount_minor + moved_minor, state=state)
        left = self.amount_minor - moved_minor
        if left < 0:
            raise ValueError(f"{moved_minor} of {self.amount_minor} cannot be released")
        return replace(self, amount_minor=left, state=self.state if left else AidState.RELEASED)


class Moved(NamedTuple):
    """A movement of the money of one voucher."""

    kind: EntryKind
    amount_minor: int
    at: datetime


def followed(first: Holding, moves: Iterable[Moved]) -> tuple[Holding, datetime | None]:
    """The aid after movements of its money, each one of `MOVES_AID`, and the moment of its grant; None while it is not granted."""
    holding, granted_at = first, None
    for move in moves:
        holding = holding.after(move.kind, move.amount_minor)
        granted_at = move.at if move.kind is EntryKind.COMMITTED else granted_at
    return holding, granted_at
