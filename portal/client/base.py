"""What the generated clients have in common: who asks, one request, and its refusals."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Self, TypeVar
from urllib.parse import quote, urlencode

import aiohttp
from aiohttp import ClientHandlerType, ClientRequest, ClientResponse, ClientTimeout
from pydantic import BaseModel, ConfigDict, TypeAdapter
from yarl import URL

from portal.client.answers import collect, miss
from shared.telemetry.tracing import HEADER, traceparent

T = TypeVar("T")
UNREACHABLE = (502, 503, 504)
ANSWER_SECONDS = 30
FILE_SECONDS = 150
"""How long a file may take to be sent, looked at and stored."""
IDLE_SECONDS = 3
"""How long a connection may wait for its next request: less than the five seconds after which a service closes it, so that no request is
sent on a connection that is being closed."""
MOST_CONNECTIONS = 100
"""To one service; one more request waits."""
_ANSWER, _FILE = ClientTimeout(total=ANSWER_SECONDS), ClientTimeout(total=FILE_SECONDS)
_DOWNLOAD = ClientTimeout(total=None, connect=ANSWER_SECONDS, sock_read=ANSWER_SECONDS)
"""A download takes as long as its reader; what is limited is the silence of the service."""
_SAFE = ("GET", "HEAD")
_AGAIN_SECONDS = 0.2
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


@contextmanager
def _answering() -> Iterator[None]:
    """Where there is no answer, or not the whole of it, that is `NoAnswer`."""
    try:
        yield
    except (aiohttp.ClientError, TimeoutError) as error:
        miss()
        raise NoAnswer(503, {"code": "no-answer"}) from error


@dataclass(frozen=True)
class Answer:
    """`headers` are found in any case of their letters."""

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


@dataclass
class Hold:
    """How long requests wait for a service that cannot be connected to, such as one that is being replaced: `seconds` from the moment in
    which it was missed first. One that stays away keeps nobody waiting after that."""

    seconds: float = 0
    missed_at: float | None = None

    async def waits(self, began: float) -> bool:
        """Whether to try again, after a moment. `began`: when the request did."""
        now = time.monotonic()
        self.missed_at = now if self.missed_at is None else self.missed_at
        if now - min(self.missed_at, began) >= self.seconds:
            return False
        await asyncio.sleep(_AGAIN_SECONDS)
        return True


@dataclass(frozen=True)
class Http:
    """Requests to one service. `address`: its origin. Nothing is decompressed, no redirect is followed, no cookie is kept."""

    session: aiohttp.ClientSession
    address: str
    hold: Hold = field(default_factory=Hold)

    async def ask(
        self, method: str, path: str, *, headers: dict[str, str], query: str = "", content: bytes | None = None, is_file: bool = False
    ) -> Answer:
        """The whole answer, of whatever status. `path` is not encoded, `query` is. Raises `NoAnswer`."""
        data = BytesIO(content) if is_file and content else content
        with _answering():
            return await whole(await self._begin(method, path, query, headers, data, _FILE if is_file else _ANSWER))

    async def open(self, path: str, headers: dict[str, str]) -> ClientResponse:
        """An answer whose body is still to be read. Raises `NoAnswer`."""
        with _answering():
            return await self._begin("GET", path, "", headers, None, _DOWNLOAD)

    async def _begin(
        self, method: str, path: str, query: str, headers: dict[str, str], data: bytes | BytesIO | None, limits: ClientTimeout
    ) -> ClientResponse:
        """Sent again only where nothing was sent, or nothing is changed by it."""
        url = URL(f"{self.address}{quote(path)}{'?' if query else ''}{query}", encoded=True)
        if (trace := traceparent()) is not None:
            headers = {**headers, HEADER: trace}
        once = () if method in _SAFE else (_once,)
        missed = (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) if method in _SAFE else (aiohttp.ClientConnectorError,)
        began = time.monotonic()
        while True:
            try:
                response = await self.session.request(
                    method, url, data=data, headers=headers, timeout=limits, allow_redirects=False, middlewares=once
                )
            except missed:
                if not await self.hold.waits(began):
                    raise
            else:
                self.hold.missed_at = None
                return response


@asynccontextmanager
async def open_session() -> AsyncIterator[aiohttp.ClientSession]:
    """For all services, in the running loop. Answers are asked for uncompressed, so that a download is passed on as it comes."""
    # A name is looked up for each connection: another container may have the address of one that was replaced.
    connector = aiohttp.TCPConnector(limit=0, limit_per_host=MOST_CONNECTIONS, keepalive_timeout=IDLE_SECONDS, use_dns_cache=False)
    async with aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"Accept-Encoding": "identity"},
        skip_auto_headers=("User-Agent",),
        auto_decompress=False,
        trust_env=False,
    ) as session:
        yield session


async def _once(request: ClientRequest, send: ClientHandlerType) -> ClientResponse:
    """aiohttp sends a PUT or a DELETE again when the connection ends without an answer. Nobody knows then what the first one did."""
    try:
        with _answering():
            return await send(request)
    except NoAnswer as error:
        if isinstance(error.__cause__, aiohttp.ClientConnectorError):  # nothing was sent
            raise error.__cause__ from None
        raise


async def whole(response: ClientResponse) -> Answer:
    """Reads the body to its end. Raises `NoAnswer`."""
    with _answering():
        async with response:
            return Answer(response.status, response.headers, await response.read())


class Client:
    """One service."""

    def __init__(self, http: Http) -> None:
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
        headers = caller.headers
        if key:
            headers["Idempotency-Key"] = quote(key, safe="")
        content = None if body is None else _adapter(type(body)).dump_json(body, exclude_unset=True)
        if content is not None:
            headers["Content-Type"] = "application/json"
        if file is not None:
            content, headers["File-Name"] = file.content, quote(file.name, safe="")
            headers["Content-Type"] = "application/octet-stream"
        asked = query_of(query or {})
        given = await self.http.ask(method, path, headers=headers, query=asked, content=content, is_file=file is not None)
        if caller.token:
            collect(f"{path}?{asked}", given.status, given.content)
        if given.is_success:
            value: T = _adapter(answer).validate_json(given.content or b"null")
            return value
        raise problem_of(given)

    async def download(self, caller: Caller, path: str) -> Download:
        """Raises as `call`. Nothing is kept in memory as a whole."""
        response = await self.http.open(path, caller.headers)
        if not 200 <= response.status < 300:
            raise problem_of(await whole(response))
        passed_on = ("content-type", "content-length", "content-disposition", "x-content-type-options", "content-security-policy")
        return Download({name: response.headers[name] for name in passed_on if name in response.headers}, _Content(response))


class _Content:
    """The body of a response. Its connection is free for others at the end, and is closed by a failure or when nobody reads on: a browser
    may be gone before the first byte."""

    def __init__(self, response: ClientResponse) -> None:
        self._response = response

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        """Raises `NoAnswer` when the body ends too early."""
        try:
            with _answering():
                chunk = await self._response.content.readany()
        except BaseException:
            self._response.close()
            raise
        if not chunk:
            raise StopAsyncIteration
        return chunk

    def __del__(self) -> None:
        self._response.close()


def query_of(values: Mapping[str, Any]) -> str:
    """As it stands in an address: a list is its name several times, None is left out."""
    return urlencode([(name, _word(one)) for name, value in values.items() if value is not None for one in _each(value)])


def _each(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list | tuple) else (value,)


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def problem_of(answer: Answer) -> ApiProblem:
    """The refusal that an answer is."""
    kind = NoAnswer if answer.status in UNREACHABLE else ApiProblem
    is_json = "json" in answer.headers.get("content-type", "")
    return kind(answer.status, json.loads(answer.content) if is_json else {})


def _adapter(kind: Any) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]
