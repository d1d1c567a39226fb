"""What one case gets by its policy: the limits and the rate for its type of voucher, size of firm and number of vouchers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.calendars.time_limit import last_day
from shared.kernel.money import Money
from shared.policy.aid import LIMITS_IN_RULES, VoucherType
from shared.policy.schema import Policy


@dataclass(frozen=True, slots=True)
class CaseTerms:
    """Minor units of the policy's currency, shares in basis points. `intensity_bp` is 0 where no rate holds for the case: it gets nothing.
    At most `largest_cost_minor` of the cost counts; None: all of it. `recovers_vat`: as the firm declared it, None where it was not asked.
    """

    smallest_minor: int
    largest_minor: int
    intensity_bp: int
    own_contribution_bp: int
    voucher_type: str | None = None
    largest_cost_minor: int | None = None
    staff_from: int = 0
    recovers_vat: bool | None = None

    def aid_for(self, cost: Money) -> Money:
        """What may be asked for a project of this cost: the cost that counts × intensity rounded down, at most the largest voucher."""
        return min(self.aid_share(cost), Money(self.largest_minor, cost.currency))

    def aid_share(self, cost: Money) -> Money:
        """The same, whatever the largest voucher."""
        counted = cost if self.largest_cost_minor is None else min(cost, Money(self.largest_cost_minor, cost.currency))
        return counted.share(self.intensity_bp)


def case_terms(
    policy: Policy, voucher_type: str | None = None, size: str | None = None, number: int = 1, recovers_vat: bool | None = None
) -> CaseTerms:
    """For the applicant's voucher of this number in the scheme. An unknown or missing type gets nothing where the scheme has types."""
    value, kind = policy.value, type_of(policy, voucher_type)
    intensity, own = value.intensity_bp, value.own_contribution_bp
    if policy.rates is not None:
        row = next((one for one in policy.rates if one.holds(voucher_type, size, number)), None)
        intensity, own = (row.intensity_bp, row.own_contribution_bp) if row else (0, 0)
    if kind is None:
        lost = policy.voucher_types is not None
        return CaseTerms(value.smallest_minor, value.largest_minor, 0 if lost else intensity, own, recovers_vat=recovers_vat)
    return CaseTerms(
        smallest_of(policy, kind.id),
        kind.largest_minor,
        intensity,
        own,
        kind.id,
        kind.largest_cost_minor,
        kind.staff_from or 0,
        recovers_vat=recovers_vat,
    )


def smallest_of(policy: Policy, voucher_type: str | None) -> int:
    """The least that a voucher of the type may come to, and so an award in part: that of the type where it has one, else the policy's."""
    kind = type_of(policy, voucher_type)
    return policy.value.smallest_minor if kind is None or kind.smallest_minor is None else kind.smallest_minor


def type_of(policy: Policy, voucher_type: str | None) -> VoucherType | None:
    return next((one for one in policy.voucher_types or () if one.id == voucher_type), None)


def granted_rate(policy: Policy, terms: Mapping[str, Any] | None) -> int:
    """The rate of an award: that of its case, else the policy's. `terms`: as the award has them (`shared.contracts.common.AwardTerms`)."""
    return policy.value.intensity_bp if terms is None else int(terms["intensity_bp"])


def granted_most(policy: Policy, terms: Mapping[str, Any] | None, awarded_minor: int | None = None) -> int:
    """The most that the voucher of an award may come to, also by a change. Where the own share is a deposit, no more than was awarded: the
    deposit is that of the award, and of a larger cost a part of the own share would not be paid in."""
    most = policy.value.largest_minor if terms is None else int(terms["largest_minor"])
    return most if policy.deposit is None or awarded_minor is None else min(most, awarded_minor)


def has_case_terms(policy: Policy) -> bool:
    """True when cases of the policy differ, so that what one gets travels with its award."""
    return any((policy.voucher_types, policy.rates, policy.limits, policy.vat))


def counts_earlier(policy: Policy) -> bool:
    """True when it matters what the applicant has in the scheme already."""
    return policy.limits is not None or any(one.until_voucher for one in policy.rates or ())


def allows(policy: Policy, voucher_type: str | None, intensity_bp: int, largest_minor: int) -> bool:
    """Whether a case of the policy can have this type and rate, and a voucher of at most `largest_minor`."""
    kind = type_of(policy, voucher_type)
    rates = {policy.value.intensity_bp} if policy.rates is None else {
        one.intensity_bp for one in policy.rates if one.voucher_type in (None, voucher_type)
    }  # fmt: skip
    known = voucher_type is None if policy.voucher_types is None else kind is not None
    most = policy.value.largest_minor if kind is None else kind.largest_minor
    return known and intensity_bp in rates and 0 < largest_minor <= most


def is_in_time(policy: Policy, starts_on: Any, ends_on: Any) -> bool | None:
    """Whether a project ends within the longest time that the policy allows from its start; None while a day is missing."""
    if starts_on is None or ends_on is None:
        return None
    longest = policy.limits.project_longest if policy.limits else None
    return longest is None or ends_on <= last_day(longest, starts_on, policy.region_calendar)


def limit_constants(policy: Policy) -> dict[str, object]:
    """The limits as eligibility rules read them, `policy.<name>`; none that the policy does not give."""
    if (limits := policy.limits) is None:
        return {}
    given = {"vouchers_max": limits.vouchers_max, "yearly_minor": limits.yearly_minor, "live_projects_max": limits.live_projects_max}
    return {name: value for name, value in given.items() if value is not None}


def unused_limits(policy: Policy) -> list[str]:
    """Limits of the file that no eligibility rule names, so that they would hold for nobody; a rate or a type that no rule asks for."""
    named = " ".join(rule.expression for rule in policy.eligibility.rules)
    limits = policy.limits.model_dump(exclude_none=True) if policy.limits else {}
    words = {name: word for name, word in LIMITS_IN_RULES.items() if name in limits and word not in named}
    unused = [f"limits.{name}: no eligibility rule names {word}" for name, word in words.items()]
    if policy.limits is not None and policy.limits.one_of_a_type and "same_type_held" not in named:
        unused.append("limits.one_of_a_type: no eligibility rule names same_type_held")
    if policy.rates is not None and "policy.intensity_bp > 0" not in named:
        unused.append("rates: no eligibility rule asks that policy.intensity_bp > 0")
    if policy.voucher_types is not None and "voucher_type" not in named:
        unused.append("voucher_types: no eligibility rule names voucher_type")
    if any(one.staff_from for one in policy.voucher_types or ()) and "policy.staff_from" not in named:
        unused.append("voucher_types: no eligibility rule names policy.staff_from")
    return unused
