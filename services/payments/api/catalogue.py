"""/provider-registrations: an organisation registers as a provider of a region, and an officer checks it"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.payments.api.catalogue_schemas import ProviderAccountInput, ProviderApprovalInput, ProviderReasonInput, RegistrationInput
from services.payments.api.dependencies import OwnAccountHolder, ProviderApplicant, ProviderChecker, ProviderReader
from services.payments.commands.apply_as_provider import JointWork, NewProvider, Seat, apply_as_provider
from services.payments.commands.approve_provider import approve_provider
from services.payments.commands.begin_provider_check import begin_provider_check
from services.payments.commands.refuse_provider import refuse_provider
from services.payments.commands.resume_provider import resume_provider
from services.payments.commands.state_provider_account import state_provider_account
from services.payments.commands.suspend_provider import suspend_provider
from services.payments.commands.withdraw_provider import withdraw_provider
from services.payments.domain.catalogue import Approval
from services.payments.queries import catalogue
from services.payments.queries.catalogue import ProviderFilter, registration_of
from services.payments.queries.catalogue_views import ProviderDetail, ProviderView
from shared.web.auth import api_router
from shared.web.hash_key import HashKey
from shared.web.paging import Page, Paging

router = api_router("catalogue of providers")
ONE = "/provider-registrations/{provider_id}"


@router.post("/provider-registrations", status_code=201)
async def post_provider_registration(context: ProviderApplicant, body: RegistrationInput, hash_key: HashKey) -> ProviderDetail:
    """Of the caller's organisation in the region. Until an officer takes it up, sending it again corrects it; with the same values nothing
    changes."""
    new = NewProvider(
        region=body.region, name=body.name, country=body.country, tax_number=body.tax_number, seat=Seat(**body.seat.model_dump()),
        website=body.website, summary=body.summary, services=body.services, owners=body.owners, kin=body.kin,
        worked_with=[JointWork(one.tax_number, one.last_on) for one in body.worked_with],
    )  # fmt: skip
    provider = await apply_as_provider(context, new, hash_key)
    await context.session.flush()
    return await registration_of(context, provider.id)


@router.get("/provider-registrations")
async def list_provider_registrations(
    context: ProviderReader, paging: Annotated[Paging, Depends(catalogue.PROVIDERS)], wanted: Annotated[ProviderFilter, Query()]
) -> Page[ProviderView]:
    return await catalogue.list_registrations(context, paging, wanted)


@router.get(ONE)
async def get_provider_registration(context: ProviderReader, provider_id: UUID) -> ProviderDetail:
    return await registration_of(context, provider_id)


@router.post(ONE + "/check")
async def post_provider_registration_check(context: ProviderChecker, provider_id: UUID) -> ProviderDetail:
    """Takes it up: from now on the provider cannot correct it. Repeating changes nothing."""
    return await _shown(context, (await begin_provider_check(context, provider_id)).id)


@router.post(ONE + "/approval")
async def post_provider_registration_approval(context: ProviderChecker, provider_id: UUID, body: ProviderApprovalInput) -> ProviderDetail:
    """From its first day on the provider stands in the catalogue."""
    approval = Approval(tuple(body.services), body.since, body.until)
    return await _shown(context, (await approve_provider(context, provider_id, approval)).id)


@router.post(ONE + "/refusal")
async def post_provider_registration_refusal(context: ProviderChecker, provider_id: UUID, body: ProviderReasonInput) -> ProviderDetail:
    return await _shown(context, (await refuse_provider(context, provider_id, body.reason)).id)


@router.post(ONE + "/suspension")
async def post_provider_registration_suspension(context: ProviderChecker, provider_id: UUID, body: ProviderReasonInput) -> ProviderDetail:
    """Out of the catalogue at once; another officer ends it."""
    return await _shown(context, (await suspend_provider(context, provider_id, body.reason)).id)


@router.post(ONE + "/resumption")
async def post_provider_registration_resumption(context: ProviderChecker, provider_id: UUID, body: ProviderReasonInput) -> ProviderDetail:
    """By another officer than the one who suspended it."""
    return await _shown(context, (await resume_provider(context, provider_id, body.reason)).id)


@router.post(ONE + "/withdrawal")
async def post_provider_registration_withdrawal(context: ProviderApplicant, provider_id: UUID) -> ProviderDetail:
    """By the provider itself. Repeating changes nothing."""
    return await _shown(context, (await withdraw_provider(context, provider_id)).id)


@router.put(ONE + "/account")
async def put_provider_registration_account(context: OwnAccountHolder, provider_id: UUID, body: ProviderAccountInput) -> ProviderDetail:
    """States the account of an approved provider, or another one in its place; finance confirms it."""
    return await _shown(context, (await state_provider_account(context, provider_id, body.name, body.account.number)).id)


async def _shown(context: ProviderReader, provider_id: UUID) -> ProviderDetail:
    await context.session.flush()
    return await registration_of(context, provider_id)
