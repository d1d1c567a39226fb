"""A Temporal server that skips time, one for each test, and the service around it."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import date
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from deploy.embedded import binaries
from services.vouchers.activities import Taken, VoucherActivities
from services.vouchers.commands.take_step import ToTake
from services.vouchers.deadlines.timers import call_workflow, milestone_workflow
from services.vouchers.lifecycles import voucher_workflow
from services.vouchers.temporal import data_converter
from services.vouchers.temporal_worker import worker_of
from services.vouchers.workflows.models import Position
from shared.database import Sessions, create_engine, sessions_of
from shared.database.together import Asked
from shared.kernel.clock import DAY_SECONDS, ProgrammeClock
from shared.kernel.vocabulary import MilestoneKind
from shared.messaging.context import Context
from shared.policy.loader import load_book
from shared.policy.resolver import PolicyBook
from tests.conftest import FreshDatabase
from tests.support.desk import SEALING, FrozenClock
from tests.support.policies import MONEY, policy_named
from tests.workflows.programme import BEGINNING, FOUR_YEARS_SINCE, Programme

KORTRIJK = "be-kortrijk"
HISTORIES = Path(__file__).parent / "histories"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record-histories", action="store_true", help="write the histories that test_replay replays")


@pytest.fixture(scope="session")
def book() -> PolicyBook:
    """The regions' policies, and one of Kortrijk under which a voucher lives for four years."""
    known = load_book(Path(__file__).parents[2] / "regions")
    kortrijk = policy_named(known, MONEY[KORTRIJK])
    validity = kortrijk.validity.model_copy(update={"value": 48})
    changes = {"effective_from": FOUR_YEARS_SINCE, "programme_end": date(2032, 1, 1), "validity": validity}
    return PolicyBook([*known.all(), kortrijk.model_copy(update=changes)])


@pytest_asyncio.fixture
async def environment() -> AsyncIterator[WorkflowEnvironment]:
    path = str(binaries.temporal_test_server())
    start = WorkflowEnvironment.start_time_skipping(data_converter=data_converter(SEALING), test_server_existing_path=path, identity="test")
    async with await start as environment:
        yield environment


@pytest_asyncio.fixture
async def programme(
    request: pytest.FixtureRequest, environment: WorkflowEnvironment, fresh_database: FreshDatabase, book: PolicyBook
) -> AsyncIterator[Programme]:
    """In Kortrijk, from 5 January 2026. When histories are recorded, the lifecycle's is written after the test."""
    engine = create_engine(await fresh_database("vouchers"), pool=5)
    clock = ProgrammeClock(DAY_SECONDS, await environment.get_current_time(), BEGINNING)
    policy = policy_named(book, MONEY[KORTRIJK])
    programme = Programme(environment, sessions_of(engine, SEALING), clock, book, policy)
    activities = SkippingActivities(environment, clock, programme.desk.sessions, book)
    async with worker_of(environment.client, policy.region, activities):
        yield programme
    if request.config.getoption("--record-histories", default=False):
        await record(programme, request.path.stem.removeprefix("test_"), request.node.name.removeprefix("test_"))
    await engine.dispose()


class SkippingActivities(VoucherActivities):
    """The process's clock shows the skipped time, which only the server knows."""

    def __init__(self, environment: WorkflowEnvironment, clock: ProgrammeClock, sessions: Sessions, book: PolicyBook) -> None:
        super().__init__(sessions, FrozenClock(BEGINNING), book)
        self.environment, self.skipped = environment, clock

    async def _skip(self) -> None:
        assert isinstance(self.clock, FrozenClock)
        self.clock.instant = self.skipped.at(await self.environment.get_current_time())

    async def _take_together(self, session: AsyncSession, waiting: Sequence[Asked[ToTake, Position]]) -> Taken:
        await self._skip()
        return await super()._take_together(session, waiting)

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Context]:
        await self._skip()
        async with super()._transaction() as context:
            yield context


async def record(programme: Programme, kind: str, name: str) -> None:
    """Writes the history of the workflow that the test is about, without white space."""
    workflows = {
        "voucher": voucher_workflow(programme.award_id),
        "call_calendar": call_workflow(programme.call_id),
        "milestone": milestone_workflow(programme.application_id, MilestoneKind.REPAIR_ENDS),
        "retention": f"retention-{programme.policy.region}-1",
    }
    if kind not in workflows:
        return
    with suppress(RPCError):  # the test had none
        history = await programme.client.get_workflow_handle(workflows[kind]).fetch_history()
        (HISTORIES / f"{kind}.{name}.json").write_text(json.dumps(json.loads(history.to_json()), separators=(",", ":")) + "\n")
