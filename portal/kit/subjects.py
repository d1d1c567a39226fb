"""What the services hold about an organisation: the whole of it as a file, and how far its erasure is."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from starlette.responses import Response

from portal.client.base import ApiProblem, NoAnswer
from portal.kit.visit import Visit
from shared.kernel.services import OF_CASES

ERASED, KEPT, NOTHING, UNKNOWN = "erased", "kept", "nothing", "unknown"


@dataclass(frozen=True)
class Part:
    """Of one service: `state` is `ERASED`, `KEPT`, `NOTHING` where it holds nothing, or `UNKNOWN` where it gives no answer."""

    service: str
    state: str
    erased_at: datetime | None = None


async def erasure_parts(visit: Visit, organisation_id: UUID) -> list[Part]:
    """Service by service. No service records it as a reading."""
    return [await _part(visit, service, organisation_id) for service in OF_CASES]


async def _part(visit: Visit, service: str, organisation_id: UUID) -> Part:
    try:
        found = await getattr(visit.services, service).read_subject_erasure(await visit.caller(), organisation_id)
    except NoAnswer:
        return Part(service, UNKNOWN)
    except ApiProblem as problem:
        if problem.status != 404:
            raise
        return Part(service, NOTHING)
    return Part(service, ERASED if found.erased_at else KEPT, found.erased_at)


async def export(visit: Visit, organisation_id: UUID) -> Response:
    """All that the services hold, as they say it. `ApiProblem` 404 where none holds anything, `NoAnswer` where one does not answer: a part
    is not taken for the whole."""
    parts = [part for service in OF_CASES if (part := await _held(visit, service, organisation_id)) is not None]
    if not parts:
        raise ApiProblem(404, {"code": "unknown-subject"})
    headers = {"Content-Disposition": f'attachment; filename="organisation-{str(organisation_id)[-6:]}.json"', "Cache-Control": "no-store"}
    return Response(_json(parts), media_type="application/json", headers=headers)


async def _held(visit: Visit, service: str, organisation_id: UUID) -> Any:
    """None where the service holds nothing."""
    try:
        return await getattr(visit.services, service).read_subject(await visit.caller(), organisation_id)
    except ApiProblem as problem:
        if problem.status != 404:
            raise
        return None


def _json(parts: Sequence[Any]) -> str:
    return json.dumps([part.model_dump(mode="json") for part in parts], indent=2, ensure_ascii=False)
