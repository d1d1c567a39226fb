"""What the generated clients have in common: who asks, one request, and its refusals."""

from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, ConfigDict, TypeAdapter

T = TypeVar("T")
UNREACHABLE = (502, 503, 504)
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
        query: dict[str, Any] | None = None,
        key: str | None = None,
    ) -> T:
        """The answer as its type. Raises `ApiProblem`, or `NoAnswer` where there is none."""
        headers = caller.headers | ({"Idempotency-Key": key} if key else {})
        content = None if body is None else _adapter(type(body)).dump_json(body, exclude_unset=True)
        if content is not None:
            headers["Content-Type"] = "application/json"
        params = {name: value for name, value in (query or {}).items() if value is not None}
        try:
            response = await self.http.request(method, path, params=params, content=content, headers=headers)
        except httpx.TransportError as error:
            raise NoAnswer(503, {"code": "no-answer"}) from error
        if response.is_success:
            value: T = _adapter(answer).validate_json(response.content or b"null")
            return value
        raise problem_of(response)


def problem_of(response: httpx.Response) -> ApiProblem:
    """The refusal that a response is."""
    kind = NoAnswer if response.status_code in UNREACHABLE else ApiProblem
    is_json = "json" in response.headers.get("content-type", "")
    return kind(response.status_code, response.json() if is_json else {})


def _adapter(kind: Any) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]
