"""Applications accepted through the API."""

from collections.abc import AsyncIterator
from functools import partial

from bench.applications_service import CLIENTS, Applicant, ApplicationsService, each
from bench.bare_service import bare_ports
from bench.declare import Aim, Figures, Sides, benchmark
from bench.load import Client, clients, load
from bench.stack import Stack
from simulation.sample_form import SAMPLE_FORM

METRIC = "a second"


@benchmark(
    "Accepted applications",
    unit="requests/s",
    aims=(Aim("submission", "bare endpoint", METRIC, at_least=0.45), Aim("draft and submission", "bare endpoint", METRIC, at_least=0.25)),
)
async def accepted(stack: Stack) -> AsyncIterator[Sides]:
    """*submission* is the request that accepts an application: token and role checked, the call and the application locked, the form
    checked, a number given, the event written; those of one moment in one transaction. *draft and submission* are both requests of one
    application, the whole form with an idempotency key in the first; it counts applications. *bare endpoint*: the same framework, driver
    and number of processes, the same form as body, two inserts and a commit; no token, no check, no lock, no event. Eight clients on
    each."""
    seconds, most = stack.pick(5, 1), stack.pick(2_500, 400)
    service = await ApplicationsService.open(stack)
    bare_clients = clients(await bare_ports(stack), CLIENTS)

    async def submission() -> Figures:
        return {METRIC: (await load(seconds, each(service.clients, await service.drafts(most), service.submit))).per_second}

    async def both() -> Figures:
        async def do(client: Client, applicant: Applicant) -> None:
            await service.submit(client, await service.draft(client, applicant))

        return {METRIC: (await load(seconds, each(service.clients, service.applicants(most), do))).per_second}

    async def bare() -> Figures:
        workers = [partial(client.ask, "POST", "/bare", body=SAMPLE_FORM) for client in bare_clients]
        return {METRIC: (await load(seconds, workers)).per_second}

    yield {"submission": submission, "draft and submission": both, "bare endpoint": bare}
