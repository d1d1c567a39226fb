"""Judges an application by the eligibility rules of its policy. The facts come from the form."""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from services.applications.domain.earlier import NOTHING_EARLIER, Earlier, chosen_type, own_hours_minor, recovers_vat
from services.applications.domain.figures import REVISIONS
from services.applications.domain.firm_size import Figures, Size, figures_of, size_of
from services.applications.domain.form import DeMinimis, Form, answer_at
from services.applications.domain.providers import PROVIDER_APPLIES, asks_for_ties
from shared.classifications.editions import activities_in
from shared.kernel.errors import Conflict
from shared.kernel.money import Money
from shared.policy.case_terms import CaseTerms, case_terms, is_in_time
from shared.policy.expressions import Fault
from shared.policy.rules import Fact, check_eligibility
from shared.policy.schema import Policy
from shared.policy.state_aid import counts_on

NONE = "none"
"""The option by which an applicant declares that no other one holds."""
NOT_REPAIRED = "not-repaired"
"""The rule that fails when a returned application is not corrected in time."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Values computed over several answers: the firm with its related firms, and the de minimis aid that counts today."""

    figures: Figures
    declared_aid_minor: int
    de_minimis: DeMinimis


@dataclass(frozen=True, slots=True)
class FormFact:
    """A fact with the path of its answer in the form; `total` computes the fact when it is not that answer itself. `instead`: answers that
    other forms ask in its place."""

    path: str
    total: Callable[[Totals], Fact] | None = None
    instead: tuple[str, ...] = ()

    def path_in(self, asked: Container[str]) -> str | None:
        """The question of a form (`asked`: its ids) that the fact comes from; None where it asks neither."""
        return next((path for path in (self.path, *self.instead) if path in asked), None)


FORM_FACTS: Mapping[str, FormFact] = {
    "staff": FormFact("firm.staff", lambda totals: _whole(totals.figures.staff), ("firm.staff_hundredths",)),
    "turnover_minor": FormFact("firm.turnover_minor", lambda totals: totals.figures.turnover_minor),
    "balance_minor": FormFact("firm.balance_minor", lambda totals: totals.figures.balance_minor),
    "public_control_bp": FormFact("firm.public_control_bp"),
    "activity_code": FormFact("applicant.activity_code"),
    "country": FormFact("applicant.country"),
    "nuts": FormFact("applicant.nuts"),
    "place": FormFact("applicant.town"),
    "total_cost_minor": FormFact("costs.total_cost_minor"),
    "requested_minor": FormFact("costs.requested_minor"),
    "own_contribution_minor": FormFact("costs.own_contribution_minor"),
    "other_public_minor": FormFact("costs.other_public_minor"),
    "de_minimis_declared": FormFact("de_minimis.declared"),
    "de_minimis_declared_minor": FormFact("de_minimis.aid", lambda totals: totals.declared_aid_minor),
    "excluded_sectors": FormFact("de_minimis.sectors", lambda totals: excluded_sectors(totals.de_minimis)),
    "excluded_purposes": FormFact("de_minimis.purposes", lambda totals: _named(totals.de_minimis.purposes)),
}
"""Each fact of `shared.policy.rules.FACTS` that an answer of every form gives, by its name there."""
CASE_FACTS: Mapping[str, str] = {
    "voucher_type": "extra.voucher-type",
    "size": "firm.staff",
    "project_in_time": "project.ends_on",
    "own_hours_minor": "extra.own-hours",
    **dict.fromkeys(("vouchers_held", "same_type_held", "year_granted_minor", "live_projects"), "costs.requested_minor"),
}
"""Each other fact, with the answer that a rule about it is shown at: what was chosen or computed, and what the applicant has already."""


class RuleVerdict(BaseModel):
    """The result of one rule: the answer it is about, and the facts it used. Its message is looked up in the policy when shown.
    `overruled`: two officers have decided `passed`, against the rule. `fault`: why the rule could not be judged."""

    model_config = ConfigDict(frozen=True)

    rule: str
    passed: bool
    overruled: bool = False
    field: str
    facts: dict[str, Any]
    fault: Fault | None = Field(default=None, exclude_if=lambda fault: fault is None)


class Assessment(BaseModel):
    """The result of all rules. `amount_minor` is the aid that would be granted: the request, at most what intensity and the largest
    voucher allow. `size` and `amount_minor` are None while an answer that they need is missing. `terms`: what the case gets, None of one
    that was judged before cases of a scheme differed."""

    model_config = ConfigDict(frozen=True)

    eligible: bool
    policy_id: str
    size: Size | None
    amount_minor: int | None
    rules: list[RuleVerdict]
    terms: CaseTerms | None = None

    def check_judged(self) -> None:
        """`Conflict` 'rule-at-fault' when a rule could not be judged and no two officers have decided in its place."""
        for verdict in self.rules:
            if verdict.fault is not None and not verdict.overruled:
                raise Conflict(
                    "rule-at-fault",
                    "The rule {rule} of the policy cannot be applied to this application ({fault}), so nothing was decided. The policy has "
                    "to be corrected first.",
                    rule=verdict.rule,
                    fault=verdict.fault.value,
                )

    @property
    def failed(self) -> list[str]:
        return [verdict.rule for verdict in self.rules if not verdict.passed]


def assess(policy: Policy, form: Form, on: date, earlier: Earlier = NOTHING_EARLIER) -> Assessment:
    """Every rule's verdict for this form. `on` is the local day of assessment, from which the years of de minimis aid count back; `earlier`
    is what the applicant has in the scheme already."""
    terms = terms_of(policy, form, earlier)
    results = check_eligibility(policy, facts_of(policy, form, on, earlier), terms)
    verdicts = [
        RuleVerdict(
            rule=result.rule_id,
            passed=result.passed,
            field=_path_of(result.field, form),
            facts=dict(result.facts_used),
            fault=result.fault,
        )
        for result in results
    ]
    verdicts += _of_platform(policy, earlier)
    return Assessment(
        eligible=all(verdict.passed for verdict in verdicts),
        policy_id=policy.id,
        size=firm_size(policy, form),
        amount_minor=aid_minor(policy, form, earlier),
        rules=verdicts,
        terms=terms,
    )


def _of_platform(policy: Policy, earlier: Earlier) -> list[RuleVerdict]:
    """Rules that no policy writes down, because they follow from another of its tables."""
    if not asks_for_ties(policy):
        return []
    facts = {"provider_ties": list(earlier.provider_ties)}
    return [RuleVerdict(rule=PROVIDER_APPLIES, passed=not earlier.provider_ties, field="applicant.tax_number", facts=facts)]


def firm_size(policy: Policy, form: Form) -> Size | None:
    """With its related firms; None while a figure is missing."""
    return size_of(figures_of(form.firm), Decimal(policy.de_minimis.eur_rate))


def terms_of(policy: Policy, form: Form, earlier: Earlier = NOTHING_EARLIER) -> CaseTerms:
    """What the case gets, by its type, the size of the firm and the number of its vouchers."""
    return case_terms(policy, chosen_type(form), firm_size(policy, form), earlier.vouchers_held + 1, recovers_vat(form))


def facts_of(policy: Policy, form: Form, on: date, earlier: Earlier = NOTHING_EARLIER) -> dict[str, Fact]:
    """The facts that rules may use, by name; related firms count into the size."""
    totals = Totals(figures_of(form.firm), declared_aid_minor(form, on, policy.de_minimis.window_years), form.de_minimis)
    answers: dict[str, Fact] = {name: fact.total(totals) if fact.total else answer_at(form, fact.path) for name, fact in FORM_FACTS.items()}
    size = firm_size(policy, form)
    return answers | {
        "activity_code": activity_of(policy, form),
        "voucher_type": chosen_type(form),
        "size": None if size is None else size.value,
        "project_in_time": is_in_time(policy, form.project.starts_on, form.project.ends_on),
        "own_hours_minor": own_hours_minor(policy, form),
        "vouchers_held": earlier.vouchers_held,
        "same_type_held": earlier.types.count(chosen_type(form)),
        "year_granted_minor": earlier.year_granted_minor,
        "live_projects": earlier.live_projects,
    }


def activity_of(policy: Policy, form: Form) -> str | None:
    """The activity as a code of the revision in which the policy lists activities: of several classes that have a part of it, one that the
    list has. Where the policy names no revision, the code that was given."""
    code, rules = form.applicant.activity_code, policy.eligibility
    if code is None or rules.activity_revision is None:
        return code
    found = activities_in(rules.activity_revision, code, REVISIONS.get(form.applicant.activity_revision or ""))
    return next((one for one in found if one.startswith(rules.activity_codes)), found[0])


def declared_aid_minor(form: Form, on: date, window_years: int) -> int:
    """The de minimis aid granted within the years before `on`, rolling day by day (Regulation (EU) 2023/2831, article 3)."""
    return sum(aid.amount_minor for aid in form.de_minimis.aid if counts_on(aid.granted_on, on, window_years))


def excluded_sectors(declared: DeMinimis) -> list[str] | None:
    """The sectors outside the regulation in which the firm is active, unless they are kept apart so that they have no part of the aid
    (Regulation (EU) 2023/2831, article 1(2)). None while the question has no answer."""
    named = _named(declared.sectors)
    return [] if named and declared.apart else named


def _named(codes: list[str] | None) -> list[str] | None:
    """Without the code that says that there is none; None where nothing is declared."""
    return [code for code in codes if code != NONE] if codes else None


def aid_minor(policy: Policy, form: Form, earlier: Earlier = NOTHING_EARLIER, terms: CaseTerms | None = None) -> int | None:
    """The aid that would be granted, in minor units: where the policy cuts what is above a yearly limit, at most what is left of it. None
    while the cost or the request is missing. `terms`: what the case gets, where it is known otherwise than by `earlier`."""
    requested, cost = form.costs.requested_minor, form.costs.total_cost_minor
    if requested is None or cost is None:
        return None
    aid = min(requested, (terms or terms_of(policy, form, earlier)).aid_for(Money(cost, policy.currency)).minor)
    left = earlier.left_of_year(policy)
    return aid if left is None or not cuts_year(policy) else min(aid, left)


def cuts_year(policy: Policy) -> bool:
    """Whether aid above a yearly limit is cut to what is left of it."""
    return policy.limits is not None and policy.limits.yearly_excess == "cut"


def _path_of(fact: str, form: Form) -> str:
    """The path of the answer that a rule names as its field; the name itself when it is not a fact."""
    known = FORM_FACTS.get(fact)
    if known is None:
        return CASE_FACTS.get(fact, fact)
    return next((path for path in known.instead if answer_at(form, path) is not None), known.path)


def _whole(staff: Decimal | int | None) -> int | None:
    """Whole annual work units: 9.5 is fewer than 10, which a rule asks of 9 with the same answer."""
    return None if staff is None else int(staff)
