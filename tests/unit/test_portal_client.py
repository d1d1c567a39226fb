"""What the portal's client makes of the answers of a service, and what it sends: against a server with prepared answers."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from portal.client.base import ApiProblem, Caller, Client, Hold, Http, NewFile, NoAnswer, open_session
from shared.classifications import Scheme

CALLER = Caller("token", "pl", "192.0.2.1")
PROBLEM = b'{"code": "too-late", "detail": "Too late.", "facts": {"at": "noon"}, "errors": [{"field": "a.b", "reason": "missing"}]}'
PART = gzip.compress(b"content")


def said(status: int, content: bytes = b"", *headers: str, length: int | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status} It", f"content-length: {len(content) if length is None else length}", *headers, "", ""]
    return "\r\n".join(lines).encode() + content


@dataclass
class Service:
    """Gives `answers` one after another, then closes the connection without one. `sent`: what has come, head and body."""

    answers: list[bytes]
    sent: list[bytes] = field(default_factory=list)
    connections: int = 0
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
                self.sent.append(head + await reader.readexactly(length))
                if not self.answers:
                    break
                answer = self.answers.pop(0)
                writer.write(answer)
                if b"connection: lost" in answer:
                    break
        except asyncio.IncompleteReadError:
            self.ended.set()
        finally:
            writer.close()


@asynccontextmanager
async def asked(*answers: bytes) -> AsyncIterator[tuple[Client, Service]]:
    service = Service(list(answers))
    async with await asyncio.start_server(service.serve, "127.0.0.1") as server, open_session() as session:
        service.port = server.sockets[0].getsockname()[1]
        yield Client(Http(session, f"http://127.0.0.1:{service.port}")), service


def get(client: Client) -> Awaitable[dict[str, int]]:
    return client.call(CALLER, "GET", "/it", answer=dict[str, int])


async def read(client: Client) -> bytes:
    return b"".join([chunk async for chunk in (await client.download(CALLER, "/it")).content])


async def test_request_is_sent_as_it_is_meant() -> None:
    async with asked(said(200, b'{"a": 1}'), said(204), said(201)) as (client, service):
        wanted = {"id": ["a&b", "ż c"], "none": None, "yes": True, "scheme": Scheme.NUTS, "empty": []}
        assert await client.call(CALLER, "GET", "/it/a?b%2F#/..", query=wanted, answer=dict[str, int]) == {"a": 1}
        await client.call(Caller(), "POST", "/it", body={"ż": 1}, key="a b", answer=type(None))
        await client.call(Caller(), "POST", "/it", file=NewFile("ż.pdf", b"%PDF"), answer=type(None))
    first, second, third = service.sent
    assert first.startswith(b"GET /it/a%3Fb%252F%23/..?id=a%26b&id=%C5%BC+c&yes=true&scheme=nuts HTTP/1.1\r\n")
    for line in (b"Authorization: Bearer token", b"Accept-Language: pl", b"X-Forwarded-For: 192.0.2.1", b"Accept-Encoding: identity"):
        assert line + b"\r\n" in first
    assert second.endswith('\r\n\r\n{"ż":1}'.encode())
    assert b"Idempotency-Key: a%20b\r\n" in second
    assert b"Content-Type: application/json\r\n" in second
    assert third.endswith(b"\r\n\r\n%PDF")
    assert b"File-Name: %C5%BC.pdf\r\n" in third
    assert service.connections == 1


@pytest.mark.parametrize("ask", [get, read])
async def test_refusal_has_its_code_and_its_fields(ask: Callable[[Client], Awaitable[object]]) -> None:
    async with asked(said(409, PROBLEM, "content-type: application/problem+json"), said(404, b"gone")) as (client, service):
        with pytest.raises(ApiProblem) as refused:
            await ask(client)
        assert not isinstance(refused.value, NoAnswer)
        assert (refused.value.status, refused.value.code, refused.value.facts) == (409, "too-late", {"at": "noon"})
        assert refused.value.fields == {"a.b": "missing"}
        with pytest.raises(ApiProblem, match="404 http-404"):
            await ask(client)
        assert service.connections == 1


@pytest.mark.parametrize("ask", [get, read])
@pytest.mark.parametrize("answer", [said(503), said(502), said(200, b'{"a": ', "connection: lost", length=8), b"HTTP/9 what\r\n\r\n"])
async def test_no_answer_is_no_refusal(ask: Callable[[Client], Awaitable[object]], answer: bytes) -> None:
    async with asked(answer) as (client, _):
        with pytest.raises(NoAnswer):
            await ask(client)


@pytest.mark.parametrize("ask", [get, read])
async def test_service_that_is_down_gives_no_answer(ask: Callable[[Client], Awaitable[object]]) -> None:
    async with asked() as (_, service):
        pass
    async with open_session() as session:
        with pytest.raises(NoAnswer):
            await ask(Client(Http(session, f"http://127.0.0.1:{service.port}")))


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_request_waits_for_a_service_that_is_replaced(method: str) -> None:
    service = Service([said(200, b"1"), said(200, b"2")])
    async with await asyncio.start_server(service.serve, "127.0.0.1") as old, open_session() as session:
        port = old.sockets[0].getsockname()[1]
        client = Client(Http(session, f"http://127.0.0.1:{port}", Hold(5)))
        old.close()
        asking = asyncio.create_task(client.call(CALLER, method, "/it", answer=int))
        await asyncio.sleep(0.05)
        async with await asyncio.start_server(service.serve, "127.0.0.1", port):
            assert (await asking, client.http.hold.missed_at, len(service.sent)) == (1, None, 1)
            assert await client.call(CALLER, method, "/it", answer=int) == 2


async def test_service_that_stays_away_keeps_nobody_waiting() -> None:
    async with asked() as (_, service):
        pass
    async with open_session() as session:
        client = Client(Http(session, f"http://127.0.0.1:{service.port}", Hold(0.3)))
        with pytest.raises(NoAnswer):
            await get(client)
        began = asyncio.get_running_loop().time()
        with pytest.raises(NoAnswer):
            await get(client)
        assert asyncio.get_running_loop().time() - began < 0.15


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
async def test_change_without_an_answer_is_sent_once(method: str) -> None:
    async with asked() as (client, service):
        with pytest.raises(NoAnswer):
            await client.call(CALLER, method, "/it", answer=type(None))
        assert len(service.sent) == 1


async def test_closed_connection_is_not_used_for_a_change() -> None:
    async with asked(said(200, b"null", "connection: lost"), said(200, b"null")) as (client, service):
        await client.call(CALLER, "GET", "/it", answer=type(None))
        await asyncio.sleep(0.01)
        await client.call(CALLER, "POST", "/it", answer=type(None))
        assert (service.connections, len(service.sent)) == (2, 2)


async def test_neither_redirect_nor_cookie_is_followed() -> None:
    async with asked(said(303, b"", "location: /other", "set-cookie: a=b"), said(200, b"null")) as (client, service):
        with pytest.raises(ApiProblem, match="303"):
            await client.call(CALLER, "GET", "/it", answer=type(None))
        await client.call(CALLER, "GET", "/it", answer=type(None))
        assert b"cookie" not in service.sent[1].lower()


async def test_download_is_passed_on_as_it_comes() -> None:
    named = ("content-disposition: attachment", "content-encoding: gzip", "set-cookie: a=b")
    async with asked(said(200, PART, *named), said(200, PART)) as (client, service):
        download = await client.download(CALLER, "/it")
        assert download.headers == {"content-length": str(len(PART)), "content-disposition": "attachment"}
        assert b"".join([chunk async for chunk in download.content]) == PART
        assert await read(client) == PART
        assert service.connections == 1


@pytest.mark.parametrize("begun", [True, False])
async def test_download_that_is_given_up_ends_its_connection(begun: bool) -> None:
    async with asked(said(200, b"x", length=9)) as (client, service):
        download = await client.download(CALLER, "/it")
        if begun:
            assert await anext(download.content) == b"x"
        del download
        async with asyncio.timeout(2):
            await service.ended.wait()
