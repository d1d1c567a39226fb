"""A signal for a lifecycle that has ended."""

from sqlalchemy.dialects.postgresql import insert

from services.vouchers.tables import LateSignalRow
from services.vouchers.workflows.models import Signal
from shared.messaging.context import Context


async def record_late_signal(context: Context, workflow_id: str, signal: Signal) -> None:
    """Recorded for an auditor of the case; nothing is restarted."""
    values = {"event_id": signal.event_id, "workflow_id": workflow_id, "signal": signal.kind}
    await context.session.execute(insert(LateSignalRow).values(values).on_conflict_do_nothing())
