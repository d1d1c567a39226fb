"""A form with files (multipart/form-data, RFC 7578), read as it arrives: first its fields, then one file after the other."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from starlette.requests import Request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from portal.client.base import NoAnswer
from portal.kit.forms import BadForm, Form
from shared.kernel.errors import Unavailable
from shared.web.uploads import Memory

MOST_BYTES, MOST_PARTS, LONGEST_FIELD = 250 * 1024 * 1024, 60, 10_000
LARGEST_BUFFER = 1024 * 1024
"""What the decoder keeps of a body: a chunk as it arrives, and the beginning of a boundary."""
MULTIPART = "multipart/form-data"


@dataclass(frozen=True)
class SentFile:
    """`whole` is False of a file that was too large: the rest of it was read and thrown away."""

    name: str
    content: bytes = field(repr=False)
    whole: bool = True


@dataclass(frozen=True)
class _Part:
    name: str
    file_name: str | None
    content: bytes
    whole: bool


class FileForm:
    """`fields()` is read first, and once: what stands before the first file. Every method raises `BadForm` for a body that is no form, or
    too long, and `NoAnswer` when there is no room in `memory` for a file."""

    def __init__(self, request: Request, memory: Memory) -> None:
        boundary = parse_options_header(request.headers.get("content-type", ""))[1].get("boundary", "")
        if not boundary:
            raise BadForm("no boundary")
        self._decoder = MultipartDecoder(boundary.encode(), LARGEST_BUFFER, max_parts=MOST_PARTS)
        self._chunks, self._memory, self._size = request.stream(), memory, 0
        self._events = self._read()
        self._begun: File | None = None

    @staticmethod
    def is_one(request: Request) -> bool:
        return parse_options_header(request.headers.get("content-type", ""))[0] == MULTIPART

    async def fields(self) -> Form:
        pairs, name, value = list[tuple[str, str]](), "", b""
        async for event in self._events:
            if isinstance(event, File):
                self._begun = event
                break
            if isinstance(event, Field):
                name, value = event.name, b""
            elif isinstance(event, Data):
                value += event.data
                if len(value) > LONGEST_FIELD:
                    raise BadForm("too long")
                if not event.more_data:
                    pairs.append((name, _text(value)))
        return Form.of(pairs)

    async def files(self, largest_bytes: int) -> AsyncIterator[SentFile]:
        """Those that were chosen. A file takes room in memory until the next one is asked for."""
        content, whole, held = bytearray(), True, 0
        try:
            async for event in self._events:
                if isinstance(event, File):
                    self._begun = event
                elif isinstance(event, Data) and self._begun is not None:
                    whole = whole and len(content) + len(event.data) <= largest_bytes
                    if whole:
                        self._take(len(event.data))
                        held += len(event.data)
                        content += event.data
                    if not event.more_data:
                        if self._begun.filename:
                            yield SentFile(self._begun.filename, bytes(content) if whole else b"", whole)
                        self._memory.free(held)
                        content, whole, held, self._begun = bytearray(), True, 0, None
        finally:
            self._memory.free(held)

    def _take(self, count: int) -> None:
        try:
            self._memory.take(count)
        except Unavailable as error:
            raise NoAnswer(503, {"code": "no-room"}) from error

    async def _read(self) -> AsyncIterator[Field | File | Data]:
        try:
            async for chunk in self._chunks:
                self._size += len(chunk)
                if self._size > MOST_BYTES:
                    raise BadForm("too long")
                self._decoder.receive_data(chunk or None)
                while not isinstance(event := self._decoder.next_event(), NeedData | Epilogue):
                    if isinstance(event, Field | File | Data):
                        yield event
        except (ValueError, RequestEntityTooLarge) as error:
            raise BadForm("not readable") from error


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise BadForm("not readable") from error
