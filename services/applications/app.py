"""The HTTP app of `applications`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.applications.api import applications, calls, lookup, screening
from services.applications.settings import Settings
from shared.database import Sessions, create_engine, sessions_of
from shared.identity.tokens import TokenVerifier
from shared.kernel.clock import ProgrammeClock
from shared.policy.loader import load_book
from shared.policy.resolver import PolicyBook
from shared.web.app import create_app
from shared.web.history import history_router


def build_app(settings: Settings) -> FastAPI:
    """Everything from the settings; the connections are closed when the app ends."""
    engine = create_engine(settings.database_url, settings.database_pool, "applications")

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await engine.dispose()

    verifier = TokenVerifier(settings.jwks_url, settings.issuer, settings.audience)
    app = assemble(verifier, sessions_of(engine), settings.clock(), load_book(settings.regions), settings.hash_key_bytes)
    app.router.lifespan_context = lifespan
    return app


def assemble(verifier: TokenVerifier, sessions: Sessions, clock: ProgrammeClock, book: PolicyBook, hash_key: bytes) -> FastAPI:
    """The app of its parts, as the tests build it too."""
    app = create_app(
        "applications",
        "Triptych applications",
        verifier=verifier,
        sessions=sessions,
        clock=clock,
        routers=[calls.router, applications.router, screening.router, lookup.router, history_router("applications")],
    )
    app.state.book, app.state.hash_key = book, hash_key
    return app
