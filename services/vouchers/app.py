"""The HTTP app of `vouchers`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.vouchers.api import calls, capacity_changes, changes, desk, figures, lookup, reports, sessions, vouchers
from services.vouchers.lifecycles import Lifecycles
from services.vouchers.settings import Settings
from services.vouchers.temporal import connect_by
from shared.runtime.service import Service
from shared.web.uploads import FileTraffic


@asynccontextmanager
async def _temporal(app: FastAPI, settings: Settings) -> AsyncIterator[None]:
    app.state.lifecycles = Lifecycles(await connect_by(settings))
    app.state.file_traffic = FileTraffic()
    yield


_MODULES = (vouchers, sessions, capacity_changes, changes, reports, calls, lookup, figures, desk)
SERVICE = Service("vouchers", routers=[module.router for module in _MODULES], opening=_temporal)
