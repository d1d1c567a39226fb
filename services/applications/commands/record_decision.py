"""Evaluation has decided: kept beside the application for its pages."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.commands.lock_case import lock_application
from shared.messaging.cause import Cause


async def record_decision(session: AsyncSession, cause: Cause, application_id: UUID, decision: str) -> None:
    """`decision` is granted, reserve or refused. The latest one by its own time stands, whatever the order of arrival."""
    application = await lock_application(session, application_id)
    if cause.follows(application.decided_at):
        application.decision, application.decided_at = decision, cause.happened_at
