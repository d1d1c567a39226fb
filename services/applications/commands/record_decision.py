"""Evaluation has decided: kept beside the application for its pages."""

from uuid import UUID

from services.applications.locks import lock_application
from shared.messaging.context import Context


async def record_decision(context: Context, application_id: UUID, decision: str) -> None:
    """`decision` is granted, reserve or refused. The latest one by its own time stands, whatever the order of arrival."""
    application = await lock_application(context, application_id)
    if context.is_newer_than(application.decided_at):
        application.decision, application.decided_at = decision, context.happened_at
