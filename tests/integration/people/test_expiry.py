"""Sign-ins and revocations go when they cannot matter any more, and not before."""

from datetime import UTC, datetime, timedelta

from services.people.jobs.expiry import SignInExpiry
from services.people.settings import Settings
from services.people.tables import RevocationRow, SignInRow
from services.people.worker import build_worker
from shared.database import create_engine
from tests.integration.people.conftest import Desk
from tests.support.desk import FrozenClock, service_settings

ALMOST, SOON = timedelta(hours=11, minutes=59), timedelta(hours=12, minutes=2)


async def left_after(desk: Desk, time: timedelta) -> tuple[int, set[str]]:
    """How many sign-ins, and which kinds of revocation."""
    await SignInExpiry(desk.sessions, desk.policies, FrozenClock(datetime.fromtimestamp(desk.now, UTC) + time)).remove()
    return len(await desk.rows(SignInRow)), {row.kind for row in await desk.rows(RevocationRow)}


async def test_sign_in_goes_at_its_end_and_not_before(desk: Desk) -> None:
    await desk.sign_in("ada")
    desk.now += 3600
    await desk.sign_in("ada")
    assert await left_after(desk, timedelta(hours=10, minutes=59)) == (2, set())
    assert await left_after(desk, timedelta(hours=11)) == (1, set())
    assert await left_after(desk, timedelta(hours=12)) == (0, set())


async def test_revocation_goes_after_all_that_it_voids(desk: Desk) -> None:
    signed_in = [await desk.sign_in("ada") for _ in range(2)]
    ada = desk.actor_of(signed_in[0]["access_token"])
    first = min(await desk.rows(SignInRow), key=lambda row: row.id)
    await desk.request(ada, "POST", f"/me/sign-ins/{first.id}/end")
    await desk.request(ada, "POST", "/me/sign-ins/end", json={"reason": "device-lost"})
    assert await left_after(desk, timedelta(minutes=15)) == (2, {"persons", "sign_ins"})
    assert await left_after(desk, timedelta(minutes=17)) == (2, {"persons"})
    assert await left_after(desk, ALMOST) == (2, {"persons"})
    assert await left_after(desk, SOON) == (0, set())


async def test_worker_runs_the_job() -> None:
    settings = Settings(**service_settings("postgresql+asyncpg://nobody@127.0.0.1:1/none", service="people").model_dump())
    engine = create_engine(settings.database_url)
    assert SignInExpiry.run in [getattr(job, "__func__", None) for job in build_worker(settings, engine).jobs]
    await engine.dispose()
