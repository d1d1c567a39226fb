"""Assessments as they are shown: each rule with its message in the reader's language."""

from uuid import UUID

from services.applications.domain.costs import cost_sums
from services.applications.domain.eligibility import CASE_FACTS, FORM_FACTS, Assessment, assess, terms_of
from services.applications.domain.form import stored_form, unanswered
from services.applications.domain.headroom import headroom
from services.applications.domain.overrules import with_overrules
from services.applications.domain.providers import PROVIDER_APPLIES
from services.applications.queries.awards import awards_of
from services.applications.queries.earlier import earlier_for
from services.applications.queries.overrules import confirmed_verdicts, overrules_of
from services.applications.queries.verdicts import (
    AssessmentView,
    CostsView,
    EligibilityView,
    HeadroomView,
    RuleVerdictView,
    ScreeningView,
    ValueView,
)
from services.applications.tables import ApplicationRow, CallRow
from shared.identity.permissions import Permission, acts_as_applicant
from shared.messaging.context import Context
from shared.policy.answers import options_of
from shared.policy.form import FormDefinition, Question
from shared.policy.schema import Policy
from shared.texts import in_language, say


async def eligibility_of(context: Context, application: ApplicationRow, call: CallRow, language: str, hash_key: bytes) -> EligibilityView:
    """The result of screening; before it, how the rules would decide now. Sums and headroom are those of now."""
    policy, form, definition = context.policies.get(call.policy_id), stored_form(application.form), context.policies.form(call.form_id)
    stored, today = _stored(application), policy.local_day(context.now)
    earlier = await earlier_for(context, application, policy, hash_key)
    assessment = stored or await _as_of_now(context, application, assess(policy, form, today, earlier))
    terms = assessment.terms or terms_of(policy, form, earlier)
    shown = shown_assessment(assessment, policy, language, definition)
    awards = await awards_of(context, application, policy)
    return EligibilityView(
        **shown.model_dump(),
        application_id=application.id,
        state=application.state,
        screened=stored is not None,
        missing=unanswered(form, definition),
        currency=policy.currency,
        value=ValueView.model_validate(terms, from_attributes=True),
        costs=CostsView.model_validate(cost_sums(policy, form, definition, terms), from_attributes=True),
        year_left_minor=earlier.left_of_year(policy),
        year_excess=policy.limits.yearly_excess if policy.limits else None,
        de_minimis=HeadroomView.model_validate(headroom(policy, form, awards, today), from_attributes=True),
    )


def screening_of(context: Context, application: ApplicationRow, language: str) -> ScreeningView:
    """A screened application with the results of the rules; without them when it was not corrected in time, and so never judged."""
    return screening_with(context, application.id, application.state, _stored(application), language)


def screening_with(context: Context, application_id: UUID, state: str, assessment: Assessment | None, language: str) -> ScreeningView:
    shown = shown_assessment(assessment, context.policies.get(assessment.policy_id), language) if assessment else None
    return ScreeningView(application_id=application_id, state=state, assessment=shown)


def _stored(application: ApplicationRow) -> Assessment | None:
    return None if application.assessment is None else Assessment.model_validate(application.assessment)


async def _as_of_now(context: Context, application: ApplicationRow, assessment: Assessment) -> Assessment:
    """With the overrules that are confirmed. Who applies sees the verdicts of the rules until screening has decided."""
    if acts_as_applicant(context.actor, Permission.READ_APPLICATION, application.region):
        return assessment
    return with_overrules(assessment, confirmed_verdicts((await overrules_of(context, [application.id])).get(application.id, [])))


def shown_assessment(assessment: Assessment, policy: Policy, language: str, definition: FormDefinition | None = None) -> AssessmentView:
    """The verdicts with the messages of the policy, and the facts with the labels of the form."""
    messages = rule_texts(policy, language)
    asked = {} if definition is None else _asked(definition)
    rules = [
        RuleVerdictView(
            **verdict.model_dump(),
            message=messages[verdict.rule],
            labels={name: in_language(asked[name].label, language) for name in verdict.facts if name in asked},
            chosen={
                name: in_language(option.label, language)
                for name, value in verdict.facts.items()
                if name in asked
                for option in options_of(asked[name].answer)
                if option.value == value
            },
        )
        for verdict in assessment.rules
    ]
    return AssessmentView(**assessment.model_dump(exclude={"rules"}), rules=rules)


def rule_texts(policy: Policy, language: str) -> dict[str, str]:
    """Rule → why an application does not pass it: those of the policy, and that of the platform."""
    return {rule.id: rule.text(language) for rule in policy.eligibility.rules} | {PROVIDER_APPLIES: _provider_applies(language)}


def _provider_applies(language: str) -> str:
    return say(
        language,
        "The applicant is a provider in the catalogue of this region, or has its tax number or an owner in common with one. A provider "
        "does not apply there: withdraw the registration as a provider first, or ask the office of the region.",
    )


def _asked(definition: FormDefinition) -> dict[str, Question]:
    """The question for each fact."""
    paths = {
        **{name: fact.path_in(definition.by_id) or "" for name, fact in FORM_FACTS.items()},
        "voucher_type": CASE_FACTS["voucher_type"],
    }
    asked = {name: definition.by_id.get(path) for name, path in paths.items()}
    return {name: question for name, question in asked.items() if question is not None}
