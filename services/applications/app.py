"""The HTTP app of `applications`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.applications.api import applications, calls, erasures, files, imports, lookup, open_calls, receipts, retention
from services.applications.settings import Settings
from shared.runtime.files import open_files
from shared.runtime.service import Service
from shared.web.access_log import access_router


@asynccontextmanager
async def _opened(app: FastAPI, settings: Settings) -> AsyncIterator[None]:
    app.state.drafts_per_call = settings.drafts_per_call
    open_files(app, settings)
    yield


_MODULES = (open_calls, calls, applications, files, receipts, imports, erasures, retention, lookup)
SERVICE = Service("applications", routers=[*(module.router for module in _MODULES), access_router()], opening=_opened)
