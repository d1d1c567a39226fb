"""An offer that is not money: what a voucher of such a scheme holds, and what keeps the rest of its policy from speaking of money."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from shared.calendars.time_limit import TimeLimit
from shared.policy.sections import Strict


class Unit(StrEnum):
    """In what the voucher is counted. A place is one session, whatever its length."""

    MINUTES = "minutes"
    PLACES = "places"


class BenefitKind(StrEnum):
    GUIDANCE = "guidance"
    MENTORING = "mentoring"
    TRAINING = "training"
    EVENT = "event"


class Benefit(Strict):
    """What the programme gives in the place of money. A voucher holds `units_per_award`; minutes are used up in steps of `step`, each that
    was begun. `unit_value_minor` is the gross grant equivalent of one unit: aid in another form than a grant counts by it (Regulation (EU)
    2023/2831, Article 3(5)). A booking that is cancelled at least `free_until_hours` before its session uses nothing up. Who was there may
    object to what is recorded `confirm_within` of it; then it stands."""

    kind: BenefitKind
    unit: Unit
    units_per_award: Annotated[int, Field(gt=0, le=100_000)]
    step: Annotated[int, Field(gt=0, le=480)] = 1
    unit_value_minor: Annotated[int, Field(gt=0, le=10**9)]
    free_until_hours: Annotated[int, Field(ge=0, le=24 * 30)]
    confirm_within: TimeLimit

    @property
    def award_minor(self) -> int:
        """The gross grant equivalent of a voucher, in minor units of the policy's currency."""
        return self.units_per_award * self.unit_value_minor

    def units_in(self, equivalent_minor: int) -> int:
        """How many whole units are worth so much: of a call, its capacity."""
        return equivalent_minor // self.unit_value_minor


_OF_MONEY = ("voucher_types", "rates", "vat", "grace", "advance", "balance", "deposit", "providers", "registration")


def faults_of_benefit(policy: Any) -> Iterator[str]:
    """What in the policy does not go with its `benefit`. Every voucher holds the same, so the smallest and the largest are one."""
    benefit, value = policy.benefit, policy.value
    if benefit is None:
        return
    if benefit.unit is Unit.PLACES and benefit.step != 1:
        yield "benefit.step: a place is not counted in steps"
    if benefit.unit is Unit.MINUTES and benefit.units_per_award % benefit.step:
        yield "benefit.step: units_per_award are whole steps"
    if (value.smallest_minor, value.largest_minor) != (benefit.award_minor, benefit.award_minor):
        yield f"value: smallest_minor and largest_minor are units_per_award × unit_value_minor, {benefit.award_minor}"
    if (value.intensity_bp, value.own_contribution_bp) != (10_000, 0):
        yield "value: there is no cost to share: intensity_bp is 10,000, own_contribution_bp is 0"
    if policy.selection.when_short == "partial":
        yield "selection.when_short: a voucher is not given in part"
    yield from (f"{name}: nothing is bought or paid in a scheme with [benefit]" for name in _OF_MONEY if getattr(policy, name) is not None)
