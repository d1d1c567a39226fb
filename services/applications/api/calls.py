"""Calls: published, extended, shown, screened as a whole."""

import json
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Query, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict

from services.applications.api.dependencies import HashKey
from services.applications.commands.extend_call import extend_call
from services.applications.commands.publish_call import publish_call
from services.applications.commands.screen_call import Screened, screen_call
from services.applications.queries.calls import CALLS, call_of, calls
from services.applications.queries.views import CallView
from shared.contracts.common import Code
from shared.identity.permissions import Permission
from shared.messaging.context import Context
from shared.policy.call import CallDefinition
from shared.web.auth import api_router, requires
from shared.web.instants import Instant
from shared.web.paging import Page, Paging, page_of

router = api_router("calls", "/calls")

Manager = Annotated[Context, requires(Permission.MANAGE_CALLS)]
Reader = Annotated[Context, requires(Permission.READ_CALLS)]
Screener = Annotated[Context, requires(Permission.SCREEN_APPLICATION)]


def _read(value: object) -> CallDefinition:
    """As JSON, where a strict model takes text for dates and nothing else."""
    return CallDefinition.model_validate_json(json.dumps(value))


DefinitionInput = Annotated[CallDefinition, BeforeValidator(_read)]


class Extension(BaseModel):
    model_config = ConfigDict(extra="forbid")

    closes_at: Instant
    reason: Code


@router.post("", status_code=201, responses={200: {"description": "It was published before, with the same content.", "model": CallView}})
async def publish(context: Manager, definition: DefinitionInput, response: Response) -> CallView:
    """Publishes a call under the policy of the day on which it opens."""
    published = await publish_call(context, definition)
    response.status_code = 201 if published.is_new else 200
    return CallView.of(published.call)


@router.get("")
async def list_calls(
    context: Reader,
    paging: Annotated[Paging, Depends(CALLS)],
    region: str | None = None,
    state: Literal["published", "open", "closed"] | None = None,
    slug: str | None = None,
) -> Page[CallView]:
    return await page_of(context.session, calls(context.actor, region, state, slug), paging, CallView.of)


@router.get("/{call_id}")
async def read_call(context: Reader, call_id: UUID) -> CallView:
    return CallView.of(await call_of(context, call_id))


@router.post("/{call_id}/extension")
async def extend(context: Manager, call_id: UUID, extension: Extension) -> CallView:
    """A later end; evaluation and reserve list move by as much. Only while the call has not ended."""
    return CallView.of(await extend_call(context, call_id, extension.closes_at, extension.reason))


@router.post("/{call_id}/screening")
async def screen(context: Screener, call_id: UUID, hash_key: HashKey, limit: Annotated[int, Query(ge=1, le=500)] = 200) -> Screened:
    """Screens up to `limit` submitted applications, in their order. Repeat while `remaining` is not 0."""
    return await screen_call(context, hash_key, call_id, limit)
