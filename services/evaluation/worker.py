"""`python -m services.evaluation.worker`: consumes and publishes events, and counts what waits for evaluators and officers,
until SIGTERM."""

import uvloop

from services.evaluation.commands.seal_nonces import seal_nonces
from services.evaluation.queries.tasks import waiting_tasks
from services.evaluation.settings import Settings
from services.evaluation.subscribers import HANDLERS
from shared.contracts.evaluation import EvaluationTasksCounted
from shared.database import create_engine, sessions_of
from shared.identity.actor import SYSTEM
from shared.messaging.context import Context
from shared.policy.loader import load_book
from shared.runtime.task_counts import TaskCounts
from shared.runtime.worker import Worker


async def run(settings: Settings) -> None:
    engine = create_engine(settings.database_url, settings.database_pool, "evaluation-worker")
    policies = load_book(settings.regions)
    sessions = sessions_of(engine, settings.sealer)
    async with sessions.begin() as session:
        await seal_nonces(Context(session, SYSTEM, policies, settings.clock().now))
    tasks = TaskCounts(sessions, settings.clock(), policies, EvaluationTasksCounted, waiting_tasks)
    await Worker("evaluation", settings, engine, policies, HANDLERS, [tasks.run]).run()


if __name__ == "__main__":
    uvloop.run(run(Settings()))
