"""Keeps the files of applications while they are copied: what the copy of the databases names must be in the copy of the files."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from deploy.embedded.state import State
from shared.files.store import DELETION_LOCK


@contextmanager
def kept_files(state: State) -> Iterator[None]:
    """Meanwhile the worker of applications deletes no object; it goes on afterwards, also when this process was killed."""
    with asyncio.Runner() as runner:
        database = runner.run(asyncpg.connect(state.verify_url("applications", "postgresql")))
        try:
            runner.run(database.execute(f"SELECT pg_advisory_lock({DELETION_LOCK})"))
            yield
        finally:
            database.terminate()
