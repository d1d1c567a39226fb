"""The HTTP app of `vouchers`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.vouchers.api import calls, figures, lookup, vouchers
from services.vouchers.lifecycles import Lifecycles
from services.vouchers.settings import Settings
from services.vouchers.temporal import connect
from shared.runtime.service import Service


@asynccontextmanager
async def _temporal(app: FastAPI, settings: Settings) -> AsyncIterator[None]:
    app.state.lifecycles = Lifecycles(await connect(settings.temporal, settings.temporal_namespace, settings.temporal_sealer))
    yield


SERVICE = Service("vouchers", routers=[module.router for module in (vouchers, calls, lookup, figures)], opening=_temporal)
