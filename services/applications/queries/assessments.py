"""Assessments as they are shown: each rule with its message in the reader's language."""

from services.applications.domain.costs import cost_sums
from services.applications.domain.eligibility import Assessment, assess, local_day
from services.applications.domain.form import stored_form, unanswered
from services.applications.domain.headroom import headroom
from services.applications.queries.awards import awards_of
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
from shared.messaging.context import Context
from shared.policy.schema import Policy


async def eligibility_of(context: Context, application: ApplicationRow, call: CallRow, language: str) -> EligibilityView:
    """The result of screening; before it, how the rules would decide now. Sums and headroom are those of now."""
    policy, form, definition = context.policies.get(call.policy_id), stored_form(application.form), context.policies.form(call.form_id)
    stored, today = _stored(application), local_day(context.now, policy)
    shown = shown_assessment(stored or assess(policy, form, today), policy, language)
    awards = await awards_of(context, application, policy)
    return EligibilityView(
        **shown.model_dump(),
        application_id=application.id,
        state=application.state,
        screened=stored is not None,
        missing=unanswered(form, definition),
        currency=policy.currency,
        value=ValueView.model_validate(policy.value, from_attributes=True),
        costs=CostsView.model_validate(cost_sums(policy, form, definition), from_attributes=True),
        de_minimis=HeadroomView.model_validate(headroom(policy, form, awards, today), from_attributes=True),
    )


def screening_of(context: Context, application: ApplicationRow, language: str) -> ScreeningView:
    """A screened application with the results of the rules; without them when it was not corrected in time, and so never judged."""
    stored = _stored(application)
    shown = shown_assessment(stored, context.policies.get(stored.policy_id), language) if stored else None
    return ScreeningView(application_id=application.id, state=application.state, assessment=shown)


def _stored(application: ApplicationRow) -> Assessment | None:
    return None if application.assessment is None else Assessment.model_validate(application.assessment)


def shown_assessment(assessment: Assessment, policy: Policy, language: str) -> AssessmentView:
    """The verdicts with the messages of the policy."""
    messages = {rule.id: rule.text(language) for rule in policy.eligibility.rules}
    rules = [RuleVerdictView(**verdict.model_dump(), message=messages[verdict.rule]) for verdict in assessment.rules]
    return AssessmentView(**assessment.model_dump(exclude={"rules"}), rules=rules)
