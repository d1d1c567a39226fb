"""A disbursement that no bank has is cancelled: its amount goes back to the envelope."""

from services.payments.domain.ledger import EntryKind
from services.payments.domain.status import AttemptState, PaymentEvent, require_move
from services.payments.steps.deposits import free_own_part
from services.payments.steps.events import disbursement_fields, publish_voucher_event
from services.payments.steps.release import release_money
from services.payments.tables import AttemptRow, DisbursementRow, VoucherRow
from shared.contracts.payments import DisbursementCancelled
from shared.messaging.context import Context


async def cancel(context: Context, voucher: VoucherRow, disbursement: DisbursementRow, attempt: AttemptRow, reason: str) -> None:
    """`Conflict` 'illegal-transition' for what is sealed, sent, unknown or paid."""
    attempt.state = disbursement.state = require_move(AttemptState(attempt.state), PaymentEvent.CANCELLED)
    publish_voucher_event(context, voucher, DisbursementCancelled(**disbursement_fields(voucher, disbursement, attempt)), reason)
    await free_own_part(context, disbursement, attempt.id)
    await release_money(context, voucher, EntryKind.DECOMMITTED, disbursement.aid_minor, attempt.id, "disbursement-cancelled")
