"""The receipts of cases and of organisations: what a person reads in the place of their ids."""

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import col

from services.applications.tables import ApplicationRow
from shared.messaging.context import Context


async def receipts_of(context: Context, subjects: Collection[UUID], regions: Collection[str]) -> dict[UUID, list[str]]:
    """Id of an application or an organisation → its receipt, or those of its applications in the regions, oldest first."""
    row, found = ApplicationRow, defaultdict[UUID, list[str]](list)
    query = (
        select(col(row.id), col(row.organisation_id), col(row.receipt))
        .where(or_(col(row.id).in_(subjects), col(row.organisation_id).in_(subjects)), col(row.region).in_(regions))
        .where(col(row.receipt).is_not(None))
        .order_by(col(row.sequence), col(row.id))
    )
    for application, organisation, receipt in (await context.session.execute(query)).all():
        for subject in {application, organisation} & set(subjects):
            found[subject].append(str(receipt))
    return found
