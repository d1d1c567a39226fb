"""An applicant hands in a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, select
from sqlmodel import col

from services.applications.domain.duplicates import is_repeated
from services.applications.domain.form import Form, known, read_form
from services.applications.domain.receipt import receipt_number
from services.applications.domain.submission import Project, Window, check_complete, check_time
from services.applications.locks import lock_case
from services.applications.tables import LIVE, ApplicationRow, CallRow
from shared.contracts.applications import ApplicationSubmitted
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict
from shared.messaging.context import Context
from shared.messaging.outbox import publish
from shared.policy.schema import Policy

_LIVE = select(
    *(col(getattr(ApplicationRow, it)) for it in ("call_id", "live_slot", "title", "requested_minor", "starts_on", "ends_on", "decision"))
).where(
    col(ApplicationRow.organisation_id) == bindparam("organisation"),
    col(ApplicationRow.id) != bindparam("this"),
    col(ApplicationRow.state).in_(LIVE),
)


@dataclass(frozen=True, slots=True)
class Filing:
    """One application about to be handed in, its rows locked."""

    application: ApplicationRow
    call: CallRow
    policy: Policy
    form: Form


async def submit_application(context: Context, application_id: UUID) -> ApplicationRow:
    """Hands in a draft, or a returned file once more (receipt and sequence stay, `revision` counts). What has been handed in
    stays as it is. `Refused` with the first reason; 'incomplete' names all that is missing."""
    application, call = await lock_case(context, application_id)
    authorise(context.actor, Permission.WRITE_APPLICATION, region=application.region, owner=application.organisation_id)
    if application.state in ("submitted", "eligible", "ineligible"):
        return application
    filing = Filing(application, call, context.policies.get(call.policy_id), read_form(application.form))
    await hand_in(context, filing, regions={policy.region for policy in context.policies.all()})
    return application


async def hand_in(context: Context, filing: Filing, regions: set[str]) -> None:
    application, call, form = filing.application, filing.call, filing.form
    window = Window(call.opens_at, call.closes_at, call.state == "closed", filing.policy.zone)
    check_time(application.state, application.repair_by, window, context.now)
    project = check_complete(form, filing.policy, regions)
    rivals = await _rivals(context, application)
    _check_not_repeated(rivals, project)
    if application.state == "draft":
        application.live_slot = _free_slot(rivals, call.id, filing.policy)
        _number(context, application, call)
    application.state, application.repair_by, application.changed_at = "submitted", None, context.now
    application.revision += 1
    reason = "submitted" if application.revision == 1 else "mended"
    publish(context, _event(application, call, form, project), reason=reason, policy_id=call.policy_id)


async def _rivals(context: Context, application: ApplicationRow) -> Sequence[Row[Any]]:
    """What else of the organisation competes, in every call."""
    return (await context.session.execute(_LIVE, {"organisation": application.organisation_id, "this": application.id})).all()


def _check_not_repeated(rivals: Sequence[Row[Any]], project: Project) -> None:
    """Among the projects with the same amount and dates; what was refused may come again."""
    this = (project.requested_minor, project.starts_on, project.ends_on)
    alike = [it.title or "" for it in rivals if it.decision != "refused" and (it.requested_minor, it.starts_on, it.ends_on) == this]
    if is_repeated(project.title, alike):
        raise Conflict("duplicate-application", "This project was handed in already.", field="project.title")


def _free_slot(rivals: Sequence[Row[Any]], call_id: UUID, policy: Policy) -> int:
    """The first free place of the organisation in the call; the policy says how many there are."""
    used = {rival.live_slot for rival in rivals if rival.call_id == call_id}
    most = policy.eligibility.live_applications_per_call
    for slot in range(1, most + 1):
        if slot not in used:
            return slot
    raise Conflict("live-application-exists", f"An organisation has at most {most} applications in this call.", most=most)


def _number(context: Context, application: ApplicationRow, call: CallRow) -> None:
    """The next sequence number. Of two who waited for the call's row, the one that came later has the later moment."""
    call.submitted += 1
    submitted_at = max(context.now, call.last_submitted_at or context.now)
    call.last_submitted_at = application.submitted_at = submitted_at
    application.sequence = call.submitted
    application.receipt = receipt_number(call.region, known(call.number), call.submitted)


def _event(application: ApplicationRow, call: CallRow, form: Form, project: Project) -> ApplicationSubmitted:
    return ApplicationSubmitted(
        application_id=application.id,
        call_id=call.id,
        region=call.region,
        revision=application.revision,
        sequence=known(application.sequence),
        receipt=known(application.receipt),
        submitted_at=known(application.submitted_at),
        organisation_id=application.organisation_id,
        requested_minor=project.requested_minor,
        currency=call.currency,
        policy_id=call.policy_id,
        partner_region=form.project.partner_region,
        s3_field=form.project.s3_field,
    )
