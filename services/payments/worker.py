"""`python -m services.payments.worker`: events in and out, orders to the bank and its answers, until SIGTERM."""

import uvloop
from sqlalchemy.ext.asyncio import AsyncEngine

from services.payments.jobs.incoming import Incoming
from services.payments.jobs.outgoing import Outgoing
from services.payments.settings import PaymentsSettings
from services.payments.subscribers import HANDLERS
from shared.database import create_engine, sessions_of
from shared.messaging.worker import Worker
from shared.policy.loader import load_book


def build_worker(settings: PaymentsSettings, engine: AsyncEngine) -> Worker:
    sessions, clock, pause = sessions_of(engine), settings.clock(), settings.folder_poll_milliseconds
    jobs = (
        Outgoing(sessions, clock, load_book(settings.regions), settings.bank_outgoing, pause),
        Incoming(sessions, clock, settings.bank_incoming, pause, settings.bank_file_max_bytes),
    )
    return Worker(
        "payments", engine, settings.database_url, settings.kafka, settings.broker_profile, clock, HANDLERS, [job.run for job in jobs]
    )


async def run(settings: PaymentsSettings) -> None:
    engine = create_engine(settings.database_url, settings.database_pool, "payments-worker")
    await build_worker(settings, engine).run(settings.host, settings.port)


def main() -> None:
    uvloop.run(run(PaymentsSettings()))


if __name__ == "__main__":
    main()
