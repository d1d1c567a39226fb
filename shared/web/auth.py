"""The permission of a route, checked before anything else of the request is read."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Depends, params
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from starlette.requests import Request
from starlette.responses import Response

from shared.identity.actor import NOBODY, Actor
from shared.identity.permissions import FRESH, Permission, require_fresh, require_role
from shared.messaging.context import Context
from shared.web.body import bounded, check_json_body, check_parameters
from shared.web.session import LateSession, ReadingSession, Session
from shared.web.uploads import taken, uploaded

_BEARER = HTTPBearer(auto_error=False, bearerFormat="JWT", scheme_name="token", description="A JWT of the identity provider")


class Guard:
    """Admits actors that hold `permission`, `fresh` ones after a fresh sign-in only. As a dependency it returns the request's context and
    documents the token in OpenAPI."""

    def __init__(self, permission: Permission, fresh: bool = False) -> None:
        self.permission, self.fresh = permission, fresh or permission in FRESH

    async def __call__(self, request: Request, session: Session, _: Annotated[object, Depends(_BEARER)]) -> Context:
        actor, state = await self.admit(request), request.app.state
        return Context(session, actor, state.policies, state.clock.now)

    async def admit(self, request: Request) -> Actor:
        """Raises `Unauthenticated`, also for a sign-in that is too old, `Forbidden` 'wrong-role' or `Unavailable`. The actor stays in
        `request.state.actor`."""
        actor: Actor | None = getattr(request.state, "actor", None)
        if actor is None:
            scheme, _, token = request.headers.get("authorization", "").partition(" ")
            actor = await request.app.state.verifier.verify(token.strip() if scheme.lower() == "bearer" else None)
        request.state.actor = actor
        require_role(actor, self.permission)
        if self.fresh:
            require_fresh(actor)
        return actor


class ReadingGuard(Guard):
    """Of a route that only reads, and keeps no record of it."""

    async def __call__(self, request: Request, session: ReadingSession, _: Annotated[object, Depends(_BEARER)]) -> Context:
        return await super().__call__(request, session, _)


class LateGuard(Guard):
    """Of a route whose requests are mostly done together (`shared/database/together.py`)."""

    async def __call__(self, request: Request, session: LateSession, _: Annotated[object, Depends(_BEARER)]) -> Context:
        return await super().__call__(request, session, _)


def requires(permission: Permission, *, fresh: bool = False, only_reads: bool = False, together: bool = False) -> Any:
    """`context: Annotated[Context, requires(Permission.EVALUATE)]`: the first parameter of every route.

    Region and owner are checked by the command, with `authorise`, once these are known. `fresh` asks for a fresh sign-in on a route
    whose permission alone would not. `together`: the context's session connects only when it is used.
    """
    return Depends((ReadingGuard if only_reads else LateGuard if together else Guard)(permission, fresh))


class GuardedRoute(APIRoute):
    """A route with exactly one permission.

    FastAPI parses the body before it runs dependencies. Here the caller is authenticated and admitted first, so that a caller
    without permission learns nothing from a wrong body and cannot make the service read one.
    """

    @property
    def guard(self) -> Guard:
        guards = [call for call in _calls(self.dependant) if isinstance(call, Guard)]
        if len({(guard.permission, guard.fresh) for guard in guards}) != 1:
            raise TypeError(f"{self.methods} {self.path} needs exactly one permission, not {sorted(guard.permission for guard in guards)}")
        return guards[0]

    @property
    def permission(self) -> Permission:
        return self.guard.permission

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        guard = self.guard
        takes_json = self.body_field is not None and not isinstance(self.body_field.field_info, params.Form)
        takes_file = uploaded in _calls(self.dependant)

        async def guarded(request: Request) -> Response:
            actor = await guard.admit(request)
            if request.app.state.account_buckets is not None:
                request.app.state.account_buckets.take(actor.machine or actor.id)
            check_parameters(request)
            if takes_file:
                async with taken(request):
                    return await handle(request)
            request = bounded(request)
            if takes_json:
                await check_json_body(request)
            return await handle(request)

        return guarded


async def _nobody(request: Request, session: Session) -> Context:
    state = request.app.state
    return Context(session, NOBODY, state.policies, state.clock.now)


def anonymous() -> Any:
    """`context: Annotated[Context, anonymous()]`: of a route of `open_router`, whose caller proves nothing and holds no role."""
    return Depends(_nobody)


class OpenRoute(APIRoute):
    """A route for everybody. Its parameters and its body are bounded like those of the others."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def checked(request: Request) -> Response:
            check_parameters(request)
            return await handle(bounded(request))

        return checked


def open_router(tag: str) -> APIRouter:
    """A router whose routes need no token. Each of them is named in `tests/hostile`."""
    return APIRouter(tags=[tag], route_class=OpenRoute)


def _calls(dependant: Any) -> list[Any]:
    return [call for child in dependant.dependencies for call in [child.call, *_calls(child)]]


def api_router(tag: str, prefix: str = "") -> APIRouter:
    """A router whose routes cannot be built without a permission."""
    return APIRouter(prefix=prefix, tags=[tag], route_class=GuardedRoute)
