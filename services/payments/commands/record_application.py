"""ApplicationSubmitted; ApplicationWithdrawn, ApplicationFoundIneligible, AwardRefused: who applies at present, and so is no provider where
the policy says so."""

from sqlalchemy.dialects.postgresql import insert

from services.payments.tables import ApplicantRow, EndedApplicationRow, EnvelopeRow
from shared.contracts.applications import ApplicationFoundIneligible, ApplicationSubmitted, ApplicationWithdrawn
from shared.contracts.binding import require_same
from shared.contracts.evaluation import AwardRefused
from shared.kernel.errors import NotYet
from shared.messaging.context import Context


async def record_application(context: Context, submitted: ApplicationSubmitted) -> None:
    """Once; its relations come with the verdict. `NotYet` while the call is not known; `Contradiction` when the event does not fit the
    call or the application."""
    await _check_call(context, submitted)
    known = await context.session.get(ApplicantRow, submitted.application_id)
    if known is not None:
        require_same(submitted, known)
        return
    context.session.add(
        ApplicantRow(
            application_id=submitted.application_id, call_id=submitted.call_id, region=submitted.region,
            organisation_id=submitted.organisation_id, policy_id=submitted.policy_id, relations={}, found_at=context.happened_at,
        )
    )  # fmt: skip


async def end_application(context: Context, ended: ApplicationWithdrawn | ApplicationFoundIneligible | AwardRefused) -> None:
    """In whatever order they arrive. `NotYet` while the call is not known; `Contradiction` when the event does not fit the call or the
    application."""
    await _check_call(context, ended)
    known = await context.session.get(ApplicantRow, ended.application_id)
    if known is not None:
        require_same(ended, known)
    row = {"application_id": ended.application_id, "call_id": ended.call_id, "region": ended.region, "ended_at": context.happened_at}
    await context.session.execute(insert(EndedApplicationRow).values(row).on_conflict_do_nothing())


async def _check_call(
    context: Context, event: ApplicationSubmitted | ApplicationWithdrawn | ApplicationFoundIneligible | AwardRefused
) -> None:
    envelope = await context.session.get(EnvelopeRow, event.call_id)
    if envelope is None:
        raise NotYet(event.call_id, "CallPublished has not arrived")
    require_same(event, envelope)
