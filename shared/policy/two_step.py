"""Two-step calls: an expression of interest first, and an application of those alone who are invited.

Each step is a scheme of its own, with its form, evaluation and calls; the two policies name one another. The first one gives an
invitation, no money: no award, no voucher, nothing in an envelope and nothing under the ceiling of state aid comes from it.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from shared.calendars.time_limit import TimeLimit
from shared.kernel.vocabulary import DecisionOutcome
from shared.policy.sections import Slug, Strict

CHOSEN = (DecisionOutcome.GRANTED, DecisionOutcome.INVITED)
"""The outcomes of who is within the budget of a list: aid, or in a first step an invitation."""


class Expression(Strict):
    """The calls of the scheme ask for expressions of interest. Who is chosen is invited to a call of the scheme `leads_to`. What an
    expression asks for is indicative, and the envelope of its call the sum of what is chosen, in the same unit."""

    leads_to: Slug


class ByInvitation(Strict):
    """Only those apply who were chosen in a call of the scheme `expressions`, which asks for expressions of interest. They submit `within`
    that time of the invitation, or of the opening of the call where that is later; without it, until the call closes."""

    expressions: Slug
    within: TimeLimit | None = None


_OF_MONEY = ("benefit", "voucher_types", "rates", "limits", "advance", "balance", "deposit", "own_hours", "providers", "registration")


def faults_of_two_step(policy: Any) -> Iterator[str]:
    """What in the policy does not go with its `expression`, or its `by_invitation`."""
    expression, invited = policy.expression, policy.by_invitation
    if expression is not None and invited is not None:
        yield "by_invitation: an expression of interest is the first step"
    if expression is not None:
        yield from (f"{name}: nothing is given in a scheme with [expression]" for name in _OF_MONEY if getattr(policy, name) is not None)
        if policy.selection.when_short == "partial":
            yield "selection.when_short: nobody is invited in part"
        if expression.leads_to == policy.scheme:
            yield "expression.leads_to: the application is of another scheme"
    if invited is not None and invited.expressions == policy.scheme:
        yield "by_invitation.expressions: the expressions of interest are of another scheme"


def invitation_ends(policy: Any, invited_at: datetime, opens_at: datetime) -> datetime | None:
    """The moment (UTC) at which the time to submit is over, by the policy of the call by invitation; None: with the close of the call. It
    is the end of a day of the region, and never begins before the call opens."""
    limit = policy.by_invitation.within if policy.by_invitation else None
    return policy.capped_deadline(limit, max(invited_at, opens_at)) if limit else None
