"""A signal for a lifecycle that has ended."""

from sqlalchemy.dialects.postgresql import insert

from services.vouchers.tables import LateSignalRow
from services.vouchers.workflows.models import Signal
from shared.database.base import table_of
from shared.messaging.context import Context
from shared.messaging.unwritten import write_later

_RECORD = insert(table_of(LateSignalRow)).on_conflict_do_nothing()


async def record_late_signal(context: Context, workflow_id: str, signal: Signal) -> None:
    """Recorded for an auditor of the case; nothing is restarted."""
    write_later(context.session, _RECORD, {"event_id": signal.event_id, "workflow_id": workflow_id, "signal": signal.kind})
