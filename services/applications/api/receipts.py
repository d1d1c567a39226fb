"""/applications/{application_id}/receipt: the whole copy of what was submitted, as PDF."""

from uuid import UUID

from fastapi import Response
from starlette.types import Receive, Scope, Send

from services.applications.api.dependencies import Reader
from services.applications.queries.receipt import receipt_document
from shared.documents import Document, written
from shared.web.auth import api_router
from shared.web.language import Language, language_headers
from shared.web.uploads import BINARY, Attachment, Memory, Traffic

router = api_router("receipts", "/applications")
PDF = "application/pdf"


class Written(Response):
    """A document that is written once the transaction is over, so that what waits for its turn holds no connection of the database."""

    def __init__(self, document: Document, memory: Memory) -> None:
        super().__init__()
        self._document, self._memory = document, memory

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        content, language = await written(self._document), self._document.language
        answer = Attachment(content, PDF, f"{self._document.footer}.pdf", self._memory)
        answer.headers.update(language_headers(language))
        await answer(scope, receive, send)


@router.get("/{application_id}/receipt", response_class=Response, responses={200: {"content": {PDF: {"schema": BINARY}}}})
async def get_application_receipt(context: Reader, application_id: UUID, language: Language, traffic: Traffic) -> Response:
    """The version that was submitted last, as PDF/UA-1: receipt number, moment, every answer with its question in the language of
    Accept-Language, files with their SHA-256. The same submission gives the same bytes in the same language. An evaluator gets it after
    the declaration, unless the policy is blind."""
    return Written(await receipt_document(context, application_id, language), traffic.memory)
