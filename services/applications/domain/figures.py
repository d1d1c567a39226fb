"""Figures and keys of an applicant that cannot be right, whatever the rules of the call: said while one types, refused at entry."""

from collections.abc import Iterator, Mapping
from typing import Any

from services.applications.domain.answers import Fault, Setting
from services.applications.domain.form import Form
from shared.classifications import Fault as CodeFault
from shared.classifications.editions import NEWER, OLDER, has_two_meanings, revisions_of
from shared.classifications.tax_numbers import UNKNOWN, refused_number, seller_number_fault, tax_number_fault
from shared.kernel.errors import Refused
from shared.kernel.money import BASIS, Money
from shared.policy.form import EXTRA, FormDefinition

REVISIONS: Mapping[str, str] = {"rev-2": OLDER, "rev-2-1": NEWER}
"""Answer to the question for the list of the activity code → revision of NACE."""
_HALF_BP = 5_000
_OWN, _OTHER, _REVISION = "costs.own_contribution_minor", "costs.other_public_minor", "applicant.activity_revision"


def figures_at_odds(form: Form, definition: FormDefinition, setting: Setting) -> list[Fault]:
    """Numbers that no register gives out, codes of another list, a project that is over, costs that nobody pays, shares of more than the
    whole. What only later forms ask is found on those alone; an answer that is missing contradicts nothing."""
    return [
        *_tax_numbers(form, definition, setting), *_activity(form, definition), *_time(form, setting), *_cover(form, definition, setting),
        *_holders(form),
    ]  # fmt: skip


def refusal_of(fault: Fault) -> Refused | None:
    """The refusal of a submission for what `figures_at_odds` has found; None for a fault of another kind."""
    facts, field = dict(fault.facts), ".".join(map(str, (fault.question, *fault.inside)))
    if fault.kind.startswith("tax_number"):
        return refused_number(CodeFault(fault.kind, fault.facts), field)
    return _refused_code(fault.kind, field, facts) or _refused_figure(fault.kind, field, facts)


def _refused_code(kind: str, field: str, facts: Mapping[str, Any]) -> Refused | None:
    if kind == "nace_other_revision":
        return Refused("nace-other-revision", "{activity} is not a code of NACE Rev. {stated}, but of NACE Rev. {revision}.",
                       field=field, activity=facts["activity"], stated=facts["stated"], revision=facts["revision"])  # fmt: skip
    if kind == "nace_revision_needed":
        return Refused(
            "nace-revision-needed",
            "{activity} is one activity in NACE Rev. 2 and another one in NACE Rev. 2.1. Say from which list the code is.",
            field=field,
            activity=facts["activity"],
        )
    return None


def _refused_figure(kind: str, field: str, facts: Mapping[str, Any]) -> Refused | None:
    if kind == "project_over":
        return Refused(
            "project-over",
            "The project is over since {ended_on}. What is completed before the application cannot be funded.",
            field=field,
            ended_on=facts["ended_on"],
        )
    if kind == "cost_uncovered":
        return Refused(
            "cost-uncovered",
            "{amount} of the total cost is not covered. Aid, own contribution and other public funding together make the total cost.",
            field=field,
            amount=facts["amount"],
        )
    if kind == "cost_exceeded":
        return Refused("cost-exceeded", "Aid, own contribution and other public funding are {amount} more than the total cost.",
                       field=field, amount=facts["amount"])  # fmt: skip
    if kind == "holders_linked":
        return Refused(
            "holders-linked",
            "Holders with more than half of the firm together are linked to it: list them as public bodies or as related firms.",
            field=field,
        )
    if kind == "shares_above_whole":
        return Refused("shares-above-whole", "Together the shares are more than the whole firm.", field=field)
    return None


def _tax_numbers(form: Form, definition: FormDefinition, setting: Setting) -> Iterator[Fault]:
    """Of the applicant, of related firms, and of organisations that a region asks for."""
    applicant = form.applicant
    if applicant.tax_number and applicant.country:
        yield from _numbers("applicant.tax_number", (), tax_number_fault(applicant.country, applicant.tax_number))
    home = applicant.country or setting.policy.calendar.country
    for row, firm in enumerate(form.firm.related):
        if firm.tax_number:
            yield from _numbers("firm.related", (row, "tax_number"), _of_country(firm.country, home, firm.tax_number))
    for question in definition.questions:
        given = form.extra.get(question.id.removeprefix(EXTRA)) if question.answer.type == "organisation" else None
        if isinstance(given, dict) and isinstance(number := given.get("tax_number"), str):
            yield from _numbers(question.id, ("tax_number",), _of_country(given.get("country"), home, number))


def _of_country(country: Any, home: str, number: str) -> CodeFault | None:
    return tax_number_fault(country, number) if isinstance(country, str) and country else seller_number_fault(home, number)


def _numbers(question: str, inside: tuple[str | int, ...], found: CodeFault | None) -> Iterator[Fault]:
    """A number of a country whose check is not known is taken as it is."""
    if found is not None and found.kind != UNKNOWN:
        yield Fault(question, found.kind, found.facts, inside)


def _activity(form: Form, definition: FormDefinition) -> Iterator[Fault]:
    code = form.applicant.activity_code
    known = revisions_of(code or "")
    if code is None or not known or _REVISION not in definition.by_id:
        return
    stated = REVISIONS.get(form.applicant.activity_revision or "")
    if stated is None and has_two_meanings(code):
        yield Fault(_REVISION, "nace_revision_needed", {"activity": code})
    if stated is not None and stated not in known:
        yield Fault("applicant.activity_code", "nace_other_revision", {"activity": code, "stated": stated, "revision": known[0]})


def _time(form: Form, setting: Setting) -> Iterator[Fault]:
    """Source: Regulation (EU) 2021/1060, Article 63(6): no operation that was completed before the application was submitted."""
    ends_on = form.project.ends_on
    if ends_on is not None and ends_on < (setting.applied_on or setting.today):
        yield Fault("project.ends_on", "project_over", {"ended_on": ends_on})


def _cover(form: Form, definition: FormDefinition, setting: Setting) -> Iterator[Fault]:
    """Every cent of the cost has somebody who pays it, and no cent has two."""
    costs = form.costs
    parts = (costs.requested_minor, costs.own_contribution_minor, costs.other_public_minor)
    if _OTHER not in definition.by_id or costs.total_cost_minor is None or None in parts:
        return
    gap = costs.total_cost_minor - sum(part or 0 for part in parts)
    if gap:
        kind = "cost_uncovered" if gap > 0 else "cost_exceeded"
        yield Fault(_OWN, kind, {"amount": Money(abs(gap), setting.policy.currency)})


def _holders(form: Form) -> Iterator[Fault]:
    """Source: Recommendation 2003/361/EC, annex, Article 3(2): these holders leave a firm autonomous unless they are linked to it,
    individually or jointly."""
    exempt = sum(holder.share_bp for holder in form.firm.exempt_holders or ())
    if exempt > _HALF_BP:
        yield Fault("firm.exempt_holders", "holders_linked")
    elif exempt + (form.firm.public_control_bp or 0) > BASIS:
        yield Fault("firm.exempt_holders", "shares_above_whole")
