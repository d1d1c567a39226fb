"""Screening by officers: the list of a call, notes and flags, overrules by two, one act on many."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.applications.api.dependencies import Screener
from services.applications.api.schemas import BulkInput, NoteInput, OverruleInput
from services.applications.commands.act_on_applications import BulkAct, act_on_applications
from services.applications.commands.confirm_overrule import confirm_overrule
from services.applications.commands.lift_flag import lift_flag
from services.applications.commands.propose_overrule import propose_overrule
from services.applications.commands.refuse_overrule import refuse_overrule
from services.applications.commands.undo_bulk_act import undo_bulk_act
from services.applications.commands.write_note import write_note
from services.applications.domain.overrules import OverruleState
from services.applications.queries.applications import whole_application_of
from services.applications.queries.screening import SCREENING, Wanted, screening_counts, screening_page
from services.applications.queries.screening_file import (
    OVERRULES,
    bulk_act_of,
    bulk_act_view,
    note_view,
    overrule_page,
    overrule_view,
    repairs_of,
    screening_file_of,
)
from services.applications.queries.screening_views import (
    BulkActView,
    FoundCasesView,
    NoteView,
    OverruleView,
    RepairsView,
    ScreeningCasesView,
    ScreeningCountsView,
    ScreeningFileView,
)
from services.applications.queries.search import find_cases
from services.applications.steps.returns import Corrections
from shared.kernel.vocabulary import ApplicationState
from shared.web.auth import api_router
from shared.web.hash_key import HashKey
from shared.web.idempotency import IdempotencyKey, once
from shared.web.language import Language
from shared.web.paging import MAX_LIMIT, Page, Paging

router = api_router("screening")


@router.get("/calls/{call_id}/screening")
async def list_screening_cases(
    context: Screener,
    call_id: UUID,
    paging: Annotated[Paging, Depends(SCREENING)],
    hash_key: HashKey,
    state: ApplicationState | None = None,
    flagged: bool | None = None,
    overrule_open: bool | None = None,
    corrected: bool | None = None,
    text: Annotated[str, Query(max_length=100, description="Part of the receipt number, the title or the applicant's name")] = "",
) -> ScreeningCasesView:
    """The submitted applications of a call, with what the rules say of each. Each that is shown is a line of the access log."""
    return await screening_page(context, call_id, paging, Wanted(state, flagged, overrule_open, corrected, text), hash_key)


@router.get("/found-cases")
async def get_found_cases(
    context: Screener,
    text: Annotated[str, Query(min_length=1, max_length=100, description="Part of the receipt number, the title or the applicant's name")],
    region: str | None = None,
) -> FoundCasesView:
    """The submitted applications of all calls that fit. Each that is shown is a line of the access log."""
    return await find_cases(context, text, region)


@router.get("/screening-counts")
async def list_screening_counts(
    context: Screener,
    region: str | None = None,
    call_id: Annotated[list[UUID] | None, Query(max_length=MAX_LIMIT, description="Only these; may be given several times")] = None,
) -> list[ScreeningCountsView]:
    """How many applications of each call are in which state, and how many wait for what."""
    return await screening_counts(context, region, call_id)


@router.get("/applications/{application_id}/screening")
async def get_application_screening(context: Screener, application_id: UUID, language: Language) -> ScreeningFileView:
    """Notes, overrules, and the applications to look at beside this one. The applicant and evaluators never see it."""
    application, _ = await whole_application_of(context, application_id)
    return await screening_file_of(context, application, language)


@router.post("/applications/{application_id}/notes", status_code=201)
async def post_application_note(context: Screener, application_id: UUID, body: NoteInput) -> NoteView:
    """A note for officers. With `flag` screening of the whole call passes the application by until the flag is lifted."""
    return note_view(context, await write_note(context, application_id, body.words, flag=body.flag))


@router.post("/notes/{note_id}/lifting")
async def post_note_lifting(context: Screener, note_id: UUID) -> NoteView:
    """Lifts a flag; the words stay."""
    return note_view(context, await lift_flag(context, note_id))


@router.post("/applications/{application_id}/overrules", status_code=201)
async def post_application_overrule(
    context: Screener, application_id: UUID, body: OverruleInput, language: Language, hash_key: HashKey
) -> OverruleView:
    """Proposes another verdict of a rule, with the reason. It counts once another officer confirms it, and only for these answers."""
    proposed = await propose_overrule(context, application_id, body.rule, body.passed, body.words, hash_key=hash_key)
    return await overrule_view(context, proposed, language)


@router.get("/overrules")
async def list_overrules(
    context: Screener,
    paging: Annotated[Paging, Depends(OVERRULES)],
    language: Language,
    region: str | None = None,
    state: OverruleState | None = None,
) -> Page[OverruleView]:
    return await overrule_page(context, paging, region, state, language)


@router.post("/overrules/{overrule_id}/confirmation")
async def post_overrule_confirmation(context: Screener, overrule_id: UUID, language: Language) -> OverruleView:
    """By another officer than the one who proposed it."""
    return await overrule_view(context, await confirm_overrule(context, overrule_id), language)


@router.post("/overrules/{overrule_id}/refusal")
async def post_overrule_refusal(context: Screener, overrule_id: UUID, language: Language) -> OverruleView:
    """The verdict of the rule stands. Who proposed it may take it back so."""
    return await overrule_view(context, await refuse_overrule(context, overrule_id), language)


@router.post("/calls/{call_id}/bulk-acts", status_code=201)
async def post_call_bulk_act(
    context: Screener, call_id: UUID, body: BulkInput, hash_key: HashKey, language: Language, key: IdempotencyKey
) -> BulkActView:
    """Screens, returns or flags many applications, up to 200 at a time. What is refused for one does not keep the others."""
    asked = body.corrections.asked if body.corrections else Corrections()

    async def act() -> UUID:
        wanted = BulkAct(body.action, body.application_ids, hash_key, asked, body.words or "")
        return (await act_on_applications(context, call_id, wanted)).id

    return await bulk_act_of(context, await once(context, key, f"POST /calls/{call_id}/bulk-acts", body, act), language)


@router.get("/calls/{call_id}/repairs")
async def get_call_repairs(context: Screener, call_id: UUID) -> RepairsView:
    """What an application of the call may be returned for."""
    return await repairs_of(context, call_id)


@router.get("/bulk-acts/{bulk_id}")
async def get_bulk_act(context: Screener, bulk_id: UUID, language: Language) -> BulkActView:
    return await bulk_act_of(context, bulk_id, language)


@router.post("/bulk-acts/{bulk_id}/undoing")
async def post_bulk_act_undoing(context: Screener, bulk_id: UUID, language: Language) -> BulkActView:
    """Takes back flags that were raised or lifted, within 24 hours. Screening and returns are not undone: the result is
    published, the letters are out."""
    return await bulk_act_view(context, await undo_bulk_act(context, bulk_id), language)
