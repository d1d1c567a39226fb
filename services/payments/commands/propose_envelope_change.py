"""A person of finance proposes more money for an envelope, from outside or from another envelope."""

from dataclasses import dataclass
from uuid import UUID

from services.payments.domain.envelope_changes import ChangeKind, check_change
from services.payments.steps.envelope_changes import lock_envelopes, purse_of
from services.payments.tables import EnvelopeChangeRow
from shared.kernel.ids import new_id
from shared.messaging.context import Context


@dataclass(frozen=True, slots=True)
class NewChange:
    """Without `from_call_id` the money comes from outside."""

    amount_minor: int
    reason: str
    from_call_id: UUID | None = None


async def propose_envelope_change(context: Context, call_id: UUID, new: NewChange) -> EnvelopeChangeRow:
    """`NotFound` 'unknown-envelope'; raises as `check_change`."""
    target, source = await lock_envelopes(context, call_id, new.from_call_id)
    check_change(purse_of(target), purse_of(source) if source else None, new.amount_minor)
    change = EnvelopeChangeRow(
        id=new_id(), kind=ChangeKind.TRANSFER if source else ChangeKind.TOP_UP, call_id=call_id, from_call_id=new.from_call_id,
        region=target.region, currency=target.currency, amount_minor=new.amount_minor, reason=new.reason,
        proposed_by=context.actor.id, proposed_at=context.now,
    )  # fmt: skip
    context.session.add(change)
    await context.session.flush()
    return change
