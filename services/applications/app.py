"""The HTTP app of `applications`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.applications.api import (
    applications,
    call_drafts,
    calls,
    desk,
    erasures,
    figures,
    files,
    imports,
    invitations,
    lookup,
    open_awards,
    open_calls,
    receipts,
    regions,
    replay,
    retention,
    scheme_files,
    screening,
)
from services.applications.settings import Settings
from shared.policy.call import CallDefinition, call_files
from shared.policy.loader import read_toml
from shared.runtime.files import open_files
from shared.runtime.service import Service
from shared.web.access_log import access_router


@asynccontextmanager
async def _opened(app: FastAPI, settings: Settings) -> AsyncIterator[None]:
    app.state.drafts_per_call = settings.drafts_per_call
    app.state.calls_in_one_step = settings.calls_in_one_step
    app.state.templates = [read_toml(path, CallDefinition) for path in call_files(settings.regions)]
    open_files(app, settings)
    yield


# A request is compared with each route in turn: those that come by the hundred are first.
_MODULES = (
    *(applications, open_calls, open_awards, regions, calls, call_drafts, files, receipts, imports, erasures, retention, lookup),
    *(screening, figures, desk, replay, invitations, scheme_files),
)
SERVICE = Service("applications", routers=[*(module.router for module in _MODULES), access_router()], opening=_opened)
