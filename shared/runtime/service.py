"""Composes the HTTP app of a service, in the same way for all services, in production and in tests."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.routing import BaseRoute

from shared.database.engine import Sessions, create_engine, sessions_of
from shared.identity.tokens import TokenVerifier
from shared.kernel.clock import ProgrammeClock
from shared.messaging.scheme_files import SchemeFiles
from shared.policy.loader import load_book
from shared.policy.resolver import PolicyBook
from shared.runtime.settings import ServiceSettings
from shared.runtime.telemetry import begin_telemetry
from shared.web.app import Lifespan, create_app, included
from shared.web.history import history_router
from shared.web.limits import Rate, Rates
from shared.web.security import SecurityLog
from shared.web.subjects import subject_router

Opening = Callable[[FastAPI, Any], AbstractAsyncContextManager[None]]
"""Opens the clients that the app needs besides the database, given the service's settings, and puts them into `app.state`."""


@dataclass(frozen=True)
class Service:
    """A service's name and routers; `opening` for what it needs besides its database. `of_cases`: it has the history of cases, and what is
    held about an applicant's organisation, each by region."""

    name: str
    routers: Sequence[APIRouter]
    opening: Opening = lambda *_: nullcontext()
    of_cases: bool = True

    @cached_property
    def routes(self) -> Sequence[BaseRoute]:
        """Made once: all apps of a process, and of those that are forked from it, have them in common."""
        of_cases = [history_router(self.name), subject_router(self.name)] if self.of_cases else []
        return included(self.name, [*self.routers, *of_cases])

    def build_app(self, settings: ServiceSettings) -> FastAPI:
        """The app of a process. Connections are opened at its start and closed at its end."""
        begin_telemetry(self.name, settings)
        engine = create_engine(settings.database_url, settings.database_pool, f"{self.name}-api")

        @asynccontextmanager
        async def lifespan(app: FastAPI) -> AsyncIterator[None]:
            async with self.opening(app, settings), SchemeFiles(self.name, sessions, policies).kept():
                yield
            await engine.dispose()

        hash_key, sessions = settings.hash_key_bytes, sessions_of(engine, settings.sealer)
        verifier = TokenVerifier(settings.jwks_url, settings.revocations_url, settings.issuer, settings.audience, hash_key)
        policies, security = load_book(settings.regions), SecurityLog(self.name, settings.security_log)
        rates = Rates(
            address=Rate(settings.address_per_second, settings.address_burst),
            account=Rate(settings.account_per_second, settings.account_burst),
        )
        return self.assemble(verifier, sessions, settings.clock(), policies, hash_key, lifespan, rates, security)

    def assemble(
        self,
        verifier: TokenVerifier,
        sessions: Sessions,
        clock: ProgrammeClock,
        policies: PolicyBook,
        hash_key: bytes = b"",
        lifespan: Lifespan | None = None,
        rates: Rates | None = None,
        security: SecurityLog | None = None,
    ) -> FastAPI:
        """The app of the given parts; tests call it directly, most of them without `rates`."""
        return create_app(
            self.name,
            verifier=verifier,
            sessions=sessions,
            clock=clock,
            policies=policies,
            hash_key=hash_key,
            routes=self.routes,
            security=security or SecurityLog(self.name),
            lifespan=lifespan,
            rates=rates,
        )


def prepare_routes(module: str) -> None:
    """Makes the routes of the service that `module` has as SERVICE, for the processes that are forked from this one."""
    import_module(module).SERVICE.routes  # noqa: B018 (kept by the service)
