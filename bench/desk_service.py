"""All desks at databases of one size: the portal, the four services and `people` as processes, and who works at the desks."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Self
from uuid import UUID

import asyncpg

from bench.applications_service import PROCESSES
from bench.bulk_data import REGIONS, case_id, filled_database
from bench.desk_data import AUDITOR, EVALUATOR, EVENTS, FINANCE, OFFICER, WAITING
from bench.load import Client, Load, clients, load
from bench.portal_service import TEMPORAL, PortalService, Visitor
from bench.stack import Stack
from shared.identity.actor import Role
from shared.kernel.services import OF_CASES

CLIENTS = 8
MINE = 30
"""Applications of the applicant's organisation, each with its voucher."""
OWNED = {
    "applications": ("applications", "id"), "evaluation": ("cases", "application_id"), "vouchers": ("vouchers", "application_id"),
    "payments": ("vouchers", "application_id"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Screen:
    """A page at a desk. `holds`: what it shows only when nothing went wrong."""

    path: str
    role: Role
    person_id: UUID
    regions: tuple[str, ...]
    holds: bytes


HERE = REGIONS[:1]
SCREENS: Mapping[str, Screen] = {
    "evaluator": Screen("/evaluator", Role.EVALUATOR, EVALUATOR, HERE, b'href="/evaluator/assignments/'),
    "officer": Screen("/officer", Role.OFFICER, OFFICER, HERE, b"?state=lodged"),
    "finance": Screen("/finance", Role.FINANCE, FINANCE, HERE, b"/finance/approvals"),
    "programme": Screen("/programme/regions", Role.AUDITOR, AUDITOR, REGIONS, b"<svg"),
    "auditor": Screen("/audit", Role.AUDITOR, AUDITOR, REGIONS, b'name="ref"'),
    "applicant": Screen("/home", Role.APPLICANT, AUDITOR, HERE, b'href="/applications/'),
}
RECORDS = {count: Screen(f"/audit/case?ref={case}", Role.AUDITOR, AUDITOR, REGIONS, b"%d events" % count) for count, case in EVENTS.items()}


class DeskService:
    """The screens of the desks, asked for by one client or by eight at once."""

    def __init__(self, stack: Stack, portal: PortalService, applicant: Visitor) -> None:
        self._stack, self._portal, self._applicant = stack, portal, applicant
        self._clients = clients(portal.ports, CLIENTS)

    @classmethod
    async def open(cls, stack: Stack, cases: int) -> Self:
        urls = {service: await filled_database(stack, service, cases, WAITING[service]) for service in OF_CASES}
        folders = {f"TRIPTYCH_BANK_{way}": str(stack.folder) for way in ("OUTGOING", "INCOMING")}

        def port_of(service: str, url: str) -> int:
            return stack.run(f"services.{service}.serve", stack.environment(url, service=service) | TEMPORAL | folders).port

        portal = await PortalService.before(
            stack, [{service: port_of(service, url) for service, url in urls.items()} for _ in range(PROCESSES)]
        )
        applicant = await portal.visitor()
        await _give(stack, urls, applicant.organisation, cases)
        return cls(stack, portal, applicant)

    async def figures(self, screen: Screen, times: int, seconds: float) -> tuple[float, Load]:
        """The median milliseconds of one client, which asks so many times, and what eight clients get in so many seconds."""
        visitor = await self._visitor(screen)
        ask = partial(_ask, screen, visitor.headers)
        left = iter(range(times))

        async def again() -> None:
            if next(left, None) is None:
                raise StopAsyncIteration
            await ask(self._clients[0])

        alone = await load(60, [again])
        return alone.percentile(0.5), await load(seconds, [partial(ask, client) for client in self._clients])

    async def _visitor(self, screen: Screen) -> Visitor:
        """With a token of now: a run may last longer than one."""
        if screen.role is Role.APPLICANT:
            return self._applicant
        token = self._stack.token(str(screen.person_id), screen.role, list(screen.regions))
        return await self._portal.visit_as(screen.person_id, token)


async def _ask(screen: Screen, headers: Mapping[str, str], client: Client) -> None:
    answer = await client.send("GET", screen.path, headers)
    assert answer.status == 200, f"{screen.path}: {answer.status} {answer.content.decode()[:300]}"
    assert screen.holds in answer.content, screen.path


async def _give(stack: Stack, urls: Mapping[str, str], organisation: UUID | None, cases: int) -> None:
    """The organisation gets cases of its own, evenly spread over the calls."""
    mine = [case_id(1 + number * (cases // MINE)) for number in range(MINE)]
    for service, (table, key) in OWNED.items():
        admin = await asyncpg.connect(stack.postgres.url(urls[service].rpartition("/")[2], driver="postgresql"))
        await admin.execute("SET session_replication_role = replica")  # whose a case is never changes
        places = ", live_slot = place" if service == "applications" else ""
        given = "unnest($2::uuid[]) WITH ORDINALITY AS mine (one, place)"
        await admin.execute(f"UPDATE {table} SET organisation_id = $1{places} FROM {given} WHERE {key} = one", organisation, mine)
        await admin.close()
