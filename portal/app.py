"""The portal: pages for people. A client of the public APIs, with the person's own token."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Match, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portal.applicant import routes as applicant
from portal.assets import BUILT, PATH
from portal.client.applications import Applications
from portal.client.base import ApiProblem, Hold, Http, open_session
from portal.client.evaluation import Evaluation
from portal.client.payments import Payments
from portal.client.people import People
from portal.client.vouchers import Vouchers
from portal.evaluator import routes as evaluator
from portal.finance import routes as finance
from portal.kit.forms import BadForm, OldForm
from portal.kit.live import is_by_itself, live_route
from portal.kit.pages import go, page, problem_page
from portal.kit.visit import Services, SignedOut, Visit
from portal.officer import routes as officer
from portal.programme import routes as programme
from portal.provider import routes as provider
from portal.public import routes as public
from portal.sessions import routes as sessions
from portal.sessions.cookies import LANGUAGE, SESSION, language_cookie
from portal.sessions.provider import Provider, ProviderDown
from portal.sessions.store import Store
from portal.sessions.tokens import Tokens
from portal.settings import Settings
from shared.database.engine import create_engine, sessions_of
from shared.kernel.trust import trusted_authorities
from shared.runtime.telemetry import begin_telemetry
from shared.texts.languages import LANGUAGES, negotiate
from shared.web.limits import AddressLimit, Buckets, Rate
from shared.web.problems import log_incident
from shared.web.request_log import RequestLog

ROUTES = [
    *public.ROUTES, *sessions.ROUTES, *applicant.ROUTES, *provider.ROUTES, *evaluator.ROUTES, *officer.ROUTES, *finance.ROUTES,
    *programme.ROUTES,
]  # fmt: skip
ROUTES.append(live_route(ROUTES[:]))
HEALTH = "/health"
FRESH_NEEDED = "fresh-sign-in-needed"
Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]


class Assets(StaticFiles):
    """Built files. An address with a version may be kept for ever: another content has another address."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        versioned = scope["query_string"].startswith(b"v=")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if versioned else "no-cache"
        return response


def build_app(settings: Settings) -> Starlette:
    """The app of a process. Connections are opened at its start and closed at its end."""
    begin_telemetry("portal", settings)
    engine = create_engine(settings.database_url, settings.database_pool, "portal")
    store = Store(sessions_of(engine.execution_options(isolation_level="AUTOCOMMIT")), lambda: datetime.now(UTC))

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with services(settings, store) as app.state.services:
            yield
        await engine.dispose()

    return assemble(lifespan, Rate(settings.address_per_second, settings.address_burst))


@asynccontextmanager
async def services(settings: Settings, store: Store) -> AsyncIterator[Services]:
    """The clients of the APIs, while they are open."""
    async with httpx.AsyncClient(timeout=10, trust_env=False, verify=trusted_authorities()) as plain, open_session() as session:
        clients = {name: Http(session, address.rstrip("/"), Hold(settings.hold_seconds)) for name, address in settings.services.items()}
        yield Services(
            applications=Applications(clients["applications"]),
            evaluation=Evaluation(clients["evaluation"]),
            vouchers=Vouchers(clients["vouchers"]),
            payments=Payments(clients["payments"]),
            people=People(clients["people"]),
            tokens=Tokens(clients["people"]),
            provider=Provider(settings.provider, plain),
            store=store,
            origins=settings.origins,
            demonstration=json.loads(settings.demonstration.read_text()) if settings.demonstration else [],
            live_seconds=settings.live_seconds,
        )


def assemble(lifespan: Lifespan, rate: Rate) -> Starlette:
    """The app; `lifespan` sets `app.state.services`. `rate`: requests of one client address."""
    app = Starlette(
        routes=[*ROUTES, Route(HEALTH, health), Mount(PATH, Assets(directory=BUILT))],
        middleware=[
            Middleware(RequestLog, service="portal", security=None, incident=incident, continues=False),
            Middleware(AddressLimit, buckets=Buckets(rate)),
            Middleware(Visits),
        ],
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # a redirect would be built from the Host header, which the caller chooses
    handlers: dict[type[Exception], Any] = {  # each takes its own kind of error
        SignedOut: signed_out, ApiProblem: refused, BadForm: bad_form, OldForm: old_form, ProviderDown: down, HTTPException: missing,
    }  # fmt: skip
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)
    return app


async def health(request: Request) -> Response:
    """200 when the database answers."""
    await request.app.state.services.store.check()
    return JSONResponse({"status": "ok"})


async def signed_out(request: Request, _: Exception) -> Response:
    """To the sign-in, and back to this page afterwards. What was typed is kept; a script that sends files says it on the page."""
    if request.headers.get("accept") == "application/json":
        return JSONResponse({"ended": True}, 401)
    visit: Visit = request.state.visit
    path = _page_of(request)
    return await sessions.begin_sign_in(visit, visit.path if path == request.url.path else path, list(visit.form), fresh=False)


async def fresh(request: Request) -> Response:
    """The step needs a sign-in of the last minutes: to the sign-in, and back to the page of the form, which shows again what was typed."""
    visit: Visit = request.state.visit
    return await sessions.begin_sign_in(visit, _page_of(request), list(visit.form), fresh=True)


async def old_form(request: Request, _: Exception) -> Response:
    """What was typed is shown again, with the token of this session."""
    if request.headers.get("accept") == "application/json":
        return JSONResponse({"ended": True}, 401)
    visit, path = request.state.visit, _page_of(request)
    await visit.keep(visit.person.model_copy(update={"kept": {path: list(visit.form)}}))
    return go(path)


def _page_of(request: Request) -> str:
    """The path of the page that sent a form: the same one, or the nearest above it that can be read."""
    path = request.url.path
    while path and not _is_page(path):
        path = path.rpartition("/")[0]
    return path or sessions.HOME


def _is_page(path: str) -> bool:
    asked = {"type": "http", "method": "GET", "path": path, "root_path": ""}
    return any(route.matches(asked)[0] is Match.FULL for route in ROUTES)


async def refused(request: Request, error: ApiProblem) -> Response:
    if error.code == FRESH_NEEDED:
        return await fresh(request)
    if error.status == 401:
        return await signed_out(request, error)
    return problem_page(request.state.visit, error)


async def bad_form(request: Request, _: Exception) -> Response:
    return page(request.state.visit, "kit/bad-form.html", status=400)


async def down(request: Request, _: Exception) -> Response:
    return page(request.state.visit, "kit/down.html", status=503, headers={"Retry-After": "5"})


async def missing(request: Request, error: HTTPException) -> Response:
    visit = getattr(request.state, "visit", None)
    if visit is None:
        return Response(status_code=error.status_code, headers=error.headers)
    if (
        error.status_code == 405 and request.method == "GET" and visit.session
    ):  # an address that forms are sent to, loaded again or kept as a bookmark
        return go(_page_of(request))
    return page(visit, "kit/missing.html", status=error.status_code, headers=error.headers)


class Visits:
    """Finds who visits a page, and in which language. No page is kept by a cache."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] == HEALTH or scope["path"].startswith(PATH + "/"):
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        chosen = request.query_params.get("language", "")
        headers = [(b"cache-control", b"no-store")]
        if chosen in LANGUAGES:
            headers.append((b"set-cookie", language_cookie(chosen).encode()))

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *headers]
            await send(message)

        request.state.visit = await _visit(request, chosen)
        await self.app(scope, receive, send_with_headers)


async def _visit(request: Request, chosen: str) -> Visit:
    services: Services = request.app.state.services
    cookie = request.cookies.get(SESSION, "")
    session = await services.store.find(cookie, noted=not is_by_itself(request)) if cookie else None
    is_known = session is not None or (bool(cookie) and await services.store.has_ended(cookie))
    wishes = (chosen, request.cookies.get(LANGUAGE, ""), session.language if session else "")
    language = next((wish for wish in wishes if wish in LANGUAGES), negotiate(request.headers.get("accept-language", "")))
    return Visit(request, services, language, cookie if is_known else "", session)


def incident(request: Request, error: Exception) -> Response:
    """A page that needs nothing, because nobody knows what still works; not even a page where it is not known who visits."""
    log_incident(error)
    visit = getattr(request.state, "visit", None)
    kept = {"Cache-Control": "no-store"}
    if visit is None:
        return Response("Temporarily unavailable.", 503, {"Retry-After": "5", **kept}, "text/plain")
    return page(visit, "kit/incident.html", status=500, headers=kept, number=request.state.request_id)
