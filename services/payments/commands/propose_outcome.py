"""A person of finance gives the bank's statement or letter about a payment whose outcome is unknown. Nothing moves before a second one
has confirmed it, and nothing is sent again."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from services.payments.domain.outcomes import ProvenOutcome, check_proof, state_after_proof
from services.payments.domain.status import AttemptState
from services.payments.locks import lock_disbursement
from services.payments.steps.outcome_proofs import refuse_second_proof
from services.payments.tables import OutcomeProofRow
from shared.files.clamav import ScanState
from shared.files.kinds import MEDIA_TYPES, kind_of
from shared.identity.permissions import Permission, authorise
from shared.kernel.ids import new_id
from shared.messaging.context import Context


@dataclass(frozen=True, slots=True)
class NewProof:
    """`on`: the day on which the bank booked or refused the payment, as its document says. `sha256` is of the content."""

    outcome: ProvenOutcome
    on: date
    reason: str
    bank_reference: str | None
    name: str
    content: bytes = field(repr=False)
    sha256: str
    scan: ScanState


async def propose_outcome(context: Context, disbursement_id: UUID, new: NewProof) -> OutcomeProofRow:
    """`Conflict` 'outcome-known', 'proof-proposed-already'; `Refused` as `check_proof`."""
    voucher, disbursement, attempt = await lock_disbursement(context, disbursement_id)
    authorise(context.actor, Permission.RESOLVE_BANK_LINE, region=voucher.region)
    state_after_proof(AttemptState(attempt.state), new.outcome)
    await refuse_second_proof(context, disbursement.id)
    today = context.now.astimezone(ZoneInfo(context.policies.get(voucher.policy_id).zone)).date()
    kind = check_proof(kind_of(new.content), len(new.content), new.on, today)
    proof = OutcomeProofRow(
        id=new_id(), disbursement_id=disbursement.id, attempt_id=attempt.id, organisation_id=voucher.organisation_id,
        region=voucher.region, outcome=new.outcome, on=new.on, bank_reference=new.bank_reference, reason=new.reason, name=new.name,
        document=new.content, media_type=MEDIA_TYPES[kind], size_bytes=len(new.content), sha256=new.sha256, scan=new.scan,
        proposed_by=context.actor.id, proposed_at=context.now,
    )  # fmt: skip
    context.session.add(proof)
    await context.session.flush()
    return proof
