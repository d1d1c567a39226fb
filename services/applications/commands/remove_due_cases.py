"""MilestoneReached (retention-due): removes the personal content of the cases of a region whose term is over."""

from collections import Counter
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import update
from sqlmodel import col

from services.applications.domain.ending import RemovalOutcome
from services.applications.locks import lock_application
from services.applications.queries.retention import DueCase, due_case, due_cases, is_held
from services.applications.tables import (
    ApplicationRow,
    CallRow,
    FileRow,
    FormVersionRow,
    NoteRow,
    OverruleRow,
    RetentionResultRow,
    RetentionRunRow,
)
from shared.contracts.applications import CaseRemoved
from shared.contracts.vouchers import MilestoneReached
from shared.kernel.ids import derive_id, region_id
from shared.messaging.context import Context
from shared.messaging.outbox import publish

MOST = 1_000
"""Cases removed in one run, which is one transaction; the rest follows in the next one."""


async def remove_due_cases(context: Context, event: MilestoneReached) -> None:
    """Once for each region and day. A case that cannot be removed does not keep the others; the report names it, and the next run tries
    again."""
    run_id = derive_id(region_id(event.region), "retention", event.due_at.isoformat())
    if await context.session.get(RetentionRunRow, run_id) is not None:
        return
    outcomes, counts = list[tuple[DueCase, RemovalOutcome, str]](), Counter[RemovalOutcome]()
    for case in await due_cases(context, event.region):
        if counts[RemovalOutcome.REMOVED] == MOST:
            break
        outcome, reason = await _outcome(context, case)
        outcomes.append((case, outcome, reason))
        counts[outcome] += 1
    run = RetentionRunRow(
        id=run_id, region=event.region, at=context.now, removed=counts[RemovalOutcome.REMOVED], held=counts[RemovalOutcome.HELD],
        failed=counts[RemovalOutcome.FAILED],
    )  # fmt: skip
    context.session.add(run)
    await context.session.flush()
    context.session.add_all(_result(run, case, outcome, reason) for case, outcome, reason in outcomes)


async def _outcome(context: Context, case: DueCase) -> tuple[RemovalOutcome, str]:
    """The outcome and its reason. A failure rolls back what was done to this case alone."""
    try:
        async with context.session.begin_nested():
            return await _remove(context.at_a_new_instant(), case.application_id)
    except Exception as error:  # noqa: BLE001  whatever is wrong with one case, the others have their turn
        structlog.get_logger().error("case not removed", application_id=str(case.application_id), error=type(error).__name__)
        return RemovalOutcome.FAILED, type(error).__name__


async def _remove(context: Context, application_id: UUID) -> tuple[RemovalOutcome, str]:
    """Decides again under the lock: since it was read, the case may have been held."""
    application = await lock_application(context, application_id)
    call = await context.session.get_one(CallRow, application.call_id)
    case = due_case(context, application, call)
    assert case is not None, "a case that has ended stays so"
    if await is_held(context, application):
        return RemovalOutcome.HELD, "legal-hold"
    # By statements: the row of an erased subject reads as empty already, and its ciphertext has to go all the same.
    nothing: dict[str, Any] = {
        "form": None,
        "title": None,
        "assessment": None,
        "return_note": None,
        "return_words": None,
        "returned_fields": [],
        "tax_key": None,
        "removed_at": context.now,
    }
    of_case = col(FormVersionRow.application_id) == application.id
    await context.session.execute(update(FormVersionRow).where(of_case).values(form=None))
    for words in (NoteRow, OverruleRow):
        await context.session.execute(update(words).where(col(words.application_id) == application.id).values(words=None))
    kept = (col(FileRow.application_id) == application.id, col(FileRow.deleted_at).is_(None))
    await context.session.execute(update(FileRow).where(*kept).values(name=None, deleted_at=context.now))
    await context.session.execute(update(ApplicationRow).where(col(ApplicationRow.id) == application.id).values(nothing))
    removed = CaseRemoved(
        application_id=application.id, call_id=call.id, region=call.region, retention_class=case.retention_class,
        kept_until=case.kept_until,
    )  # fmt: skip
    publish(context, removed, reason="term-over", policy_id=call.policy_id)
    return RemovalOutcome.REMOVED, "term-over"


def _result(run: RetentionRunRow, case: DueCase, outcome: RemovalOutcome, reason: str) -> RetentionResultRow:
    return RetentionResultRow(
        run_id=run.id, application_id=case.application_id, region=run.region, at=run.at, policy_id=case.policy_id,
        retention_class=case.retention_class, kept_until=case.kept_until, outcome=outcome, reason=reason,
    )  # fmt: skip
