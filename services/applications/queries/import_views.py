"""The response models of an import from a file."""

from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel

from services.applications.domain.states import ImportOutcome
from shared.kernel.errors import Refused
from shared.texts import translate


class ImportedLineView(BaseModel):
    """`line`: its number in the file. `applicant` and `title` as the file has them. `application_id` and `receipt` once it was imported,
    now or before; `code`, `detail`, `field` and `facts` of a refusal."""

    line: int
    row_key: str
    outcome: ImportOutcome
    applicant: str | None
    title: str | None
    application_id: UUID | None
    receipt: str | None
    code: str | None = None
    detail: str | None = None
    field: str | None = None
    facts: dict[str, Any] | None = None

    def refused(self, refusal: Refused | None, language: str) -> Self:
        """With the refusal, if there is one."""
        if refusal is None:
            return self
        detail = translate(refusal.message, refusal.facts, language)
        return self.model_copy(update={"code": refusal.code, "detail": detail, "field": refusal.field, "facts": refusal.facts or None})


class ImportedFileView(BaseModel):
    """One result for each line, in their order."""

    lines: list[ImportedLineView]
