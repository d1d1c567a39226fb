"""Offers that are not money: payments knows their calls, so that it can tell their vouchers from those whose request is still to come."""

from typing import Any

from sqlalchemy.dialects.postgresql import insert

from services.payments.tables import CallWithoutMoneyRow, EnvelopeRow
from shared.contracts.applications import CallPublished
from shared.contracts.common import CaseEvent
from shared.kernel.errors import NotYet
from shared.messaging.context import Context
from shared.messaging.inbox import Handler


async def record_call_without_money(context: Context, call: CallPublished) -> None:
    """In the place of an envelope."""
    values = {"call_id": call.call_id, "region": call.region, "policy_id": call.policy_id}
    await context.session.execute(insert(CallWithoutMoneyRow).values(values).on_conflict_do_nothing())


def of_money(handler: Handler, instead: Handler | None = None) -> Handler:
    """The handler of an event about a case. An event that waits for a request to reserve money would wait without limit where there is
    none: it has no effect here, but that of `instead`. Asked only then, so that a voucher of money costs nothing more."""

    async def handle(context: Context, event: CaseEvent) -> Any:
        try:
            return await handler(context, event)
        except NotYet as early:
            if await context.session.get(CallWithoutMoneyRow, event.call_id) is not None:
                return await instead(context, event) if instead else None
            if await context.session.get(EnvelopeRow, event.call_id) is None:
                raise NotYet(event.call_id, "CallPublished has not arrived") from early
            raise

    return handle
