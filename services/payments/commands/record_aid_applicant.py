"""ApplicationFoundEligible: keeps who applies, and the de minimis aid that it declares, for the ceiling."""

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.payments.steps.undertakings import join_number
from services.payments.tables import AidApplicantRow, CallWithoutMoneyRow, DeclaredAidRow, EnvelopeRow
from shared.contracts.applications import ApplicationFoundEligible
from shared.contracts.binding import require_same
from shared.kernel.errors import NotYet
from shared.kernel.vocabulary import RelationKind
from shared.messaging.context import Context


async def record_aid_applicant(context: Context, found: ApplicationFoundEligible) -> None:
    """Once for each application. `NotYet` before its call; `Contradiction` when it does not fit the call."""
    call: EnvelopeRow | CallWithoutMoneyRow | None = await context.session.get(EnvelopeRow, found.call_id)
    if call is None:
        call = await context.session.get(CallWithoutMoneyRow, found.call_id)
    if call is None:
        raise NotYet(found.call_id, "CallPublished has not arrived")
    require_same(found, call)
    policy = context.policies.get(call.policy_id)
    applicant = {
        "application_id": found.application_id, "organisation_id": found.organisation_id, "policy_id": found.policy_id,
        "member_state": policy.calendar.country, "regulation": policy.de_minimis.named, "activity_code": found.activity_code,
    }  # fmt: skip
    added = insert(AidApplicantRow).values(applicant).on_conflict_do_nothing().returning(col(AidApplicantRow.application_id))
    if await context.session.scalar(added) is None:
        return
    declared = [
        {"application_id": found.application_id, "number": number, "currency": found.currency, **aid.model_dump()}
        for number, aid in enumerate(found.declared_aid or ())
    ]
    if declared:
        await context.session.execute(insert(DeclaredAidRow), declared)
    for relation in found.relations:
        if relation.kind == RelationKind.TAX_NUMBER:
            await join_number(context, found.organisation_id, relation.hash)
