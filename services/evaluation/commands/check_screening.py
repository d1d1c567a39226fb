"""ScreeningCompleted: once exactly the cases that it names are here, the evaluation begins."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evaluation.commands.assign_evaluators import assign_evaluators
from services.evaluation.commands.locking import lock_call
from services.evaluation.commands.settle_list import settle_list
from services.evaluation.domain.screening import holds_exactly
from services.evaluation.tables import CallRow, CaseRow
from shared.contracts.applications import ScreeningCompleted
from shared.messaging.cause import Cause
from shared.policy.resolver import PolicyBook


async def complete_screening(session: AsyncSession, book: PolicyBook, event: ScreeningCompleted, cause: Cause) -> None:
    """Keeps the count and the hash; the cases may still be on their way."""
    call = await lock_call(session, event.call_id)
    call.eligible, call.eligible_hash = event.eligible, event.eligible_hash
    await check_screening(session, cause, book, call)


async def check_screening(session: AsyncSession, cause: Cause, book: PolicyBook, call: CallRow) -> None:
    """After each change to the set of cases; the caller holds the lock on the call."""
    if call.complete_at is not None or call.eligible is None or call.eligible_hash is None:
        return
    await session.flush()
    query = select(col(CaseRow.application_id), col(CaseRow.withdrawn_at)).where(col(CaseRow.call_id) == call.id)
    cases = (await session.execute(query)).all()
    active = [application_id for application_id, withdrawn_at in cases if withdrawn_at is None]
    withdrawn = sorted(((at, key) for key, at in cases if at is not None), reverse=True)
    if holds_exactly(active, [key for _, key in withdrawn], call.eligible, call.eligible_hash):
        call.complete_at = cause.now
        await assign_evaluators(session, cause, book, call, reason="screening-completed")
        await settle_list(session, cause, book, call)
