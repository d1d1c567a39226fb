"""A claim is rejected: its documents and its amount may be claimed again."""

from collections.abc import Sequence

from sqlalchemy import update
from sqlmodel import col

from services.payments.domain.instalments import ClaimKind
from services.payments.steps.events import publish_voucher_event, voucher_fields
from services.payments.tables import ClaimRow, EvidenceRow, VoucherRow
from shared.contracts.payments import ClaimRejected
from shared.kernel.vocabulary import ClaimState
from shared.messaging.context import Context


async def reject(context: Context, voucher: VoucherRow, claim: ClaimRow, rules: Sequence[str], note: str | None) -> None:
    """A claim that is lodged, or accepted and not yet disbursed. An advance and a balance are no part of what is claimed."""
    if claim.kind == ClaimKind.EXPENDITURE:
        voucher.claimed_minor -= claim.requested_minor if claim.granted_minor is None else claim.granted_minor
    claim.state, claim.rules, claim.note = ClaimState.REJECTED, list(rules), note
    claim.decided_at, claim.decided_by = context.now, context.actor.id
    await context.session.execute(update(EvidenceRow).where(col(EvidenceRow.claim_id) == claim.id).values(live=False))
    rejected = ClaimRejected(**voucher_fields(voucher), claim_id=claim.id, rules=list(rules))
    publish_voucher_event(context, voucher, rejected, rules[0])
