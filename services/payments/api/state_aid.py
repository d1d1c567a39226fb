"""/state-aid: granted de minimis aid, for the register of the member state; what the ceiling leaves to an organisation"""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.payments.api.dependencies import AidRegistrar, OwnAidReader, PaymentReader
from services.payments.api.schemas import AidRegistrationInput
from services.payments.commands.register_aid import register_aid
from services.payments.domain.state_aid import RegisterState
from services.payments.queries.aid_headroom import AidRoomView, UndertakingView, case_undertaking, own_rooms
from services.payments.queries.aid_register import AID_ENTRIES, aid_entry_view
from services.payments.queries.aid_register import list_aid_entries as entries_of
from services.payments.queries.views import AidEntryView
from shared.web.auth import api_router
from shared.web.paging import Page, Paging

router = api_router("state-aid", prefix="/state-aid")


@router.get("")
async def list_aid_entries(
    context: PaymentReader, paging: Annotated[Paging, Depends(AID_ENTRIES)], region: str | None = None, state: RegisterState | None = None
) -> Page[AidEntryView]:
    return await entries_of(context, paging, region, state)


@router.get("/organisations/{organisation_id}")
async def get_aid_headroom(context: OwnAidReader, organisation_id: UUID) -> list[AidRoomView]:
    """For who acts for the organisation."""
    return await own_rooms(context, organisation_id)


@router.get("/applications/{application_id}")
async def get_aid_undertaking(context: PaymentReader, application_id: UUID, on: date | None = None) -> UndertakingView:
    """The single undertaking of an applicant on a day, with its aid."""
    return await case_undertaking(context, application_id, on)


@router.post("/{voucher_id}/registration")
async def post_aid_registration(context: AidRegistrar, voucher_id: UUID, body: AidRegistrationInput) -> AidEntryView:
    return aid_entry_view(await register_aid(context, voucher_id, body.number, body.registered_on), context.now)
