"""What one case may get, where it is not the same for all cases of a scheme: types of vouchers, rates by conditions, limits per
applicant, VAT and the time of grace. Each table is optional: without it the values of `[value]` hold for everybody, as before.

Units as in `sections`. What a case gets by these tables is computed in `case_terms`.
"""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from shared.calendars.time_limit import TimeLimit
from shared.kernel.money import BASIS
from shared.kernel.vocabulary import VoucherOutcome
from shared.policy.sections import BasisPoints, Minor, Slug, Strict, Titles, Value

SizeClass = Literal["micro", "small", "medium"]
"""Recommendation 2003/361/EC."""
LIMITS_IN_RULES: Mapping[str, str] = {
    "vouchers_max": "policy.vouchers_max", "yearly_minor": "year_granted_minor",
    "live_projects_max": "policy.live_projects_max", "project_longest": "project_in_time",
}  # fmt: skip
"""Limit → the name that an eligibility rule has to use, so that no limit stands in a file without effect."""


class VoucherType(Strict):
    """One kind of voucher of the scheme, which the applicant chooses (`extra.voucher-type`). At most `largest_cost_minor` of the cost
    counts; firms with a staff below `staff_from` do not get it. Without `smallest_minor` that of `[value]` holds."""

    id: Slug
    title: Titles
    largest_minor: Annotated[int, Field(gt=0)]
    smallest_minor: Minor | None = None
    largest_cost_minor: Annotated[int, Field(gt=0)] | None = None
    staff_from: Annotated[int, Field(gt=0)] | None = None


class Rate(Strict):
    """Aid of `intensity_bp` of the cost, with an own contribution of at least `own_contribution_bp`. The first row counts whose conditions
    all hold; what a row does not give is no condition. `until_voucher`: the applicant's vouchers of the scheme up to this number, the
    first is 1."""

    voucher_type: Slug | None = None
    size: SizeClass | None = None
    until_voucher: Annotated[int, Field(gt=0)] | None = None
    intensity_bp: Annotated[int, Field(gt=0, le=BASIS)]
    own_contribution_bp: BasisPoints

    @model_validator(mode="after")
    def _at_most_the_whole(self) -> Self:
        if self.intensity_bp + self.own_contribution_bp > BASIS:
            raise ValueError("intensity_bp and own_contribution_bp are more than the whole")
        return self

    def holds(self, voucher_type: str | None, size: str | None, number: int) -> bool:
        """For a voucher of this type and number of an applicant of this size."""
        return (
            self.voucher_type in (None, voucher_type)
            and self.size in (None, size)
            and (self.until_voucher is None or number <= self.until_voucher)
        )


class Limits(Strict):
    """What an applicant may have in the scheme, over all its calls. An eligible application takes its place until it is refused or
    withdrawn; a voucher keeps it unless it ended by one of `freed_by`.

    `vouchers_max`: how many; `one_of_a_type`: of each voucher type. `yearly_minor`: the aid of the applications submitted in one calendar
    year of the region; what is above it is `refused`, or `cut` to what is left. `live_projects_max`: how many not closed at a time.
    `project_longest`: from the start of a project to its end.
    """

    vouchers_max: Annotated[int, Field(gt=0)] | None = None
    one_of_a_type: Literal[True] | None = None
    yearly_minor: Annotated[int, Field(gt=0)] | None = None
    yearly_excess: Literal["refused", "cut"] | None = None
    live_projects_max: Annotated[int, Field(gt=0)] | None = None
    project_longest: TimeLimit | None = None
    freed_by: tuple[Literal["declined", "lapsed", "expired", "withdrawn", "revoked"], ...]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.yearly_minor is None) != (self.yearly_excess is None):
            raise ValueError("yearly_minor and yearly_excess are given together")
        return self

    def frees(self, outcome: str | None) -> bool:
        """True when a voucher with this outcome leaves its place. One that was not funded is decided again."""
        return outcome is not None and VoucherOutcome(outcome) in self.freed_by


class Vat(Strict):
    """Whether VAT is eligible: `never`, or where the firm cannot recover it, which it declares in the application (`extra.recovers-vat`)
    and says of each invoice."""

    eligible: Literal["never", "not-recoverable"]


class Grace(Strict):
    """How long after the end of validity an invoice may be dated for what was ordered before it. The claim window follows this time."""

    within: TimeLimit


def faults_of_aid(
    types: tuple[VoucherType, ...] | None, rates: tuple[Rate, ...] | None, value: Value, vat: Vat | None, languages: tuple[str, ...]
) -> list[str]:
    """What contradicts the rest of the policy: `[value]` has the widest limits, by which other services bound every case."""
    ids = [one.id for one in types or ()]
    found = [f"voucher_types: {name} stands twice" for name in sorted({one for one in ids if ids.count(one) > 1})]
    found += [f"voucher_types.{one.id}: its title is given in exactly the languages {', '.join(languages)}" for one in types or ()
              if set(one.title) != set(languages)]  # fmt: skip
    found += [f"rates: there is no voucher type {one.voucher_type}" for one in rates or () if one.voucher_type not in (None, *ids)]
    found += _outside(types, rates, value)
    if vat is not None and value.recoverable_vat_eligible:
        found.append("vat: recoverable_vat_eligible says that all VAT is eligible")
    return found


def _outside(types: tuple[VoucherType, ...] | None, rates: tuple[Rate, ...] | None, value: Value) -> list[str]:
    found = []
    if types and max(one.largest_minor for one in types) != value.largest_minor:
        found.append("value.largest_minor: is that of the largest voucher type")
    for one in types or ():
        least = value.smallest_minor if one.smallest_minor is None else one.smallest_minor
        if not value.smallest_minor <= least <= one.largest_minor:
            found.append(f"voucher_types.{one.id}: its smallest amount is not between that of [value] and its largest")
    if rates and max(one.intensity_bp for one in rates) != value.intensity_bp:
        found.append("value.intensity_bp: is that of the highest rate")
    if rates and min(one.own_contribution_bp for one in rates) != value.own_contribution_bp:
        found.append("value.own_contribution_bp: is the least of all rates")
    return found
