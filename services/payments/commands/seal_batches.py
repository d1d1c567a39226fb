"""Approved disbursements become bank files whose bytes are fixed from here on: one file for each debtor account of the region."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.commands.hold_payments import refuse_while_held
from services.payments.domain.batches import LARGEST_BATCH, Candidate, batch_file, reason_to_wait
from services.payments.domain.payees import party_of
from services.payments.domain.status import Happening, State, require_move
from services.payments.iso20022.pain001 import build_batch
from services.payments.steps.found_orders import code_in_files, unplaced_codes
from services.payments.tables import AttemptRow, BatchRow, BatchTransferRow, DisbursementRow, PayeeRow, VoucherRow
from shared.contracts.payments import BatchSealed
from shared.identity.permissions import Permission, authorise
from shared.kernel.ids import new_id
from shared.kernel.money import Money, total
from shared.messaging.context import Context
from shared.messaging.outbox import publish
from shared.policy.schema import Policy

Approved = tuple[AttemptRow, DisbursementRow, VoucherRow, PayeeRow]


@dataclass(slots=True)
class Sealed:
    """`skipped` pairs a disbursement with the code of why it waits for a later batch."""

    batches: list[BatchRow] = field(default_factory=list)
    skipped: list[tuple[UUID, str]] = field(default_factory=list)


async def seal_batches(context: Context, region: str) -> Sealed:
    """All that is approved in the region and may go now. Two at the same moment share the work: nothing stands in two files.

    `Conflict` 'payments-held' after a restore.
    """
    authorise(context.actor, Permission.SEAL_BATCH, region=region)
    await refuse_while_held(context)
    sealed, groups = Sealed(), defaultdict[str, list[Approved]](list)
    policies, unplaced = dict[str, Policy](), await unplaced_codes(context)
    for approved in await _lock_approved(context, region):
        _, disbursement, voucher, _ = approved
        policy = context.policies.get(voucher.policy_id)
        code = "order-found" if code_in_files(voucher) in unplaced else _reason_to_wait(context, approved, policy)
        if code:
            sealed.skipped.append((disbursement.id, code))
        else:
            groups[policy.bank.debtor_iban].append(approved)
            policies[policy.bank.debtor_iban] = policy
    for debtor, group in sorted(groups.items()):
        for start in range(0, len(group), LARGEST_BATCH):
            sealed.batches.append(await _seal(context, policies[debtor], group[start : start + LARGEST_BATCH]))
    return sealed


async def _lock_approved(context: Context, region: str) -> Sequence[Approved]:
    """The vouchers are locked too, so that none is suspended or revoked meanwhile. What somebody else holds just now waits
    for the next batch: whoever seals waits for nobody, and so cannot stand in a deadlock."""
    query = (
        select(AttemptRow, DisbursementRow, VoucherRow, PayeeRow)
        .join(DisbursementRow, col(DisbursementRow.id) == col(AttemptRow.disbursement_id))
        .join(VoucherRow, col(VoucherRow.id) == col(DisbursementRow.voucher_id))
        .join(PayeeRow, col(PayeeRow.id) == col(AttemptRow.payee_id))
        .where(col(DisbursementRow.region) == region, col(AttemptRow.state) == State.APPROVED)
        .order_by(col(AttemptRow.disbursement_id))
        .with_for_update(key_share=True, skip_locked=True, of=(AttemptRow, DisbursementRow, VoucherRow))
        .execution_options(populate_existing=True)
    )
    return [tuple(row) for row in (await context.session.execute(query)).all()]  # type: ignore[misc]


def _reason_to_wait(context: Context, approved: Approved, policy: Policy) -> str | None:
    attempt, _, _, payee = approved
    if attempt.account_version != payee.account_version:
        return "account-changed"
    return reason_to_wait(_candidate(approved), policy, context.now)


def _candidate(approved: Approved) -> Candidate:
    attempt, disbursement, voucher, payee = approved
    return Candidate(
        disbursement_id=disbursement.id,
        attempt_id=attempt.id,
        amount=Money(disbursement.amount_minor, disbursement.currency),
        payee=party_of(payee.name, payee.account_number, payee.address),
        voucher_code=voucher.code or "",
        suspended=voucher.suspended,
        cooling_off_until=payee.cooling_off_until,
    )


async def _seal(context: Context, policy: Policy, group: Sequence[Approved]) -> BatchRow:
    candidates = [_candidate(approved) for approved in group]
    content = batch_file(new_id(), policy, candidates, context.now)
    data = build_batch(content)
    batch = BatchRow(
        id=content.batch_id, region=policy.region, policy_id=policy.id, currency=policy.currency, debtor_account=policy.bank.debtor_iban,
        state="sealed", disbursements=len(candidates), total_minor=total((one.amount for one in candidates), policy.currency).minor,
        file_hash=hashlib.sha256(data).hexdigest(), file=data, execution_on=content.execution_on, sealed_at=context.now,
    )  # fmt: skip
    context.session.add(batch)
    await context.session.flush()
    for attempt, disbursement, _, _ in group:
        attempt.state = disbursement.state = require_move(State(attempt.state), Happening.SEALED)
        attempt.batch_id = batch.id
        context.session.add(BatchTransferRow(attempt_id=attempt.id, batch_id=batch.id, disbursement_id=disbursement.id))
    sealed = BatchSealed(
        batch_id=batch.id, region=batch.region, currency=batch.currency, disbursements=batch.disbursements,
        total_minor=batch.total_minor, file_hash=batch.file_hash, execution_on=batch.execution_on,
    )  # fmt: skip
    publish(context, sealed, reason="payment-run", policy_id=policy.id)
    return batch
