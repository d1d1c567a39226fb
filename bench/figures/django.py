"""The work for which figures of a Django grants system are known."""

from collections.abc import AsyncIterator
from functools import partial

from bench.applications_service import CLIENTS, Applicant, ApplicationsService, each
from bench.declare import Aim, Figures, Sides, benchmark
from bench.load import Client, Load, load
from bench.stack import Stack

STORED = 1_000


@benchmark(
    "Submissions, status changes, the officer's list",
    unit="a second, or ms",
    aims=(
        Aim("submission", metric="a second", at_least=390),
        Aim("status change", metric="a second", at_least=590),
        Aim("officer's list", metric="a second", at_least=47),
    ),
)
async def django(stack: Stack) -> AsyncIterator[Sides]:
    """Eight clients, two processes, two cores, the clients and PostgreSQL among them; through our API, with roles checked and
    events written. A Django grants system of the field did 39 submissions a second through its form (p50 200 ms), 59 status
    changes and 4.7 of the officer's list with 1,000 applications stored (p50 300 ms, one client); the aim is ten times as many.
    *submission*: a draft is submitted, all to one call, whose lock serialises them, or to eight calls. *draft and submission*:
    both requests, counted once. *status change*: an officer screens by the call's rules. *officer's list*: fifty of 1,000, newest
    change first, with their total."""
    seconds, most = stack.pick(5, 1), stack.pick(2_500, 400)
    service = await ApplicationsService.open(stack)
    crowded, several = await ApplicationsService.open(stack), await ApplicationsService.open(stack, calls=CLIENTS)
    await crowded.submitted(stack.pick(STORED, 100))

    async def submission() -> Figures:
        return found(await load(seconds, each(service.clients, await service.drafts(most), service.submit)))

    async def spread() -> Figures:
        return found(await load(seconds, each(several.clients, await several.drafts(most), several.submit)))

    async def both() -> Figures:
        async def do(client: Client, applicant: Applicant) -> None:
            await service.submit(client, await service.draft(client, applicant))

        return found(await load(seconds, each(service.clients, service.applicants(most), do)))

    async def status_change() -> Figures:
        async def do(client: Client, applicant: Applicant) -> None:
            await service.screen(client, applicant.application_id)

        return found(await load(seconds, each(service.clients, await service.submitted(most), do)))

    async def officers_list() -> Figures:
        return found(await load(seconds, [partial(crowded.officers_list, client) for client in crowded.clients]))

    async def alone() -> Figures:
        return found(await load(seconds, [partial(crowded.officers_list, crowded.clients[0])]))

    yield {
        "submission": submission,
        "submission, eight calls": spread,
        "draft and submission": both,
        "status change": status_change,
        "officer's list": officers_list,
        "officer's list, one client": alone,
    }


def found(load: Load) -> Figures:
    return {"a second": load.per_second, "p50, ms": load.percentile(0.5), "p95, ms": load.percentile(0.95)}
