"""What one more costs when there are many."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from functools import partial
from hashlib import md5
from importlib import import_module
from statistics import median
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.bulk import CASES_PER_CALL, POLICY, REGIONS, filled
from bench.declare import Aim, Figures, Sides, benchmark
from bench.desk import CALL_FILE, FORM
from bench.plans import Watched
from bench.stack import PROGRAMME_NOW, Stack
from deploy.embedded.databases import SERVICES
from deploy.embedded.home import REPOSITORY
from services.evaluation.commands.open_case import open_case
from services.payments.commands.approve_disbursement import approve_disbursement
from services.payments.commands.prepare_disbursement import prepare_disbursement
from shared.contracts.applications import ApplicationFoundEligible
from shared.database import Sessions
from shared.identity.actor import Actor, Role
from shared.kernel.ids import new_id
from shared.messaging.cause import SYSTEM, Cause
from shared.policy.call import load_call
from shared.policy.loader import load_book

REGION = REGIONS[0]
NOW = datetime.fromisoformat(PROGRAMME_NOW)
BOOK = load_book(REPOSITORY / "regions")
SETTINGS = {"payments": "PaymentsSettings", "vouchers": "VouchersSettings"}
LISTS = {
    "applications": ("applications?region={region}", "applications?call_id={call}&sort=-changed_at", "calls"),
    "evaluation": ("cases?region={region}", "cases?call_id={call}", "assignments"),
    "vouchers": ("vouchers?region={region}", "vouchers?call_id={call}"),
    "payments": (
        "claims?region={region}",
        "disbursements?region={region}",
        "payees?region={region}",
        "envelopes",
        "ledger/entries?call_id={call}",
    ),
}
READERS = {"applications": Role.OFFICER, "evaluation": Role.OFFICER, "vouchers": Role.OFFICER, "payments": Role.FINANCE}
SMALL, MIDDLE, LARGE = "1,000 cases", "10,000 cases", "100,000 cases"


@benchmark("Cost as work grows", unit="ms", aims=(Aim(MIDDLE, SMALL, at_most=1.2), Aim(LARGE, SMALL, at_most=1.2)))
async def growth(stack: Stack) -> AsyncIterator[Sides]:
    """One application (draft and hand-in), one award (a case found eligible, decided first come), one payment (disbursement
    prepared and approved) and one page of each list, each the median of several, with 1,000, 10,000 and 100,000 cases in the
    databases, in calls of 500. The apps answer within this process: what is measured is ours and PostgreSQL's, not the way there."""
    platforms = {}
    for name, cases in {SMALL: 1_000, MIDDLE: stack.pick(10_000, 2_000), LARGE: stack.pick(100_000, 4_000)}.items():
        platforms[name] = await Platform.with_cases(stack, cases)
    try:
        yield {name: platform.turn for name, platform in platforms.items()}
    finally:
        scans = await platforms[LARGE].scans()
        stack.notes.append("## Sequential scans over growing tables\n\n" + ("\n".join(f"* `{scan}`" for scan in scans) or "None."))
        for platform in platforms.values():
            await platform.close()


class Platform:
    """The four apps on databases of one size."""

    def __init__(self, stack: Stack) -> None:
        self.stack, self.repeats = stack, stack.pick(15, 5)
        self.apps: dict[str, httpx.AsyncClient] = {}
        self.sessions: dict[str, Sessions] = {}
        self.watched: dict[str, tuple[Watched, str]] = {}
        self.call_id, self.unpaid, self.sequence = "", 0, CASES_PER_CALL

    @classmethod
    async def with_cases(cls, stack: Stack, cases: int) -> "Platform":
        platform = cls(stack)
        for service in SERVICES:
            platform._open(service, await filled(stack, service, cases))
        definition = load_call(CALL_FILE, BOOK)[0].model_dump(mode="json")
        officer = stack.token("officer-1", Role.OFFICER, [REGION])
        platform.call_id = (await platform._ask("applications", "POST", "calls", officer, definition))["id"]
        return platform

    def _open(self, service: str, url: str) -> None:
        told = {key.removeprefix("TRIPTYCH_").lower(): value for key, value in self.stack.told(url).items()}
        told |= {"temporal": "127.0.0.1:1", "bank_outgoing": str(self.stack.folder), "bank_incoming": str(self.stack.folder)}
        settings = getattr(import_module(f"services.{service}.settings"), SETTINGS.get(service, "Settings"))(**told)
        app = import_module(f"services.{service}.app").build_app(settings)
        self.apps[service] = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=f"http://bench/api/{service}/")
        self.sessions[service] = app.state.sessions
        engine: AsyncEngine = app.state.sessions.kw["bind"]
        self.watched[service] = Watched(engine), url.replace("+asyncpg", "")

    async def _ask(self, service: str, method: str, path: str, token: str, body: Any = None) -> Any:
        headers = {"authorization": f"Bearer {token}", "idempotency-key": str(new_id())}
        answer = await self.apps[service].request(method, path, json=body, headers=headers)
        assert answer.is_success, f"{path}: {answer.text}"
        return answer.json()

    async def turn(self) -> Figures:
        found = {
            "one application": await self._median(self._application),
            "one award": await self._median(self._award),
            "one payment": await self._median(self._payment),
        }
        call = str(UUID(md5(b"call0").hexdigest()))
        for service, paths in LISTS.items():
            reader = self.stack.token("reader-1", READERS[service], [REGION])
            for path in paths:
                words = f"{service}: {path.replace('={region}', '').replace('={call}', '').replace('_id', '').replace('&', ', ')}"
                found[words] = await self._median(partial(self._ask, service, "GET", path.format(region=REGION, call=call), reader))
        return found

    async def _median(self, do: Callable[[], Awaitable[object]]) -> float:
        took = []
        for _ in range(self.repeats):
            began = time.perf_counter()
            await do()
            took.append((time.perf_counter() - began) * 1000)
        return median(took)

    async def _application(self) -> None:
        organisation = new_id()
        token = self.stack.token(f"applicant-{organisation}", Role.APPLICANT, [REGION], organisation)
        draft = await self._ask("applications", "POST", "applications", token, {"call_id": self.call_id, "form": FORM})
        await self._ask("applications", "POST", f"applications/{draft['id']}/submission", token)

    async def _award(self) -> None:
        self.sequence += 1
        event = ApplicationFoundEligible(
            application_id=new_id(),
            call_id=UUID(md5(b"call0").hexdigest()),
            region=REGION,
            sequence=self.sequence,
            submitted_at=NOW,
            organisation_id=new_id(),
            requested_minor=500_000,
            amount_minor=500_000,
            currency="EUR",
            policy_id=POLICY,
            language="hr",
            topics=["design"],
            relations=[],
        )
        async with self.sessions["evaluation"].begin() as session:
            await open_case(session, BOOK, event, Cause(SYSTEM, NOW))

    async def _payment(self) -> None:
        self.unpaid += 1
        claim = UUID(md5(f"claim{self.unpaid}".encode()).hexdigest())
        async with self.sessions["payments"].begin() as session:
            row = await prepare_disbursement(session, BOOK, Cause("finance-1", NOW), _finance("finance-1"), claim)
        async with self.sessions["payments"].begin() as session:
            await approve_disbursement(session, Cause("finance-2", NOW), _finance("finance-2"), row.id)

    async def scans(self) -> list[str]:
        return [f"{service} {scan}" for service, (seen, dsn) in self.watched.items() for scan in await seen.scans(dsn)]

    async def close(self) -> None:
        for client in self.apps.values():
            await client.aclose()
        for sessions in self.sessions.values():
            await sessions.kw["bind"].dispose()


def _finance(name: str) -> Actor:
    return Actor(name, frozenset({Role.FINANCE}), frozenset({REGION}))
