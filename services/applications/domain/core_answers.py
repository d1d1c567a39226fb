"""Whether a form of a region fits the typed form: what rules need is asked, and nothing is allowed that the typed form refuses."""

from collections.abc import Iterable, Iterator
from typing import Any

from services.applications.domain.eligibility import CASE_FACTS, FORM_FACTS
from services.applications.domain.form import Form
from shared.policy.answers import options_of
from shared.policy.form import COSTS, EXTRA, FormDefinition, Question
from shared.policy.rules import facts_named
from shared.policy.schema import Policy

_LIMITS = ("maxLength", "maximum", "maxItems")
_SCHEMA = Form.model_json_schema()


def core_faults(form: FormDefinition, policies: Iterable[Policy]) -> list[str]:
    """One line per fault. `policies`: those whose rules judge applications on this form."""
    needed = [
        fault for policy in policies for fault in [*_missing_facts(form, policy), *_other_types(form, policy), *_other_offer(form, policy)]
    ]
    return [*dict.fromkeys(needed), *(fault for one in form.questions if not one.id.startswith(EXTRA) for fault in _too_wide(one))]


def _missing_facts(form: FormDefinition, policy: Policy) -> Iterator[str]:
    for rule in policy.eligibility.rules:
        for name in facts_named(rule.expression):
            fact = FORM_FACTS.get(name)
            path = fact.path if fact else CASE_FACTS[name]
            question = form.by_id.get((fact.path_in(form.by_id) or "") if fact else path)
            if question is None and form.scheme is None and path.startswith(EXTRA):
                continue  # a question of the scheme's own form
            if form.without_costs and path.startswith(COSTS):
                continue  # the same of every application
            if question is None:
                yield f"{path}: is left out, but the rule {rule.id} needs it"
            elif question.when:
                yield f"{question.id}: is not asked of everyone, but the rule {rule.id} needs it"


def _other_offer(form: FormDefinition, policy: Policy) -> Iterator[str]:
    """A scheme that gives no money asks for no costs, and only such a scheme."""
    if form.scheme is not None and form.without_costs is not (policy.benefit is not None):
        yield f"without_costs: is {form.without_costs}, but {policy.scheme}/{policy.effective_from} gives {_given(policy)}"


def _given(policy: Policy) -> str:
    return "money" if policy.benefit is None else policy.benefit.kind


def _other_types(form: FormDefinition, policy: Policy) -> Iterator[str]:
    """The types of vouchers that one can choose are those of the policy."""
    question = form.by_id.get(CASE_FACTS["voucher_type"])
    if question is not None and {one.value for one in options_of(question.answer)} != {one.id for one in policy.voucher_types or ()}:
        yield f"{question.id}: its options are not the voucher types of {policy.scheme}/{policy.effective_from}"


def _too_wide(question: Question) -> Iterator[str]:
    ours, typed = question.answer.schema_of(), _typed(_SCHEMA, question.id)
    yield from (
        f"{question.id}: {name} is above {typed[name]}, the most of the typed form" for name in _LIMITS if _above(ours, typed, name)
    )
    if question.answer.type == "table":
        cells, columns = _resolved(typed["items"])["properties"], ours["items"]["properties"]
        needed = set(_resolved(typed["items"])["required"])
        if not needed <= set(columns) <= set(cells):
            yield f"{question.id}: its columns are {', '.join(sorted(cells))}"
            return
        wide = [key for key in columns if any(_above(columns[key], cells[key], name) for name in _LIMITS)]
        yield from (f"{question.id}: the column {key} allows more than the typed form" for key in wide)


def _above(ours: Any, typed: Any, name: str) -> bool:
    return name in typed and ours.get(name, 0) > typed[name]


def _typed(schema: Any, path: str) -> Any:
    for name in path.split("."):
        schema = _resolved(schema["properties"][name])
    return schema


def _resolved(schema: Any) -> Any:
    """Without `| None`, and what a reference stands for."""
    schema = next((one for one in schema.get("anyOf", []) if one.get("type") != "null"), schema)
    return _SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
