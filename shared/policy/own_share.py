"""How the applicant brings the own share of the cost: as a deposit before the voucher is used, or in part as hours of its own people.
Tables of a policy, as in `sections`.

Without it the beneficiary pays the seller, and the own share is what the aid does not cover.
"""

from typing import Annotated

from pydantic import Field

from shared.calendars.time_limit import TimeLimit
from shared.kernel.money import BASIS
from shared.policy.sections import Strict

HUNDREDTHS = 100
OWN_HOURS_FACT = "own_hours_minor"
"""The value of the declared hours, as eligibility rules read it."""


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


class OwnHours(Strict):
    """Hours that the applicant's own people work count as own share, each at `rate_minor`, and make at most `most_share_bp` of it. Nobody
    works more than `most_a_day_hundredths` on a day (hundredths of an hour).

    Without it the own share is money. Source of the shape: SMV:Digital, own share in money, in own hours, or both; hours are proved by a
    timesheet.
    """

    rate_minor: Annotated[int, Field(gt=0)]
    most_share_bp: Annotated[int, Field(gt=0, le=BASIS)]
    most_a_day_hundredths: Annotated[int, Field(gt=0, le=2_400)]

    def value_of(self, hundredths: int) -> int:
        """Minor units, rounded down; `hundredths` of an hour."""
        return hundredths * self.rate_minor // HUNDREDTHS

    def most_beside(self, money_minor: int, intensity_bp: int) -> int:
        """The most that hours count beside this expenditure in money: `most_share_bp` of the own share of both together. So the aid is
        never above what was spent in money.

        Source: Regulation (EU) 2021/1060, Article 67(1): aid is at most the eligible expenditure without contributions in kind.
        """
        part = (BASIS - intensity_bp) * self.most_share_bp
        return money_minor * part // (BASIS * BASIS - part)


def own_hours_fault(own_hours: OwnHours | None, *, deposit: bool, named_in_rules: str) -> str | None:
    """Why the table does not fit the rest of the policy. `named_in_rules`: the expressions of its eligibility rules."""
    if own_hours is None:
        return "own_hours: a rule names own_hours_minor, and there is no table" if OWN_HOURS_FACT in named_in_rules else None
    if deposit:
        return "own_hours: a deposit is the own share in money"
    return None if OWN_HOURS_FACT in named_in_rules else f"own_hours: no eligibility rule names {OWN_HOURS_FACT}"
