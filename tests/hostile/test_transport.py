"""Malformed bodies, headers and connections: each is a clear problem, reads a bounded amount and changes nothing."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from shared.web.body import MAX_BODY_BYTES
from tests.hostile.conftest import MakeWorld
from tests.hostile.test_inputs import ask
from tests.hostile.worlds import World

IMPORT = ("POST", "/api/applications/imports")
"""The route with the least restricted body: its form may be any JSON object."""
DRAFT = ("POST", "/api/applications/applications")
JSON = {"Content-Type": "application/json"}


@pytest_asyncio.fixture
async def made(world: MakeWorld) -> World:
    return await world("applications")


@pytest_asyncio.fixture
async def client(made: World) -> AsyncIterator[httpx.AsyncClient]:
    async with made.client() as running:
        yield running


def body_of(made: World, form: str = "{}", more: str = "") -> str:
    row = f'{{"row_key": "r-9", "organisation_id": "{made.examples[IMPORT].json["rows"][0]["organisation_id"]}", "form": {form}}}'
    return f'{{"call_id": "{made.examples[IMPORT].json["call_id"]}", "rows": [{row}]{more}}}'


BODIES: list[tuple[str, Any, int, str]] = [
    ("UTF-8 with a mark and a fault", lambda made: body_of(made, more=",").encode("utf-8-sig"), 400, "malformed-json"),
    ("UTF-16", lambda made: body_of(made).encode("utf-16"), 400, "not-utf-8"),
    ("UTF-16 without a mark", lambda made: body_of(made).encode("utf-16-le"), 400, "malformed-json"),
    ("UTF-32", lambda made: body_of(made).encode("utf-32-be"), 400, "malformed-json"),
    ("Latin-1", lambda made: body_of(made, '{"language": "é"}').encode("latin-1"), 400, "not-utf-8"),
    (
        "a name twice",
        lambda made: body_of(made, more=f', "call_id": "{made.examples[IMPORT].json["call_id"]}"').encode(),
        400,
        "repeated-name",
    ),
    ("a name twice, deep down", lambda made: body_of(made, '{"a": {"b": 1, "b": 2}}').encode(), 400, "repeated-name"),
    ("a name twice, spelled otherwise", lambda made: body_of(made, '{"a": 1, "\\u0061": 2}').encode(), 400, "repeated-name"),
    ("compressed", lambda made: gzip.compress(b" " * 100_000_000), 400, "not-utf-8"),
    ("NUL in a name", lambda made: body_of(made, '{"a\\u0000": 1}').encode(), 422, "unusable-text"),
    ("NUL in a value", lambda made: body_of(made, '{"a": ["\\u0000"]}').encode(), 422, "unusable-text"),
    ("half a character", lambda made: body_of(made, '{"a": "\\udc00"}').encode(), 422, "unusable-text"),
    ("Infinity", lambda made: body_of(made, '{"a": -Infinity}').encode(), 422, "unusable-number"),
    ("1e999", lambda made: body_of(made, '{"a": 1e999}').encode(), 422, "unusable-number"),
    ("beyond bigint", lambda made: body_of(made, f'{{"a": {-(2**63) - 1}}}').encode(), 422, "unusable-number"),
    ("5,000 digits", lambda made: body_of(made, f'{{"a": {"9" * 5_000}}}').encode(), 400, "number-too-long"),
    ("33 levels", lambda made: body_of(made, '{"a":' * 33 + "1" + "}" * 33).encode(), 422, "too-deep"),
    ("a million levels", lambda made: body_of(made, "[" * 1_000_000).encode(), 422, "too-deep"),
    ("one byte too many", lambda made: body_of(made).encode().ljust(MAX_BODY_BYTES + 1), 413, "body-too-large"),
    ("JSON Lines", lambda made: (body_of(made) + "\n" + body_of(made)).encode(), 400, "malformed-json"),
    ("a list", lambda made: f"[{body_of(made)}]".encode(), 422, "invalid-input"),
    ("no rows", lambda made: b"{}", 422, "invalid-input"),
]


async def test_body_that_is_no_plain_json_is_refused(made: World, client: httpx.AsyncClient) -> None:
    before, odd = await made.digest(), []
    for name, build, status, code in BODIES:
        answer = await ask(made, client, IMPORT, content=build(made), headers=JSON)
        if (answer.status_code, answer.json().get("code")) != (status, code):
            odd.append((name, answer.status_code, answer.text[:150]))
    assert not odd, json.dumps(odd, indent=1)
    assert await made.digest() == before
    largest = await ask(made, client, IMPORT, content=body_of(made).encode().ljust(MAX_BODY_BYTES), headers=JSON)
    assert largest.status_code == 200, "the largest body is read"


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "json", "é"]
)
async def test_body_without_json_content_type_is_refused(made: World, client: httpx.AsyncClient, kind: str) -> None:
    answer = await ask(made, client, IMPORT, content=body_of(made).encode(), headers={"Content-Type": kind.encode()})  # type: ignore[dict-item]
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")


KEYS = ["", "short", "k" * 201, "k" * 60_000, "with space", "é" * 10, "tab\there", "\x7f" * 9, "k" * 8 + "\xff"]


async def test_malformed_idempotency_key_is_refused(made: World, client: httpx.AsyncClient) -> None:
    before = await made.digest()
    for key in KEYS:
        answer = await ask(made, client, DRAFT, json=made.examples[DRAFT].json, headers={"Idempotency-Key": key.encode("latin-1")})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "Idempotency-Key"), key[:20]
    assert await made.digest() == before


@pytest.mark.parametrize("host", ["[::1", "[", "a:b:c", "", "é", "evil.test", "x" * 10_000])
async def test_malformed_host_header_is_not_followed(client: httpx.AsyncClient, host: str) -> None:
    """No part of an answer is built from it, and no redirect leads there."""
    for path, status in [("/calls", 401), ("/calls/", 404), ("/docs", 200), ("/docs/swagger-ui.css", 200), ("/nothing", 404)]:
        answer = await client.get(f"/api/applications{path}", headers={"Host": host.encode()})  # type: ignore[dict-item]
        assert answer.status_code == status, path
        assert host == "" or host not in answer.headers.get("location", "")


async def test_unknown_method_is_405(client: httpx.AsyncClient) -> None:
    for method in ["TRACE", "CONNECT", "OPTIONS", "PROPFIND", "DELETE"]:
        answer = await client.request(method, "/api/applications/calls")
        assert (answer.status_code, answer.json()["code"]) == (405, "method-not-allowed"), method


async def test_disconnected_client_is_no_incident(made: World) -> None:
    """Otherwise any client could raise alarms until operators ignore them."""
    app, engine = made.build()
    scope = {
        "type": "http", "method": "POST", "path": IMPORT[1], "raw_path": IMPORT[1].encode(), "query_string": b"", "root_path": "",
        "headers": [(b"authorization", f"Bearer {made.issuer.mint(made.caller(IMPORT))}".encode()), (b"content-type", b"application/json")],
        "http_version": "1.1", "scheme": "http", "client": None, "server": ("test", 80),
    }  # fmt: skip
    coming = iter([{"type": "http.request", "body": b'{"call_id":', "more_body": True}])
    sent: list[Any] = []

    async def receive() -> Any:
        return next(coming, {"type": "http.disconnect"})

    async def send(message: Any) -> None:
        sent.append(message)

    with capture_logs() as logs:
        await app(scope, receive, send)
    await engine.dispose()
    assert [line["event"] for line in logs] == ["request"]


@pytest.fixture
def served(made: World) -> Iterator[str]:
    with made.served() as url:
        yield url


def request_with(made: World, *headers: str, body: bytes = b"") -> bytes:
    token = made.issuer.mint(made.caller(IMPORT))
    lines = [f"POST {IMPORT[1]} HTTP/1.1", "Host: test", f"Authorization: Bearer {token}", "Content-Type: application/json", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def chunked(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(body), body)


async def test_wrong_content_length_is_refused(made: World, served: str) -> None:
    """On a real server: a smuggled second request gets no answer of its own, an endless one is cut off, nothing is changed."""
    body, endless = body_of(made).encode(), [chunked(b" " * 65_536)] * (2 * MAX_BODY_BYTES // 65_536)
    length, hidden = f"Content-Length: {len(body)}", b"GET /api/applications/calls HTTP/1.1\r\nHost: test\r\n\r\n"
    cases: list[tuple[str, list[bytes], tuple[int, ...]]] = [
        ("two lengths", [request_with(made, length, "Content-Length: 0", body=body)], (400,)),
        (
            "length and chunks",
            [request_with(made, "Content-Length: 4", "Transfer-Encoding: chunked", body=b"0\r\n\r\n" + hidden)],
            (400, 422),
        ),
        ("a negative length", [request_with(made, "Content-Length: -1", body=body)], (400,)),
        ("a length of words", [request_with(made, "Content-Length: many", body=body)], (400,)),
        ("a length beyond all bounds", [request_with(made, f"Content-Length: {10**30}", body=body)], (400,)),
        ("a length of a petabyte", [request_with(made, f"Content-Length: {10**15}"), *endless], (413,)),
        ("too short a length", [request_with(made, f"Content-Length: {len(body) - 9}", body=body)], (400,)),
        ("chunks without an end", [request_with(made, "Transfer-Encoding: chunked"), *endless], (413,)),
        ("a chunk that lies", [request_with(made, "Transfer-Encoding: chunked", body=b"ffffffffffffffffff\r\n"), *endless], (413,)),
        ("another coding", [request_with(made, "Transfer-Encoding: gzip", body=body)], (400, 501)),
        ("a header without an end", [request_with(made, f"X-Long: {'x' * 1_000_000}", length, body=body)], (400, 431)),
        ("a token without an end", [request_with(made, f"Cookie: {'x' * 30_000}", "Content-Length: 2", body=b"{}")], (422,)),
    ]
    before, odd = await made.digest(), []
    for name, parts, statuses in cases:
        status = await _status_of(served, parts)
        if status not in statuses:
            odd.append((name, status))
    assert not odd
    assert await made.digest() == before


async def _status_of(url: str, parts: list[bytes]) -> int | None:
    """The first status of the answer; None when the connection is closed without one."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
    except ConnectionError:
        pass  # refused before all was sent
    try:
        line = await asyncio.wait_for(reader.readline(), 10)
    except (ConnectionError, TimeoutError):
        return None
    finally:
        writer.close()
    return int(line.split()[1]) if line else None
