"""The platform of the tests of `triptych verify`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import asyncpg
import pytest
import pytest_asyncio

from deploy.embedded.databases import SERVICES, VERIFY_ROLE, create_database
from deploy.embedded.servers import PostgreSQL
from shared.database import create_engine, sessions_of
from tests.conftest import FreshDatabase
from tests.support.desk import SEALING
from tests.support.verify_payments import Folders, build_dataset
from tests.support.verify_platform import Platform, write_chains


@pytest_asyncio.fixture(scope="module")
async def platform(
    postgres: PostgreSQL, roles: dict[str, str], template_of: FreshDatabase, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Platform]:
    folders, anchors = Folders(tmp_path_factory.mktemp("bank")), tmp_path_factory.mktemp("anchors")
    dataset, ids = await asyncio.to_thread(build_dataset, folders)
    urls, admins = {}, {}
    async with AsyncExitStack() as stack:
        server = await asyncpg.connect(postgres.url("postgres", driver="postgresql"))
        stack.push_async_callback(server.close)
        for service in SERVICES:
            name = f"verify_{service}"
            await create_database(server, name, service, template=await template_of(service))
            stack.push_async_callback(server.execute, f'DROP DATABASE "{name}" WITH (FORCE)')
            engine = create_engine(postgres.url(name, service, roles[service]))
            async with sessions_of(engine, SEALING).begin() as session:
                for rows in dataset.by_table(service):
                    session.add_all(rows)
                    await session.flush()
            await write_chains(service, engine, anchors)
            await engine.dispose()
            urls[service] = postgres.url(name, VERIFY_ROLE, roles[VERIFY_ROLE], driver="postgresql")
            admins[service] = await asyncpg.connect(postgres.url(name, driver="postgresql"))
            stack.push_async_callback(admins[service].close)
        yield Platform(folders, anchors, ids, urls, admins)
