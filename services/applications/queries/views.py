"""What the routes answer. Instants are programme time, UTC; amounts minor units of `currency`."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel

from services.applications.domain.eligibility import Assessment
from services.applications.domain.form import Form, read_form, unanswered
from services.applications.tables import ApplicationRow, CallRow


class CallView(BaseModel):
    """`state` says what the lifecycle has told (published, open, closed); whether a file is taken is decided by the instants.
    `first_closes_at` is the end as published, before any extension; `submitted` counts the applications handed in."""

    id: UUID
    number: int
    slug: str
    region: str
    scheme: str
    policy_id: str
    title: dict[str, str]
    selection_method: str
    currency: str
    envelope_minor: int
    opens_at: datetime
    closes_at: datetime
    first_closes_at: datetime
    evaluation_due_at: datetime
    reserve_list_ends_at: datetime
    published_at: datetime
    state: str
    submitted: int
    screening_completed_at: datetime | None

    @classmethod
    def of(cls, call: CallRow) -> Self:
        return cls.model_validate(call, from_attributes=True)


class ApplicationSummary(BaseModel):
    """`decision` is evaluation's (granted, reserve, refused), null until then; `amount_minor` the aid that would be granted,
    once found eligible; `failed_rules` the reasons, once found ineligible."""

    id: UUID
    call_id: UUID
    region: str
    organisation_id: UUID
    state: str
    decision: str | None
    revision: int
    sequence: int | None
    receipt: str | None
    title: str | None
    requested_minor: int | None
    amount_minor: int | None
    failed_rules: list[str]
    created_at: datetime
    changed_at: datetime
    submitted_at: datetime | None
    repair_by: datetime | None

    @classmethod
    def of(cls, application: ApplicationRow) -> Self:
        return cls.model_validate(application, from_attributes=True)


class ApplicationView(ApplicationSummary):
    """With the whole form. `missing` are paths of answers that a submission still needs; `returned_fields` and `return_note` say
    what an officer wants mended by `repair_by`."""

    currency: str
    policy_id: str
    form: Form
    missing: list[str]
    returned_fields: list[str]
    return_note: str
    screened_at: datetime | None

    @classmethod
    def whole(cls, application: ApplicationRow, call: CallRow) -> Self:
        form = read_form(application.form)
        summary = ApplicationSummary.of(application).model_dump()
        return cls(
            **summary,
            currency=call.currency,
            policy_id=call.policy_id,
            form=form,
            missing=unanswered(form),
            returned_fields=application.returned_fields,
            return_note=application.return_note,
            screened_at=application.screened_at,
        )


class Receipt(BaseModel):
    """Proof of a submission: `submitted_at` and `sequence` are those of the first one, `revision` counts."""

    application_id: UUID
    receipt: str
    submitted_at: datetime
    revision: int
    sequence: int

    @classmethod
    def of(cls, application: ApplicationRow) -> Self:
        return cls.model_validate(
            {
                "application_id": application.id,
                "receipt": application.receipt,
                "submitted_at": application.submitted_at,
                "revision": application.revision,
                "sequence": application.sequence,
            }
        )


class EligibilityView(Assessment):
    """`screened`: this is the result that counts; otherwise it is how the rules would decide today, with what is `missing`."""

    application_id: UUID
    state: str
    screened: bool
    missing: list[str]


class ScreeningView(BaseModel):
    """One application after screening."""

    application_id: UUID
    state: str
    assessment: Assessment

    @classmethod
    def of(cls, application: ApplicationRow) -> Self:
        return cls.model_validate({"application_id": application.id, "state": application.state, "assessment": application.assessment})
