"""An officer has a file judged by the rules of its policy."""

from uuid import UUID

from services.applications.domain.eligibility import Assessment, assess, local_day
from services.applications.domain.form import Form, known, read_form
from services.applications.domain.relations import relations_of
from services.applications.locks import lock_case
from services.applications.steps.complete_screening import complete_screening
from services.applications.tables import ApplicationRow, CallRow
from shared.contracts.applications import ApplicationFoundEligible, ApplicationFoundIneligible
from shared.contracts.common import Relation
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict
from shared.kernel.ids import keyed_hash
from shared.messaging.context import Context
from shared.messaging.outbox import publish
from shared.policy.schema import Policy


async def screen_application(context: Context, hash_key: bytes, application_id: UUID) -> ApplicationRow:
    """Found eligible or ineligible, with every rule's result. What is screened stays as it is; `Conflict` in another state."""
    application, call = await lock_case(context, application_id)
    authorise(context.actor, Permission.SCREEN_APPLICATION, region=application.region)
    if application.state in ("eligible", "ineligible"):
        return application
    if application.state != "submitted":
        raise Conflict("wrong-state", f"The application is {application.state}.", state=application.state)
    decide(context, application, call, context.policies.get(call.policy_id), hash_key)
    await complete_screening(context, call)
    return application


def decide(context: Context, application: ApplicationRow, call: CallRow, policy: Policy, hash_key: bytes) -> Assessment:
    """The rules' verdict on a submitted application, written down and told. De minimis aid counts back from today."""
    form = read_form(application.form)
    verdict = assess(policy, form, local_day(context.now, policy))
    application.assessment = verdict.model_dump(mode="json")
    application.screened_at = application.changed_at = context.now
    if verdict.eligible:
        application.state, application.amount_minor = "eligible", verdict.amount_minor
        event = _eligible(application, call, form, hash_key)
        publish(context, event, reason="all-rules-passed", policy_id=policy.id)
    else:
        find_ineligible(context, application, call, verdict.failed)
    return verdict


def find_ineligible(context: Context, application: ApplicationRow, call: CallRow, rules: list[str]) -> None:
    application.state, application.failed_rules = "ineligible", rules
    application.live_slot = application.repair_by = None
    event = ApplicationFoundIneligible(
        application_id=application.id, call_id=call.id, region=call.region, sequence=known(application.sequence), rules=rules
    )
    publish(context, event, reason=rules[0], policy_id=call.policy_id)


def _eligible(application: ApplicationRow, call: CallRow, form: Form, hash_key: bytes) -> ApplicationFoundEligible:
    return ApplicationFoundEligible(
        application_id=application.id,
        call_id=call.id,
        region=call.region,
        sequence=known(application.sequence),
        submitted_at=known(application.submitted_at),
        organisation_id=application.organisation_id,
        requested_minor=known(application.requested_minor),
        amount_minor=known(application.amount_minor),
        currency=call.currency,
        policy_id=call.policy_id,
        language=known(form.language),
        topics=form.project.topics,
        relations=[Relation(kind=kind, hash=keyed_hash(hash_key, kind, value)) for kind, value in relations_of(form)],
    )
