"""How an open page learns that it has changed: the comparison, the limits, and the end of all streams."""

import asyncio
import socket
import time
from collections.abc import Sequence

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portal.app import ROUTES
from portal.client.answers import Answers, collect, collecting, miss
from portal.kit.live import EventStream, events_of, page_at
from portal.kit.routing import Personal
from portal.kit.streams import LONGEST_PAUSE_SECONDS, Full, Over, Stream, Streams, Watch, Word
from shared.runtime.serve import SERVED, Server

ID = "00000000-0000-7000-8000-000000000001"
ANSWERS = [("/api/a?", 200, b'{"as_of":"2026-01-01T00:00:00Z","count":1}'), ("/api/b?", 200, b"[]")]


def digest(*given: tuple[str, int, bytes]) -> str:
    answers = Answers()
    with collecting(answers):
        for answer in given:
            collect(*answer)
    collect("/api/other?", 200, b"not within")
    return answers.digest


def test_same_answers_have_one_digest_in_any_order() -> None:
    later = ("/api/a?", 200, b'{"as_of":"2026-01-02T00:00:00Z","count":1}')
    assert digest(*ANSWERS) == digest(*reversed(ANSWERS)) == digest(later, ANSWERS[1])


@pytest.mark.parametrize("other", [("/api/b?", 200, b"[1]"), ("/api/b?", 404, b"[]"), ("/api/b?cursor=1", 200, b"[]")])
def test_another_answer_has_another_digest(other: tuple[str, int, bytes]) -> None:
    assert digest(ANSWERS[0], other) != digest(*ANSWERS)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_missing_answer_says_nothing(status: int) -> None:
    assert digest(ANSWERS[0], ("/api/b?", status, b"")) == ""
    answers = Answers()
    with collecting(answers):
        collect(*ANSWERS[0])
        miss()
    assert answers.digest == ""


def watch_of(digests: Sequence[str | Word], shown: str = "a") -> Watch:
    """Asked again and again, it gives these digests, or ends with this word."""
    left = iter(digests)

    async def ask() -> str:
        found = next(left)
        if isinstance(found, Word):
            raise Over(found)
        return found

    return Watch(ask, shown, 0.001)


async def test_only_a_change_is_sent() -> None:
    watch = watch_of(["a", "b", "", "b", "a"])
    assert [await watch.has_changed() for _ in range(5)] == [False, True, False, False, True]


async def test_silent_service_is_asked_less_often() -> None:
    watch = watch_of(["", "", *[""] * 20, "a"])
    pauses = []
    for _ in range(23):
        await watch.has_changed()
        pauses.append(watch.pause_seconds)
    assert pauses[:2] == [0.002, 0.004]
    assert pauses[-2:] == [LONGEST_PAUSE_SECONDS, 0.001]


@pytest.mark.parametrize("word", [Word.ENDED, Word.REFUSED])
async def test_stream_ends_with_the_word(word: Word) -> None:
    parts = [part async for part in events_of(Stream(), watch_of(["b", "b", word]))]
    assert parts[0].startswith(b"retry: ")
    assert parts[1:] == [b"event: changed\nid: b\ndata: .\n\n", b":\n\n", f"event: {word}\ndata: .\n\n".encode()]


def test_oldest_stream_of_a_session_rests() -> None:
    streams = Streams(most=10, of_session=2)
    first, second, other = streams.open("one"), streams.open("one"), streams.open("other")
    third = streams.open("one")
    assert [stream.last for stream in (first, second, third, other)] == ["rest", "", "", ""]
    streams.close(first)
    assert len(streams) == 3


def test_process_has_so_many_streams_and_none_at_its_end() -> None:
    streams = Streams(most=1)
    stream = streams.open("one")
    with pytest.raises(Full):
        streams.open("other")
    streams.close(stream)
    streams.end()
    with pytest.raises(Full):
        streams.check()


@pytest.mark.parametrize(
    ("address", "is_live"),
    [
        ("/home", True),
        (f"/cases/{ID}?language=en", True),
        ("/finance/batches?as=csv", False),
        (f"/officer/applications/{ID}", False),  # a reading that is recorded
        ("/calls", False),
        ("/live?page=/home", False),
        ("//elsewhere.example/home", False),
        ("", False),
    ],
)
def test_page_is_kept_up_to_date(address: str, is_live: bool) -> None:
    assert (page_at(ROUTES, address) is not None) is is_live


def test_form_is_no_page_that_is_kept_up_to_date() -> None:
    """What is typed there would be in the way; the begin of a claim is one button."""
    live = {route.path for route in ROUTES if isinstance(route, Personal) and route.live and "POST" in (route.methods or ())}
    assert live == {"/vouchers/{voucher_id:uuid}/claims"}


async def test_process_ends_at_once_with_open_streams() -> None:
    streams = Streams()

    async def answer(_: Request) -> Response:
        return EventStream(streams, "one", Watch(lambda: asyncio.sleep(0, "a"), "a", 30), b"")

    with socket.create_server(("127.0.0.1", 0)) as bound:
        server = Server(uvicorn.Config(Starlette(routes=[Route("/", answer)]), **SERVED), streams.end)
        running = asyncio.create_task(server.serve(sockets=[bound]))
        address = f"http://127.0.0.1:{bound.getsockname()[1]}/"
        async with httpx.AsyncClient(trust_env=False) as client, client.stream("GET", address) as stream:
            parts = stream.aiter_text()
            assert "retry" in await anext(parts)
            assert len(streams) == 1
            began, server.should_exit = time.monotonic(), True
            assert [part async for part in parts] == []
        await running
    assert time.monotonic() - began < 5
    assert len(streams) == 0
