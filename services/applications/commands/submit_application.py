"""An applicant hands in a file."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.applications.commands.lock_case import lock_case
from services.applications.domain.duplicates import is_repeated
from services.applications.domain.form import Form, known, read_form
from services.applications.domain.receipt import receipt_number
from services.applications.domain.submission import Project, Window, check_complete, check_time
from services.applications.tables import LIVE, ApplicationRow, CallRow
from shared.contracts.applications import ApplicationSubmitted
from shared.identity.actor import Actor
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict
from shared.messaging.cause import Cause
from shared.messaging.outbox import publish
from shared.policy.resolver import PolicyBook
from shared.policy.schema import Policy


@dataclass(frozen=True, slots=True)
class Filing:
    """One application about to be handed in, its rows locked."""

    application: ApplicationRow
    call: CallRow
    policy: Policy
    form: Form


async def submit_application(session: AsyncSession, cause: Cause, actor: Actor, book: PolicyBook, application_id: UUID) -> ApplicationRow:
    """Hands in a draft, or a returned file once more (receipt and sequence stay, `revision` counts). What has been handed in
    stays as it is. `Refused` with the first reason; 'incomplete' names all that is missing."""
    application, call = await lock_case(session, application_id)
    authorise(actor, Permission.WRITE_APPLICATION, region=application.region, owner=application.organisation_id)
    if application.state in ("submitted", "eligible", "ineligible"):
        return application
    filing = Filing(application, call, book.get(call.policy_id), read_form(application.form))
    await hand_in(session, cause, filing, regions={policy.region for policy in book.all()})
    return application


async def hand_in(session: AsyncSession, cause: Cause, filing: Filing, regions: set[str]) -> None:
    application, call, form = filing.application, filing.call, filing.form
    window = Window(call.opens_at, call.closes_at, call.state == "closed", filing.policy.zone)
    check_time(application.state, application.repair_by, window, cause.now)
    project = check_complete(form, filing.policy, regions)
    await _check_not_repeated(session, application, project)
    if application.state == "draft":
        application.live_slot = await _free_slot(session, application, filing.policy)
        _number(application, call, cause)
    application.state, application.repair_by, application.changed_at = "submitted", None, cause.now
    application.revision += 1
    reason = "submitted" if application.revision == 1 else "mended"
    publish(session, cause, _event(application, call, form, project), reason=reason, policy_id=call.policy_id)


async def _check_not_repeated(session: AsyncSession, application: ApplicationRow, project: Project) -> None:
    """The organisation's live projects with the same amount and dates, of every call; what was refused may come again."""
    alike = select(col(ApplicationRow.title)).where(
        col(ApplicationRow.organisation_id) == application.organisation_id,
        col(ApplicationRow.requested_minor) == project.requested_minor,
        col(ApplicationRow.starts_on) == project.starts_on,
        col(ApplicationRow.ends_on) == project.ends_on,
        col(ApplicationRow.id) != application.id,
        col(ApplicationRow.state).in_(LIVE),
        or_(col(ApplicationRow.decision).is_(None), col(ApplicationRow.decision) != "refused"),
    )
    if is_repeated(project.title, [title or "" for title in await session.scalars(alike)]):
        raise Conflict("duplicate-application", "This project was handed in already.", field="project.title")


async def _free_slot(session: AsyncSession, application: ApplicationRow, policy: Policy) -> int:
    """The first free place of the organisation in the call; the policy says how many there are."""
    taken = select(col(ApplicationRow.live_slot)).where(
        col(ApplicationRow.call_id) == application.call_id,
        col(ApplicationRow.organisation_id) == application.organisation_id,
        col(ApplicationRow.state).in_(LIVE),
    )
    used = set(await session.scalars(taken))
    most = policy.eligibility.live_applications_per_call
    for slot in range(1, most + 1):
        if slot not in used:
            return slot
    raise Conflict("live-application-exists", f"An organisation has at most {most} applications in this call.", most=most)


def _number(application: ApplicationRow, call: CallRow, cause: Cause) -> None:
    """The next sequence number. Of two who waited for the call's row, the one that came later has the later moment."""
    call.submitted += 1
    submitted_at = max(cause.now, call.last_submitted_at or cause.now)
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
