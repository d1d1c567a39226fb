"""A thin client of the public APIs: one origin, one token per actor, retries while a service is down, a count of every refusal."""

import asyncio
import ssl
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from joserfc.jwk import ECKey

from deploy.embedded.identity import mint_token
from shared.identity.actor import Role
from shared.identity.permissions import FRESH_SECONDS
from shared.kernel.errors import OutcomeUnknown

_RENEW_AFTER_SECONDS = FRESH_SECONDS // 2
"""A new token is a new sign-in here, which the steps of `FRESH` need."""
_PARALLEL_REQUESTS = 6
_BACKOFF_SECONDS = (0.2, 0.5, 1, 2, 4)
_RETRIED_STATUSES = (429, 502, 503, 504)
PAGE = 200


@dataclass(frozen=True)
class Person:
    """An actor: `subject` is the pseudonym that the events record."""

    subject: str
    role: Role
    regions: frozenset[str]
    organisation: UUID | None = None


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

    def __init__(self, gateway: str, key: ECKey, retry_for: timedelta = timedelta(minutes=2), trust: ssl.SSLContext | None = None) -> None:
        self._http = httpx.AsyncClient(base_url=gateway, timeout=30, trust_env=False, verify=trust or True)
        self._key, self._retry_for = key, retry_for
        self._tokens: dict[Person, tuple[float, str]] = {}
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
        headers = {"Authorization": f"Bearer {self._token(person)}"} | ({"Idempotency-Key": key} if key else {})
        sent: dict[str, Any] = {"json": body}
        if file is not None:
            sent, headers = {"content": file[1]}, headers | {"File-Name": file[0], "Content-Type": "application/octet-stream"}
        deadline, tries = time.monotonic() + self._retry_for.total_seconds(), 0
        while True:
            answer = await self._send(method, path, headers, query, sent)
            if answer is not None and answer.status_code not in _RETRIED_STATUSES:
                return self._read(method, path, answer)
            if time.monotonic() > deadline:
                self.faults.append(f"{method} {path}: no answer")
                raise NoAnswer(503, {"code": "no-answer", "detail": path})
            await asyncio.sleep(_BACKOFF_SECONDS[min(tries, len(_BACKOFF_SECONDS) - 1)])
            tries += 1

    async def _send(self, method: str, path: str, headers: dict[str, str], query: Any, sent: dict[str, Any]) -> httpx.Response | None:
        async with self._slots:
            self.requests += 1
            try:
                return await self._http.request(method, path, params=query, headers=headers, **sent)
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

    def _token(self, person: Person) -> str:
        minted, token = self._tokens.get(person, (float("-inf"), ""))
        if time.monotonic() - minted > _RENEW_AFTER_SECONDS:
            token = mint_token(
                self._key,
                subject=person.subject,
                roles=[person.role],
                regions=sorted(person.regions),
                organisation=person.organisation,
            )
            self._tokens[person] = time.monotonic(), token
        return token


def _route(path: str) -> str:
    """The path with each id replaced, so that refusals of one route are counted together."""
    return "/".join("*" if len(part) == 36 and part.count("-") == 4 else part for part in path.split("/"))
