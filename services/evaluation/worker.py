"""`python -m services.evaluation.worker`: consumes and publishes events until SIGTERM."""

import uvloop

from services.evaluation.commands.seal_nonces import seal_nonces
from services.evaluation.settings import Settings
from services.evaluation.subscribers import HANDLERS
from shared.database import create_engine, sessions_of
from shared.identity.actor import SYSTEM
from shared.messaging.context import Context
from shared.policy.loader import load_book
from shared.runtime.worker import Worker


async def run(settings: Settings) -> None:
    engine = create_engine(settings.database_url, settings.database_pool, "evaluation-worker")
    policies = load_book(settings.regions)
    async with sessions_of(engine, settings.sealer).begin() as session:
        await seal_nonces(Context(session, SYSTEM, policies, settings.clock().now))
    await Worker("evaluation", settings, engine, policies, HANDLERS).run()


if __name__ == "__main__":
    uvloop.run(run(Settings()))
