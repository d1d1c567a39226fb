"""What the answers about money come to, against the limits of the call: shown while one types, decided by the rules at screening."""

from dataclasses import dataclass
from enum import StrEnum

from services.applications.domain.earlier import own_hours_minor
from services.applications.domain.form import Form, answers_of
from shared.kernel.money import BASIS, Money, Rounding
from shared.policy.answers import Table
from shared.policy.case_terms import CaseTerms, case_terms
from shared.policy.form import FormDefinition
from shared.policy.schema import Policy

TOTAL = "costs.total_cost_minor"


class Excess(StrEnum):
    """Which limit is not kept."""

    BELOW_SMALLEST = "below-smallest"
    ABOVE_LARGEST = "above-largest"
    ABOVE_INTENSITY = "above-intensity"
    OWN_TOO_SMALL = "own-too-small"
    UNCOVERED = "uncovered"
    MORE_THAN_COST = "more-than-cost"
    BUDGET_DIFFERS = "budget-differs"
    HOURS_ABOVE_OWN = "hours-above-own"


@dataclass(frozen=True, slots=True)
class CostSums:
    """Minor units of the call's currency. `total_minor` is the total cost that is given, else the sum of the budget; `budget_minor` the sum
    of the tables that have to add up to it, None where the form has none or nothing stands there. `share_bp`: the aid asked of the total,
    rounded up; `most_minor`: the most that may be asked for this cost; `least_own_minor`: the least own contribution. `excesses`: by how
    much each limit that is not kept is missed, above 0. `own_hours_minor`: what the declared own hours come to, a part of the own
    contribution."""

    total_minor: int | None
    budget_minor: int | None
    requested_minor: int | None
    own_minor: int | None
    other_public_minor: int | None
    share_bp: int | None
    most_minor: int | None
    least_own_minor: int | None
    excesses: dict[Excess, int]
    own_hours_minor: int = 0


def cost_sums(policy: Policy, form: Form, definition: FormDefinition, terms: CaseTerms | None = None) -> CostSums:
    """Of the answers that are there; nothing is found wrong with one that is missing. `terms`: what the case gets; without them the
    policy's values count."""
    value = terms or case_terms(policy)
    costs, budget = form.costs, _budget(form, definition)
    requested, own = costs.requested_minor, costs.own_contribution_minor
    total = budget if costs.total_cost_minor is None else costs.total_cost_minor
    cost = None if total is None else Money(total, policy.currency)
    least_own = None if cost is None else cost.share(value.own_contribution_bp, Rounding.UP).minor
    excesses: dict[Excess, int] = {}
    if requested is not None:
        excesses[Excess.BELOW_SMALLEST] = value.smallest_minor - requested
        excesses[Excess.ABOVE_LARGEST] = requested - value.largest_minor
        if cost is not None:
            excesses[Excess.ABOVE_INTENSITY] = requested - value.aid_share(cost).minor
    if own is not None and least_own is not None:
        excesses[Excess.OWN_TOO_SMALL] = least_own - own
    if total is not None and requested is not None and own is not None:
        excesses[Excess.UNCOVERED] = total - requested - own - (costs.other_public_minor or 0)
        excesses[Excess.MORE_THAN_COST] = -excesses[Excess.UNCOVERED]
    hours = own_hours_minor(policy, form)
    if own is not None and policy.own_hours is not None:
        excesses[Excess.HOURS_ABOVE_OWN] = hours - Money(own, policy.currency).share(policy.own_hours.most_share_bp).minor
    if budget is not None and costs.total_cost_minor is not None:
        excesses[Excess.BUDGET_DIFFERS] = abs(budget - costs.total_cost_minor)
    return CostSums(
        total_minor=total, budget_minor=budget, requested_minor=requested, own_minor=own,
        other_public_minor=costs.other_public_minor,
        share_bp=-(-requested * BASIS // total) if total and requested is not None else None,
        most_minor=None if cost is None else value.aid_for(cost).minor, least_own_minor=least_own,
        excesses={name: by for name, by in excesses.items() if by > 0}, own_hours_minor=hours,
    )  # fmt: skip


def _budget(form: Form, definition: FormDefinition) -> int | None:
    answers = answers_of(form)
    columns = [
        [row.get(total.column, 0) for row in answers[one.id]]
        for one in definition.asked(answers)
        if isinstance(one.answer, Table) and one.is_answered(answers.get(one.id))
        for total in one.answer.sums
        if total.equals == TOTAL
    ]
    return sum(map(sum, columns)) if columns else None
