"""The overrules of an application's verdicts."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.applications.domain.overrules import OverruleState
from services.applications.locks import lock_application
from services.applications.tables import ApplicationRow, OverruleRow
from shared.kernel.errors import Conflict, NotFound
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


def is_any_waiting(overrules: Collection[OverruleRow]) -> bool:
    return any(row.state == OverruleState.PROPOSED for row in overrules)


def check_none_waits(overrules: Collection[OverruleRow]) -> None:
    """`Conflict` 'overrule-waits' while a second officer has not decided: screening would go past it."""
    waiting = next((row for row in overrules if row.state == OverruleState.PROPOSED), None)
    if waiting is not None:
        raise Conflict(
            "overrule-waits", "The overrule of rule {rule} waits for a second officer; it is decided before screening.", rule=waiting.rule
        )


async def lock_overrule(context: Context, overrule_id: UUID) -> tuple[ApplicationRow, OverruleRow]:
    """The overrule and its application, which is locked. `NotFound` 'unknown-overrule'."""
    known = await context.session.get(OverruleRow, overrule_id)
    if known is None:
        raise NotFound("unknown-overrule", "There is no such overrule.")
    application = await lock_application(context, known.application_id)
    await context.session.refresh(known)
    return application, known


def check_waits(overrule: OverruleRow) -> None:
    """`Conflict` 'overrule-decided'."""
    if overrule.state != OverruleState.PROPOSED:
        raise Conflict("overrule-decided", "This overrule is {state}.", state=overrule.state)
