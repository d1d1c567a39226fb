"""The desk of vouchers: its HTTP app and commands on a database of its own, with vouchers at any stage."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncSession

from deploy.embedded.ports import free_port
from services.vouchers.activities import VoucherActivities
from services.vouchers.app import SERVICE
from services.vouchers.commands.answer_offer import answer_offer
from services.vouchers.commands.issue_voucher import issue_voucher
from services.vouchers.commands.record_reply import record_reply
from services.vouchers.commands.register_award import register_award
from services.vouchers.commands.send_offer import send_offer
from services.vouchers.deadlines.commands.plan_call import plan_call
from services.vouchers.domain.stages import Stage
from services.vouchers.jobs.restarts import list_unfinished
from services.vouchers.lifecycles import Lifecycles
from services.vouchers.locks import lock_voucher
from services.vouchers.settings import Settings
from services.vouchers.steps.reservation import request_reservation
from services.vouchers.tables import VoucherRow
from services.vouchers.temporal import connect
from shared.contracts.applications import CallPublished
from shared.contracts.evaluation import AwardGranted
from shared.contracts.payments import FundsCommitted, FundsReserved
from shared.database import Sessions, create_engine, sessions_of
from shared.identity.actor import SYSTEM, Actor, Role, grants
from shared.kernel.clock import ProgrammeClock
from shared.kernel.ids import derive_id, new_id
from shared.kernel.vocabulary import SelectionMethod
from shared.messaging.context import Context
from shared.policy.schema import Policy
from shared.web.uploads import FileTraffic
from tests.conftest import FreshDatabase
from tests.support.desk import ANCHORS, SEALING, FrozenClock, ServiceDesk, client_of, service_app
from tests.support.event_keys import key_settings
from tests.support.identity import AUDIENCE, NAME, Issuer
from tests.support.policies import BOOK, MONEY, REGIONS, policy_named

KORTRIJK = "be-kortrijk"
ORGANISATION = UUID(int=77)
APPLICANT = Actor("applicant", grants({Role.APPLICANT}, {KORTRIJK}), ORGANISATION)
OFFICER = Actor("officer", grants({Role.OFFICER}, {KORTRIJK}))
AUDITOR = Actor("auditor", grants({Role.AUDITOR}, {KORTRIJK}))
BEGINNING = datetime(2026, 1, 5, 9, tzinfo=UTC)


def voucher_of(award: AwardGranted) -> UUID:
    return derive_id(award.award_id, "voucher")


class Desk(ServiceDesk):
    """`settings` are those of the service's processes. There is no Temporal unless a test starts one at `settings.temporal`.

    A test that delivers events sets `inbox` first, to one with handlers for its Temporal.
    """

    def __init__(self, settings: Settings, sessions: Sessions, issuer: Issuer) -> None:
        super().__init__("vouchers", sessions, FrozenClock(BEGINNING), BOOK, {}, issuer)
        self.settings = settings
        self.programme_clock: ProgrammeClock = settings.clock()
        self.policy = policy_named(BOOK, MONEY[KORTRIJK])
        self.activities = VoucherActivities(sessions, self.programme_clock, BOOK)

    def award(self, application_id: UUID | None = None) -> AwardGranted:
        application_id = application_id or new_id()
        ids = {"award_id": derive_id(application_id, "award", 1), "application_id": application_id, "call_id": new_id()}
        what = {"region": KORTRIJK, "scheme": self.policy.scheme, "policy_id": self.policy.id, "organisation_id": ORGANISATION}
        return AwardGranted(**ids, **what, amount_minor=500_000, currency="EUR", grant_number=1, rank=1, from_reserve=False)

    async def register(self, award: AwardGranted) -> UUID:
        """Writes the rows that a lifecycle needs: the call's and the award's. Returns the id that its voucher will have."""
        await self.open_call(award.call_id)
        await self.run(register_award, SYSTEM, award)
        return voucher_of(award)

    async def open_call(self, call_id: UUID, policy: Policy | None = None) -> None:
        """It closes at once."""
        policy = policy or self.policy
        about = {"region": policy.region, "slug": "a-call", "scheme": policy.scheme, "policy_id": policy.id}
        money = {"selection_method": SelectionMethod.DRAW, "currency": policy.currency, "envelope_minor": 1_000_000}
        dates = dict.fromkeys(("opens_at", "closes_at", "evaluation_due_at", "reserve_list_ends_at"), BEGINNING)
        await self.run(plan_call, SYSTEM, CallPublished(call_id=call_id, **about, **money, **dates))

    def context(self, session: AsyncSession, actor: Actor = SYSTEM, now: datetime | None = None) -> Context:
        return Context(session, actor, BOOK, now or self.clock.now())

    async def voucher(self, stage: Stage) -> VoucherRow:
        """A voucher at `stage`: requested, offered, accepted or issued."""
        award = self.award()
        voucher_id = await self.register(award)
        async with self.sessions.begin() as session:
            context = self.context(session)
            await request_reservation(context, award.award_id)
            row = await lock_voucher(context, voucher_id)
            about = {
                "voucher_id": voucher_id,
                **row.model_dump(include={"application_id", "call_id", "region", "amount_minor", "currency"}),
            }
            if stage is not Stage.REQUESTED:
                await record_reply(context, FundsReserved(**about, available_minor=1))
                row = await lock_voucher(context, voucher_id)
                await send_offer(context, row, self.policy)
            if stage in (Stage.ACCEPTED, Stage.ISSUED):
                await answer_offer(self.context(session, APPLICANT), row.id, accept=True)
            if stage is Stage.ISSUED:
                await record_reply(context, FundsCommitted(**about))
                row = await lock_voucher(context, voucher_id)
                await issue_voucher(context, row, self.policy)
        assert row.state == stage
        return row

    async def until_nothing_is_left_to_do(self, lifecycles: Lifecycles) -> None:
        """A worker that works has done what the rows ask for; before that, a second look in the same moment would start it again."""
        async with asyncio.timeout(30):
            while any(known.left_to_do for known in (await self.run(list_unfinished, SYSTEM, lifecycles)).values()):
                await asyncio.sleep(0.1)

    async def state(self, voucher_id: UUID) -> str:
        row: VoucherRow = await self.row(VoucherRow, voucher_id)
        return row.state


@pytest_asyncio.fixture
async def desk(fresh_database: FreshDatabase, issuer: Issuer) -> AsyncIterator[Desk]:
    url = await fresh_database("vouchers")
    settings = Settings(
        database_url=url,
        kafka="127.0.0.1:1",
        jwks_url=issuer.url,
        revocations_url=issuer.revocations_url,
        issuer=NAME,
        audience=AUDIENCE,
        regions=REGIONS,
        anchors=ANCHORS,
        hash_key="00",
        temporal=f"127.0.0.1:{free_port()}",
        clock_real=ProgrammeClock().now(),
        clock_programme=BEGINNING,
        database_pool=5,
        **key_settings("vouchers"),
        temporal_keys=bytes(32).hex(),
    )
    engine = create_engine(url, pool=10)
    desk = Desk(settings, sessions_of(engine, SEALING), issuer)
    desk.app = service_app(SERVICE, issuer.verifier(), desk.sessions, desk.clock, BOOK, settings.hash_key_bytes)
    desk.app.state.lifecycles = Lifecycles(await connect(settings.temporal, settings.temporal_namespace, SEALING))
    desk.app.state.file_traffic = FileTraffic()
    async with client_of(desk.app) as desk.client:
        yield desk
    await engine.dispose()
