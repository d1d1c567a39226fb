"""All members of an organisation are on the applicant's side of its applications, also those who leave the writing to a colleague.

Who applies and who decides are two persons. A colleague in front would part them in form only.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import col

from services.applications.tables import ApplicationRow, CallRow, MemberRow
from shared.contracts.applications import ApplicantMemberRecorded
from shared.identity.duties import Duty
from shared.messaging.acts import subjects_of
from shared.messaging.context import Context
from shared.messaging.outbox import publish

COUNTS_AFTER_LEAVING = timedelta(days=730)
"""So long who has left an organisation stays on its side in what it begins: our own rule."""


async def record_members(context: Context, application: ApplicationRow, call: CallRow) -> None:
    """Of a new application. The caller has locked the organisation, so that who joins at the same moment is recorded by one of the two."""
    counts = or_(col(MemberRow.has_left).is_(False), col(MemberRow.changed_at) > context.now - COUNTS_AFTER_LEAVING)
    query = select(col(MemberRow.person_id)).where(col(MemberRow.organisation_id) == application.organisation_id, counts)
    for person_id in await context.session.scalars(query.order_by(col(MemberRow.person_id))):
        if str(person_id) != context.actor.id:
            _record(context, application, call.policy_id, person_id)


async def record_applications(context: Context, organisation_id: UUID, person_id: UUID) -> None:
    """Of a new member: all applications of the organisation in which the person has no part yet. The organisation is locked."""
    known = await subjects_of(context, Duty.APPLY, [str(person_id)])
    query = (
        select(ApplicationRow, col(CallRow.policy_id))
        .join(CallRow, col(CallRow.id) == col(ApplicationRow.call_id))
        .where(col(ApplicationRow.organisation_id) == organisation_id, col(ApplicationRow.removed_at).is_(None))
        .order_by(col(ApplicationRow.id))
    )
    for application, policy_id in await context.session.execute(query):
        if application.id not in known:
            _record(context, application, policy_id, person_id)


def _record(context: Context, application: ApplicationRow, policy_id: str, person_id: UUID) -> None:
    recorded = ApplicantMemberRecorded(
        application_id=application.id, call_id=application.call_id, region=application.region,
        organisation_id=application.organisation_id, person_id=person_id, policy_id=policy_id,
    )  # fmt: skip
    publish(context.as_system(), recorded, reason="member-of-organisation", policy_id=policy_id)
