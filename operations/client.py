"""A thin client of the public APIs: one origin, one token per actor, retries while a service is down, a count of every refusal."""

import asyncio
import ssl
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

import httpx

from deploy.embedded.identity import unverified_claims
from shared.identity.permissions import FRESH_SECONDS
from shared.kernel.errors import OutcomeUnknown

_RENEW_AFTER_SECONDS = FRESH_SECONDS // 2
"""A new token is a new sign-in here, which the steps of `FRESH` need."""
_TOKENS = "/api/people/token"
_EXCHANGE = {
    "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
    "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
}
"""RFC 8693."""
_PARALLEL_REQUESTS = 6
_BACKOFF_SECONDS = (0.2, 0.5, 1, 2, 4)
_RETRIED_STATUSES = (429, 502, 503, 504)
PAGE = 200


@dataclass(frozen=True)
class Person:
    """Who acts: `subject` is the person's name at the identity provider. `organisation`: for whom an applicant acts; without it the person
    has the roles of the agency that were granted."""

    subject: str
    organisation: UUID | None = None


class Proofs(Protocol):
    """An identity provider that proves sign-ins without a browser."""

    def of(self, person: Person) -> str:
        """An ID token of a sign-in of this moment."""


class Problem(Exception):
    """An error answer (RFC 9457): `code` is stable, `status` is the HTTP status, `facts` are the values that the rule used."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        self.status, self.code = status, str(body.get("code", "no-code"))
        self.detail, self.facts = str(body.get("detail", "")), body.get("facts", {})
        fields = [str(error.get("field")) for error in body.get("errors", [])]
        self.field = fields[0] if fields else None
        super().__init__(f"{status} {self.code}: {self.detail} {' '.join(fields)}".strip())


class NoAnswer(Problem, OutcomeUnknown):
    """No answer came: the request may have taken effect. Read the state, or repeat with the same key, never with another one."""


class Api:
    """`problems` counts refusals by (method, route, code). `faults` lists answers of 500 and above, and requests without an answer.

    A request without an answer, or with 429, 502, 503 or 504, is repeated for `retry_for`. `trust`: what the gateway's certificate is
    verified with; None for the certificates that the system trusts.
    """

    def __init__(
        self, gateway: str, proofs: Proofs, retry_for: timedelta = timedelta(minutes=2), trust: ssl.SSLContext | None = None
    ) -> None:
        self._http = httpx.AsyncClient(base_url=gateway, timeout=30, trust_env=False, verify=trust or True)
        self._proofs, self._retry_for = proofs, retry_for
        self._tokens: dict[Person, tuple[float, str]] = {}
        self._signing_in: defaultdict[Person, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._slots = asyncio.Semaphore(_PARALLEL_REQUESTS)
        self.problems: Counter[tuple[str, str, str]] = Counter()
        self.faults: list[str] = []
        self.requests = 0

    async def close(self) -> None:
        await self._http.aclose()

    async def get(self, person: Person, path: str, **query: Any) -> Any:
        return await self.call("GET", person, path, query={name: value for name, value in query.items() if value is not None})

    async def post(self, person: Person, path: str, body: Any = None, *, key: str | None = None) -> Any:
        return await self.call("POST", person, path, body=body, key=key)

    async def give(self, person: Person, path: str, name: str, content: bytes, *, key: str, **query: Any) -> Any:
        """A file, as the body. `name` is ASCII."""
        return await self.call("POST", person, path, query=query, file=(name, content), key=key)

    async def put(self, person: Person, path: str, body: Any) -> Any:
        return await self.call("PUT", person, path, body=body)

    async def list_items(self, person: Person, path: str, **query: Any) -> AsyncIterator[Any]:
        """All items of a paged list."""
        cursor = None
        while True:
            page = await self.get(person, path, limit=PAGE, cursor=cursor, **query)
            for item in page["items"]:
                yield item
            cursor = page.get("next")
            if cursor is None:
                return

    async def call(
        self, method: str, person: Person, path: str, *, query: Any = None, body: Any = None, file: tuple[str, bytes] | None = None,
        key: str | None = None,
    ) -> Any:  # fmt: skip
        """The JSON of the answer. Raises `Problem` for a refusal, and `NoAnswer` when retries were in vain."""
        headers = {"Authorization": f"Bearer {await self.token(person)}"} | ({"Idempotency-Key": key} if key else {})
        request = {"params": query, "json": body, "headers": headers}
        if file is not None:
            about_file = {"File-Name": file[0], "Content-Type": "application/octet-stream"}
            request = {"params": query, "content": file[1], "headers": headers | about_file}
        return self._read(method, path, await self._answered(method, path, lambda: request))

    async def token(self, person: Person) -> str:
        """An access token of the person, from `people`: of the last minutes, so that the sign-in is fresh. Raises as `call`."""
        async with self._signing_in[person]:
            issued, token = self._tokens.get(person, (float("-inf"), ""))
            if time.monotonic() - issued > _RENEW_AFTER_SECONDS:
                issued, token = time.monotonic(), await self.sign_in(person)
                self._tokens[person] = issued, token
        return token

    async def sign_in(self, person: Person) -> str:
        """Each try has a proof of its own: one that was lost on the way may have been used up."""
        organisation = {"organisation": str(person.organisation)} if person.organisation else {}

        def exchange() -> dict[str, Any]:
            return {"data": {**_EXCHANGE, **organisation, "subject_token": self._proofs.of(person)}}

        answer = self._read("POST", _TOKENS, await self._answered("POST", _TOKENS, exchange))
        return str(answer["access_token"])

    async def id_of(self, person: Person) -> str:
        """By which events and rows know the person."""
        return str(unverified_claims(await self.token(person))["sub"])

    async def _answered(self, method: str, path: str, request: Callable[[], dict[str, Any]]) -> httpx.Response:
        deadline, tries = time.monotonic() + self._retry_for.total_seconds(), 0
        while True:
            answer = await self._send(method, path, request())
            if answer is not None and answer.status_code not in _RETRIED_STATUSES:
                return answer
            if time.monotonic() > deadline:
                self.faults.append(f"{method} {path}: no answer")
                raise NoAnswer(503, {"code": "no-answer", "detail": path})
            await asyncio.sleep(_BACKOFF_SECONDS[min(tries, len(_BACKOFF_SECONDS) - 1)])
            tries += 1

    async def _send(self, method: str, path: str, request: dict[str, Any]) -> httpx.Response | None:
        async with self._slots:
            self.requests += 1
            try:
                return await self._http.request(method, path, **request)
            except httpx.TransportError:
                return None

    def _read(self, method: str, path: str, answer: httpx.Response) -> Any:
        if answer.is_success:
            return answer.json() if answer.content else None
        is_json = "json" in answer.headers.get("content-type", "")
        problem = Problem(answer.status_code, answer.json() if is_json else {"code": f"http-{answer.status_code}"})
        self.problems[method, _route(path), problem.code] += 1
        if answer.status_code >= 500:
            self.faults.append(f"{method} {path}: {problem}")
        raise problem


def _route(path: str) -> str:
    """The path with each id replaced, so that refusals of one route are counted together."""
    return "/".join("*" if len(part) == 36 and part.count("-") == 4 else part for part in path.split("/"))
