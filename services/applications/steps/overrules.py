"""The overrules of an application's verdicts: what waits, and the lock under which one is decided."""

from collections.abc import Collection
from uuid import UUID

from services.applications.domain.overrules import OverruleState
from services.applications.locks import lock_application
from services.applications.tables import ApplicationRow, OverruleRow
from shared.kernel.errors import Conflict, NotFound
from shared.messaging.context import Context


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
