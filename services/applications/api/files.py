"""/applications/{application_id}/files: given and removed by the applicant, read by all who may read the whole application."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.applications.api.dependencies import Reader, Writer
from services.applications.commands.give_file import NewFile, give_file
from services.applications.commands.remove_file import remove_file
from services.applications.queries.files import FileView, content_of, file_of, files_of, given_file
from shared.files.kinds import MEDIA_TYPES
from shared.web.auth import api_router
from shared.web.idempotency import IdempotencyKey, once
from shared.web.uploads import BINARY, BODY, Attachment, FileLimits, FileName, Files, TakenFile, Traffic

router = api_router("files", "/applications")
Question = Annotated[str, Query(max_length=80, description="The id of the question that the file answers")]


@router.post("/{application_id}/files", status_code=201, openapi_extra=BODY)
async def post_application_file(
    context: Writer, application_id: UUID, question: Question, file_name: FileName, file: TakenFile, files: Files, limits: FileLimits,
    key: IdempotencyKey,
) -> FileView:  # fmt: skip
    """A file of a draft, or of a returned application (there only for a question that it was returned for). The body is the content as
    it is. What kind it is comes from the content; the question says which kinds it takes, how many, and how large. Nothing is kept of a
    file that is refused."""
    new = NewFile(question, file.name, file.content, file.sha256, file.scan)
    payload = [application_id, question, file.name, file.sha256]
    made = await once(context, key, "POST /applications/files", payload, lambda: give_file(context, files, application_id, new, limits))
    return await given_file(context, made)


@router.get("/{application_id}/files")
async def list_application_files(context: Reader, application_id: UUID) -> list[FileView]:
    """Also those that were replaced after a submission. An evaluator sees them after the declaration, unless the policy is blind."""
    return await files_of(context, application_id)


@router.get(
    "/{application_id}/files/{file_id}",
    response_class=Response,
    responses={200: {"content": {kind: {"schema": BINARY} for kind in MEDIA_TYPES.values()}}},
)
async def get_application_file(context: Reader, application_id: UUID, file_id: UUID, files: Files, traffic: Traffic) -> Response:
    """The content, as a download. Each reading by the agency or an evaluator is recorded."""
    file = await file_of(context, application_id, file_id)
    return Attachment(await content_of(context, files, file), file.media_type, file.name or "", traffic.memory)


@router.delete("/{application_id}/files/{file_id}")
async def delete_application_file(context: Writer, application_id: UUID, file_id: UUID) -> FileView:
    """Takes it out of the answer. Its content is deleted, unless a submission names it. Repeating changes nothing."""
    return FileView.of(await remove_file(context, application_id, file_id))
