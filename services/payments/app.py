"""The HTTP app of payments."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.payments.api import bank, claims, disbursements, envelopes, lookup, payees, recoveries, vouchers
from services.payments.settings import PaymentsSettings
from shared.database import Sessions, create_engine, sessions_of
from shared.identity.tokens import TokenVerifier
from shared.kernel.clock import ProgrammeClock
from shared.policy.loader import load_book
from shared.policy.resolver import PolicyBook
from shared.web.app import create_app
from shared.web.history import history_router

SERVICE = "payments"
ROUTERS = [module.router for module in (envelopes, vouchers, payees, claims, disbursements, bank, recoveries, lookup)]


def build_app(settings: PaymentsSettings) -> FastAPI:
    """Everything from the settings; the connections are closed when the app ends."""
    engine = create_engine(settings.database_url, settings.database_pool, "payments-api")

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await engine.dispose()

    verifier = TokenVerifier(settings.jwks_url, settings.issuer, settings.audience)
    app = assemble(verifier, sessions_of(engine), settings.clock(), load_book(settings.regions))
    app.router.lifespan_context = lifespan
    return app


def assemble(verifier: TokenVerifier, sessions: Sessions, clock: ProgrammeClock, book: PolicyBook) -> FastAPI:
    """The app of its parts, as the tests build it too."""
    routers = [*ROUTERS, history_router(SERVICE)]
    app = create_app(SERVICE, "Triptych payments", verifier=verifier, sessions=sessions, clock=clock, routers=routers)
    app.state.book = book
    return app
