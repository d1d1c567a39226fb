"""/applications/{application_id}/receipt: the whole copy of what was submitted, as PDF."""

from uuid import UUID

from fastapi import Response

from services.applications.api.dependencies import Reader
from services.applications.queries.receipt import receipt_document
from shared.web.auth import api_router
from shared.web.documents import AS_PDF, Written
from shared.web.language import Language
from shared.web.uploads import Traffic

router = api_router("receipts", "/applications")


@router.get("/{application_id}/receipt", response_class=Response, responses=AS_PDF)
async def get_application_receipt(context: Reader, application_id: UUID, language: Language, traffic: Traffic) -> Response:
    """The version that was submitted last, as PDF/UA-1: receipt number, moment, every answer with its question in the language of
    Accept-Language, files with their SHA-256. The same submission gives the same bytes in the same language. An evaluator gets it after
    the declaration, unless the policy is blind."""
    return Written(await receipt_document(context, application_id, language), traffic.memory)
