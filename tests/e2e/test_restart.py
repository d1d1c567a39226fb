"""The platform is stopped during a demonstration and started again: with a broker that lost its data, with one that kept it, and with
another broker. The demonstration ends well each time."""

import asyncio
import signal
import time

import asyncpg
import pytest

from deploy.embedded.state import load_state
from shared.messaging.profile import BrokerKind
from tests.e2e.conftest import Platform
from tests.e2e.test_demo import SEED
from tests.support.apache_kafka import skip_without_apache_kafka

DEMO = ("demo", "--region", "hr-koprivnica", "--rows", "9", "--seed", SEED)


async def issued(platform: Platform) -> int:
    """Returns the number of issued vouchers; 0 while there is no platform."""
    kept = load_state(platform.data)
    if kept is None or "postgres" not in kept.ports:
        return 0
    try:
        database = await asyncpg.connect(kept.verify_url("vouchers", driver="postgresql"))
        count = await database.fetchval("SELECT count(*) FROM outbox WHERE type LIKE 'vouchers.VoucherIssued.v%'")
        await database.close()
    except (OSError, asyncpg.PostgresError):
        return 0
    return int(count)


TANSU, KAFKA = BrokerKind.TANSU, BrokerKind.KAFKA


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("first", "then", "republished"), [(TANSU, TANSU, True), (KAFKA, KAFKA, False), (TANSU, KAFKA, True)])
def test_demo_interrupted_continues_after_a_restart(platform: Platform, first: BrokerKind, then: BrokerKind, republished: bool) -> None:
    if KAFKA in (first, then):
        skip_without_apache_kafka()
    demo = platform.start(*DEMO, "--broker", first)
    deadline = time.monotonic() + 400
    while not asyncio.run(issued(platform)) and time.monotonic() < deadline and demo.poll() is None:
        time.sleep(0.5)
    demo.send_signal(signal.SIGINT)
    demo.wait(30)
    before = asyncio.run(issued(platform))
    assert before > 0, platform.interrupted_log.read_text()[-4000:]
    assert platform.triptych("down").returncode == 0

    assert platform.triptych("up", "--broker", then).returncode == 0
    assert platform.triptych("up", "--broker", TANSU if then is KAFKA else KAFKA).returncode == 1  # not while it runs
    assert asyncio.run(issued(platform)) >= before
    again = platform.triptych(*DEMO, "--exit")
    assert again.returncode == 0, again.stdout[-4000:] + again.stderr
    republishing = [log.name for log in platform.data.logs.glob("*-worker.log*") if "event log republished" in log.read_text()]
    assert len(republishing) == (4 if republished else 0)

    verified = platform.triptych("verify")
    assert verified.returncode == 0, verified.stdout
