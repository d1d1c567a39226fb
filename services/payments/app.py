"""The HTTP app of payments."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.payments.api import bank, claims, disbursements, envelopes, lookup, payees, recoveries, vouchers
from services.payments.settings import PaymentsSettings
from shared.database import create_engine, sessions_of
from shared.identity.tokens import TokenVerifier
from shared.policy.loader import load_book
from shared.web.app import create_app
from shared.web.history import history_router

SERVICE = "payments"
ROUTERS = [module.router for module in (envelopes, vouchers, payees, claims, disbursements, bank, recoveries, lookup)]


def build_app(settings: PaymentsSettings) -> FastAPI:
    """Everything the routes need is in `app.state`: besides what every service has, the policies (`book`)."""
    engine = create_engine(settings.database_url, settings.database_pool, "payments-api")

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await engine.dispose()

    app = create_app(
        SERVICE,
        "Triptych payments",
        verifier=TokenVerifier(settings.jwks_url, settings.issuer, settings.audience),
        sessions=sessions_of(engine),
        clock=settings.clock(),
        routers=[*ROUTERS, history_router(SERVICE)],
        lifespan=lifespan,
    )
    app.state.book = load_book(settings.regions)
    return app
