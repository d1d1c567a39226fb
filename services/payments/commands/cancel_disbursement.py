"""A disbursement that no bank has will not be paid: its amount goes back to the envelope."""

from uuid import UUID

from services.payments.commands.release_funds import release
from services.payments.domain.ledger import Kind
from services.payments.domain.status import Happening, State, require_move
from services.payments.locks import known_disbursement
from services.payments.steps.events import about_attempt, tell
from services.payments.steps.found_orders import refuse_if_ordered
from services.payments.steps.settlement import settle_if_run_out
from services.payments.tables import AttemptRow, DisbursementRow, VoucherRow
from shared.contracts.payments import DisbursementCancelled
from shared.identity.permissions import Permission, authorise
from shared.messaging.context import Context


async def cancel_disbursement(context: Context, disbursement_id: UUID, reason: str) -> DisbursementRow:
    voucher, disbursement, attempt = await known_disbursement(context, disbursement_id)
    authorise(context.actor, Permission.PREPARE_DISBURSEMENT, region=voucher.region)
    await refuse_if_ordered(context, disbursement_id)
    await cancel(context, voucher, disbursement, attempt, reason)
    await settle_if_run_out(context, voucher)
    return disbursement


async def cancel(context: Context, voucher: VoucherRow, disbursement: DisbursementRow, attempt: AttemptRow, reason: str) -> None:
    """`Conflict` for what is sealed, sent, unknown or paid."""
    attempt.state = disbursement.state = require_move(State(attempt.state), Happening.CANCELLED)
    tell(context, voucher, DisbursementCancelled(**about_attempt(voucher, disbursement, attempt)), reason)
    await release(context, voucher, Kind.COMMITMENT_RELEASED, disbursement.amount_minor, attempt.id, "disbursement-cancelled")
