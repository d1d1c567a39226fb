"""A disbursement that no bank has will not be paid: its amount goes back to the envelope."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.commands.about import about_attempt, tell
from services.payments.commands.found_orders import refuse_if_ordered
from services.payments.commands.release_funds import release
from services.payments.commands.rows import known_disbursement
from services.payments.commands.settle_voucher import settle_if_run_out
from services.payments.domain.ledger import Kind
from services.payments.domain.status import Happening, State, require_move
from services.payments.tables import AttemptRow, DisbursementRow, VoucherRow
from shared.contracts.payments import DisbursementCancelled
from shared.identity.actor import Actor
from shared.identity.permissions import Permission, authorise
from shared.messaging.cause import Cause


async def cancel_disbursement(session: AsyncSession, cause: Cause, actor: Actor, disbursement_id: UUID, reason: str) -> DisbursementRow:
    voucher, disbursement, attempt = await known_disbursement(session, disbursement_id)
    authorise(actor, Permission.PREPARE_DISBURSEMENT, region=voucher.region)
    await refuse_if_ordered(session, disbursement_id)
    await cancel(session, cause, voucher, disbursement, attempt, reason)
    await settle_if_run_out(session, cause, voucher)
    return disbursement


async def cancel(
    session: AsyncSession, cause: Cause, voucher: VoucherRow, disbursement: DisbursementRow, attempt: AttemptRow, reason: str
) -> None:
    """`Conflict` for what is sealed, sent, unknown or paid."""
    attempt.state = disbursement.state = require_move(State(attempt.state), Happening.CANCELLED)
    tell(session, cause, voucher, DisbursementCancelled(**about_attempt(voucher, disbursement, attempt)), reason)
    await release(session, cause, voucher, Kind.COMMITMENT_RELEASED, disbursement.amount_minor, attempt.id, "disbursement-cancelled")
