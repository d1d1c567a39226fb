"""What waits for finance: how much of each kind, since when, and until when."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, DateTime, Select, cast, func, literal, null, or_, select, union_all
from sqlmodel import col

from services.payments.domain.bank_lines import LineOutcome
from services.payments.domain.states import BankFileState, BatchState, ProposalState
from services.payments.domain.status import AttemptState
from services.payments.queries.claims import without_disbursement
from services.payments.queries.desk_views import DeskView, WaitingView
from services.payments.tables import (
    AccountProposalRow,
    AttemptRow,
    BankFileRow,
    BankLineRow,
    BankUploadRow,
    BatchRow,
    ClaimRow,
    DisbursementRow,
    EnvelopeChangeRow,
    EnvelopeRow,
    LineProposalRow,
    OutcomeProofRow,
    RecoveryRow,
)
from shared.identity.permissions import Permission, visible_regions
from shared.kernel.vocabulary import RecoveryState
from shared.messaging.context import Context

_NO_DATE = cast(null(), DateTime(timezone=True))


async def get_desk(context: Context, region: str | None) -> DeskView:
    """Of the region, or of all regions of the actor."""
    return await desk_of(context, visible_regions(context.actor, Permission.READ_PAYMENTS, region))


async def desk_of(context: Context, regions: Collection[str]) -> DeskView:
    """Of the regions, by one statement. The caller authorises."""

    def waiting(row: Any, since: Any, *criteria: ColumnElement[bool], until: Any = None) -> Select[Any]:
        return _waiting(col(row.region).in_(regions), *criteria, since=since, until=until)

    def payments(*states: AttemptState) -> ColumnElement[bool]:
        return col(DisbursementRow.state).in_(states)

    proposed = ProposalState.PROPOSED
    kinds = {
        "to_prepare": waiting(ClaimRow, ClaimRow.decided_at, without_disbursement(), until=ClaimRow.pay_by),
        "to_approve": waiting(DisbursementRow, DisbursementRow.prepared_at, payments(AttemptState.PREPARED), until=_pay_by()),
        "to_seal": waiting(DisbursementRow, DisbursementRow.prepared_at, payments(AttemptState.APPROVED), until=_pay_by()),
        "to_release": waiting(BatchRow, BatchRow.sealed_at, col(BatchRow.state) == BatchState.SEALED),
        "unanswered": waiting(BatchRow, BatchRow.sent_at, _has_unanswered(), until=BatchRow.answer_by),
        "unknown": _unknown(regions),
        "to_correct": waiting(
            DisbursementRow, DisbursementRow.prepared_at, payments(AttemptState.REJECTED, AttemptState.RETURNED), until=_pay_by()
        ),
        "accounts": waiting(AccountProposalRow, AccountProposalRow.proposed_at, col(AccountProposalRow.state) == proposed),
        "unmatched": _unmatched(regions),
        "line_proposals": _line_proposals(regions),
        "refused_files": _waiting(
            col(BankFileRow.state) == BankFileState.REFUSED, col(BankFileRow.dismissed).is_(False), since=BankFileRow.taken_at
        ),
        "proofs": waiting(OutcomeProofRow, OutcomeProofRow.proposed_at, col(OutcomeProofRow.state) == proposed),
        "uploads": waiting(BankUploadRow, BankUploadRow.proposed_at, col(BankUploadRow.state) == proposed),
        "envelope_changes": waiting(EnvelopeChangeRow, EnvelopeChangeRow.proposed_at, col(EnvelopeChangeRow.state) == proposed),
        "envelopes_to_confirm": waiting(
            EnvelopeRow, EnvelopeRow.opens_at, col(EnvelopeRow.needs_confirmation).is_(True), col(EnvelopeRow.confirmed_by).is_(None)
        ),
        "recoveries": waiting(RecoveryRow, RecoveryRow.ordered_at, col(RecoveryRow.state) == RecoveryState.ORDERED),
    }
    rows = await context.session.execute(union_all(*(query.add_columns(literal(kind)) for kind, query in kinds.items())))
    return DeskView(**{kind: WaitingView(count=count, oldest_at=oldest, due_at=due) for count, oldest, due, kind in rows})


def _waiting(*criteria: ColumnElement[bool], since: Any, until: Any = None) -> Select[Any]:
    return select(func.count(), func.min(since), func.min(until) if until is not None else _NO_DATE).where(*criteria)


def _pay_by() -> Any:
    """Until when the payment is to be made, by its claim."""
    return select(col(ClaimRow.pay_by)).where(col(ClaimRow.id) == col(DisbursementRow.claim_id)).scalar_subquery()


def _has_unanswered() -> ColumnElement[bool]:
    return col(BatchRow.id).in_(select(col(AttemptRow.batch_id)).where(col(AttemptRow.state) == AttemptState.SENT))


def _unknown(regions: Collection[str]) -> Any:
    """Since the bank should have answered."""
    return (
        select(func.count(), func.min(col(BatchRow.answer_by)), _NO_DATE)
        .join_from(AttemptRow, BatchRow, col(BatchRow.id) == col(AttemptRow.batch_id))
        .where(col(AttemptRow.state) == AttemptState.UNKNOWN, col(BatchRow.region).in_(regions))
    )


def _unmatched(regions: Collection[str]) -> Any:
    """Also those that name no region."""
    own = or_(col(BankLineRow.region).in_(regions), col(BankLineRow.region).is_(None))
    return (
        select(func.count(), func.min(col(BankFileRow.taken_at)), _NO_DATE)
        .join_from(BankLineRow, BankFileRow, col(BankFileRow.sha256) == col(BankLineRow.file_sha256))
        .where(col(BankLineRow.outcome) == LineOutcome.UNMATCHED, col(BankLineRow.resolved_at).is_(None), own)
    )


def _line_proposals(regions: Collection[str]) -> Any:
    """About lines of the regions, and those that name no region."""
    own = or_(col(BankLineRow.region).in_(regions), col(BankLineRow.region).is_(None))
    return (
        select(func.count(), func.min(col(LineProposalRow.proposed_at)), _NO_DATE)
        .join_from(LineProposalRow, BankLineRow, col(BankLineRow.id) == col(LineProposalRow.line_id))
        .where(col(LineProposalRow.state) == ProposalState.PROPOSED, own)
    )
