"""Which cases are due, which are held, and the report of the runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlmodel import col

from services.applications.domain.ending import ended_case
from services.applications.queries.applications import WITHOUT_ANSWERS
from services.applications.queries.receipts_of import receipts_of
from services.applications.queries.views import HoldView, RetentionResultView, RetentionRunView
from services.applications.tables import ApplicationRow, CallRow, HoldRow, RetentionResultRow, RetentionRunRow
from shared.identity.permissions import Permission, authorise, visible_regions
from shared.kernel.errors import NotFound
from shared.kernel.vocabulary import HoldSubject, RetentionClass
from shared.messaging.context import Context
from shared.policy.schema import Policy
from shared.privacy.retention import Decision, EndedCase, decide, kept_until
from shared.web.paging import Page, Paging, Sorting, page_of

HOLDS = Sorting({"placed_at": col(HoldRow.placed_at)}, unique=col(HoldRow.id), default="-placed_at")
RUNS = Sorting({"at": col(RetentionRunRow.at)}, unique=col(RetentionRunRow.id), default="-at")
RESULTS = Sorting({"at": col(RetentionResultRow.at)}, unique=col(RetentionResultRow.application_id), default="-at")


@dataclass(frozen=True, slots=True)
class DueCase:
    """A case whose term is over."""

    application_id: UUID
    policy_id: str
    retention_class: RetentionClass
    kept_until: datetime


def due_case(context: Context, application: ApplicationRow, call: CallRow, at: datetime | None = None) -> DueCase | None:
    """None while the case goes on, its term runs at the instant `at` (now), or its policy sets none; and when its content is removed."""
    case = ended_case(
        state=application.state, submitted=application.sequence is not None, changed_at=application.changed_at,
        call_closes_at=call.closes_at, decision=application.decision, decided_at=application.decided_at,
        voucher_outcome=application.voucher_outcome, voucher_closed_at=application.voucher_closed_at,
    )  # fmt: skip
    if case is None or application.removed_at is not None:
        return None
    policy = context.policies.get(call.policy_id)
    until = kept_until(policy, case)
    if until is None or decide(policy, case, held=False, now=at or context.now) is not Decision.REMOVE:
        return None
    return DueCase(application.id, policy.id, case.retention_class, until)


async def due_cases(context: Context, region: str, at: datetime | None = None) -> Sequence[DueCase]:
    """The cases of a region whose term is over at the instant `at` (now), held or not; those that have waited longest come first."""
    calls = {call.id: call for call in await context.session.scalars(select(CallRow).where(col(CallRow.region) == region))}
    kept = [call.id for call in calls.values() if _may_be_due(context.policies.get(call.policy_id), call, at or context.now)]
    row = ApplicationRow
    query = select(row).where(col(row.call_id).in_(kept), col(row.removed_at).is_(None))
    rows = await context.session.scalars(query.options(*WITHOUT_ANSWERS))
    found = [due_case(context, application, calls[application.call_id], at) for application in rows]
    return sorted((case for case in found if case is not None), key=lambda case: (case.kept_until, case.application_id))


def _may_be_due(policy: Policy, call: CallRow, at: datetime) -> bool:
    """No case of a call ends before the call opens, so that a call whose shortest term would still run is not read."""
    earliest = (kept_until(policy, EndedCase(kind, call.opens_at)) for kind in RetentionClass)
    return any(until is not None and until <= at for until in earliest)


async def is_held(context: Context, application: ApplicationRow) -> bool:
    """True while a hold on the case, or on its organisation in its region, is in force."""
    of_case = and_(col(HoldRow.subject_kind) == HoldSubject.CASE, col(HoldRow.subject_id) == application.id)
    of_organisation = and_(
        col(HoldRow.subject_kind) == HoldSubject.ORGANISATION,
        col(HoldRow.subject_id) == application.organisation_id,
        col(HoldRow.region) == application.region,
    )
    query = select(col(HoldRow.id)).where(col(HoldRow.lifted_at).is_(None), or_(of_case, of_organisation)).limit(1)
    return await context.session.scalar(query) is not None


async def list_holds(context: Context, paging: Paging, region: str | None, subject_id: UUID | None, in_force: bool) -> Page[HoldView]:
    query = select(HoldRow).where(_visible(context, HoldRow, region))
    if subject_id is not None:
        query = query.where(col(HoldRow.subject_id) == subject_id)
    if in_force:
        query = query.where(col(HoldRow.lifted_at).is_(None))
    page = await page_of(context.session, query, paging, HoldView.model_validate)
    receipts = await _held_receipts(context, page.items)
    return page.with_items([one.model_copy(update={"receipts": receipts[one.id]}) for one in page.items])


async def read_hold(context: Context, hold_id: UUID) -> HoldView:
    row = await context.session.get(HoldRow, hold_id)
    if row is None:
        raise NotFound("unknown-hold", "There is no such hold.")
    authorise(context.actor, Permission.READ_RETENTION, region=row.region)
    hold = HoldView.model_validate(row)
    return hold.model_copy(update={"receipts": (await _held_receipts(context, [hold]))[hold.id]})


async def _held_receipts(context: Context, holds: Sequence[HoldView]) -> dict[UUID, list[str]]:
    """Of each hold the receipts of what it holds, which lie in its own region."""
    regions = {hold.region for hold in holds}
    by_region = {
        region: await receipts_of(context, {one.subject_id for one in holds if one.region == region}, [region]) for region in regions
    }
    return {hold.id: by_region[hold.region].get(hold.subject_id, []) for hold in holds}


async def list_retention_runs(context: Context, paging: Paging, region: str | None) -> Page[RetentionRunView]:
    query = select(RetentionRunRow).where(_visible(context, RetentionRunRow, region))
    return await page_of(context.session, query, paging, RetentionRunView.model_validate)


async def list_retention_results(
    context: Context, paging: Paging, region: str | None, run_id: UUID | None, outcome: str | None
) -> Page[RetentionResultView]:
    query = select(RetentionResultRow).where(_visible(context, RetentionResultRow, region))
    if run_id is not None:
        query = query.where(col(RetentionResultRow.run_id) == run_id)
    if outcome is not None:
        query = query.where(col(RetentionResultRow.outcome) == outcome)
    page = await page_of(context.session, query, paging, RetentionResultView.model_validate)
    receipts = await receipts_of(context, {one.application_id for one in page.items}, {one.region for one in page.items})
    return page.with_items(
        [one.model_copy(update={"receipt": next(iter(receipts.get(one.application_id, [])), None)}) for one in page.items]
    )


def _visible(context: Context, row: Any, region: str | None) -> Any:
    return col(row.region).in_(visible_regions(context.actor, Permission.READ_RETENTION, region))
