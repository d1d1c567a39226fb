"""Keeps the files of applications and claims while they are copied: what the copied databases name must be in the copied stores."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from deploy.embedded.state import State
from shared.files.store import DELETION_LOCK

WITH_FILES = ("applications", "payments")


@contextmanager
def kept_files(state: State) -> Iterator[None]:
    """Meanwhile the workers delete no object; they go on afterwards, also when this process was killed."""
    databases = []
    with asyncio.Runner() as runner:
        try:
            for service in WITH_FILES:
                databases.append(runner.run(asyncpg.connect(state.verify_url(service, "postgresql"))))
                runner.run(databases[-1].execute(f"SELECT pg_advisory_lock({DELETION_LOCK})"))
            yield
        finally:
            for database in databases:
                database.terminate()
