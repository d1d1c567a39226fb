"""What waits for finance: how much of each kind, since when, and until when."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, exists, func, null, or_, select
from sqlmodel import col

from services.payments.domain.bank_lines import LineOutcome
from services.payments.domain.states import BatchState, ProposalState
from services.payments.domain.status import AttemptState
from services.payments.queries.claims import without_disbursement
from services.payments.queries.desk_views import DeskView, WaitingView
from services.payments.tables import (
    AccountProposalRow,
    AttemptRow,
    BankFileRow,
    BankLineRow,
    BatchRow,
    ClaimRow,
    DisbursementRow,
    EnvelopeChangeRow,
    EnvelopeRow,
    OutcomeProofRow,
    RecoveryRow,
)
from shared.identity.permissions import Permission, visible_regions
from shared.kernel.vocabulary import RecoveryState
from shared.messaging.context import Context


async def get_desk(context: Context, region: str | None) -> DeskView:
    """Of the region, or of all regions of the actor."""
    return await desk_of(context, visible_regions(context.actor, Permission.READ_PAYMENTS, region))


async def desk_of(context: Context, regions: Collection[str]) -> DeskView:
    """Of the regions. The caller authorises."""

    async def waiting(row: Any, since: Any, *criteria: ColumnElement[bool], until: Any = None) -> WaitingView:
        return await _waiting(context, col(row.region).in_(regions), *criteria, since=since, until=until)

    def payments(*states: AttemptState) -> ColumnElement[bool]:
        return col(DisbursementRow.state).in_(states)

    proposed = ProposalState.PROPOSED
    return DeskView(
        to_prepare=await waiting(ClaimRow, ClaimRow.decided_at, without_disbursement(), until=ClaimRow.pay_by),
        to_approve=await waiting(DisbursementRow, DisbursementRow.prepared_at, payments(AttemptState.PREPARED), until=_pay_by()),
        to_seal=await waiting(DisbursementRow, DisbursementRow.prepared_at, payments(AttemptState.APPROVED), until=_pay_by()),
        to_release=await waiting(BatchRow, BatchRow.sealed_at, col(BatchRow.state) == BatchState.SEALED),
        unanswered=await waiting(BatchRow, BatchRow.sent_at, _has_unanswered(), until=BatchRow.answer_by),
        unknown=await _unknown(context, regions),
        to_correct=await waiting(
            DisbursementRow, DisbursementRow.prepared_at, payments(AttemptState.REJECTED, AttemptState.RETURNED), until=_pay_by()
        ),
        accounts=await waiting(AccountProposalRow, AccountProposalRow.proposed_at, col(AccountProposalRow.state) == proposed),
        unmatched=await _unmatched(context, regions),
        proofs=await waiting(OutcomeProofRow, OutcomeProofRow.proposed_at, col(OutcomeProofRow.state) == proposed),
        envelope_changes=await waiting(EnvelopeChangeRow, EnvelopeChangeRow.proposed_at, col(EnvelopeChangeRow.state) == proposed),
        envelopes_to_confirm=await waiting(
            EnvelopeRow, EnvelopeRow.opens_at, col(EnvelopeRow.needs_confirmation).is_(True), col(EnvelopeRow.confirmed_by).is_(None)
        ),
        recoveries=await waiting(RecoveryRow, RecoveryRow.ordered_at, col(RecoveryRow.state) == RecoveryState.ORDERED),
    )


async def _waiting(context: Context, *criteria: ColumnElement[bool], since: Any, until: Any = None) -> WaitingView:
    latest = func.min(until) if until is not None else null()
    row = (await context.session.execute(select(func.count(), func.min(since), latest).where(*criteria))).one()
    return WaitingView(count=row[0], oldest_at=row[1], due_at=row[2])


def _pay_by() -> Any:
    """Until when the payment is to be made, by its claim."""
    return select(col(ClaimRow.pay_by)).where(col(ClaimRow.id) == col(DisbursementRow.claim_id)).scalar_subquery()


def _has_unanswered() -> ColumnElement[bool]:
    return exists().where(col(AttemptRow.batch_id) == col(BatchRow.id), col(AttemptRow.state) == AttemptState.SENT)


async def _unknown(context: Context, regions: Collection[str]) -> WaitingView:
    """Since the bank should have answered."""
    query = (
        select(func.count(), func.min(col(BatchRow.answer_by)))
        .join_from(AttemptRow, BatchRow, col(BatchRow.id) == col(AttemptRow.batch_id))
        .where(col(AttemptRow.state) == AttemptState.UNKNOWN, col(BatchRow.region).in_(regions))
    )
    count, oldest_at = (await context.session.execute(query)).one()
    return WaitingView(count=count, oldest_at=oldest_at, due_at=None)


async def _unmatched(context: Context, regions: Collection[str]) -> WaitingView:
    """Also those that name no region."""
    own = or_(col(BankLineRow.region).in_(regions), col(BankLineRow.region).is_(None))
    query = (
        select(func.count(), func.min(col(BankFileRow.taken_at)))
        .join_from(BankLineRow, BankFileRow, col(BankFileRow.sha256) == col(BankLineRow.file_sha256))
        .where(col(BankLineRow.outcome) == LineOutcome.UNMATCHED, col(BankLineRow.resolved_at).is_(None), own)
    )
    count, oldest_at = (await context.session.execute(query)).one()
    return WaitingView(count=count, oldest_at=oldest_at, due_at=None)
