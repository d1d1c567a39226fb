"""A claim is refused, with the rules that it breaks; its documents and its amount are free again."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.payments.commands.about import about, tell
from services.payments.commands.rows import known_claim
from services.payments.commands.settle_voucher import settle_if_run_out
from services.payments.tables import ClaimRow, EvidenceRow, VoucherRow
from shared.contracts.payments import ClaimRejected
from shared.identity.actor import Actor
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict
from shared.messaging.cause import Cause


async def reject_claim(
    session: AsyncSession, cause: Cause, actor: Actor, claim_id: UUID, rules: Sequence[str], note: str | None
) -> ClaimRow:
    """`note` is for the beneficiary and stays in this database; the event carries the rules alone."""
    voucher, claim = await known_claim(session, claim_id)
    authorise(actor, Permission.CHECK_CLAIM, region=claim.region)
    if claim.state != "lodged":
        raise Conflict("already-decided", f"The claim is {claim.state}.")
    await reject(session, cause, voucher, claim, rules, note)
    await settle_if_run_out(session, cause, voucher)
    return claim


async def reject(session: AsyncSession, cause: Cause, voucher: VoucherRow, claim: ClaimRow, rules: Sequence[str], note: str | None) -> None:
    """A claim that is lodged, or accepted and not yet disbursed."""
    voucher.claimed_minor -= claim.requested_minor if claim.granted_minor is None else claim.granted_minor
    claim.state, claim.rules, claim.note = "rejected", list(rules), note
    claim.decided_at, claim.decided_by = cause.now, cause.actor
    await session.execute(update(EvidenceRow).where(col(EvidenceRow.claim_id) == claim.id).values(live=False))
    rejected = ClaimRejected(**about(voucher), claim_id=claim.id, rules=list(rules))
    tell(session, cause, voucher, rejected, rules[0])
