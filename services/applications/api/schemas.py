"""Request bodies."""

import json
from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator, Field

from services.applications.domain.form import FormInput
from shared.contracts.common import Code
from shared.kernel.vocabulary import HoldSubject
from shared.policy.call import CallDefinition
from shared.policy.sections import Slug
from shared.web.instants import Instant
from shared.web.schemas import Input

MAX_ROWS = 100


def read_definition(value: object) -> CallDefinition:
    """The call from JSON values. It is read as JSON: there a strict model takes text for dates and nothing else."""
    return CallDefinition.model_validate_json(json.dumps(value))


CallDefinitionInput = Annotated[CallDefinition, BeforeValidator(read_definition)]


class CallExtensionInput(Input):
    """`reason` is a code such as 'outage'; it goes into the event."""

    closes_at: Instant
    reason: Code


class ApplicationInput(Input):
    call_id: UUID
    form: FormInput


class FormChangeInput(Input):
    form: FormInput


class ReturnInput(Input):
    """`fields` are paths of parts or answers of the form, e.g. 'costs' or 'project.summary'."""

    fields: Annotated[list[str], Field(min_length=1, max_length=30)]
    note: str = Field(default="", max_length=2000)


class HoldInput(Input):
    """`subject_id` is the id of an application or of an organisation. `reason` is a code such as 'court-case'; it goes into the event."""

    region: Slug
    subject_kind: HoldSubject
    subject_id: UUID
    reason: Code


class RowInput(Input):
    """`row_key` identifies the row in its list permanently. `form` is checked for each row alone, so that one bad row refuses no other."""

    row_key: str = Field(min_length=1, max_length=120, pattern="^[!-~]+$")
    organisation_id: UUID
    form: dict[str, Any]


class ImportInput(Input):
    call_id: UUID
    rows: Annotated[list[RowInput], Field(min_length=1, max_length=MAX_ROWS)]


class ErasureInput(Input):
    """`reason` is a code such as 'request-of-the-subject'; it goes into the event."""

    organisation_id: UUID
    reason: Code
