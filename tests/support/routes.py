"""Checks for every route of an app which actors are refused. A route without a permission or without an example fails the test."""

import inspect
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol
from uuid import UUID

import httpx
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from shared.identity.actor import Actor, Role, grants
from shared.identity.permissions import FRESH_SECONDS, ROLES, WITHOUT_ROLE, Permission
from shared.web.auth import GuardedRoute

ELSEWHERE = "xx-elsewhere"
STRANGER, FIRM = UUID(int=0xDEAD), UUID(int=0xF1)
OPEN = ("openapi.json", "docs", "docs/start.js", "docs/swagger-ui-bundle.js", "docs/swagger-ui.css", "docs/favicon-32x32.png")


class Mint(Protocol):
    def __call__(self, actor: Actor, *, expired: bool = False, **claims: Any) -> str: ...


@dataclass(frozen=True)
class Example:
    """A request that the route accepts, and whom it accepts it from.

    `region` is that of the thing asked for (the thing has to exist); where nothing of one region is asked for, leave it None and
    say why in `unbound`. `organisation` is the applicant's; `owned` says that the thing belongs to it, so others are refused.
    `role` and `actor` name the caller who is let through; by default any role that may, and a person for each role, because of the
    duties that do not go together. `content` is a body that is no JSON.
    """

    region: str | None = None
    unbound: str = ""
    path: Mapping[str, object] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    json: Any = None
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    organisation: UUID | None = None
    owned: bool = True
    role: Role | None = None
    actor: str = ""


Route = tuple[str, str]
"""(method, path template), e.g. ('POST', '/api/payments/claims/{claim_id}/acceptance')."""


def walk(app: FastAPI) -> Iterator[tuple[str, str, Permission | None]]:
    """(method, path template, permission) of each route; None is a route that is open to all."""
    for route in iter_route_contexts(app.routes):
        guarded = route.original_route
        permission = guarded.permission if isinstance(guarded, GuardedRoute) else None
        for method in sorted((route.methods or {"GET"}) - {"HEAD"}):
            yield method, str(route.path), permission


def in_threads(app: FastAPI) -> set[str]:
    """The routes and dependencies that FastAPI runs in a thread of its own, because they are plain functions."""
    waiting = [route.original_route.dependant for route in iter_route_contexts(app.routes) if isinstance(route.original_route, APIRoute)]
    found = set()
    while waiting:
        dependant = waiting.pop()
        waiting += dependant.dependencies
        call = dependant.call if inspect.isroutine(dependant.call) else type(dependant.call).__call__
        if not inspect.iscoroutinefunction(call) and not inspect.isasyncgenfunction(call):
            found.add(f"{call.__module__}.{call.__qualname__}")
    return found


def fresh_routes(app: FastAPI) -> set[Route]:
    """The routes that need a fresh sign-in."""
    contexts = iter_route_contexts(app.routes)
    guarded = [(context, context.original_route) for context in contexts if isinstance(context.original_route, GuardedRoute)]
    return {(method, str(context.path)) for context, route in guarded if route.guard.fresh for method in context.methods or ()}


async def assert_guarded(
    client: httpx.AsyncClient, app: FastAPI, mint: Mint, examples: Mapping[Route, Example], *, open_to_all: Collection[str] = ()
) -> None:
    """First every refusal on every route, which changes nothing; then each example is accepted, in the given order.

    Also that no route and no dependency is run in a thread.
    """
    assert not in_threads(app), "a hop to a thread and back costs more than what such a function does"
    permissions = {(method, path): permission for method, path, permission in walk(app)}
    open_routes = {path for (_, path), permission in permissions.items() if permission is None}
    root = str(app.openapi_url).removesuffix("openapi.json")
    assert open_routes <= {"/health", "/measurements", *(root + name for name in OPEN), *open_to_all}, (
        f"routes without a permission: {open_routes}"
    )
    guarded = {route: permission for route, permission in permissions.items() if permission}
    assert not guarded.keys() - examples.keys(), f"routes without an example: {guarded.keys() - examples.keys()}"
    assert not examples.keys() - guarded.keys(), f"examples without a route: {examples.keys() - guarded.keys()}"
    fresh = fresh_routes(app)
    known: Mint = cache(mint)  # to sign and to verify takes longer than most refusals
    for route, permission in guarded.items():
        probe = Probe(client, known, route, examples[route])
        await _assert_refusals(probe, permission)
        await _assert_sign_in(probe, permission, fresh=route in fresh)
    for route, example in examples.items():
        probe = Probe(client, mint, route, example)
        status, code = await probe.send(probe.caller(guarded[route]))
        assert status not in (401, 403, 405, *range(500, 600)), f"{route} does not let its example through: {status} {code}"


async def _assert_refusals(probe: "Probe", permission: Permission) -> None:
    example, caller = probe.example, probe.caller(permission)
    await probe.expect(None, 401, "missing-token")
    await probe.expect(caller, 401, "expired-token", expired=True)
    outsiders = [frozenset({role}) for role in Role if role not in ROLES[permission]]
    for roles in [] if permission in WITHOUT_ROLE else [frozenset[Role](), *outsiders]:
        await probe.expect(probe.as_actor(roles), 403, "wrong-role")
        await probe.expect(probe.as_actor(roles), 403, "wrong-role", content=b'{"broken')
    assert example.region or example.unbound, f"{probe.route}: name the region, or say why there is none"
    if example.region:
        for role in ROLES[permission]:
            await probe.expect(probe.as_actor(frozenset({role}), region=ELSEWHERE), 403, "foreign-region")
    if example.organisation and example.owned and Role.APPLICANT in ROLES[permission]:
        await probe.expect(probe.as_actor(frozenset({Role.APPLICANT}), organisation=STRANGER), 403, "not-owner")


async def _assert_sign_in(probe: "Probe", permission: Permission, *, fresh: bool) -> None:
    """A token without the time of the sign-in, or with one to come, is refused by every route; an old sign-in by those that ask for a
    fresh one."""
    caller, now = probe.caller(permission), time.time()
    await probe.expect(caller, 401, "malformed-token", claims={"auth_time": None})
    await probe.expect(caller, 401, "not-yet-valid", claims={"auth_time": now + 60})
    if fresh:
        await probe.expect(caller, 401, "fresh-sign-in-needed", claims={"auth_time": now - FRESH_SECONDS - 1})
        await probe.expect(caller, 401, "fresh-sign-in-needed", claims={"auth_time": 0})


@dataclass(frozen=True)
class Probe:
    """The example of one route, requested by any actor."""

    client: httpx.AsyncClient
    mint: Mint
    route: Route
    example: Example

    def caller(self, permission: Permission) -> Actor:
        return self.as_actor(frozenset({self.example.role or min(ROLES[permission])}))

    def as_actor(self, roles: frozenset[Role], region: str | None = None, organisation: UUID | None = None) -> Actor:
        held = grants(roles, [region or self.example.region or ELSEWHERE])
        return Actor(self.example.actor or "-".join(["somebody", *sorted(roles)]), held, organisation or self.example.organisation or FIRM)

    async def expect(self, actor: Actor | None, status: int, code: str, **request: Any) -> None:
        answer = await self.send(actor, **request)
        assert answer == (status, code), f"{self.route} as {actor}: {answer} instead of {(status, code)}"

    async def ask(self, actor: Actor) -> tuple[int, Any]:
        """Status and body."""
        answer = await self._request(actor)
        return answer.status_code, answer.json()

    async def send(self, actor: Actor | None, **request: Any) -> tuple[int, str | None]:
        """Status, and the code of a problem."""
        answer = await self._request(actor, **request)
        is_problem = answer.headers.get("content-type") == "application/problem+json"
        return answer.status_code, answer.json()["code"] if is_problem else None

    async def _request(
        self, actor: Actor | None, *, expired: bool = False, content: bytes | None = None, claims: Mapping[str, Any] | None = None
    ) -> httpx.Response:
        method, template = self.route
        headers = {"Content-Type": "application/json"} if content else {}
        content = content or self.example.content
        if actor:
            headers["Authorization"] = f"Bearer {self.mint(actor, expired=expired, **claims or {})}"
        return await self.client.request(
            method,
            template.format_map(self.example.path),
            params=self.example.query,
            headers={**self.example.headers, **headers},
            **({"content": content} if content else {"json": self.example.json}),
        )


def is_empty(body: Any) -> bool:
    """True for a list or a history without an entry, and for counts of nothing."""
    if isinstance(body, list):
        return not body
    counts = all(value == [] or (isinstance(value, dict) and value.get("count") == 0) for value in body.values())
    return counts or not body.get("items", body.get("events", [body]))
