"""The HTTP app of `vouchers`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.vouchers.api import calls, vouchers
from services.vouchers.lifecycles import Lifecycles, connect
from services.vouchers.settings import VouchersSettings
from shared.database import create_engine, sessions_of
from shared.identity.tokens import TokenVerifier
from shared.policy.loader import load_book
from shared.web.app import create_app
from shared.web.history import history_router

SERVICE = "vouchers"


def build_app(settings: VouchersSettings) -> FastAPI:
    """`app.state` also holds `book`, the policies, and `lifecycles`, once started."""
    engine = create_engine(settings.database_url, settings.database_pool, SERVICE)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.lifecycles = Lifecycles(await connect(settings.temporal, settings.temporal_namespace))
        yield
        await engine.dispose()

    app = create_app(
        SERVICE,
        "Triptych vouchers",
        verifier=TokenVerifier(settings.jwks_url, settings.issuer, settings.audience),
        sessions=sessions_of(engine),
        clock=settings.clock(),
        routers=[vouchers.router, calls.router, history_router(SERVICE)],
        lifespan=lifespan,
    )
    app.state.book = load_book(settings.regions)
    return app
