"""How long the personal content of a case is kept: a decision of the policy's terms, the end of the case and an instant.

A term begins where the law lets it begin, and the longest rule wins:

* draft: when the call has closed;
* withdrawn, refused: when the time for appeals against that end is over;
* paid: at the end of the year of the last payment of the programme (Regulation (EU) 2021/1060, Article 82; for de minimis aid ten years,
  Regulation (EU) 2023/2831, Article 6). No payment is made after the programme's end, so a case that ends before it counts from there.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from shared.calendars.time_limit import end_of_day, last_day
from shared.kernel.vocabulary import RetentionClass
from shared.policy.schema import Policy


class Decision(StrEnum):
    KEEP = "keep"
    HOLD = "hold"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class EndedCase:
    """A case that has ended: how, and when. For a draft `ended_at` is the close of its call."""

    retention_class: RetentionClass
    ended_at: datetime


def kept_until(policy: Policy, case: EndedCase) -> datetime | None:
    """The instant (UTC) from which the content may go. None where the policy sets no terms: it is kept."""
    terms = policy.retention
    if terms is None:
        return None
    if case.retention_class is RetentionClass.DRAFT:
        return policy.deadline(terms.draft, case.ended_at)
    if case.retention_class is RetentionClass.PAID:
        ended_on = case.ended_at.astimezone(ZoneInfo(policy.zone)).date()
        first = date(max(ended_on, policy.programme_end).year, 12, 31)
        return end_of_day(last_day(terms.paid, first, policy.region_calendar), policy.zone)
    last_moment_to_appeal = policy.deadline(policy.appeal, case.ended_at) - timedelta(microseconds=1)
    return policy.deadline(
        terms.withdrawn if case.retention_class is RetentionClass.WITHDRAWN else terms.refused,
        last_moment_to_appeal,
    )


def decide(policy: Policy, case: EndedCase, *, held: bool, now: datetime) -> Decision:
    """HOLD: the term is over, but somebody needs the case for a proceeding."""
    until = kept_until(policy, case)
    if until is None or now < until:
        return Decision.KEEP
    return Decision.HOLD if held else Decision.REMOVE
