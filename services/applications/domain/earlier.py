"""What an applicant has in a scheme already, beside the application that is judged: by it types, rates and limits of the policy count."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from services.applications.domain.form import Form
from shared.policy.schema import Policy

VOUCHER_TYPE, RECOVERS_VAT, OWN_HOURS = "voucher-type", "recovers-vat", "own-hours"
"""The codes of the questions for the type of voucher, whether the firm gets VAT back, and the hours (hundredths) of its own people."""


@dataclass(frozen=True, slots=True)
class Held:
    """Another application of the applicant in the scheme that was found eligible and is not refused. `outcome`: how its voucher ended, None
    while it goes on or there is none; `submitted_on` is a day of the region."""

    voucher_type: str | None
    amount_minor: int
    submitted_on: date
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Earlier:
    """`types`: of the vouchers that keep their place. `year_granted_minor`: their aid, of those submitted in the year that counts;
    `live_projects`: those that are not closed. `provider_ties`: what the applicant has in common with providers of the catalogue."""

    types: tuple[str | None, ...] = ()
    year_granted_minor: int = 0
    live_projects: int = 0
    provider_ties: tuple[str, ...] = ()

    @property
    def vouchers_held(self) -> int:
        return len(self.types)

    def left_of_year(self, policy: Policy) -> int | None:
        """What is left of the yearly aid, at least 0; None where the policy has no such limit."""
        most = policy.limits.yearly_minor if policy.limits else None
        return None if most is None else max(0, most - self.year_granted_minor)


NOTHING_EARLIER = Earlier()


def earlier_of(policy: Policy, held: Iterable[Held], year: int) -> Earlier:
    """`year`: in which the application that is judged was submitted."""
    kept = [one for one in held if policy.limits is None or not policy.limits.frees(one.outcome)]
    return Earlier(
        types=tuple(one.voucher_type for one in kept),
        year_granted_minor=sum(one.amount_minor for one in kept if one.submitted_on.year == year),
        live_projects=sum(one.outcome is None for one in kept),
    )


def chosen_type(form: Form) -> str | None:
    """The type of voucher that the applicant chose, where the form asks for it."""
    given = form.extra.get(VOUCHER_TYPE)
    return given if isinstance(given, str) else None


def recovers_vat(form: Form) -> bool | None:
    """What the firm declared; None where the form does not ask."""
    given = form.extra.get(RECOVERS_VAT)
    return given if isinstance(given, bool) else None


def own_hours_minor(policy: Policy, form: Form) -> int:
    """What the declared hours come to; 0 where the policy counts none, or none are declared."""
    given = form.extra.get(OWN_HOURS)
    if policy.own_hours is None or not isinstance(given, int) or isinstance(given, bool):
        return 0
    return policy.own_hours.value_of(given)
