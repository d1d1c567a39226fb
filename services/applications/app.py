"""The HTTP app of `applications`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.applications.api import applications, calls, erasures, imports, lookup, open_calls, retention
from services.applications.settings import Settings
from shared.runtime.service import Service
from shared.web.access_log import access_router


@asynccontextmanager
async def _quota(app: FastAPI, settings: Settings) -> AsyncIterator[None]:
    app.state.drafts_per_call = settings.drafts_per_call
    yield


_MODULES = (open_calls, calls, applications, imports, erasures, retention, lookup)
SERVICE = Service("applications", routers=[*(module.router for module in _MODULES), access_router()], opening=_quota)
