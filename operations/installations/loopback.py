"""A port of this machine to which a browser comes back after a sign-in (RFC 8252, 7.3)."""

import secrets
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit

PATH = "/signed-in"
_LOOPBACK = "127.0.0.1"  # an address, not a name, which could lead elsewhere (8.3)
_DONE = "The answer has arrived. Close this page, and go back to the command line.\n"
_NOT_OURS = "Nothing waits for this.\n"
_SECONDS_OF_A_REQUEST = 5.0


class Loopback:
    """Takes one answer, the one with `state`; any other request is refused, and ends nothing. Usable while it is entered."""

    def __init__(self, port: int, state: str) -> None:
        self._port, self._state = port, state
        self._answer: dict[str, str] | None = None

    def __enter__(self) -> Self:
        self._server = TCPServer((_LOOPBACK, self._port), _handler_of(self._take))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.server_close()

    @property
    def address(self) -> str:
        return f"http://{_LOOPBACK}:{self._server.server_address[1]}{PATH}"

    def answer(self, seconds: float) -> dict[str, str] | None:
        """What the provider gave the browser for us; None when nothing came in this time."""
        until = time.monotonic() + seconds
        while self._answer is None and (left := until - time.monotonic()) > 0:
            self._server.timeout = left
            self._server.handle_request()
        return self._answer

    def _take(self, target: str) -> bool:
        parts = urlsplit(target)
        answer = dict(parse_qsl(parts.query))
        if parts.path != PATH or not secrets.compare_digest(answer.get("state", "").encode(), self._state.encode()):
            return False
        self._answer = answer
        return True


def _handler_of(take: Callable[[str], bool]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _SECONDS_OF_A_REQUEST

        def do_GET(self) -> None:
            taken = take(self.path)
            text = (_DONE if taken else _NOT_OURS).encode()
            self.send_response(200 if taken else 404)
            for name, value in {
                "Content-Type": "text/plain; charset=utf-8",
                "Content-Length": str(len(text)),
                "Cache-Control": "no-store",
                "Referrer-Policy": "no-referrer",
                "Connection": "close",
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *arguments: object) -> None:
            """The address has the code in it: nothing is written."""

    return Handler
