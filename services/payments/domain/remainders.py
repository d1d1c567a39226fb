"""What the roundings of earlier claims on a voucher left: the next claim takes it. (No I/O, no clock: everything is an argument.)

Aid is a share of eligible expenditure, rounded down to a minor unit. Of three claims of 333.33 at 80 % each alone comes to 266.66, all
three to 799.99: the last one is paid 266.67. So the parts never come to more than the share of the whole, and end equal to it.

Source: the policy's aid intensity is one of the whole expenditure on a voucher, however it is divided into claims.
"""

from dataclasses import dataclass

from shared.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Earlier:
    """The other claims on a voucher that stand, together, in minor units: their eligible expenditure less what was cut of it, and the aid
    that they were due for it."""

    eligible_minor: int = 0
    aid_minor: int = 0
    claims: int = 0

    def __add__(self, other: "Earlier") -> "Earlier":
        return Earlier(self.eligible_minor + other.eligible_minor, self.aid_minor + other.aid_minor, self.claims + other.claims)


NOTHING = Earlier()


def remainder(eligible: Money, earlier: Earlier, intensity_bp: int) -> int:
    """What a claim of this eligible expenditure is due above its own share. Each earlier claim leaves less than one minor unit."""
    above = _due(eligible, earlier, intensity_bp) - eligible.share(intensity_bp).minor
    return max(0, min(above, earlier.claims)) if eligible.minor else 0


def most_due(eligible: Money, accepted: Earlier, intensity_bp: int) -> int:
    """The most that may be granted on it, beside the claims that are accepted: with them it is never above the share of the whole."""
    return max(0, _due(eligible, accepted, intensity_bp))


def counted(eligible: Money, aid_minor: int, intensity_bp: int) -> Earlier:
    """A claim as it counts for later ones. What it was not paid of its own share, because less was asked for or the voucher had no more, no
    later claim is paid."""
    return Earlier(eligible.minor, max(aid_minor, eligible.share(intensity_bp).minor), 1)


def _due(eligible: Money, earlier: Earlier, intensity_bp: int) -> int:
    whole = Money(earlier.eligible_minor + eligible.minor, eligible.currency).share(intensity_bp).minor
    return whole - earlier.aid_minor
