"""How the applicant brings the own share of the cost: as a deposit before the voucher is used. A table of a policy, as in `sections`.

Without it the beneficiary pays the seller, and the own share is what the aid does not cover.
"""

from shared.calendars.time_limit import TimeLimit
from shared.kernel.money import BASIS
from shared.policy.sections import Strict


class Deposit(Strict):
    """The own share of the voucher's whole cost is paid in `within` this time of the issue, else the aid lapses. Deposit and aid pay the
    provider together; what is left of the deposit goes back.

    Source of the shape: kmo-portefeuille of Flanders: own share within 30 calendar days of the approval; unused own share is paid back.
    """

    within: TimeLimit


def cost_minor(aid_minor: int, intensity_bp: int) -> int:
    """The least cost of which the aid is at most this share."""
    return -(-aid_minor * BASIS // intensity_bp)


def own_share_minor(aid_minor: int, intensity_bp: int) -> int:
    """What the aid leaves of that cost: 0 where it is the whole."""
    return cost_minor(aid_minor, intensity_bp) - aid_minor
