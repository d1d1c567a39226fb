"""A document as the answer of a route."""

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from shared.documents import Document, written
from shared.web.language import language_headers
from shared.web.uploads import BINARY, Attachment, Memory

PDF = "application/pdf"
AS_PDF: dict[int | str, dict[str, object]] = {200: {"content": {PDF: {"schema": BINARY}}}}
"""For `responses` of a route that answers with a document."""


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
