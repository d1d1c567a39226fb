"""What officers do with one application, and with a list of new ones."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.applications.api.dependencies import HashKey
from services.applications.commands.import_applications import MAX_ROWS, NewRow, RowResult, import_applications
from services.applications.commands.return_application import return_application
from services.applications.commands.screen_application import screen_application
from services.applications.queries.views import ApplicationSummary, ScreeningView
from shared.identity.permissions import Permission
from shared.messaging.context import Context
from shared.web.auth import api_router, requires

router = api_router("screening")

Screener = Annotated[Context, requires(Permission.SCREEN_APPLICATION)]
Importer = Annotated[Context, requires(Permission.IMPORT_APPLICATIONS)]


class Return(BaseModel):
    """`fields` are paths of parts or answers of the form, e.g. 'costs' or 'project.summary'."""

    model_config = ConfigDict(extra="forbid")

    fields: Annotated[list[str], Field(min_length=1, max_length=30)]
    note: str = Field(default="", max_length=2000)


class Imports(BaseModel):
    model_config = ConfigDict(extra="forbid")

    call_id: UUID
    rows: Annotated[list[NewRow], Field(min_length=1, max_length=MAX_ROWS)]


class ImportResults(BaseModel):
    """One result for each row, in their order."""

    results: list[RowResult]


@router.post("/applications/{application_id}/return")
async def send_back(context: Screener, application_id: UUID, asked: Return) -> ApplicationSummary:
    """Sends a submitted file back to be mended by `repair_by`."""
    return ApplicationSummary.of(await return_application(context, application_id, asked.fields, asked.note))


@router.post("/applications/{application_id}/screening")
async def screen(context: Screener, application_id: UUID, hash_key: HashKey) -> ScreeningView:
    """Decides by the rules. What is decided stays, with its result."""
    return ScreeningView.of(await screen_application(context, hash_key, application_id))


@router.post("/imports")
async def take_over(context: Importer, imports: Imports) -> ImportResults:
    """Creates and submits up to 100 applications. Sending a row again gives its application again."""
    return ImportResults(results=await import_applications(context, imports.call_id, imports.rows))
