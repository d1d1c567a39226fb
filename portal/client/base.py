"""What the generated clients have in common: who asks, one request, and its refusals."""

import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ConfigDict, TypeAdapter

# httpx looks for sniffio four times a request. Where it is not installed, each look is a search on the disk, a fifth of a page's time.
sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]

T = TypeVar("T")
UNREACHABLE = (502, 503, 504)
FILE_SECONDS = 150
"""How long a file may take to be sent, looked at and stored."""
_ADAPTERS: dict[Any, TypeAdapter[Any]] = {}


class Model(BaseModel):
    """A body of an API. Fields that a later version of the service adds are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


@dataclass(frozen=True)
class Caller:
    """On whose behalf a request is made. `token`: None for who is not signed in. `address`: of the person's own connection, for limits and
    the security log of the service."""

    token: str | None = field(default=None, repr=False)
    language: str = "en"
    address: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        headers = {"Accept-Language": self.language}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.address:
            headers["X-Forwarded-For"] = self.address
        return headers


class ApiProblem(Exception):
    """A refusal (RFC 9457). `code` is stable, `detail` a sentence in the caller's language, `fields`: path of a field → reason."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        self.status, self.code = status, str(body.get("code", f"http-{status}"))
        self.detail, self.facts = str(body.get("detail", "")), dict(body.get("facts", {}))
        self.fields = {str(error["field"]): str(error["reason"]) for error in body.get("errors", [])}
        super().__init__(f"{status} {self.code}")


class NoAnswer(ApiProblem):
    """The service cannot be reached, or asks to come later: nothing is known of what a change did."""


@dataclass(frozen=True)
class NewFile:
    """A file that is sent."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Download:
    """A file that is given out: its headers, and its content, which is read once and to the end."""

    headers: dict[str, str]
    content: AsyncIterator[bytes] = field(repr=False)


class Client:
    """One service. `http` has the service's address as its base."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def call(
        self,
        caller: Caller,
        method: str,
        path: str,
        *,
        answer: type[T],
        body: Any = None,
        file: NewFile | None = None,
        query: dict[str, Any] | None = None,
        key: str | None = None,
    ) -> T:
        """The answer as its type. Raises `ApiProblem`, or `NoAnswer` where there is none."""
        headers = caller.headers | ({"Idempotency-Key": quote(key, safe="")} if key else {})
        content = None if body is None else _adapter(type(body)).dump_json(body, exclude_unset=True)
        if content is not None:
            headers["Content-Type"] = "application/json"
        if file is not None:
            content, headers["File-Name"] = file.content, quote(file.name, safe="")
            headers["Content-Type"] = "application/octet-stream"
        params = {name: value for name, value in (query or {}).items() if value is not None}
        try:
            timeout = httpx.USE_CLIENT_DEFAULT if file is None else httpx.Timeout(FILE_SECONDS)
            response = await self.http.request(method, path, params=params, content=content, headers=headers, timeout=timeout)
        except httpx.TransportError as error:
            raise NoAnswer(503, {"code": "no-answer"}) from error
        if response.is_success:
            value: T = _adapter(answer).validate_json(response.content or b"null")
            return value
        raise problem_of(response)

    async def download(self, caller: Caller, path: str) -> Download:
        """Raises as `call`. Nothing is kept in memory as a whole."""
        try:
            response = await self.http.send(self.http.build_request("GET", path, headers=caller.headers), stream=True)
        except httpx.TransportError as error:
            raise NoAnswer(503, {"code": "no-answer"}) from error
        if not response.is_success:
            await response.aread()
            raise problem_of(response)
        passed_on = ("content-type", "content-length", "content-disposition", "x-content-type-options", "content-security-policy")
        return Download({name: response.headers[name] for name in passed_on if name in response.headers}, _to_the_end(response))


async def _to_the_end(response: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for chunk in response.aiter_raw():
            yield chunk
    finally:
        await response.aclose()


def problem_of(response: httpx.Response) -> ApiProblem:
    """The refusal that a response is."""
    kind = NoAnswer if response.status_code in UNREACHABLE else ApiProblem
    is_json = "json" in response.headers.get("content-type", "")
    return kind(response.status_code, response.json() if is_json else {})


def _adapter(kind: Any) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]
