"""Sends an open page that it has changed, over server-sent events (docs/decisions/0035): the page's own questions are asked again, with
the person's own token, and their answers compared. What is new, the browser then reads as any page."""

import secrets
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import parse_qs, unquote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

from portal.client.answers import UNKNOWN, Answers, collecting
from portal.client.base import ApiProblem
from portal.kit.routing import Personal
from portal.kit.streams import LONGEST_SECONDS, Full, Over, Stream, Streams, Watch, Word
from portal.kit.visit import LIVE, SignedOut, Visit
from portal.sessions.vault import row_of
from shared.texts.languages import LANGUAGES

HEADERS = {"X-Accel-Buffering": "no"}
AGAIN_MILLISECONDS, SPREAD_MILLISECONDS = 1_000, 3_000
"""After which a browser opens the next stream, and how far browsers are spread, so that they do not come all at once after a restart."""
REFRESH = "triptych-live"
"""Header of a request by which a page brings itself up to date. Nobody has acted, so it does not keep the session from ending."""


def is_by_itself(request: Request) -> bool:
    """The browser asks, not the person."""
    return request.url.path == LIVE or REFRESH in request.headers


@dataclass(frozen=True)
class LivePage:
    """A page that can be kept up to date, by its address."""

    route: Personal
    path: str
    query: str
    parameters: dict[str, Any]

    def quietly(self, visit: Visit) -> Visit:
        """A visit to the page by which nothing is shown, noted or taken."""
        scope = {
            **visit.request.scope, "path": self.path, "raw_path": self.path.encode(), "query_string": self.query.encode(),
            "path_params": self.parameters, "state": {},
        }  # fmt: skip
        asked = visit.request.query_params.get("in", "")
        language = asked if asked in LANGUAGES else visit.language
        return replace(visit, request=Request(scope), language=language, answers=None, quiet=True)


def page_at(routes: Iterable[BaseRoute], address: str) -> LivePage | None:
    """`address`: path and query, as a browser has them. None for what is no page that is kept up to date, as a file."""
    path, _, query = address.partition("?")
    asked = {"type": "http", "method": "GET", "path": unquote(path), "root_path": ""}
    for route in routes:
        match, found = route.matches(asked)
        if match is Match.FULL:
            if not isinstance(route, Personal) or route.live is None or "as" in parse_qs(query):
                return None
            return LivePage(route, unquote(path), query, found["path_params"])
    return None


async def digest_of(page: LivePage, visit: Visit) -> str:
    """Of what the page would show the person now; empty where that is not known. Raises `Over`."""
    session = await visit.services.store.find(visit.cookie, noted=False)
    if session is None:
        raise Over(Word.ENDED)
    if session.organisation != visit.person.organisation:
        raise Over(Word.REFUSED)
    quiet, answers = replace(page.quietly(visit), session=session), Answers()
    assert page.route.live is not None
    try:
        async with visit.services.streams.turn:
            with collecting(answers):
                await page.route.live(quiet)
    except SignedOut as error:
        raise Over(Word.ENDED) from error
    except ApiProblem as problem:
        if problem.status in UNKNOWN:
            return ""
        raise Over(Word.ENDED if problem.status == 401 else Word.REFUSED) from problem
    return answers.digest


def event(word: Word, digest: str = "") -> bytes:
    """`digest`: of what is shown after it; a browser names the last one when it opens the next stream."""
    identity = f"id: {digest}\n" if digest else ""
    return f"event: {word}\n{identity}data: .\n\n".encode()


async def events_of(stream: Stream, watch: Watch) -> AsyncIterator[bytes]:
    """What the stream says: each change, and between changes that it is still there."""
    yield f"retry: {AGAIN_MILLISECONDS + secrets.randbelow(SPREAD_MILLISECONDS)}\n\n".encode()
    until = time.monotonic() + LONGEST_SECONDS
    while not stream.has_ended and time.monotonic() < until:
        await stream.pause(watch.pause_seconds)
        if stream.has_ended:
            break
        try:
            changed = await watch.has_changed()
        except Over as over:
            yield event(over.word)
            return
        yield event(Word.CHANGED, watch.shown) if changed else b":\n\n"
    if stream.last:
        yield event(Word(stream.last))


class EventStream(StreamingResponse):
    """Open from its first to its last byte, whoever ends it."""

    def __init__(self, streams: Streams, session: str, watch: Watch, first: bytes) -> None:
        super().__init__(self._content(), headers=HEADERS, media_type="text/event-stream")
        self._streams, self._session, self._watch, self._first = streams, session, watch, first
        self._stream: Stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            self._stream = self._streams.open(self._session)
        except Full:
            await full()(scope, receive, send)
            return
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._streams.close(self._stream)

    async def _content(self) -> AsyncIterator[bytes]:
        if self._first:
            yield self._first
        async for part in events_of(self._stream, self._watch):
            yield part


def full() -> Response:
    return Response(status_code=503, headers={"Retry-After": "30"})


async def live(routes: Iterable[BaseRoute], visit: Visit) -> Response:
    """`page`: the address of the page; `shown`: the digest that it was made from; `in`: its language. What the person may not read is
    refused as the page refuses it, before the stream begins."""
    query, headers = visit.request.query_params, visit.request.headers
    page = page_at(routes, query.get("page", ""))
    if page is None:
        return Response(status_code=404)
    if visit.session is None:
        return Response(event(Word.ENDED), media_type="text/event-stream")
    if not page.route.is_kept_for(visit.person):
        return Response(status_code=403)
    streams, watch = visit.services.streams, Watch(
        partial(digest_of, page, visit), headers.get("last-event-id") or query.get("shown", ""), visit.services.live_seconds
    )  # fmt: skip
    try:
        streams.check()
        first = event(Word.CHANGED, watch.shown) if await watch.has_changed() else b""
    except Full:
        return full()
    except Over as over:
        if isinstance(over.__cause__, ApiProblem) and over.word is Word.REFUSED:
            return Response(status_code=over.__cause__.status)
        return Response(event(over.word), media_type="text/event-stream")
    return EventStream(streams, row_of(visit.cookie), watch, first)


def live_route(routes: Iterable[BaseRoute]) -> Route:
    """`routes`: of the pages."""

    async def answer(request: Request) -> Response:
        return await live(routes, request.state.visit)

    return Route(LIVE, answer, methods=["GET"], name="live")
