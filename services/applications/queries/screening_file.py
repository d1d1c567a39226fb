"""What stands beside an application on an officer's desk: notes, overrules, neighbours; and the acts on many."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.applications.domain.correction import returnable
from services.applications.domain.neighbours import MOST_COMPARED, likenesses, signs_of
from services.applications.domain.overrules import OverruleState
from services.applications.locks import read_call
from services.applications.queries.assessments import rule_texts
from services.applications.queries.screening import applicant_name
from services.applications.queries.screening_views import BulkActView, NeighbourView, NoteView, OverruleView, RepairsView, ScreeningFileView
from services.applications.tables import ApplicationRow, BulkActRow, CallRow, NoteRow, OverruleRow
from shared.database.scope import in_scope
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import NotFound
from shared.messaging.context import Context
from shared.web.access_log import Shown, record_access
from shared.web.paging import Page, Paging, Sorting, page_of

OVERRULES = Sorting({"proposed_at": col(OverruleRow.proposed_at)}, unique=col(OverruleRow.id), default="proposed_at")


async def screening_file_of(context: Context, application: ApplicationRow, language: str) -> ScreeningFileView:
    """Of an application that the actor has read; only officers have it. Showing a neighbour is a reading of it."""
    authorise(context.actor, Permission.SCREEN_APPLICATION, region=application.region)
    of_case = (col(NoteRow.application_id) == application.id, col(OverruleRow.application_id) == application.id)
    notes = await context.session.scalars(select(NoteRow).where(of_case[0]).order_by(col(NoteRow.written_at).desc(), col(NoteRow.id)))
    overrules = await context.session.scalars(select(OverruleRow).where(of_case[1]).order_by(col(OverruleRow.proposed_at).desc()))
    neighbours, compared = await _neighbours(context, application)
    return ScreeningFileView(
        application_id=application.id,
        notes=[note_view(context, note) for note in notes],
        overrules=[await overrule_view(context, overrule, language) for overrule in overrules],
        neighbours=neighbours,
        compared=compared,
    )


async def _neighbours(context: Context, application: ApplicationRow) -> tuple[list[NeighbourView], int]:
    """Of the call those with a likeness, of other calls of the region those of the same organisation; and how many were compared."""
    row = ApplicationRow
    others = select(row).where(col(row.id) != application.id, col(row.sequence).is_not(None), col(row.region) == application.region)
    same_call, own = col(row.call_id) == application.call_id, col(row.organisation_id) == application.organisation_id
    this = signs_of(application.organisation_id, application.form or {})
    found, compared = list[NeighbourView](), 0
    for other in await context.session.scalars(others.where(same_call | own).order_by(col(row.submitted_at).desc()).limit(MOST_COMPARED)):
        compared += 1
        if alike := likenesses(this, signs_of(other.organisation_id, other.form or {})):
            shown = {name: getattr(other, name) for name in NeighbourView.model_fields if hasattr(other, name)}
            found.append(NeighbourView(**shown, applicant_name=applicant_name(other), likenesses=alike))
    await record_access(context, Permission.SCREEN_APPLICATION, [(one.id, application.region) for one in found], Shown.LISTED)
    return found, compared


def note_view(context: Context, note: NoteRow) -> NoteView:
    values = {name: getattr(note, name) for name in NoteView.model_fields if name != "own"}
    return NoteView(**values, own=note.written_by == context.actor.id)


async def overrule_view(context: Context, overrule: OverruleRow, language: str) -> OverruleView:
    application = await context.session.get_one(ApplicationRow, overrule.application_id)
    call = await context.session.get_one(CallRow, overrule.call_id)
    message = rule_texts(context.policies.get(call.policy_id), language).get(overrule.rule, overrule.rule)
    values = {name: getattr(overrule, name) for name in OverruleView.model_fields if hasattr(overrule, name)}
    return OverruleView(
        **values,
        receipt=application.receipt or "",
        message=message,
        holds=overrule.revision == application.revision and overrule.state != OverruleState.REFUSED,
        own=overrule.proposed_by == context.actor.id,
    )


async def overrule_page(
    context: Context, paging: Paging, region: str | None, state: OverruleState | None, language: str
) -> Page[OverruleView]:
    """Those about answers that were not submitted again since."""
    query = (
        select(OverruleRow)
        .join(ApplicationRow, col(ApplicationRow.id) == col(OverruleRow.application_id))
        .where(in_scope(context.actor, Permission.SCREEN_APPLICATION, region, OverruleRow))
        .where(col(OverruleRow.revision) == col(ApplicationRow.revision))
    )
    if state is not None:
        query = query.where(col(OverruleRow.state) == state)
    page = await page_of(context.session, query, paging, lambda row: row)
    return page.with_items([await overrule_view(context, row, language) for row in page.items])


async def repairs_of(context: Context, call_id: UUID) -> RepairsView:
    """Raises NotFound, Forbidden."""
    call = await read_call(context, call_id)
    authorise(context.actor, Permission.SCREEN_APPLICATION, region=call.region)
    policy = context.policies.get(call.policy_id)
    questions = returnable(policy, context.policies.form(call.form_id))
    return RepairsView(questions=questions, within=policy.repair.within, most=policy.repair.max_count)


async def bulk_act_of(context: Context, bulk_id: UUID, language: str) -> BulkActView:
    """`NotFound` 'unknown-act'."""
    act = await context.session.get(BulkActRow, bulk_id)
    if act is None:
        raise NotFound("unknown-act", "There is no such act.")
    authorise(context.actor, Permission.SCREEN_APPLICATION, region=act.region)
    return await bulk_act_view(context, act, language)


async def bulk_act_view(context: Context, act: BulkActRow, language: str) -> BulkActView:
    return BulkActView.of(act, await _receipts(context, [UUID(one["application_id"]) for one in act.results], act.call_id), language)


async def _receipts(context: Context, ids: Collection[UUID], call_id: UUID) -> dict[UUID, str | None]:
    row = ApplicationRow
    query = select(col(row.id), col(row.receipt)).where(col(row.id).in_(ids), col(row.call_id) == call_id)
    rows = (await context.session.execute(query)).all()
    return {identity: receipt for identity, receipt in rows}  # noqa: C416  rows of a result are no pairs to mypy
