"""Approved disbursements become payment files whose bytes never change again: one file for each debtor account of the region."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import structlog
from sqlalchemy import and_, select
from sqlmodel import col

from services.payments.domain.approvals import ProvenApproval, is_approved
from services.payments.domain.batches import FORGED, LARGEST_BATCH, Candidate, WaitReason, batch_file, reason_to_wait
from services.payments.domain.claims import Granted, PayTo, check_payee
from services.payments.domain.payees import party_of
from services.payments.domain.states import BatchState
from services.payments.domain.status import AttemptState, PaymentEvent, require_move
from services.payments.iso20022.pain001 import build_batch
from services.payments.queries.approvals import hash_of
from services.payments.queries.contradictions import open_lines
from services.payments.queries.holds import refuse_while_held
from services.payments.queries.orphan_orders import codes_in_doubt, transliterated_code
from services.payments.queries.proven import key_of, proven_accounts, proven_approvals, proven_claims, proven_endings
from services.payments.steps.events import publish_batch_sealed
from services.payments.tables import (
    ApprovalRow,
    AttemptRow,
    BatchRow,
    BatchTransferRow,
    ClaimRow,
    DisbursementRow,
    PayeeAccountRow,
    PayeeRow,
    VoucherRow,
)
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Refused
from shared.kernel.ids import new_id
from shared.kernel.money import Money, total
from shared.kernel.vocabulary import ClaimState
from shared.messaging.acts import record_part, subjects_closed_to_actor
from shared.messaging.context import Context
from shared.policy.bank_orders import BankOrders
from shared.policy.schema import Policy

log = structlog.get_logger()

Approved = tuple[AttemptRow, DisbursementRow, VoucherRow, PayeeRow, PayeeAccountRow, ClaimRow]
"""With the version of the account that was approved: it never changes, and what is paid is read from it."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What stands behind a payment. `rows`: approver → the hash that was approved. By events: the approvals, whether the account was set by
    persons, what the claim's acceptance granted, and whether every earlier attempt has ended without a payment."""

    rows: Mapping[str, str]
    approvals: Sequence[ProvenApproval]
    account: bool
    granted: Granted | None
    alone: bool


@dataclass(slots=True)
class Sealed:
    """`skipped` pairs a disbursement with the reason why it waits for a later batch."""

    batches: list[BatchRow] = field(default_factory=list)
    skipped: list[tuple[UUID, WaitReason]] = field(default_factory=list)


async def seal_batches(context: Context, region: str) -> Sealed:
    """All that is approved in the region and may be paid now. Two calls at the same moment share the work: no payment is in two files.

    Approvals, accounts and claims are believed by their events, not by their states. `Conflict` 'payments-held' after a restore.
    """
    authorise(context.actor, Permission.SEAL_BATCH, region=region)
    await refuse_while_held(context)
    sealed, groups = Sealed(), defaultdict[str, list[Approved]](list)
    policies, in_doubt = dict[str, Policy](), await codes_in_doubt(context)
    found = await _lock_approved(context, region)
    subjects = [subject for _, _, voucher, payee, *_ in found for subject in (voucher.application_id, payee.id)]
    closed = await subjects_closed_to_actor(context, Duty.SEAL, subjects, {voucher.call_id for _, _, voucher, *_ in found})
    frozen = await open_lines(context, [disbursement for _, disbursement, *_ in found])
    proofs = await _proofs(context, found)
    for approved in found:
        attempt, disbursement, voucher, payee, *_ = approved
        policy = context.policies.get(voucher.policy_id)
        if transliterated_code(voucher) in in_doubt:
            reason: WaitReason | None = WaitReason.ORDERED_BEFORE_RESTORE
        elif disbursement.id in frozen:
            reason = WaitReason.BANK_LINE_OPEN
        elif closed & {voucher.application_id, payee.id, voucher.call_id}:
            reason = WaitReason.SEALER_TOOK_PART
        else:
            reason = _reason_to_wait(context, approved, policy, proofs[attempt.id])
        if reason:
            sealed.skipped.append((disbursement.id, reason))
            if reason in FORGED:
                log.error("payment not sealed", code=reason.value, disbursement=str(disbursement.id), attempt=attempt.number)
        else:
            groups[policy.bank.debtor_iban].append(approved)
            policies[policy.bank.debtor_iban] = policy
    for debtor, group in sorted(groups.items()):
        for start in range(0, len(group), LARGEST_BATCH):
            sealed.batches.append(await _seal(context, policies[debtor], group[start : start + LARGEST_BATCH]))
    return sealed


async def _lock_approved(context: Context, region: str) -> Sequence[Approved]:
    """The vouchers are locked too, so that none is suspended or revoked meanwhile. Rows that another transaction holds are skipped and
    wait for the next batch: sealing waits for no lock, so it cannot be part of a deadlock."""
    approved_account = (
        col(PayeeAccountRow.payee_id) == col(AttemptRow.payee_id),
        col(PayeeAccountRow.version) == col(AttemptRow.account_version),
    )
    query = (
        select(AttemptRow, DisbursementRow, VoucherRow, PayeeRow, PayeeAccountRow, ClaimRow)
        .join(DisbursementRow, col(DisbursementRow.id) == col(AttemptRow.disbursement_id))
        .join(VoucherRow, col(VoucherRow.id) == col(DisbursementRow.voucher_id))
        .join(PayeeRow, col(PayeeRow.id) == col(AttemptRow.payee_id))
        .join(PayeeAccountRow, and_(*approved_account))
        .join(ClaimRow, col(ClaimRow.id) == col(DisbursementRow.claim_id))
        .where(col(DisbursementRow.region) == region, col(AttemptRow.state) == AttemptState.APPROVED)
        .order_by(col(AttemptRow.disbursement_id))
        .with_for_update(key_share=True, skip_locked=True, of=(AttemptRow, DisbursementRow, VoucherRow))
        .execution_options(populate_existing=True)
    )
    return [tuple(row) for row in (await context.session.execute(query)).all()]  # type: ignore[misc]


async def _proofs(context: Context, found: Sequence[Approved]) -> dict[UUID, Proof]:
    """Attempt → what stands behind it. An account from before accounts were confirmed has no event: a trigger lets none be added."""
    rows = await _approvals(context, [attempt.id for attempt, *_ in found])
    approvals = await proven_approvals(context, {disbursement.id for _, disbursement, *_ in found})
    accounts = await proven_accounts(context, {account.payee_id for *_, account, _ in found})
    granted = await proven_claims(context, {claim.id for *_, claim in found})
    ended = await proven_endings(context, {disbursement.id for attempt, disbursement, *_ in found if attempt.number > 1})
    return {
        attempt.id: Proof(
            rows[attempt.id],
            approvals[disbursement.id],
            account.in_force_at is None or (account.payee_id, account.version) in accounts,
            granted.get(claim.id),
            all((disbursement.id, number) in ended for number in range(1, attempt.number)),
        )
        for attempt, disbursement, _, _, account, claim in found
    }


async def _approvals(context: Context, attempt_ids: Sequence[UUID]) -> defaultdict[UUID, dict[str, str]]:
    """Attempt → approver → the hash that the approval is of, for the account that is to be paid."""
    query = (
        select(col(ApprovalRow.attempt_id), col(ApprovalRow.approver), col(ApprovalRow.payment_hash))
        .join(AttemptRow, col(AttemptRow.id) == col(ApprovalRow.attempt_id))
        .where(col(AttemptRow.id).in_(attempt_ids), col(ApprovalRow.account_version) == col(AttemptRow.account_version))
    )
    given = defaultdict[UUID, dict[str, str]](dict)
    for attempt_id, approver, approved_hash in await context.session.execute(query):
        given[attempt_id][approver] = approved_hash
    return given


def _reason_to_wait(context: Context, approved: Approved, policy: Policy, proof: Proof) -> WaitReason | None:
    """The account that goes into the file is that of the attempt's version, and has to be what was approved."""
    attempt, disbursement, _, payee, account, _ = approved
    if attempt.account_version != payee.account_version:
        return WaitReason.ACCOUNT_CHANGED
    payment_hash = hash_of(disbursement, account)
    if list(proof.rows.values()) != [payment_hash] * attempt.approvals_needed:
        return WaitReason.APPROVAL_OUTDATED
    if not is_approved(proof.approvals, attempt.number, key_of(context, payment_hash), proof.rows):
        return WaitReason.APPROVAL_UNPROVEN
    if not proof.account:
        return WaitReason.ACCOUNT_UNPROVEN
    if not _is_of_claim(approved, proof.granted):
        return WaitReason.CLAIM_DIFFERS
    if not proof.alone:
        return WaitReason.EARLIER_ATTEMPT_UNPROVEN
    return reason_to_wait(_candidate(approved), policy, context.now, _orders(context, policy))


def _orders(context: Context, policy: Policy) -> BankOrders | None:
    """How the region's bank wants its orders today."""
    return context.policies.bank_orders(policy.region, policy.local_day(context.now))


def _is_of_claim(approved: Approved, granted: Granted | None) -> bool:
    """Whether it pays what the claim's acceptance granted. A later attempt may go to another payee of the right kind."""
    attempt, disbursement, voucher, payee, _, claim = approved
    try:
        check_payee(
            PayTo(payee.kind, payee.region, payee.organisation_id),
            region=voucher.region, organisation_id=voucher.organisation_id, payment_mode=voucher.payment_mode or "",
        )  # fmt: skip
    except Refused:
        return False
    to_payee = attempt.number > 1 or claim.payee_id == payee.id
    return claim.state == ClaimState.ACCEPTED and to_payee and granted == Granted(voucher.id, disbursement.amount_minor)


def _candidate(approved: Approved) -> Candidate:
    attempt, disbursement, voucher, payee, account, _ = approved
    rests = [until for until in (payee.cooling_off_until, attempt.cooling_off_until) if until is not None]
    return Candidate(
        disbursement_id=disbursement.id,
        attempt_id=attempt.id,
        amount=Money(disbursement.amount_minor, disbursement.currency),
        payee=party_of(account.name, account.account_number, payee.address),
        voucher_code=voucher.code or "",
        suspended=voucher.suspended,
        cooling_off_until=max(rests, default=None),
        number=attempt.number,
    )


async def _seal(context: Context, policy: Policy, group: Sequence[Approved]) -> BatchRow:
    candidates = [_candidate(approved) for approved in group]
    content = batch_file(new_id(), policy, candidates, context.now, _orders(context, policy))
    data, paid = build_batch(content), total((one.amount for one in candidates), policy.currency)
    batch = BatchRow(
        id=content.batch_id, region=policy.region, policy_id=policy.id, currency=policy.currency, debtor_account=policy.bank.debtor_iban,
        state=BatchState.SEALED, disbursements=len(candidates), total_minor=paid.minor,
        file_hash=hashlib.sha256(data).hexdigest(), file=data, execution_on=content.execution_on, sealed_at=context.now,
        sealed_by=context.actor.id,
    )  # fmt: skip
    context.session.add(batch)
    await context.session.flush()
    for attempt, disbursement, voucher, *_ in group:
        attempt.state = disbursement.state = require_move(AttemptState(attempt.state), PaymentEvent.SEALED)
        attempt.batch_id = batch.id
        record_part(context, Duty.SEAL, voucher.application_id, voucher.call_id)
        context.session.add(BatchTransferRow(attempt_id=attempt.id, batch_id=batch.id, disbursement_id=disbursement.id))
    publish_batch_sealed(context, batch, "payment-run")
    return batch
