"""Adds dates to a call."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from services.vouchers.deadlines.domain.calendar import CallDateKind
from services.vouchers.deadlines.tables import CallDateRow
from shared.messaging.context import Context


async def add_call_dates(context: Context, call_id: UUID, dates: Iterable[tuple[CallDateKind, datetime]]) -> None:
    """A date that exists already stays as it is."""
    values = [{"call_id": call_id, "kind": kind, "due_at": due_at} for kind, due_at in dates]
    if values:
        await context.session.execute(insert(CallDateRow).values(values).on_conflict_do_nothing())
