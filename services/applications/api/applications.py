"""Applications, as their applicants write and all who may read them see them."""

import json
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends
from pydantic import BaseModel, ConfigDict

from services.applications.commands.change_form import change_form
from services.applications.commands.draft_application import draft_application
from services.applications.commands.submit_application import submit_application
from services.applications.commands.withdraw_application import withdraw_application
from services.applications.domain.form import FormInput
from services.applications.queries.applications import APPLICATIONS, application_of, applications, eligibility_of, with_call
from services.applications.queries.views import ApplicationSummary, ApplicationView, EligibilityView, Receipt
from shared.contracts.common import Code
from shared.identity.permissions import Permission
from shared.messaging.context import Context
from shared.web.auth import api_router, requires
from shared.web.idempotency import IdempotencyKey, once
from shared.web.paging import Page, Paging, page_of

router = api_router("applications", "/applications")

Writer = Annotated[Context, requires(Permission.WRITE_APPLICATION)]
Reader = Annotated[Context, requires(Permission.READ_APPLICATION)]
Withdrawer = Annotated[Context, requires(Permission.WITHDRAW)]
State = Literal["draft", "submitted", "returned", "withdrawn", "eligible", "ineligible"]


class NewApplication(BaseModel):
    model_config = ConfigDict(extra="forbid")

    call_id: UUID
    form: FormInput


class ChangedForm(BaseModel):
    model_config = ConfigDict(extra="forbid")

    form: FormInput


class Withdrawal(BaseModel):
    """`reason` is a code such as 'no-longer-needed'; it stands in the event."""

    model_config = ConfigDict(extra="forbid")

    reason: Code


@router.post("", status_code=201)
async def begin(context: Writer, new: NewApplication, key: IdempotencyKey) -> ApplicationView:
    """A draft of the caller's organisation. Answers may be missing; what is there has to be well formed."""

    async def draft() -> ApplicationView:
        return ApplicationView.whole(*await draft_application(context, new.call_id, new.form))

    return ApplicationView.model_validate_json(json.dumps(await once(context, key, "POST /applications", new, draft)))


@router.put("/{application_id}")
async def change(context: Writer, application_id: UUID, changed: ChangedForm) -> ApplicationView:
    """Replaces the whole form of a draft, or of a returned file (there only what it was returned for)."""
    application = await change_form(context, application_id, changed.form)
    return await with_call(context, application)


@router.post("/{application_id}/submission")
async def submit(context: Writer, application_id: UUID) -> Receipt:
    """Hands it in. Handing in twice gives the same receipt; an Idempotency-Key is not needed and passed over."""
    return Receipt.of(await submit_application(context, application_id))


@router.post("/{application_id}/withdrawal")
async def withdraw(context: Withdrawer, application_id: UUID, withdrawal: Withdrawal) -> ApplicationSummary:
    return ApplicationSummary.of(await withdraw_application(context, application_id, withdrawal.reason))


@router.get("")
async def list_applications(
    context: Reader,
    paging: Annotated[Paging, Depends(APPLICATIONS)],
    region: str | None = None,
    call_id: UUID | None = None,
    state: State | None = None,
    decision: Literal["granted", "reserve", "refused"] | None = None,
    organisation_id: UUID | None = None,
    receipt: str | None = None,
) -> Page[ApplicationSummary]:
    filters = {"call_id": call_id, "state": state, "decision": decision, "organisation_id": organisation_id, "receipt": receipt}
    return await page_of(context.session, applications(context.actor, region, filters), paging, ApplicationSummary.of)


@router.get("/{application_id}")
async def read(context: Reader, application_id: UUID) -> ApplicationView:
    return ApplicationView.whole(*await application_of(context, application_id))


@router.get("/{application_id}/eligibility")
async def explain(context: Reader, application_id: UUID) -> EligibilityView:
    """Every rule of the call's policy with its verdict and the facts it looked at; changes nothing."""
    application, call = await application_of(context, application_id)
    return eligibility_of(application, context.policies.get(call.policy_id), context.now)
