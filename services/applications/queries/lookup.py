"""The application or call that a reference belongs to."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.applications.domain.receipt import typed_receipt
from services.applications.queries.views import LookupView
from services.applications.tables import ApplicationRow, CallRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import NotFound
from shared.messaging.context import Context


async def look_up(context: Context, ref: str) -> LookupView:
    """By the id of an application or a call, or by receipt number, as people type it. `NotFound` unknown-reference."""
    found = await _find(context, ref)
    if found is None:
        raise NotFound("unknown-reference", "Nothing has this reference.", field="ref")
    authorise(context.actor, Permission.READ_HISTORY, region=found.region)
    return found


async def _find(context: Context, ref: str) -> LookupView | None:
    application = await _application(context, ref)
    if application is not None:
        return LookupView(kind="application", application_id=application.id, call_id=application.call_id, region=application.region)
    identity = _uuid(ref)
    call = await context.session.get(CallRow, identity) if identity else None
    return LookupView(kind="call", application_id=None, call_id=call.id, region=call.region) if call else None


async def _application(context: Context, ref: str) -> ApplicationRow | None:
    identity = _uuid(ref)
    if identity is not None:
        return await context.session.get(ApplicationRow, identity)
    return (await context.session.scalars(select(ApplicationRow).where(col(ApplicationRow.receipt) == typed_receipt(ref)))).one_or_none()


def _uuid(ref: str) -> UUID | None:
    try:
        return UUID(ref)
    except ValueError:
        return None
