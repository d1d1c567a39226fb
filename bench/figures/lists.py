"""A page of a list when there are a hundred thousand cases."""

from collections.abc import AsyncIterator, Mapping
from functools import partial
from uuid import UUID

import asyncpg
from sqlalchemy.orm.attributes import flag_modified

from bench.applications_service import API, CLIENTS, REGION, ApplicationsService
from bench.bare_service import bare_ports
from bench.bulk_data import CASES_PER_CALL, case_id
from bench.declare import Aim, Figures, Side, Sides, benchmark
from bench.in_process import BOOK, CALL, NOW
from bench.load import Client, as_json, clients, load
from bench.portal_service import PortalService
from bench.stack import BENCH_SEALER, Stack
from services.applications.locks import lock_application
from shared.database import create_engine, sessions_of
from shared.identity.actor import SYSTEM
from shared.messaging.context import Context

ROWS = 25
OF_OFFICER, OF_CALL, OF_APPLICANT = "officer's list", "officer's list of a call", "applicant's list"
CALLS, HOME_PAGE, CALLS_PAGE = "open calls", "page: home", "page: calls"
OURS = OF_OFFICER, OF_CALL, OF_APPLICANT, CALLS, HOME_PAGE, CALLS_PAGE
METRIC = "a second"
AT_LEAST = 100
MINE = 30
"""Applications of one organisation: more than a page."""


@benchmark("A page of 25 rows", unit="a second, or ms", aims=tuple(Aim(side, metric=METRIC, at_least=AT_LEAST) for side in OURS))
async def lists(stack: Stack) -> AsyncIterator[Sides]:
    """One page of 25 rows with its total, with 100,000 cases in the database in two hundred earlier calls. Eight clients, two processes of
    each service, two cores, the clients and PostgreSQL among them. *officer's list*: of a region. *officer's list of a call*: newest change
    first. *applicant's list*: of an organisation that has thirty applications. *open calls*: what everybody may read of calls.
    *page: home* shows the applicant's list and *page: calls* the calls, rendered by the portal, which asks the API and `people`. *bare
    page*: the same framework, driver and number of processes; 25 rows by their key, with no token, no check, no total, and nothing to
    decrypt. A Django grants system of the field did 4.7 lists a second with 1,000 applications stored. The rows that are shown are
    encrypted; the others are as a migration leaves them."""
    seconds, cases = stack.pick(5, 1), stack.pick(100_000, 15_000)
    service = await ApplicationsService.open(stack, cases=cases)
    portal = await PortalService.open(service)
    visitor = await portal.visitor()
    await _give(service, visitor.organisation, cases)
    page_clients = clients(portal.ports, CLIENTS)
    row = (await service.clients[0].ask("GET", f"{API}/applications?region={REGION}&limit=1", service.officer))["items"][0]
    bare_clients = clients(await bare_ports(stack, cases, row), CLIENTS)
    of_officer, of_applicant = as_json(service.officer), as_json(visitor.token)

    yield {
        OF_OFFICER: _side(seconds, service.clients, f"{API}/applications?region={REGION}&limit={ROWS}", of_officer),
        OF_CALL: _side(seconds, service.clients, f"{API}/applications?call_id={CALL}&sort=-changed_at&limit={ROWS}", of_officer),
        OF_APPLICANT: _side(seconds, service.clients, f"{API}/applications?limit={ROWS}", of_applicant),
        CALLS: _side(seconds, service.clients, f"{API}/open-calls?state=closed&limit={ROWS}", {}),
        HOME_PAGE: _side(seconds, page_clients, "/home", visitor.headers, b'href="/applications/'),
        CALLS_PAGE: _side(seconds, page_clients, "/calls?state=closed", {}, b'href="/calls/'),
        "bare page": _side(seconds, bare_clients, f"/bare?limit={ROWS}", {}),
    }


async def _give(service: ApplicationsService, organisation: UUID | None, cases: int) -> None:
    """The organisation gets applications of its own, evenly spread over the calls; and the rows that the lists show are encrypted."""
    mine = [case_id(1 + number * (cases // MINE)) for number in range(MINE)]
    admin = await asyncpg.connect(service.stack.postgres.url(service.database_url.rpartition("/")[2], driver="postgresql"))
    await admin.execute("SET session_replication_role = replica")  # whose an application is never changes
    change = "UPDATE applications SET organisation_id = $1, live_slot = place FROM unnest($2::uuid[]) WITH ORDINALITY AS mine (one, place)"
    await admin.execute(f"{change} WHERE id = one", organisation, mine)
    await admin.close()
    first, last = range(1, 2 * ROWS), range(CASES_PER_CALL - 2 * ROWS, CASES_PER_CALL + 1)
    sessions = sessions_of(create_engine(service.database_url), BENCH_SEALER)
    async with sessions.begin() as session:
        for identity in {*mine, *map(case_id, first), *map(case_id, last)}:
            row = await lock_application(Context(session, SYSTEM, BOOK, NOW), identity)
            for name in ("form", "title", "return_note"):
                flag_modified(row, name)
    await sessions.kw["bind"].dispose()


def _side(seconds: float, connections: list[Client], path: str, headers: Mapping[str, str], mark: bytes = b'"id":') -> Side:
    """`mark`: of a row; there are at least 25 of them in each answer."""

    async def ask(client: Client) -> None:
        answer = await client.send("GET", path, headers)
        assert answer.status == 200, answer.content.decode()[:300]
        assert answer.content.count(mark) >= ROWS, path

    async def turn() -> Figures:
        done = await load(seconds, [partial(ask, client) for client in connections])
        return {METRIC: done.per_second, "p50, ms": done.percentile(0.5), "p95, ms": done.percentile(0.95)}

    return turn
