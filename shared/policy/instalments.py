"""When a voucher is paid: a part before anything is claimed (an advance), and a part after the final report (the balance).

Tables of a region policy, as in `sections`. Without them a voucher is paid claim by claim, and nothing is kept back.
"""

from typing import Annotated, Literal

from pydantic import Field

from shared.calendars.time_limit import TimeLimit
from shared.kernel.money import BASIS
from shared.policy.sections import Strict

Share = Annotated[int, Field(gt=0, lt=BASIS)]
"""Basis points of the voucher's value, a part of it."""


class Advance(Strict):
    """An advance of at most `share_bp` of the voucher, asked for once, before the first claim. Claims are settled against it first; what is
    left of it at the end is recovered. `against`: "acceptance" of the offer alone, or a "guarantee" of a bank that covers it until the end
    of the claims.

    Source of the shape: Regulation (EU) 2021/1060, Article 91(5): an advance of State aid is guaranteed, is at most 40 % of the aid, and is
    covered by expenditure afterwards.
    """

    share_bp: Share
    against: Literal["acceptance", "guarantee"]


class Balance(Strict):
    """`share_bp` of what is granted on claims is kept until the final report is accepted, then paid as the balance. The report is due
    `report_within` after the end of the claims; without a report in time what is kept goes back to the envelope."""

    share_bp: Share
    report_within: TimeLimit


def faults_of(advance: Advance | None, balance: Balance | None, *, has_report: bool) -> list[str]:
    """Why these tables do not fit together; nothing where they do."""
    faults = []
    if advance and balance and advance.share_bp + balance.share_bp > BASIS:
        faults.append("advance and balance are more than the whole")
    if balance and not has_report:
        faults.append("a balance waits for the report, and there is no table [report]")
    return faults
