"""A beneficiary lodges a draft as a whole, for the first time or corrected."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import col

from services.payments.domain.claim_lines import Line, compute, eligible_of, evidence_of, gaps
from services.payments.domain.remainders import remainder
from services.payments.domain.states import CORRECTABLE
from services.payments.locks import lock_claim, lock_voucher
from services.payments.queries.claim_lines import as_documents, as_line, documents_of, hours_in, lines_of, unknown_draft
from services.payments.queries.earlier_claims import earlier_claims
from services.payments.settings import OPEN_CLAIMS
from services.payments.steps.claim_drafts import editable
from services.payments.steps.events import publish_voucher_event, voucher_fields
from services.payments.steps.lodging import UNCOUNTED, NewClaim, lodge
from services.payments.steps.orders import check_confirmed
from services.payments.tables import ClaimDraftRow, ClaimLineRow, ClaimRow, DraftLineRow, EvidenceRow, VoucherRow
from shared.contracts.payments import ClaimReplaced
from shared.identity.permissions import Permission, authorise, owned_by
from shared.kernel.errors import Conflict, Refused
from shared.kernel.vocabulary import ClaimState
from shared.messaging.context import Context
from shared.policy.case_terms import granted_rate


async def lodge_claim_draft(context: Context, draft_id: UUID, hash_key: bytes, most_open: int = OPEN_CLAIMS) -> UUID:
    """The id of the claim; its sums follow from the lines. A returned claim gives its money and documents to the corrected one; after a
    rejection it is another claim.

    A draft that is lodged already gives its claim. Raises `Refused` with the first of `gaps`, and as `lodge`.
    """
    found = await context.session.get(ClaimDraftRow, draft_id)
    if found is None:
        raise unknown_draft()
    authorise(context.actor, Permission.LODGE_CLAIM, region=found.region, owner=owned_by(found.organisation_id))
    voucher = await lock_voucher(context, found.voucher_id)
    last = await _last_claim(context, found)
    if last is not None and last.state not in CORRECTABLE:
        return last.id
    await check_confirmed(context, found.id)
    replaced = last if last is not None and last.state == ClaimState.RETURNED else None
    draft, _ = await editable(context, draft_id)
    rows, files = await lines_of(context, draft.id), await documents_of(context, draft.id)
    lines, documents = [as_line(row, hash_key) for row in rows], as_documents(rows, files)
    policy = context.policies.get(voucher.policy_id)
    for gap in gaps(lines, documents, draft.payee_id is not None, policy):
        raise gap.refusal
    assert draft.payee_id is not None, "a draft without an account has a gap"
    await _free(context, voucher, replaced)
    await _check_hours_unused(context, voucher, lines)
    eligible = eligible_of(lines, policy, voucher.terms)
    added = remainder(eligible, await earlier_claims(context, voucher), granted_rate(policy, voucher.terms))
    sums = compute(lines, policy, voucher.value_minor, voucher.claimed_minor, voucher.terms, added)
    if sums.paid_minor == 0:
        raise Refused("nothing-to-claim", "Nothing would be paid: the voucher has nothing left, or the lines are too small.", field="lines")
    new = NewClaim(
        voucher.id, draft.payee_id, sums.eligible_minor, sums.paid_minor, evidence_of(lines, documents, voucher.currency),
        draft_id=draft.id, before_minor=sums.before_minor, remainder_minor=sums.remainder_minor, replaces=replaced,
    )  # fmt: skip
    claim = await lodge(context, voucher, new, most_open)
    context.session.add_all(_lodged(claim, rows))
    for file in files:
        file.lodged = True
    draft.claim_id = claim.id
    if replaced is not None:
        event = ClaimReplaced(**voucher_fields(voucher), claim_id=replaced.id, replaced_by=claim.id)
        publish_voucher_event(context, voucher, event, "claim-corrected")
    return claim.id


async def _last_claim(context: Context, draft: ClaimDraftRow) -> ClaimRow | None:
    """The claim that the draft was lodged as last. The caller holds the lock on the voucher."""
    await context.session.refresh(draft)
    return None if draft.claim_id is None else (await lock_claim(context, draft.claim_id))[1]


async def _free(context: Context, voucher: VoucherRow, replaced: ClaimRow | None) -> None:
    if replaced is None:
        return
    replaced.state = ClaimState.REPLACED
    voucher.claimed_minor -= replaced.requested_minor
    await context.session.execute(update(EvidenceRow).where(col(EvidenceRow.claim_id) == replaced.id).values(live=False))
    await context.session.flush()


async def _check_hours_unused(context: Context, voucher: VoucherRow, lines: Sequence[Line]) -> None:
    """`Conflict` 'hours-claimed': another claim of the organisation has the same function, days and hours."""
    mine = {line.hours.key for line in lines if line.hours}
    if not mine:
        return
    row = ClaimLineRow
    query = select(row).join(ClaimRow, col(ClaimRow.id) == col(row.claim_id))
    of_hours = (col(row.organisation_id) == voucher.organisation_id, col(row.hours_hundredths).is_not(None))
    claimed = await context.session.scalars(query.where(*of_hours, col(ClaimRow.state).not_in(UNCOUNTED)))
    if mine & {hours.key for one in claimed if (hours := hours_in(one))}:
        raise Conflict(
            "hours-claimed", "Hours of this function on these days were claimed on already: remove the line, or correct it.", field="lines"
        )


def _lodged(claim: ClaimRow, rows: Sequence[DraftLineRow]) -> list[ClaimLineRow]:
    """The lines as they are now: what follows in the draft does not change them."""
    kept = {"seller", "seller_tax_number", "reference", "issued_on", "ordered_on", "delivered_on", "paid_on", "net_minor", "vat_minor"}
    kept |= {"vat_recoverable", "currency", "claimed_minor", "number", "organisation_id", "region"}
    kept |= {"function", "worked_from", "hours_hundredths"}
    return [ClaimLineRow(claim_id=claim.id, **row.model_dump(include=kept)) for row in rows]
