"""The four services on databases of one size, in this process."""

import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from hashlib import md5
from importlib import import_module
from statistics import median
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.applications_service import CALL_FILE
from bench.bulk_data import CASES_PER_CALL, POLICY, REGIONS, filled_database
from bench.declare import Figures
from bench.query_plans import Read, StatementRecorder
from bench.stack import PROGRAMME_NOW, Stack
from deploy.embedded.data_directory import REPOSITORY
from services.evaluation.subscribers import HANDLERS as EVALUATION_HANDLERS
from services.payments.commands.approve_disbursement import approve_disbursement
from services.payments.commands.prepare_disbursement import prepare_disbursement
from services.payments.locks import lock_latest_attempt
from services.payments.queries.approvals import hash_to_approve
from services.payments.subscribers import HANDLERS as PAYMENTS_HANDLERS
from services.vouchers.commands.record_reply import record_reply
from services.vouchers.commands.register_award import register_award
from services.vouchers.commands.review_voucher import review_voucher
from services.vouchers.commands.send_offer import send_offer
from services.vouchers.commands.take_step import Run, take_first_step, take_step
from services.vouchers.workflows.models import Step
from shared.contracts.applications import ApplicationFoundEligible
from shared.contracts.evaluation import AwardGranted
from shared.contracts.payments import FundsReserved
from shared.contracts.vouchers import FundsReservationRequested
from shared.database import Sessions
from shared.identity.actor import SYSTEM, Actor, Role, grants
from shared.kernel.ids import derive_id, new_id
from shared.kernel.services import OF_CASES
from shared.messaging import relay
from shared.messaging.context import Context
from shared.messaging.event import Event
from shared.messaging.inbox import Inbox
from shared.policy.call import load_call
from shared.policy.loader import load_book
from simulation.sample_form import SAMPLE_FORM

REGION = REGIONS[0]
NOW = datetime.fromisoformat(PROGRAMME_NOW)
BOOK = load_book(REPOSITORY / "regions")
CALL = UUID(md5(b"call0").hexdigest())
"""The first call in the databases."""
LISTS = {
    "applications": ("applications?region={region}", "applications?call_id={call}&sort=-changed_at", "calls?limit=1", "desk"),
    "evaluation": ("cases?region={region}", "cases?call_id={call}", "assignments", "desk", "assignment-counts"),
    "vouchers": ("vouchers?region={region}", "vouchers?call_id={call}", "desk"),
    "payments": (
        "claims?region={region}",
        "disbursements?region={region}",
        "accounts?region={region}",
        "envelopes?limit=1",
        "ledger/entries?call_id={call}",
        "desk",
        "officer-desk",
        "own-desk",
    ),
}
HANDLERS = {"evaluation": EVALUATION_HANDLERS, "payments": PAYMENTS_HANDLERS}
RELAY: dict[str, tuple[Any, ...]] = {
    relay.UNPUBLISHED: ([new_id()], [1], relay.BATCH_SIZE),
    relay.PUBLISHED: (0, relay.BATCH_SIZE),
    relay.OLDEST: ("applications.applications", [1]),
    relay.MARK_PUBLISHED: ([1, 2],),
}
"""The relay does not use the recorded engine, so its statements are added here."""
READERS = {"applications": Role.OFFICER, "evaluation": Role.OFFICER, "vouchers": Role.OFFICER, "payments": Role.FINANCE}


class Platform:
    """`turn` does each kind of work some times and returns the median milliseconds of each; `reads` returns how tables were read."""

    def __init__(self, stack: Stack) -> None:
        self.stack, self.repeats = stack, stack.pick(15, 5)
        self.apps: dict[str, httpx.AsyncClient] = {}
        self.sessions: dict[str, Sessions] = {}
        self.inboxes: dict[str, Inbox] = {}
        self.recorders: dict[str, tuple[StatementRecorder, str]] = {}
        self.call_id, self.unpaid, self.sequence = "", 0, CASES_PER_CALL

    @classmethod
    async def with_cases(cls, stack: Stack, cases: int) -> "Platform":
        platform = cls(stack)
        for service in OF_CASES:
            platform._open(service, await filled_database(stack, service, cases))
        definition = load_call(CALL_FILE, BOOK)[0].model_dump(mode="json")
        officer = stack.token("officer-1", Role.OFFICER, [REGION])
        platform.call_id = (await platform._ask("applications", "POST", "calls", officer, definition))["id"]
        return platform

    def _open(self, service: str, url: str) -> None:
        values: dict[str, Any] = {key.removeprefix("TRIPTYCH_").lower(): value for key, value in self.stack.environment(url).items()}
        values |= {"event_public_keys": self.stack.public_keys, "temporal": "127.0.0.1:1", "temporal_keys": "00" * 32}
        values |= {"bank_outgoing": str(self.stack.folder), "bank_incoming": str(self.stack.folder)}
        settings = import_module(f"services.{service}.settings").Settings(**values)
        app = import_module(f"services.{service}.app").SERVICE.build_app(settings)
        self.apps[service] = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=f"http://bench/api/{service}/")
        self.sessions[service] = app.state.sessions
        if service in HANDLERS:
            self.inboxes[service] = Inbox(service, settings.public_keys, app.state.sessions, settings.clock(), BOOK, HANDLERS[service])
        engine: AsyncEngine = app.state.sessions.kw["bind"]
        self.recorders[service] = StatementRecorder(engine), url.replace("+asyncpg", "")
        self.recorders[service][0].statements |= RELAY

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
        for service, paths in LISTS.items():
            reader = self.stack.token("reader-1", READERS[service], [REGION])
            for path in paths:
                metric = f"{service}: {path.replace('={region}', '').replace('={call}', '').replace('_id', '').replace('&', ', ')}"
                found[metric] = await self._median(partial(self._ask, service, "GET", path.format(region=REGION, call=CALL), reader))
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
        draft = await self._ask("applications", "POST", "applications", token, {"call_id": self.call_id, "form": SAMPLE_FORM})
        await self._ask("applications", "POST", f"applications/{draft['id']}/submission", token)

    async def _award(self) -> None:
        """From an eligible case to the offer: the inboxes of evaluation and payments, the rows of award and
        reply in vouchers, and the first two steps of the lifecycle."""
        self.sequence += 1
        whose: dict[str, Any] = {
            "application_id": new_id(),
            "call_id": CALL,
            "region": REGION,
            "organisation_id": new_id(),
            "policy_id": POLICY,
        }
        amount = {"amount_minor": 500_000, "currency": "EUR"}
        eligible = {"sequence": self.sequence, "submitted_at": NOW, "requested_minor": 500_000, "language": "hr"}
        await self._take("evaluation", ApplicationFoundEligible(**whose, **amount, **eligible, topics=["design"], relations=[]))
        award_id = derive_id(whose["application_id"], "award", 1)
        ids, run = {"award_id": award_id, "voucher_id": derive_id(award_id, "voucher")}, Run(f"voucher-{award_id}", str(new_id()))
        granted = {"grant_number": 1, "scheme": "digital-voucher", "rank": 1, "from_reserve": False}
        async with self.sessions["vouchers"].begin() as session:
            await register_award(Context(session, SYSTEM, BOOK, NOW), AwardGranted(**whose, **amount, **granted, award_id=award_id))
        async with self.sessions["vouchers"].begin() as session:
            first = Step(award_id=award_id, number=1)
            await take_first_step(Context(session, SYSTEM, BOOK, NOW), run, first, review_voucher)
        await self._take("payments", FundsReservationRequested(**whose, **amount, **ids))
        case = {name: whose[name] for name in ("application_id", "call_id", "region")}
        async with self.sessions["vouchers"].begin() as session:
            reserved = FundsReserved(**case, **amount, voucher_id=ids["voucher_id"], available_minor=0)
            await record_reply(Context(session, SYSTEM, BOOK, NOW), reserved)
        async with self.sessions["vouchers"].begin() as session:
            await take_step(Context(session, SYSTEM, BOOK, NOW), run, Step(award_id=award_id, number=2), send_offer)

    async def _take(self, service: str, event: Event) -> None:
        await self.inboxes[service].take([self.stack.delivery(event, NOW)])

    async def _payment(self) -> None:
        self.unpaid += 1
        claim = UUID(md5(f"claim{self.unpaid}".encode()).hexdigest())
        async with self.sessions["payments"].begin() as session:
            row = await prepare_disbursement(Context(session, _finance("finance-1"), BOOK, NOW), claim)
        async with self.sessions["payments"].begin() as session:
            context = Context(session, _finance("finance-2"), BOOK, NOW)
            attempt = await lock_latest_attempt(context, row)
            await approve_disbursement(context, row.id, await hash_to_approve(context, row, attempt))

    async def reads(self) -> dict[str, list[Read]]:
        """Returns, by service, how each statement that ran so far reads its tables."""
        return {service: await seen.reads(dsn) for service, (seen, dsn) in self.recorders.items()}

    async def close(self) -> None:
        for client in self.apps.values():
            await client.aclose()
        for sessions in self.sessions.values():
            await sessions.kw["bind"].dispose()


def _finance(name: str) -> Actor:
    return Actor(name, grants({Role.FINANCE}, {REGION}), fresh=True)
