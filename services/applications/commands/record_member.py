"""MemberJoined, MemberLeft: who acts for an organisation, and so takes no agency step in the calls in which it applies."""

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.applications.locks import lock_organisations
from services.applications.steps.members import record_applications
from services.applications.tables import MemberRow
from shared.contracts.people import MemberJoined, MemberLeft
from shared.messaging.context import Context


async def record_member(context: Context, event: MemberJoined | MemberLeft) -> None:
    """In any order of arrival the newest event says whether the person is a member. Who has joined once stays on the applicant's side of
    all applications of that time."""
    await lock_organisations(context, [event.organisation_id])
    row = {"has_left": isinstance(event, MemberLeft), "changed_at": context.happened_at}
    write = insert(MemberRow).values(organisation_id=event.organisation_id, person_id=event.person_id, **row)
    newer = col(MemberRow.changed_at) <= context.happened_at
    await context.session.execute(write.on_conflict_do_update(index_elements=["organisation_id", "person_id"], set_=row, where=newer))
    if isinstance(event, MemberJoined):
        await record_applications(context, event.organisation_id, event.person_id)
