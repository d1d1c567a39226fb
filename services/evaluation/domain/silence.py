"""An evaluator who does not answer: from when a reminder goes out, and from when the officer has the task to replace them."""

from dataclasses import dataclass
from datetime import datetime

from shared.calendars.time_limit import days_later
from shared.policy.schema import Policy


@dataclass(frozen=True, slots=True)
class SilenceTerms:
    """Instants: an evaluator is reminded of a sheet that is due by `reminded_before`; one that was due by `escalated_before` is the task of
    an officer."""

    reminded_before: datetime
    escalated_before: datetime


def silence_terms(policy: Policy, now: datetime) -> SilenceTerms:
    """`remind_before_days` and `escalate_after_days` of the policy, in calendar days; without them a reminder from the due date on, and
    the officer's task at once."""
    rules = policy.evaluation
    before = (rules.remind_before_days or 0) if rules else 0
    after = (rules.escalate_after_days or 0) if rules else 0
    return SilenceTerms(days_later(now, before, policy.zone), days_later(now, -after, policy.zone))
