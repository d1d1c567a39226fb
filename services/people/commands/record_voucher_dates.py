"""Until when an offer waits for an answer, and claims are taken: reminders name these dates."""

from services.people.queries.cases import reported_case
from shared.contracts.vouchers import VoucherExtended, VoucherIssued, VoucherOffered
from shared.messaging.context import Context


async def record_voucher_dates(context: Context, event: VoucherOffered | VoucherIssued | VoucherExtended) -> None:
    """`NotYet` when the case is not known; `Contradiction` when the event differs from it. The latest date counts: events of one voucher
    come in order, and a second award of the case has later ones."""
    case = await reported_case(context, event)
    if isinstance(event, VoucherOffered):
        case.answer_by = max(case.answer_by or event.answer_by, event.answer_by)
    else:
        case.claims_until = max(case.claims_until or event.claim_window_until, event.claim_window_until)
