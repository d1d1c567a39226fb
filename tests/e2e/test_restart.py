"""The platform is stopped in the midst of everything and started again: on a broker that forgot all, on one that kept all, and on
another one. Everything ends well."""

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

PLAYED = ("demo", "--region", "hr-koprivnica", "--rows", "9", "--seed", SEED)


async def issued(platform: Platform) -> int:
    """Vouchers issued so far; none while there is no platform yet."""
    kept = load_state(platform.data)
    if kept is None or "postgres" not in kept.ports:
        return 0
    try:
        database = await asyncpg.connect(kept.verify_url("vouchers", driver="postgresql"))
        count = await database.fetchval("SELECT count(*) FROM outbox WHERE type = 'vouchers.VoucherIssued.v1'")
        await database.close()
    except (OSError, asyncpg.PostgresError):
        return 0
    return int(count)


TANSU, KAFKA = BrokerKind.TANSU, BrokerKind.KAFKA


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("first", "then", "refilled"), [(TANSU, TANSU, True), (KAFKA, KAFKA, False), (TANSU, KAFKA, True)])
def test_a_demo_that_is_stopped_with_the_platform_goes_on_to_a_good_end(
    platform: Platform, first: BrokerKind, then: BrokerKind, refilled: bool
) -> None:
    if KAFKA in (first, then):
        skip_without_apache_kafka()
    demo = platform.begin(*PLAYED, "--broker", first)
    patience = time.monotonic() + 400
    while not asyncio.run(issued(platform)) and time.monotonic() < patience and demo.poll() is None:
        time.sleep(0.5)
    demo.send_signal(signal.SIGINT)
    demo.wait(30)
    before = asyncio.run(issued(platform))
    assert before > 0, platform.begun.read_text()[-4000:]
    assert platform.triptych("down").returncode == 0

    assert platform.triptych("up", "--broker", then).returncode == 0
    assert platform.triptych("up", "--broker", TANSU if then is KAFKA else KAFKA).returncode == 1  # not while it runs
    assert asyncio.run(issued(platform)) >= before
    again = platform.triptych(*PLAYED, "--exit")
    assert again.returncode == 0, again.stdout[-4000:] + again.stderr
    refills = [log.name for log in platform.data.logs.glob("*-worker.log*") if "broker refilled" in log.read_text()]
    assert len(refills) == (4 if refilled else 0)

    verified = platform.triptych("verify")
    assert verified.returncode == 0, verified.stdout
