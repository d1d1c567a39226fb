"""The HTTP app of evaluation."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.evaluation.api import assignments, calls, cases, evaluators, lookup
from services.evaluation.settings import Settings
from shared.database import Sessions, create_engine, sessions_of
from shared.identity.tokens import TokenVerifier
from shared.kernel.clock import ProgrammeClock
from shared.policy.loader import load_book
from shared.policy.resolver import PolicyBook
from shared.web.app import Lifespan, create_app
from shared.web.history import history_router

SERVICE = "evaluation"
ROUTERS = [module.router for module in (evaluators, assignments, cases, calls, lookup)]


def build_app(settings: Settings) -> FastAPI:
    """Everything from the settings; the connections are closed when the app ends."""
    engine = create_engine(settings.database_url, settings.database_pool, SERVICE)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await engine.dispose()

    verifier = TokenVerifier(settings.jwks_url, settings.issuer, settings.audience)
    book = load_book(settings.regions)
    return assemble(verifier, sessions_of(engine), settings.clock(), book, settings.hash_key_bytes, lifespan)


def assemble(
    verifier: TokenVerifier,
    sessions: Sessions,
    clock: ProgrammeClock,
    book: PolicyBook,
    hash_key: bytes,
    lifespan: Lifespan | None = None,
) -> FastAPI:
    """The app of its parts, as the tests build it too."""
    routers = [*ROUTERS, history_router(SERVICE)]
    app = create_app(SERVICE, "Triptych evaluation", verifier=verifier, sessions=sessions, clock=clock, routers=routers, lifespan=lifespan)
    app.state.book, app.state.hash_key = book, hash_key
    return app
