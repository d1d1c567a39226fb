"""The bank has not answered in time: what it said nothing about is unknown, neither paid nor failed."""

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.status import Happening, State, next_state
from services.payments.locks import known_disbursement
from services.payments.steps.events import about_attempt, tell
from services.payments.tables import AttemptRow
from shared.contracts.payments import DisbursementOutcomeUnknown
from shared.contracts.vouchers import MilestoneReached
from shared.messaging.context import Context


async def note_silence(context: Context, reached: MilestoneReached) -> None:
    """For each transfer of the batch that is still without an answer."""
    batch = col(AttemptRow.batch_id) == reached.subject_id
    waiting = select(col(AttemptRow.disbursement_id)).where(batch, col(AttemptRow.state) == State.SENT)
    for disbursement_id in (await context.session.scalars(waiting.order_by(col(AttemptRow.disbursement_id)))).all():
        voucher, disbursement, attempt = await known_disbursement(context, disbursement_id)
        target = next_state(State(attempt.state), Happening.SILENT)
        if attempt.batch_id == reached.subject_id and target is State.UNKNOWN:
            attempt.state = disbursement.state = target
            unknown = DisbursementOutcomeUnknown(**about_attempt(voucher, disbursement, attempt), batch_id=attempt.batch_id)
            tell(context, voucher, unknown, "bank-silence")
