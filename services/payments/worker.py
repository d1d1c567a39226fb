"""`python -m services.payments.worker`: consumes and publishes events, sends payment files, imports the bank's files, deletes those that
nobody needs any more, enters de minimis aid from before its ledger, and counts what waits for finance and officers, until SIGTERM."""

import uvloop
from sqlalchemy.ext.asyncio import AsyncEngine

from services.payments.jobs.channel import open_channel
from services.payments.jobs.earlier_aid import EarlierAid
from services.payments.jobs.incoming import Incoming
from services.payments.jobs.lapsed_approvals import LapsedApprovals
from services.payments.jobs.ledger_chain import LEDGER
from services.payments.jobs.measured import MeasuredPayments
from services.payments.jobs.outgoing import Outgoing
from services.payments.jobs.removed import RemovedFiles
from services.payments.queries.deleted_files import deleted_files
from services.payments.queries.tasks import waiting_tasks
from services.payments.settings import Settings
from services.payments.subscribers import HANDLERS
from shared.contracts.payments import PaymentTasksCounted
from shared.database import create_engine, sessions_of
from shared.policy.loader import load_book
from shared.runtime.task_counts import TaskCounts
from shared.runtime.worker import Worker


def build_worker(settings: Settings, engine: AsyncEngine) -> Worker:
    sessions, clock, pause = sessions_of(engine, settings.sealer), settings.clock(), settings.folder_poll_milliseconds
    policies = load_book(settings.regions)
    channel = open_channel(settings, policies)
    incoming = Incoming(sessions, clock, policies, settings.bank_incoming, pause, settings.bank_file_max_bytes, channel.bank_keys)
    jobs = (
        Outgoing(sessions, clock, policies, settings.bank_outgoing, pause, channel.signing_key),
        incoming,
        RemovedFiles(sessions, clock, policies, settings.bank_outgoing, settings.bank_incoming),
        deleted_files(sessions, settings),
        EarlierAid(sessions, clock, policies),
        LapsedApprovals(sessions, clock, policies),
        TaskCounts(sessions, clock, policies, PaymentTasksCounted, waiting_tasks),
    )
    measured = [MeasuredPayments(sessions, clock, policies).take]
    return Worker("payments", settings, engine, policies, HANDLERS, [*(job.run for job in jobs), incoming.run_retries], [LEDGER], measured)


async def run(settings: Settings) -> None:
    engine = create_engine(settings.database_url, settings.database_pool, "payments-worker")
    await build_worker(settings, engine).run()


if __name__ == "__main__":
    uvloop.run(run(Settings()))
