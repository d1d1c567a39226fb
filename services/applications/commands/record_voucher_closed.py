"""VoucherClosed: the case of a granted application has ended."""

from services.applications.locks import lock_application
from shared.contracts.binding import require_same
from shared.contracts.vouchers import VoucherClosed
from shared.kernel.errors import NotYet
from shared.kernel.vocabulary import DecisionOutcome, VoucherOutcome
from shared.messaging.context import Context


async def record_voucher_closed(context: Context, event: VoucherClosed) -> None:
    """Stores outcome and time, from which the term counts for which the case is kept. An award that was not funded does not end its case:
    it returns to the reserve list. `NotYet` before AwardGranted; `Contradiction` when the event is about another call or region."""
    application = await lock_application(context, event.application_id)
    require_same(event, application)
    outcome = VoucherOutcome(event.outcome)
    if outcome is VoucherOutcome.NOT_FUNDED or application.voucher_closed_at is not None:
        return
    if application.decision != DecisionOutcome.GRANTED:
        raise NotYet(event.application_id, "the award is not known yet")
    application.voucher_outcome, application.voucher_closed_at = outcome, context.happened_at
