"""A form with files is read part by part, whatever the pieces are in which it arrives, and within its limits."""

import random
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest
from starlette.requests import Request

from portal.client.base import NoAnswer
from portal.kit import uploads
from portal.kit.forms import BadForm
from portal.kit.uploads import LONGEST_FIELD, FileForm
from shared.files.limits import MIB
from shared.web.uploads import Memory

RANDOM = random.Random(7)
LARGE = RANDOM.randbytes(3 * MIB) + b"\r\n--" * 1_000 + bytes(MIB)


def form(
    fields: Mapping[str, str], *files: tuple[str, bytes], pieces: int = 65_536, memory: Memory | None = None, cut: int = 0
) -> FileForm:
    sent = httpx.Request("POST", "http://x", data=dict(fields), files=[("file", one) for one in files])
    body = sent.read()
    body = body[: len(body) - cut] if cut else body

    async def receive() -> Any:
        return next(messages)

    def chunks() -> Any:
        for begin in range(0, len(body), pieces):
            yield {"type": "http.request", "body": body[begin : begin + pieces], "more_body": True}
        yield {"type": "http.request", "body": b"", "more_body": False}

    messages = chunks()
    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", sent.headers["content-type"].encode())]}
    return FileForm(Request(scope, receive), memory or Memory())


async def read(form: FileForm, largest: int = 10 * MIB) -> list[tuple[str, bytes, bool]]:
    return [(one.name, one.content, one.whole) async for one in _files(form, largest)]


async def _files(form: FileForm, largest: int) -> AsyncIterator[Any]:
    async for one in form.files(largest):
        yield one


@pytest.mark.parametrize("pieces", [1_000, 65_536, 262_144, 10 * MIB])
async def test_pieces_in_which_a_form_arrives_make_no_difference(pieces: int) -> None:
    memory = Memory()
    sent = form({"key": "k", "text": "α\nβ"}, ("a.pdf", LARGE), ("β.pdf", b"x"), pieces=min(pieces, uploads.LARGEST_BUFFER), memory=memory)
    fields = await sent.fields()
    assert (fields.get("key"), fields.get("text")) == ("k", "α\nβ")
    assert await read(sent) == [("a.pdf", LARGE, True), ("β.pdf", b"x", True)]
    assert memory.taken == 0


async def test_too_large_file_is_skipped_and_the_next_one_read() -> None:
    sent = form({"key": "k"}, ("large.pdf", LARGE), ("b.pdf", b"x"))
    await sent.fields()
    assert await read(sent, MIB) == [("large.pdf", b"", False), ("b.pdf", b"x", True)]


async def test_field_without_a_file_is_no_file() -> None:
    sent = form({"key": "k"}, ("", b""))
    await sent.fields()
    assert await read(sent) == []


async def test_form_outside_its_limits_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadForm):
        await form({"key": "k" * (LONGEST_FIELD + 1)}, ("a", b"x")).fields()
    with pytest.raises(BadForm):
        await form({f"field-{number}": "x" for number in range(100)}, ("a", b"x")).fields()
    for sent in (form({"key": "k"}, ("a", LARGE), cut=100), form({"key": "k"}, ("a", LARGE), cut=len(LARGE))):
        await sent.fields()
        with pytest.raises(BadForm):
            await read(sent)
    monkeypatch.setattr(uploads, "MOST_BYTES", MIB)
    sent = form({"key": "k"}, ("a", LARGE))
    await sent.fields()
    with pytest.raises(BadForm):
        await read(sent)


async def test_file_without_room_is_said_and_frees_what_it_took() -> None:
    memory = Memory(most=2 * MIB)
    sent = form({"key": "k"}, ("a.pdf", LARGE), memory=memory)
    await sent.fields()
    with pytest.raises(NoAnswer):
        await read(sent)
    assert memory.taken == 0
