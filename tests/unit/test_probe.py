"""The health check of a container, and the one that asks only whether anything answers."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

PROBE = Path(__file__).resolve().parents[2] / "deploy/image/probe.py"


class Unavailable(BaseHTTPRequestHandler):
    """A process without its database."""

    def do_GET(self) -> None:
        self.send_error(503)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Unavailable)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def probe(port: int, *arguments: str) -> int:
    command = [sys.executable, "-IS", PROBE, *arguments]
    return subprocess.run(command, check=False, capture_output=True, env={"TRIPTYCH_PORT": str(port)}).returncode


def test_process_without_its_database_only_answers(port: int) -> None:
    assert probe(port) == 1
    assert probe(port, "--answers") == 0


def test_process_that_is_gone_does_not_answer() -> None:
    assert probe(1, "--answers") == 1
