"""Pages of the agency that are kept up to date read nobody's data: an open page is no line of an access log."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor

import asyncpg
import httpx
import pytest

from portal.app import ROUTES
from portal.kit.routing import Personal
from simulation.provider.people import user_name
from tests.desks.conftest import Platform
from tests.desks.stages import Desks
from tests.portal.visitor import Visitor

pytestmark = pytest.mark.timeout(240)
SERVICES = ("applications", "evaluation", "vouchers", "payments", "people")


def lines_of(platform: Platform) -> dict[str, int]:
    """Service → lines of its access log."""

    async def counted(service: str) -> int:
        database = await asyncpg.connect(platform.state.database_url(service, driver="postgresql"))
        try:
            return int(await database.fetchval("SELECT count(*) FROM access_log"))
        finally:
            await database.close()

    async def all_of_them() -> dict[str, int]:
        return {service: await counted(service) for service in SERVICES}

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, all_of_them()).result()


def live_pages(**ids: str) -> list[str]:
    """Each page of the agency that is kept up to date, with these ids in its address."""
    found = [route.path for route in ROUTES if isinstance(route, Personal) and route.live and route.of_agency is not False]
    return [re.sub(r"\{(\w+)(:\w+)?\}", lambda part: ids.get(part[1], "{}"), path) for path in found]


def watched(visitor: Visitor, path: str) -> bool:
    """False where the page is not open to the person."""
    answer = visitor.ask("GET", path)
    found = re.search(r'data-live="([^"]+)"', answer.text)
    if answer.status_code != 200 or found is None:
        assert answer.status_code != 200, f"{path} is not kept up to date"
        return False
    return True


def check(visitor: Visitor, path: str) -> None:
    """The first check, which a stream begins with, whatever the browser shows."""
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())}
    with httpx.stream("GET", f"{visitor.address}/live", params={"page": path}, headers=headers, timeout=30, trust_env=False) as answer:
        assert answer.status_code == 200, (path, answer.status_code)
        assert next(answer.iter_lines()) == "event: changed", path


def test_open_page_is_no_line_of_an_access_log(platform: Platform, desks: Desks) -> None:
    desks.claim_lodged()
    paid = desks.paid()
    people = {"officer": user_name("officer", 2, paid.region), "finance": user_name("finance", 1, paid.region)}
    ids = {"call_id": paid.call, "voucher_id": paid.voucher, "application_id": paid.application, "disbursement_id": paid.disbursement}
    looked_at = set[str]()
    for user in people.values():
        visitor = Visitor(platform.address)
        visitor.sign_in(user)
        open_to = [path for path in live_pages(**ids) if "{}" not in path and watched(visitor, path)]
        before = lines_of(platform)
        for path in open_to:
            check(visitor, path)
        assert lines_of(platform) == before
        if user == people["officer"]:  # the page itself is a reading
            visitor.ask("GET", f"/officer/calls/{paid.call}/screening")
            assert lines_of(platform)["applications"] > before["applications"]
        looked_at |= set(open_to)
    assert len(looked_at) > 15, looked_at
