"""What waits for finance, and for officers who check claims."""

from sqlalchemy import func, select
from sqlmodel import col

from services.payments.queries.aid_register import count_waiting
from services.payments.queries.desk import desk_of
from services.payments.tables import ClaimRow
from shared.contracts.common import WaitingTask
from shared.kernel.vocabulary import ClaimState, TaskKind
from shared.messaging.context import Context


async def waiting_tasks(context: Context, region: str) -> list[WaitingTask]:
    """Of a region. A batch that the bank has to answer, and money that a beneficiary has to return, are no task of finance."""
    desk = await desk_of(context, [region])
    to_check = select(func.count()).where(col(ClaimRow.region) == region, col(ClaimRow.state) == ClaimState.LODGED)
    counts = {
        TaskKind.UNKNOWN_OUTCOMES: desk.unknown.count,
        TaskKind.PROOFS: desk.proofs.count,
        TaskKind.UNMATCHED_LINES: desk.unmatched.count,
        TaskKind.PAYMENTS_TO_CORRECT: desk.to_correct.count,
        TaskKind.BATCHES_TO_RELEASE: desk.to_release.count,
        TaskKind.PAYMENTS_TO_SEAL: desk.to_seal.count,
        TaskKind.PAYMENTS_TO_APPROVE: desk.to_approve.count,
        TaskKind.CLAIMS_TO_PREPARE: desk.to_prepare.count,
        TaskKind.ACCOUNTS: desk.accounts.count,
        TaskKind.ENVELOPES: desk.envelopes_to_confirm.count,
        TaskKind.ENVELOPE_CHANGES: desk.envelope_changes.count,
        TaskKind.CLAIMS_TO_CHECK: await context.session.scalar(to_check) or 0,
        TaskKind.AID_TO_REGISTER: await count_waiting(context, region),
    }
    return [WaitingTask(kind=kind, count=count) for kind, count in counts.items() if count]
