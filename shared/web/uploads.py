"""Files in requests and answers: read within limits, before a transaction begins, and given out as a download and nothing else.

A file is in memory as a whole, because it is looked at as a whole before anything of it is kept. How much all files together may take is
bounded in each process; a file that finds no room is refused and may come again.
"""

import hashlib
import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import quote, unquote

from fastapi import Depends, Header, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from shared.files.clamav import Scanner, ScanState
from shared.files.limits import MIB, Limits
from shared.files.store import FileStore
from shared.kernel.errors import Refused, Unavailable
from shared.web.body import BodyTooLarge

LARGEST_MIB = 20
MEMORY_MIB = 128
"""Of content; while one is encrypted or sent there are up to three copies of it."""
LONGEST_NAME = 200
NAME_HEADER = "File-Name"
_UNUSABLE = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
"""Categories of Unicode that have no place in a name: control, direction, surrogates, private use, unassigned, lines."""
BINARY = {"type": "string", "format": "binary"}
BODY = {"requestBody": {"required": True, "content": {"application/octet-stream": {"schema": BINARY}}}}
"""For `openapi_extra` of a route that takes a file."""


@dataclass
class Memory:
    """What all files of a process may take, in bytes."""

    most: int = MEMORY_MIB * MIB
    taken: int = 0

    def take(self, count: int) -> None:
        """`Unavailable` when there is no room."""
        if self.taken + count > self.most:
            raise Unavailable("there is no room for another file")
        self.taken += count

    def free(self, count: int) -> None:
        self.taken -= count


@dataclass(frozen=True)
class FileTraffic:
    """How a process takes files and gives them out; in `app.state.file_traffic` of an app that does."""

    scanner: Scanner = field(default_factory=Scanner)
    largest_bytes: int = LARGEST_MIB * MIB
    memory: Memory = field(default_factory=Memory)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came. `sha256` (64 hex digits) is of its content."""

    name: str
    content: bytes = field(repr=False)
    sha256: str = ""
    scan: ScanState = ScanState.UNSCANNED


async def uploaded(request: Request) -> Upload:
    """The file of the request; a route that asks for it takes one (`shared.web.auth`)."""
    found: Upload = request.state.upload
    return found


@asynccontextmanager
async def taken(request: Request) -> AsyncIterator[None]:
    """Reads the file of the request, within the limits, and has it scanned; its memory is free again at the end.

    `Refused` 'file-name-unusable', 'file-empty' or 'file-infected'; `BodyTooLarge` 'upload-too-large'; `Unavailable`.
    """
    traffic: FileTraffic = request.app.state.file_traffic
    name, content, digest = _name_in(request), bytearray(), hashlib.sha256()
    if int(request.headers.get("content-length") or 0) > traffic.largest_bytes:
        raise _too_large(traffic.largest_bytes)
    held = 0
    try:
        async for chunk in request.stream():
            if len(content) + len(chunk) > traffic.largest_bytes:
                raise _too_large(traffic.largest_bytes)
            traffic.memory.take(len(chunk))
            held += len(chunk)
            content += chunk
            digest.update(chunk)
        if not content:
            raise Refused("file-empty", "The file is empty.", field="file")
        whole = bytes(content)
        content.clear()
        scan = await traffic.scanner.scan(whole)
        if scan is ScanState.INFECTED:
            raise Refused("file-infected", "The virus scanner refuses this file. Nothing of it is kept.", field="file")
        request.state.upload = Upload(name, whole, digest.hexdigest(), scan)
        yield
    finally:
        request.state.upload = None
        traffic.memory.free(held)


def clean_name(name: str) -> str:
    """The name without folders, in one spelling. `Refused` 'file-name-unusable' when nothing is left, or it cannot be shown or stored."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2].strip()
    if not last.strip(". ") or len(last) > LONGEST_NAME or any(unicodedata.category(letter) in _UNUSABLE for letter in last):
        raise Refused(
            "file-name-unusable", "The file needs a name of at most {most} characters that can be shown.", field="file", most=LONGEST_NAME
        )
    return last


def _name_in(request: Request) -> str:
    """The header is percent-encoded UTF-8: a name in the address would stand in logs."""
    return clean_name(unquote(request.headers.get(NAME_HEADER, ""), errors="surrogateescape"))


def _too_large(most: int) -> BodyTooLarge:
    return BodyTooLarge("upload-too-large", "The file may have at most {limit_mib} MB.", field="file", limit_mib=most // MIB)


class Attachment(Response):
    """A file that a browser saves and never shows. It takes room in `memory` until it is sent; `Unavailable` when there is none."""

    def __init__(self, content: bytes, media_type: str, name: str, memory: Memory) -> None:
        self._memory = memory
        headers = {
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
            "Content-Security-Policy": "sandbox",
        }
        super().__init__(content, media_type=media_type, headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._memory.take(len(self.body))
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._memory.free(len(self.body))


TakenFile = Annotated[Upload, Depends(uploaded)]


async def traffic_of(request: Request) -> FileTraffic:
    found: FileTraffic = request.app.state.file_traffic
    return found


Traffic = Annotated[FileTraffic, Depends(traffic_of)]


async def store_of(request: Request) -> FileStore:
    store: FileStore = request.app.state.files
    return store


async def limits_of(request: Request) -> Limits:
    return getattr(request.app.state, "file_limits", Limits())


Files = Annotated[FileStore, Depends(store_of)]
FileLimits = Annotated[Limits, Depends(limits_of)]
"""As `shared.runtime.files.open_files` has opened them."""
FileName = Annotated[str, Header(alias=NAME_HEADER, max_length=2_000, description="Its name, percent-encoded UTF-8")]
