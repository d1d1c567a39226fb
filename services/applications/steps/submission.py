"""The submission of an application: by its applicant, or from an imported list."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, distinct, func, select
from sqlmodel import col

from services.applications.domain.answers import Setting
from services.applications.domain.benefit import with_its_costs
from services.applications.domain.correction import moves_back
from services.applications.domain.duplicates import Known, is_same_project
from services.applications.domain.form import Form, answers_of, changed_paths, known, unanswered
from services.applications.domain.invitations import stands_until
from services.applications.domain.receipt import receipt_number
from services.applications.domain.states import LIVE
from services.applications.domain.submission import Project, Window, check_complete, check_time
from services.applications.locks import lock_call, lock_call_for_number
from services.applications.queries.applications import WITHOUT_ANSWERS
from services.applications.queries.rounds import calls_of_series
from services.applications.queries.versions import last_version
from services.applications.steps.invitations import handing_in_ends
from services.applications.steps.versions import keep_version, pin_files
from services.applications.tables import ApplicationRow, CallRow
from shared.classifications.tax_numbers import canonical_number
from shared.contracts.applications import ApplicationSubmitted
from shared.identity.duties import Duty
from shared.kernel.errors import Conflict
from shared.kernel.invoice_numbers import tax_number_key
from shared.kernel.vocabulary import ApplicationState, CallState
from shared.messaging.acts import take_part
from shared.messaging.context import Context
from shared.messaging.outbox import publish
from shared.policy.schema import Policy
from shared.privacy.sealed import digest_of

FIRST = 1
"""The revision of a first submission."""
_COMPETING = (
    select(ApplicationRow)
    .where(
        col(ApplicationRow.organisation_id) == bindparam("organisation"),
        col(ApplicationRow.id) != bindparam("this"),
        col(ApplicationRow.state).in_(LIVE),
    )
    .options(*WITHOUT_ANSWERS)
)


@dataclass(frozen=True, slots=True)
class Submission:
    """An application that is to be submitted, by its applicant or from a list. Application and organisation are locked; the call need not
    be."""

    application: ApplicationRow
    call: CallRow
    policy: Policy
    form: Form
    imported: bool = False

    @property
    def by_person(self) -> bool:
        """Whether its applicant hands it in: it is neither from a list nor carried from an earlier round now."""
        return not self.imported and not self.carried

    @property
    def carried(self) -> bool:
        return self.application.carried_from is not None and self.application.revision == 0


class SubmittedCase(NamedTuple):
    """What the event of a submission says of an application and its call. The defaults are those of a first one, by its applicant."""

    application_id: UUID
    call_id: UUID
    region: str
    organisation_id: UUID
    currency: str
    policy_id: str
    form_id: str | None
    sequence: int
    receipt: str
    submitted_at: datetime
    revision: int = FIRST
    imported: bool = False
    changed: Sequence[str] = ()
    previous_sequence: int | None = None
    carried_from: UUID | None = None


async def submit(context: Context, submission: Submission) -> None:
    """Checks the time, the answers and the organisation's other applications, then submits and publishes ApplicationSubmitted.

    A first submission gets sequence and receipt; a corrected application keeps them, except that one of a first-come call which has
    changed in substance goes to the end of the queue, unless its policy reserves money at registration. `Refused` or `Conflict` with the
    first reason.
    """
    application, call, form = submission.application, submission.call, with_its_costs(submission.form, submission.policy)
    ends_at = await handing_in_ends(context, application, call)
    _check_time(context, submission, ends_at)
    definition, files = context.policies.form(call.form_id), not submission.imported
    project = complete_project(context, submission.form, submission.policy, call.form_id, application.submitted_at, files=files)
    competing = await _competing_applications(context, application)
    _check_not_repeated(competing, project)
    before = await last_version(context, application)
    others = [one for one in competing if one.id != application.carried_from]
    slot = _free_slot(others, await calls_of_series(context, call), submission.policy) if before is None else application.live_slot
    first_reason = "carried" if submission.carried else "submitted"
    if submission.by_person:
        await take_part(context, Duty.APPLY, application.id, call_id=call.id)
    numbered = before is None or moves_back(before, form, submission.policy, definition)
    if numbered:
        await lock_call_for_number(context, call)
    else:
        await lock_call(context, call.id)
    _check_time(context, submission, ends_at)  # the call may have closed meanwhile
    await _take_number(context, submission)
    previous_sequence = application.sequence if numbered else None
    if numbered:
        application.sequence, application.submitted_at = call.submitted, call.last_submitted_at
    if before is None:
        application.live_slot, application.receipt = slot, receipt_number(call.region, known(call.number), call.submitted)
    application.state, application.repair_by, application.changed_at = ApplicationState.SUBMITTED, None, context.now
    application.revision += 1
    if definition.file_questions & answers_of(form).keys():
        await pin_files(context, [application.id], application.revision)
    changed = [] if before is None else changed_paths(before, form)
    rewritten = [] if before is None else [path for path in changed if path not in unanswered(before, definition)]
    if before is not None:
        keep_version(context, application, context.now, changed, rewritten)
    reason = first_reason if before is None else "corrected" if previous_sequence is None else "corrected-in-substance"
    case = SubmittedCase(
        application_id=application.id, call_id=call.id, region=call.region, organisation_id=application.organisation_id,
        currency=call.currency, policy_id=call.policy_id, form_id=call.form_id, sequence=known(application.sequence),
        receipt=known(application.receipt), submitted_at=known(application.submitted_at), revision=application.revision,
        imported=submission.imported, changed=changed, previous_sequence=previous_sequence,
        carried_from=application.carried_from if application.revision == FIRST else None,
    )  # fmt: skip
    publish_submission(context, case, submission.form, project, reason)


def publish_submission(context: Context, case: SubmittedCase, form: Form, project: Project, reason: str = "submitted") -> None:
    event = ApplicationSubmitted(
        **case._asdict(),
        requested_minor=project.requested_minor,
        partner_region=form.project.partner_region,
        s3_field=form.project.s3_field,
    )
    publish(context, event, reason=reason, policy_id=case.policy_id)


def complete_project(
    context: Context, form: Form, policy: Policy, form_id: str | None, submitted_at: datetime | None = None, *, files: bool = True
) -> Project:
    """As `check_complete`, for the form of a call. `submitted_at`: when it was submitted before."""
    regions = {one.region for one in context.policies.all()}
    setting = Setting(policy, regions, policy.local_day(context.now), policy.local_day(submitted_at) if submitted_at else None)
    return check_complete(with_its_costs(form, policy), context.policies.form(form_id), setting, files=files)


def tax_key_of(context: Context, form: Form) -> str | None:
    """The keyed hash of the applicant's tax number, None where it is none."""
    applicant = form.applicant
    number = tax_number_key(canonical_number(applicant.country or "", applicant.tax_number or ""))
    return digest_of(context.session, "tax_key", f"{applicant.country} {number}") if number else None


def _check_time(context: Context, submission: Submission, ends_at: datetime | None) -> None:
    application, call = submission.application, submission.call
    window = Window(call.opens_at, stands_until(ends_at, call.closes_at), call.state == CallState.CLOSED, submission.policy.zone)
    check_time(application.state, application.repair_by, window, context.now)


async def _take_number(context: Context, submission: Submission) -> None:
    """Notes the tax number, by its keyed hash, under the lock of the call: of one number only so many organisations apply in it. `Conflict`
    'tax-number-in-call'."""
    application = submission.application
    application.tax_key = tax_key_of(context, submission.form)
    most = submission.policy.eligibility.organisations_per_tax_number
    if most is None or application.tax_key is None:
        return
    others = select(func.count(distinct(col(ApplicationRow.organisation_id)))).where(
        col(ApplicationRow.call_id) == application.call_id,
        col(ApplicationRow.tax_key) == application.tax_key,
        col(ApplicationRow.state).in_(LIVE),
        col(ApplicationRow.organisation_id) != application.organisation_id,
    )
    if (await context.session.scalar(others) or 0) >= most:
        raise Conflict(
            "tax-number-in-call",
            "Another organisation with this tax number has applied in this call. Use its application, or ask the region's office.",
            field="applicant.tax_number",
        )


async def _competing_applications(context: Context, application: ApplicationRow) -> Sequence[ApplicationRow]:
    """The organisation's other live applications, in every call."""
    return (await context.session.scalars(_COMPETING, {"organisation": application.organisation_id, "this": application.id})).all()


def _check_not_repeated(competing: Sequence[ApplicationRow], project: Project) -> None:
    """A project that was refused or given up may be submitted again."""
    this = Known(project.title, project.requested_minor, project.starts_on, project.ends_on)
    others = [
        Known(one.title or "", one.requested_minor or 0, one.starts_on, one.ends_on, one.decision, one.voucher_outcome)
        for one in competing
        if one.starts_on and one.ends_on
    ]
    if is_same_project(this, others):
        raise Conflict("duplicate-application", "This project was submitted before.", field="project.title")


def _free_slot(competing: Sequence[ApplicationRow], call_ids: Collection[UUID], policy: Policy) -> int:
    """The first free place of the organisation in the call, all its rounds together; the policy gives their number."""
    used = {other.live_slot for other in competing if other.call_id in call_ids}
    most = policy.eligibility.live_applications_per_call
    for slot in range(1, most + 1):
        if slot not in used:
            return slot
    raise Conflict("live-application-exists", "An organisation has at most {most} applications in this call.", most=most)
