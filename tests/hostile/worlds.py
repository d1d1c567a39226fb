"""Each service with a few real rows in a database of its own, so that hostile requests find rows."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import httpx
import uvicorn
from fastapi import FastAPI
from joserfc.jwk import ECKey
from sqlalchemy.ext.asyncio import AsyncEngine

from deploy.embedded.ports import free_port
from services.applications.app import SERVICE as APPLICATIONS
from services.applications.commands.request_erasure import request_erasure
from services.evaluation.app import SERVICE as EVALUATION
from services.people.app import SERVICE as PEOPLE
from services.people.providers import Providers
from services.people.signing import TokenSigner
from services.vouchers.app import SERVICE as VOUCHERS
from services.vouchers.settings import Settings
from shared.database import create_engine, sessions_of
from shared.identity.actor import Actor
from shared.identity.permissions import Permission
from shared.kernel.clock import ProgrammeClock
from shared.runtime.serve import SERVED
from tests.integration.applications.conftest import Desk as ApplicationsDesk
from tests.integration.applications.test_guards import examples as examples_of_applications
from tests.integration.applications.test_guards import officers_examples as examples_of_officers
from tests.integration.applications.test_guards import record_examples
from tests.integration.evaluation.conftest import Desk as EvaluationDesk
from tests.integration.evaluation.test_guards import examples as examples_of_evaluation
from tests.integration.payments.test_routes import examples as examples_of_payments
from tests.integration.people import conftest as people
from tests.integration.people.test_guards import examples as examples_of_people
from tests.integration.vouchers.conftest import BEGINNING, REGIONS
from tests.integration.vouchers.conftest import Desk as VouchersDesk
from tests.integration.vouchers.test_api import examples as examples_of_vouchers
from tests.support import applications, evaluation
from tests.support.desk import ANCHORS, SEALING, FrozenClock, service_app
from tests.support.digest import digest
from tests.support.event_keys import key_settings
from tests.support.identity import AUDIENCE, NAME, Issuer, serving
from tests.support.payments import Payments, app_of
from tests.support.routes import Example, Mint, Probe, Route, walk

Build = Callable[[], tuple[FastAPI, AsyncEngine]]


@dataclass
class World:
    """`examples` are requests that find their rows. `build` makes a new app: an engine belongs to one event loop."""

    service: str
    examples: dict[Route, Example]
    permissions: dict[Route, Permission]
    issuer: Issuer
    build: Build
    engine: AsyncEngine

    @cached_property
    def mint(self) -> Mint:
        """One token for each actor: to sign and to verify takes longer than most refusals."""
        return cache(self.issuer.mint)

    def probe(self, client: httpx.AsyncClient, route: Route) -> Probe:
        return Probe(client, self.mint, route, self.examples[route])

    def caller(self, route: Route) -> Actor:
        """An actor that the route admits."""
        return Probe(None, self.mint, route, self.examples[route]).caller(self.permissions[route])  # type: ignore[arg-type]

    @asynccontextmanager
    async def client(self) -> AsyncIterator[httpx.AsyncClient]:
        app, engine = self.build()
        transport = httpx.ASGITransport(app=app)
        async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            yield client
        await engine.dispose()

    async def digest(self) -> dict[str, str]:
        return await digest(self.engine)

    @contextmanager
    def served(self) -> Iterator[str]:
        """The address of the service on a real server, in a thread of its own."""
        app, _ = self.build()
        port = free_port()
        server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, lifespan="on", **SERVED))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the service did not start"
            threading.Event().wait(0.01)
        yield f"http://127.0.0.1:{port}"
        server.should_exit = True
        thread.join(20)


Maker = Callable[[str, Issuer, Path], Awaitable[World]]


async def make_applications(url: str, issuer: Issuer, folder: Path) -> World:
    clock = FrozenClock(applications.BEFORE)

    def build() -> tuple[FastAPI, AsyncEngine]:
        engine = create_engine(url)
        app = service_app(APPLICATIONS, issuer.verifier(), sessions_of(engine, SEALING), clock, applications.BOOK, applications.KEY)
        applications.keep_files(app, folder / "files")
        return app, engine

    app, engine = build()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
        desk = ApplicationsDesk(app, client, issuer, sessions_of(engine, SEALING), clock, folder / "files")
        call_id = (await desk.publish_call())["id"]
        clock.instant = applications.OPEN
        draft = (await desk.draft(call_id, applications.FIRM))["id"]
        submitted = await desk.submitted(call_id, applications.FIRM, project__title="A project that is submitted")
        await desk.withdraw(await desk.submitted(call_id, applications.OTHER_FIRM), applications.OTHER_FIRM)
        erasure = (await desk.run(request_erasure, applications.OFFICER, applications.OTHER_FIRM, "request-of-the-subject")).id
        held = {"region": applications.HERE, "subject_kind": "case", "subject_id": submitted, "reason": "audit"}
        hold = (await desk.request(applications.OFFICER, "POST", "/holds", 201, json=held))["id"]
        file = (await desk.give(draft, applications.FIRM, text="Given"))["id"]
        officers = await examples_of_officers(desk, call_id)
    examples = examples_of_applications(call_id, draft, submitted, file) | record_examples(call_id, submitted, erasure, hold) | officers
    return _world("applications", app, examples, issuer, build, engine)


async def make_evaluation(url: str, issuer: Issuer, _: Path) -> World:
    clock = FrozenClock(evaluation.START)

    def build() -> tuple[FastAPI, AsyncEngine]:
        engine = create_engine(url)
        return service_app(EVALUATION, issuer.verifier(), sessions_of(engine, SEALING), clock, evaluation.BOOK, evaluation.KEY), engine

    app, engine = build()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
        desk = EvaluationDesk(app, client, issuer, sessions_of(engine, SEALING), clock)
        examples = await examples_of_evaluation(desk)
    return _world("evaluation", app, examples, issuer, build, engine)


async def make_payments(url: str, issuer: Issuer, folder: Path) -> World:
    engine = create_engine(url)
    payments = Payments(engine, folder)

    def build() -> tuple[FastAPI, AsyncEngine]:
        engine = create_engine(url)
        return app_of(payments, issuer, sessions_of(engine, SEALING)), engine

    return _world("payments", build()[0], await examples_of_payments(payments), issuer, build, engine)


async def make_vouchers(url: str, issuer: Issuer, _: Path) -> World:
    """Without Temporal: the rows alone determine the answers."""
    settings = Settings(
        database_url=url, kafka="127.0.0.1:1", jwks_url=issuer.url, revocations_url=issuer.revocations_url, anchors=ANCHORS,
        issuer=NAME, audience=AUDIENCE, regions=REGIONS, hash_key="00",
        temporal="127.0.0.1:1", temporal_keys=bytes(32).hex(),
        clock_real=ProgrammeClock().now(), clock_programme=BEGINNING, database_pool=5, **key_settings("vouchers"),
    )  # fmt: skip
    engine = create_engine(url)

    def build() -> tuple[FastAPI, AsyncEngine]:
        return VOUCHERS.build_app(settings), create_engine(url)

    examples = await examples_of_vouchers(VouchersDesk(settings, sessions_of(engine, SEALING), issuer))
    return _world("vouchers", build()[0], examples, issuer, build, engine)


async def make_people(url: str, issuer: Issuer, _: Path) -> World:
    clock, provider = FrozenClock(people.START), serving()
    key = ECKey.generate_key("P-256", auto_kid=True)
    issuer.published.append(key)

    def build() -> tuple[FastAPI, AsyncEngine]:
        engine = create_engine(url)
        app = service_app(PEOPLE, issuer.verifier(), sessions_of(engine, SEALING), clock, evaluation.BOOK, evaluation.KEY)
        app.state.signer, app.state.providers = TokenSigner(key, NAME, AUDIENCE), Providers([])
        return app, engine

    app, engine = build()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
        with provider as known:
            desk = people.Desk(app, client, issuer, sessions_of(engine, SEALING), clock, known)
            examples = await examples_of_people(desk)
    return _world("people", build()[0], examples, issuer, build, engine)


MAKERS: dict[str, Maker] = {
    "applications": make_applications,
    "evaluation": make_evaluation,
    "payments": make_payments,
    "people": make_people,
    "vouchers": make_vouchers,
}


def _world(service: str, app: FastAPI, examples: dict[Route, Example], issuer: Issuer, build: Build, engine: AsyncEngine) -> World:
    permissions = {(method, path): permission for method, path, permission in walk(app) if permission}
    return World(service, examples, permissions, issuer, build, engine)
