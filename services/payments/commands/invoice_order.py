"""A provider sends the invoices of an order: the beneficiary confirms the delivery, or objects."""

from uuid import UUID

from services.payments.domain.orders import check_invoice, check_order_step
from services.payments.domain.states import OrderState
from services.payments.queries.claim_lines import as_documents, as_line, documents_of, lines_of
from services.payments.steps.orders import lock_order_of_provider
from shared.kernel.money import Money
from shared.kernel.vocabulary import EvidenceKind
from shared.messaging.context import Context


async def invoice_order(context: Context, order_id: UUID) -> None:
    """Repeating changes nothing. Raises as `check_invoice`; `Conflict` 'order-state'."""
    order, voucher = await lock_order_of_provider(context, order_id)
    if order.state == OrderState.INVOICED:
        return
    check_order_step(order.state, OrderState.REDEEMED)
    assert order.draft_id is not None, "what is redeemed has its draft"
    rows, files = await lines_of(context, order.draft_id), await documents_of(context, order.draft_id)
    with_file = [one.line for one in as_documents(rows, files) if one.kind == EvidenceKind.INVOICE]
    check_invoice([as_line(row) for row in rows], with_file, Money(order.agreed_minor, voucher.currency))
    order.state, order.invoiced_at, order.remark = OrderState.INVOICED, context.now, None
