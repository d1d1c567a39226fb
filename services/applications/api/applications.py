"""/applications: written by their applicants, read by all who may, returned and screened by officers."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.applications.api.dependencies import (
    DRAFTING,
    DraftsPerCall,
    ListReader,
    NewDrafts,
    Reader,
    Screener,
    ScreenerAmongMany,
    Screenings,
    Submissions,
    Withdrawer,
    Writer,
    WriterAmongMany,
)
from services.applications.api.schemas import ApplicationInput, FormChangeInput, ReturnInput, SectionInput
from services.applications.commands.change_form import change_form
from services.applications.commands.change_section import change_section
from services.applications.commands.draft_application import draft_application
from services.applications.commands.draft_together import ToDraft
from services.applications.commands.return_application import return_application
from services.applications.commands.screen_application import screen_application
from services.applications.commands.screen_together import ToScreen
from services.applications.commands.submit_application import submit_application
from services.applications.commands.submit_together import ToSubmit
from services.applications.commands.withdraw_application import withdraw_application
from services.applications.domain.receipt import typed_receipt
from services.applications.domain.sections import SectionChange
from services.applications.queries.applications import (
    APPLICATIONS,
    application_page,
    form_versions,
    read_application,
    whole_application_of,
    with_call,
)
from services.applications.queries.assessments import eligibility_of, screening_of, screening_with
from services.applications.queries.forms import SectionView, section_of, sections_of
from services.applications.queries.verdicts import EligibilityView, ScreeningView
from services.applications.queries.views import (
    ApplicationDetail,
    ApplicationView,
    FormVersionView,
    ReceiptView,
)
from shared.kernel.vocabulary import ApplicationState, DecisionOutcome
from shared.web.auth import api_router
from shared.web.hash_key import HashKey
from shared.web.idempotency import IdempotencyKey, hash_of_input, once
from shared.web.language import Language
from shared.web.paging import MAX_LIMIT, Page, Paging
from shared.web.schemas import Reason

router = api_router("applications", "/applications")


@router.post("", status_code=201)
async def post_application(
    context: WriterAmongMany, body: ApplicationInput, key: IdempotencyKey, most: DraftsPerCall, together: NewDrafts
) -> ApplicationDetail:
    """A draft of the caller's organisation. Answers may be missing; those that are given have to be well-formed."""
    begun = await together.ask(ToDraft(context.actor, body.call_id, body.form, most, key, hash_of_input(context, body)))
    if begun is not None:
        return ApplicationDetail.of_call(begun.row, begun.call, context.policies.form(begun.call.form_id))

    async def draft() -> UUID:
        return (await draft_application(context, body.call_id, body.form, most)).id

    return await read_application(context, await once(context, key, DRAFTING, body, draft))


@router.put("/{application_id}")
async def put_application(context: Writer, application_id: UUID, body: FormChangeInput) -> ApplicationDetail:
    """Replaces the whole form of a draft, or of a returned application (there only the answers that it was returned for)."""
    return await with_call(context, await change_form(context, application_id, body.form))


@router.get("/{application_id}/sections")
async def list_application_sections(context: Reader, application_id: UUID, language: Language) -> list[SectionView]:
    """Every section of the form with its state, its version, its answers and what it still lacks."""
    return await sections_of(context, application_id, language)


@router.patch("/{application_id}/sections/{section}")
async def patch_application_section(
    context: Writer, application_id: UUID, section: str, body: SectionInput, language: Language
) -> SectionView:
    """Saves the answers that are given and no others, such as one field as it is typed. A changed answer that another request has
    changed since `version` is refused with both values (409 section-changed); changes of different questions merge."""
    found, form = await change_section(context, application_id, SectionChange(section, body.version, body.answers))
    return await section_of(context, found.application, form, found.policy_id, found.definition, section, language)


@router.post("/{application_id}/submission")
async def post_application_submission(context: WriterAmongMany, application_id: UUID, together: Submissions) -> ReceiptView:
    """Submits it. Who submits declares that the answers are true, and to be entitled to act for the organisation; the receipt says so.
    Submitting twice gives the same receipt; an Idempotency-Key is not needed and is ignored."""
    receipt = await together.ask(ToSubmit(context.actor, application_id))
    if receipt is not None:
        return ReceiptView.model_validate(receipt, from_attributes=True)
    return ReceiptView.of(await submit_application(context, application_id))


@router.post("/{application_id}/withdrawal")
async def post_application_withdrawal(context: Withdrawer, application_id: UUID, body: Reason) -> ApplicationView:
    return ApplicationView.of(await withdraw_application(context, application_id, body.reason))


@router.get("")
async def list_applications(
    context: ListReader,
    paging: Annotated[Paging, Depends(APPLICATIONS)],
    region: str | None = None,
    call_id: UUID | None = None,
    state: ApplicationState | None = None,
    decision: DecisionOutcome | None = None,
    organisation_id: UUID | None = None,
    receipt: str | None = None,
    application_id: Annotated[list[UUID] | None, Query(max_length=MAX_LIMIT, description="Only these; may be given several times")] = None,
) -> Page[ApplicationView]:
    filters = {
        "call_id": call_id,
        "state": state,
        "decision": decision,
        "organisation_id": organisation_id,
        "receipt": receipt and typed_receipt(receipt),
    }
    return await application_page(context, paging, region, filters, application_id)


@router.get("/{application_id}")
async def get_application(context: Reader, application_id: UUID) -> ApplicationDetail:
    """An evaluator reads the answers that do not tell who applies; after the declaration all of them, unless the policy is blind."""
    return await read_application(context, application_id)


@router.get("/{application_id}/eligibility")
async def get_application_eligibility(context: Reader, application_id: UUID, language: Language, hash_key: HashKey) -> EligibilityView:
    """Every rule of the call's policy with its verdict and the facts that it used; the sums of the costs, and what the ceiling of de
    minimis aid leaves. Changes nothing."""
    return await eligibility_of(context, *await whole_application_of(context, application_id), language, hash_key)


@router.get("/{application_id}/versions")
async def list_application_versions(context: Reader, application_id: UUID) -> list[FormVersionView]:
    """Its submissions, with the paths of what changed from one to the next."""
    return await form_versions(context, application_id)


@router.post("/{application_id}/return")
async def post_application_return(context: Screener, application_id: UUID, body: ReturnInput) -> ApplicationView:
    """Returns a submitted application for correction until `repair_by`; for money, identity or project after the call has closed this is
    a proposal, which another officer confirms by the same request."""
    return ApplicationView.of(await return_application(context, application_id, body.asked))


@router.post("/{application_id}/screening")
async def post_application_screening(
    context: ScreenerAmongMany, application_id: UUID, hash_key: HashKey, language: Language, together: Screenings
) -> ScreeningView:
    """Decides by the rules. An application that is decided keeps its result."""
    found = await together.ask(ToScreen(context.actor, application_id))
    if found is not None:
        return screening_with(context, application_id, found.state, found.assessment, language)
    return screening_of(context, await screen_application(context, application_id, hash_key=hash_key), language)
