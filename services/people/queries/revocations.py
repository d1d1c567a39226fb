"""What is void before its end. Instants are real time."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.people.tables import RevocationRow
from shared.identity.revocations import RevocationList
from shared.messaging.context import Context


async def revocation_list(context: Context, real_now: float) -> RevocationList:
    """As all services read it."""
    query = select(RevocationRow).where(col(RevocationRow.until) > datetime.fromtimestamp(real_now, UTC))
    found: dict[str, dict[str, float]] = {"tokens": {}, "persons": {}}
    for row in await context.session.scalars(query):
        found.setdefault(row.kind, {})[row.subject] = row.at
    return RevocationList.model_validate(found)


async def voided_sign_ins_until(context: Context, person_id: UUID) -> float:
    """Sign-ins of the person before this instant are void; 0 where none is."""
    row = await context.session.get(RevocationRow, ("persons", str(person_id)))
    return row.at if row else 0
