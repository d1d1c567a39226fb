"""Which provider a voucher has on a day, once a change of it was granted. (No I/O, no clock: everything is an argument.)"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from shared.kernel.errors import Refused


@dataclass(frozen=True, slots=True)
class ProviderChange:
    """From the day `since` on, the invoices of the voucher are of this issuer (a keyed hash)."""

    issuer_hash: str
    since: date


@dataclass(frozen=True, slots=True)
class Issued:
    """An invoice: who issued it, and when. `field`: where it stands in what was sent."""

    issuer_hash: str | None
    issued_on: date
    field: str


def in_force(changes: Sequence[ProviderChange], day: date) -> ProviderChange | None:
    """`changes` in the order in which they were granted. None before the first: the platform knows no provider of before."""
    return next((one for one in reversed(changes) if one.since <= day), None)


def check_providers(changes: Sequence[ProviderChange], invoices: Iterable[Issued]) -> None:
    """`Refused` 'provider-changed' for an invoice of another provider than the one in force on its day; 'provider-later' for one of a
    provider that was granted for later days.

    Source: an invoice counts when it is of the provider that the agreement, with its granted changes, names on that day.
    """
    for invoice in invoices:
        change = in_force(changes, invoice.issued_on)
        if change is not None and invoice.issuer_hash != change.issuer_hash:
            raise Refused(
                "provider-changed",
                "Since {since} this voucher has another provider, by the change that was granted. Claim the invoice of that provider, "
                "or ask for another change of the provider.",
                field=invoice.field,
                since=change.since,
            )
        later = next((one for one in changes if change is None and one.issuer_hash == invoice.issuer_hash), None)
        if later is not None:
            raise Refused(
                "provider-later",
                "The change that was granted makes this the provider of the voucher only since {since}. Claim its invoices of that day and "
                "later; ask it to correct an invoice with a wrong date.",
                field=invoice.field,
                since=later.since,
            )
