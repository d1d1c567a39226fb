"""What tracing costs at the intake."""

from collections.abc import AsyncIterator
from functools import partial

from bench.applications_service import Applicant, ApplicationsService, each
from bench.declare import Aim, Figures, Sides, benchmark
from bench.load import Client, load
from bench.stack import Stack
from deploy.embedded.ports import LOOPBACK

METRIC = "a second"


@benchmark(
    "Applications accepted with tracing on and off",
    unit="applications/s",
    aims=(Aim("tracing on", "tracing off", METRIC, at_least=0.95),),
)
async def tracing(stack: Stack) -> AsyncIterator[Sides]:
    """Draft and submission of an application, as in *Accepted applications*, at two sets of the same processes: one sends a span of every
    request, and its measurements, to a collector in a process of its own, which keeps nothing. Both sets run all the time, and are
    measured in turn. The aim is that tracing costs at most a twentieth."""
    seconds, most = stack.pick(8, 1), stack.pick(4_000, 400)
    collector = stack.run("bench.bare.collector", {})
    address = f"http://{LOOPBACK}:{collector.port}"
    services = {
        "tracing off": await ApplicationsService.open(stack),
        "tracing on": await ApplicationsService.open(stack, settings={"TRIPTYCH_OTLP": address}),
    }

    async def both(service: ApplicationsService) -> Figures:
        async def do(client: Client, applicant: Applicant) -> None:
            await service.submit(client, await service.draft(client, applicant))

        return {METRIC: (await load(seconds, each(service.clients, service.applicants(most), do))).per_second}

    yield {name: partial(both, service) for name, service in services.items()}
