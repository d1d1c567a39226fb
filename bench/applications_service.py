"""The applications service under load: real processes, tokens of many applicants, complete forms."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from bench.bulk_data import filled_database
from bench.load import Client, clients
from bench.stack import Stack
from deploy.embedded.data_directory import REPOSITORY
from shared.identity.actor import Role
from shared.kernel.ids import new_id
from shared.policy.call import load_call
from shared.policy.loader import load_book
from simulation.sample_form import SAMPLE_FORM

REGION = "hr-koprivnica"
CALL_FILE = REPOSITORY / "regions" / REGION / "calls" / "digital-voucher-2026-1.toml"
API = "/api/applications"
CLIENTS = 8
PROCESSES = 2
"""One for each core."""


@dataclass(frozen=True, slots=True)
class Applicant:
    """`application_id` is empty until there is a draft."""

    token: str
    application_id: str = ""


class ApplicationsService:
    """`clients`: eight connections, spread over the service's processes. `database_url`: the service's database."""

    def __init__(self, stack: Stack, database_url: str, ports: list[int], connections: list[Client]) -> None:
        self.stack, self.database_url, self.ports, self.clients = stack, database_url, ports, connections
        self.officer = stack.token("officer-1", Role.OFFICER, [REGION])
        self.call_ids: list[str] = []
        self._turn = itertools.count()

    @classmethod
    async def open(cls, stack: Stack, calls: int = 1, cases: int = 0, settings: Mapping[str, str] | None = None) -> Self:
        """Starts the service and publishes that many open calls. Applications go to the calls in turn. `cases`: of earlier calls, which are
        in the database already. `settings`: further variables of its environment."""
        url = await (filled_database(stack, "applications", cases) if cases else stack.database("applications"))
        environment = {**stack.environment(url), **(settings or {})}
        ports = [stack.run("services.applications.serve", environment).port for _ in range(PROCESSES)]
        service = cls(stack, url, ports, clients(ports, CLIENTS))
        definition = load_call(CALL_FILE, load_book(REPOSITORY / "regions"))[0].model_dump(mode="json")
        for number in range(calls):
            answer = await service.clients[0].ask("POST", f"{API}/calls", service.officer, {**definition, "id": f"open-{number}"})
            service.call_ids.append(answer["id"])
        return service

    def applicants(self, count: int) -> list[Applicant]:
        """Returns applicants of one organisation each. Their tokens are signed here, outside the measured time."""
        organisations = [new_id() for _ in range(count)]
        return [Applicant(self.stack.token(f"applicant-{o}", Role.APPLICANT, [REGION], o)) for o in organisations]

    async def draft(self, client: Client, applicant: Applicant) -> Applicant:
        body = {"call_id": self.call_ids[next(self._turn) % len(self.call_ids)], "form": SAMPLE_FORM}
        answer = await client.ask("POST", f"{API}/applications", applicant.token, body, key=str(new_id()))
        return Applicant(applicant.token, answer["id"])

    async def submit(self, client: Client, applicant: Applicant) -> None:
        await client.ask("POST", f"{API}/applications/{applicant.application_id}/submission", applicant.token)

    async def screen(self, client: Client, application_id: UUID | str) -> None:
        await client.ask("POST", f"{API}/applications/{application_id}/screening", self.officer)

    async def officers_list(self, client: Client) -> Any:
        return await client.ask("GET", f"{API}/applications?call_id={self.call_ids[0]}&sort=-changed_at", self.officer)

    async def drafts(self, count: int) -> list[Applicant]:
        done: list[Applicant] = []
        waiting = self.applicants(count)

        async def work(client: Client) -> None:
            while waiting:
                done.append(await self.draft(client, waiting.pop()))

        await asyncio.gather(*(work(client) for client in self.clients))
        return done

    async def submitted(self, count: int) -> list[Applicant]:
        waiting = await self.drafts(count)
        done = list(waiting)

        async def work(client: Client) -> None:
            while waiting:
                await self.submit(client, waiting.pop())

        await asyncio.gather(*(work(client) for client in self.clients))
        return done


Do = Callable[[Client, Applicant], Awaitable[object]]


def each(connections: list[Client], things: list[Applicant], do: Do) -> list[Callable[[], Awaitable[object]]]:
    """Returns workers for `load`: every client takes the next of `things` until none is left."""

    def worker(client: Client) -> Callable[[], Awaitable[object]]:
        async def work() -> None:
            if not things:
                raise StopAsyncIteration
            await do(client, things.pop())

        return work

    return [worker(client) for client in connections]
