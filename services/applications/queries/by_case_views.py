"""The response models of what is not the same for all cases of a call. Amounts are minor units of the call's currency."""

from typing import Self

from pydantic import BaseModel

from shared.calendars.time_limit import TimeLimit
from shared.policy.schema import Policy


class VoucherTypeView(BaseModel):
    """A type of voucher that an applicant may choose, with its limits. `title` by language; at most `largest_cost_minor` of the cost
    counts; firms with a staff below `staff_from` do not get it."""

    id: str
    title: dict[str, str]
    smallest_minor: int
    largest_minor: int
    largest_cost_minor: int | None
    staff_from: int | None


class RateView(BaseModel):
    """Aid of `intensity_bp` of the costs; the first row holds whose conditions are met. `until_voucher`: the vouchers of a firm in the
    scheme up to this number."""

    voucher_type: str | None
    size: str | None
    until_voucher: int | None
    intensity_bp: int
    own_contribution_bp: int


class ByCaseView(BaseModel):
    """`voucher_types` and `rates` are empty where all cases have the same. What one firm may have at most, over all calls of the scheme: as
    many vouchers, `one_of_a_type` of each type, aid in a calendar year (`yearly_excess`: refused or cut), projects at a time, the time from
    start to end of a project. `vat_eligible`: never or not-recoverable; `grace_within`: the time after validity for invoices of what was
    ordered before; `own_hour_minor`: what an hour of the firm's own people counts as own contribution. Null: there is no such rule."""

    voucher_types: list[VoucherTypeView]
    rates: list[RateView]
    vouchers_max: int | None = None
    one_of_a_type: bool | None = None
    yearly_minor: int | None = None
    yearly_excess: str | None = None
    live_projects_max: int | None = None
    project_longest: TimeLimit | None = None
    vat_eligible: str | None = None
    grace_within: TimeLimit | None = None
    own_hour_minor: int | None = None

    @classmethod
    def of(cls, policy: Policy) -> Self:
        smallest = policy.value.smallest_minor
        types = [
            VoucherTypeView.model_validate(
                {**one.model_dump(), "smallest_minor": smallest if one.smallest_minor is None else one.smallest_minor}
            )
            for one in policy.voucher_types or ()
        ]
        return cls(
            voucher_types=types,
            rates=[RateView.model_validate(one.model_dump()) for one in policy.rates or ()],
            **(policy.limits.model_dump(exclude={"freed_by"}) if policy.limits else {}),
            vat_eligible=policy.vat.eligible if policy.vat else None,
            grace_within=policy.grace.within if policy.grace else None,
            own_hour_minor=policy.own_hours.rate_minor if policy.own_hours else None,
        )
