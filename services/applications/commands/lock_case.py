"""Locks of a case, always in this order: the call, then the application. So no two commands wait for each other."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.applications.tables import ApplicationRow, CallRow
from shared.kernel.errors import NotFound


async def lock_call(session: AsyncSession, call_id: UUID) -> CallRow:
    """The call's row, locked against other commands (not against new drafts). NotFound."""
    query = select(CallRow).where(col(CallRow.id) == call_id).with_for_update(key_share=True).execution_options(populate_existing=True)
    call = (await session.scalars(query)).one_or_none()
    if call is None:
        raise NotFound("unknown-call", "There is no such call.")
    return call


async def lock_case(session: AsyncSession, application_id: UUID) -> tuple[ApplicationRow, CallRow]:
    """The application's row and its call's, both locked. NotFound."""
    call_id = await session.scalar(select(col(ApplicationRow.call_id)).where(col(ApplicationRow.id) == application_id))
    if call_id is None:
        raise NotFound("unknown-application", "There is no such application.")
    call = await lock_call(session, call_id)
    return await lock_application(session, application_id), call


async def lock_application(session: AsyncSession, application_id: UUID) -> ApplicationRow:
    """The application's row alone, for what does not touch the call. NotFound."""
    query = (
        select(ApplicationRow)
        .where(col(ApplicationRow.id) == application_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    application = (await session.scalars(query)).one_or_none()
    if application is None:
        raise NotFound("unknown-application", "There is no such application.")
    return application
