"""The platform is stopped in the midst of everything and started again: the broker forgot all, and yet everything ends well."""

import asyncio
import signal
import time

import asyncpg
import pytest

from deploy.embedded import state
from tests.e2e.conftest import Platform
from tests.e2e.test_demo import SEED

PLAYED = ("demo", "--region", "hr-koprivnica", "--rows", "9", "--seed", SEED)


async def issued(platform: Platform) -> int:
    """Vouchers issued so far; none while there is no platform yet."""
    kept = state.load(platform.home)
    if kept is None or "postgres" not in kept.ports:
        return 0
    try:
        database = await asyncpg.connect(kept.verify_url("vouchers", driver="postgresql"))
        count = await database.fetchval("SELECT count(*) FROM outbox WHERE type = 'vouchers.VoucherIssued.v1'")
        await database.close()
    except (OSError, asyncpg.PostgresError):
        return 0
    return int(count)


@pytest.mark.timeout(900)
def test_a_demo_that_is_stopped_with_the_platform_goes_on_to_a_good_end(platform: Platform) -> None:
    demo = platform.begin(*PLAYED)
    patience = time.monotonic() + 180
    while not asyncio.run(issued(platform)) and time.monotonic() < patience:
        time.sleep(0.5)
    demo.send_signal(signal.SIGINT)
    demo.wait(30)
    before = asyncio.run(issued(platform))
    assert before > 0
    assert platform.triptych("down").returncode == 0

    assert platform.triptych("up").returncode == 0
    assert asyncio.run(issued(platform)) >= before
    again = platform.triptych(*PLAYED, "--exit")
    assert again.returncode == 0, again.stdout[-4000:] + again.stderr
    refilled = [log.name for log in platform.home.logs.glob("*-worker.log*") if "broker refilled" in log.read_text()]
    assert len(refilled) == 4

    verified = platform.triptych("verify")
    assert verified.returncode == 0, verified.stdout
