"""Row locks, always in this order: the call, then the application. So no two commands wait for each other."""

from uuid import UUID

from sqlalchemy import bindparam, select
from sqlmodel import col

from services.applications.tables import ApplicationRow, CallRow, HoldRow
from shared.kernel.errors import NotFound
from shared.messaging.context import Context

# Built once: building a statement costs more than PostgreSQL needs to answer it.
_CALL_BY_ID = (
    select(CallRow).where(col(CallRow.id) == bindparam("id")).with_for_update(key_share=True).execution_options(populate_existing=True)
)
_CASE = (
    select(ApplicationRow, CallRow)
    .join(CallRow, col(CallRow.id) == col(ApplicationRow.call_id))
    .where(col(ApplicationRow.id) == bindparam("id"))
    .with_for_update(key_share=True, of=[CallRow, ApplicationRow])
    .execution_options(populate_existing=True)
)
"""PostgreSQL locks in the order of this list, and returns the rows as they are once it has locked them, not as they were before."""
_APPLICATION = (
    select(ApplicationRow)
    .where(col(ApplicationRow.id) == bindparam("id"))
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)


async def lock_call(context: Context, call_id: UUID) -> CallRow:
    """The call's row, locked against other commands (not against new drafts). Raises NotFound."""
    call = (await context.session.scalars(_CALL_BY_ID, {"id": call_id})).one_or_none()
    if call is None:
        raise NotFound("unknown-call", "There is no such call.")
    return call


async def lock_case(context: Context, application_id: UUID) -> tuple[ApplicationRow, CallRow]:
    """The application's row and its call's, both locked. Raises NotFound."""
    case = (await context.session.execute(_CASE, {"id": application_id})).one_or_none()
    if case is None:
        raise NotFound("unknown-application", "There is no such application.")
    application, call = case
    return application, call


async def lock_application(context: Context, application_id: UUID) -> ApplicationRow:
    """The application's row alone, for commands that do not change the call. Raises NotFound."""
    application = (await context.session.scalars(_APPLICATION, {"id": application_id})).one_or_none()
    if application is None:
        raise NotFound("unknown-application", "There is no such application.")
    return application


async def lock_hold(context: Context, hold_id: UUID) -> HoldRow:
    """A legal hold, locked and then read. Raises NotFound. A transaction that takes it takes no other lock."""
    hold = await context.session.get(HoldRow, hold_id, with_for_update=True, populate_existing=True)
    if hold is None:
        raise NotFound("unknown-hold", "There is no such hold.")
    return hold
