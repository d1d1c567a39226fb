"""`python -m services.people.worker`: consumes and publishes events, sends mail, reads what comes back of it, removes sign-ins and
revocations that are over, and erases persons, until SIGTERM."""

import uvloop
from sqlalchemy.ext.asyncio import AsyncEngine

from services.people.jobs.bounces import BounceReading
from services.people.jobs.erasure import PersonErasure
from services.people.jobs.expiry import SignInExpiry
from services.people.jobs.mail import MailDelivery
from services.people.jobs.tasks import RoleCounts
from services.people.letters import Letters
from services.people.settings import Settings
from services.people.subscribers import HANDLERS
from shared.database import create_engine, sessions_of
from shared.kernel.clock import ProgrammeClock
from shared.policy.loader import load_book
from shared.runtime.worker import Worker


def build_worker(settings: Settings, engine: AsyncEngine) -> Worker:
    sessions, policies, real = sessions_of(engine, settings.sealer), load_book(settings.regions), ProgrammeClock()
    letters = Letters(settings.regions, settings.portal)
    jobs = (
        SignInExpiry(sessions, policies, real),
        PersonErasure(sessions, settings.clock(), policies, real),
        MailDelivery(sessions, settings.clock(), policies, settings.mail_server, letters, real),
        RoleCounts(sessions, settings.clock(), policies),
        BounceReading(sessions, settings.clock(), policies, settings.bounces, real),
    )
    return Worker("people", settings, engine, policies, HANDLERS, [job.run for job in jobs])


async def run(settings: Settings) -> None:
    engine = create_engine(settings.database_url, settings.database_pool, "people-worker")
    await build_worker(settings, engine).run()


if __name__ == "__main__":
    uvloop.run(run(Settings()))
