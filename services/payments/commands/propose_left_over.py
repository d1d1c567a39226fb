"""MilestoneReached (reserve-list-ends): what nobody on the list of a round can get any more is proposed for the next round."""

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.payments.domain.envelope_changes import ChangeKind, left_over
from services.payments.domain.states import ProposalState
from services.payments.locks import lock_row
from services.payments.tables import CallWithoutMoneyRow, EnvelopeChangeRow, EnvelopeRow
from shared.contracts.vouchers import MilestoneReached
from shared.database.base import table_of
from shared.identity.actor import SYSTEM
from shared.kernel.errors import NotYet
from shared.kernel.ids import derive_id
from shared.messaging.context import Context

REASON = "money-left"


async def propose_left_over(context: Context, event: MilestoneReached) -> None:
    """Where the policy says so (`[rounds] left_over`), a transfer to the next round is proposed, once: a person of finance confirms it, and
    then the money moves. Nothing of the last round, and where nothing is left. `NotYet` for an unknown call."""
    envelope = await lock_row(context, EnvelopeRow, col(EnvelopeRow.call_id) == event.subject_id)
    if envelope is None:
        if await context.session.get(CallWithoutMoneyRow, event.subject_id) is None:
            raise NotYet(event.subject_id, "CallPublished has not arrived")
        return
    rules = context.policies.get(envelope.policy_id).rounds
    following = await _next(context, envelope) if rules is not None and rules.left_over == "next" else None
    if following is None:
        return
    row = EnvelopeChangeRow
    open_ones = (col(row.from_call_id) == envelope.call_id, col(row.state) == ProposalState.PROPOSED)
    proposed = await context.session.scalar(select(func.coalesce(func.sum(col(row.amount_minor)), 0)).where(*open_ones))
    amount = left_over(envelope.available_minor, int(proposed or 0))
    if amount > 0:
        change = {
            "id": derive_id(envelope.call_id, "left-over"), "kind": ChangeKind.TRANSFER, "call_id": following.call_id,
            "from_call_id": envelope.call_id, "region": envelope.region, "currency": envelope.currency, "amount_minor": amount,
            "reason": REASON, "state": ProposalState.PROPOSED, "proposed_by": SYSTEM.id, "proposed_at": context.now,
        }  # fmt: skip
        await context.session.execute(insert(table_of(row)).values(change).on_conflict_do_nothing())


async def _next(context: Context, envelope: EnvelopeRow) -> EnvelopeRow | None:
    """None of the last round, and of a call that is no round."""
    if envelope.series is None or envelope.round_number is None:
        return None
    same = (col(EnvelopeRow.region) == envelope.region, col(EnvelopeRow.series) == envelope.series)
    query = select(EnvelopeRow).where(*same, col(EnvelopeRow.round_number) == envelope.round_number + 1)
    return (await context.session.scalars(query)).one_or_none()
