"""The overrules of an application's verdicts, as they stand."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.applications.domain.overrules import OverruleState
from services.applications.tables import ApplicationRow, OverruleRow
from shared.messaging.context import Context

IN_FORCE = (OverruleState.PROPOSED, OverruleState.CONFIRMED)


async def overrules_of(context: Context, application_ids: Collection[UUID]) -> Mapping[UUID, list[OverruleRow]]:
    """Of each application the overrules of its present submission that are proposed or confirmed."""
    query = (
        select(OverruleRow)
        .join(ApplicationRow, col(ApplicationRow.id) == col(OverruleRow.application_id))
        .where(
            col(OverruleRow.application_id).in_(application_ids),
            col(OverruleRow.state).in_(IN_FORCE),
            col(OverruleRow.revision) == col(ApplicationRow.revision),
        )
    )
    found: dict[UUID, list[OverruleRow]] = {}
    for row in await context.session.scalars(query):
        found.setdefault(row.application_id, []).append(row)
    return found


def confirmed_verdicts(overrules: Collection[OverruleRow]) -> dict[str, bool]:
    """The verdicts that count, by rule."""
    return {row.rule: row.passed for row in overrules if row.state == OverruleState.CONFIRMED}
