"""What an open call shows of its rounds, of its other step, and of what it gives in the place of money."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel

from services.applications.tables import CallRow
from shared.kernel.vocabulary import CallState
from shared.policy.schema import Policy


class BenefitView(BaseModel):
    """What a scheme gives in the place of money: each voucher `units_per_award` minutes or places (`unit`), the whole call `units`."""

    kind: str
    unit: str
    units_per_award: int
    units: int

    @classmethod
    def of(cls, call: CallRow, policy: Policy) -> Self | None:
        given = policy.benefit
        if given is None:
            return None
        units = given.units_in(call.envelope_minor)
        return cls(kind=given.kind, unit=given.unit, units_per_award=given.units_per_award, units=units)


def step_of(policy: Policy) -> str | None:
    """Which of two steps a call of the policy is; None where there is one step."""
    return "expression" if policy.expression else "by-invitation" if policy.by_invitation else None


class CallLinkView(BaseModel):
    """Another call, by the number of its public page."""

    number: int
    title: dict[str, str]
    opens_at: datetime
    closes_at: datetime


class RoundView(BaseModel):
    """A round of a rolling call: what is submitted up to `closes_at`, its cut-off, is decided together, with `envelope_minor`. `number` is
    that of the round as a call."""

    number: int
    round_number: int
    opens_at: datetime
    closes_at: datetime
    state: CallState
    envelope_minor: int
