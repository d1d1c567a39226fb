"""`triptych verify` finds nothing in a sound platform, and each way of breaking an invariant, with the case that breaks it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack

import asyncpg
import pytest
import pytest_asyncio

from deploy.embedded.databases import SERVICES, VERIFY_ROLE, create_database
from deploy.embedded.servers import PostgreSQL
from deploy.verify.bank_files import read_bank
from deploy.verify.check import check
from deploy.verify.facts import Facts, Workflow
from deploy.verify.gather import read_database, read_databases
from deploy.verify.report import Report
from shared.database import create_engine, sessions_of
from tests.conftest import FreshDatabase
from tests.support.verify_breaks import BREAKS
from tests.support.verify_money import Folders, tell_story
from tests.support.verify_story import BOOK

Ids = Mapping[str, str]


class Platform:
    """The story in four databases, with a superuser's connection to each. What `broken` changes is taken back at once."""

    def __init__(self, folders: Folders, ids: Ids, urls: Mapping[str, str], admins: Mapping[str, asyncpg.Connection]) -> None:
        self.folders, self.ids, self.urls, self.admins = folders, ids, urls, admins

    async def looked_at(self, folders: Folders | None = None) -> Facts:
        """As the reader's role sees it."""
        logs, tables = await read_databases(self.urls)
        return self._facts(logs, tables, folders or self.folders)

    async def broken(self, service: str, *statements: str) -> Facts:
        """The same after a superuser has changed it with all triggers off."""
        logs, tables = {}, {}
        for name, admin in self.admins.items():
            transaction = admin.transaction()
            await transaction.start()
            try:
                if name == service:
                    await admin.execute("SET LOCAL session_replication_role = replica")
                    changed = [await admin.execute(statement) for statement in statements]
                    assert not any(tag.endswith(" 0") for tag in changed), f"a statement that changes nothing breaks nothing: {changed}"
                logs[name], read = await read_database(name, admin)
                tables |= read
            finally:
                await transaction.rollback()
        return self._facts(logs, tables, self.folders)

    def _facts(self, logs: object, tables: object, folders: Folders) -> Facts:
        bank = read_bank(folders.outgoing, folders.incoming, folders.book)
        workflows = [Workflow(f"voucher-{self.ids['award']}", "completed")]
        return Facts(logs, tables, bank, {policy.id: policy for policy in BOOK.all()}, workflows)  # type: ignore[arg-type]


@pytest_asyncio.fixture(scope="module")
async def platform(
    postgres: PostgreSQL, roles: dict[str, str], template_of: FreshDatabase, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Platform]:
    folders = Folders(tmp_path_factory.mktemp("bank"))
    story, ids = await asyncio.to_thread(tell_story, folders)
    urls, admins = {}, {}
    async with AsyncExitStack() as stack:
        server = await asyncpg.connect(postgres.url("postgres", driver="postgresql"))
        stack.push_async_callback(server.close)
        for service in SERVICES:
            name = f"verify_{service}"
            await create_database(server, name, owner=service, template=await template_of(service))
            stack.push_async_callback(server.execute, f'DROP DATABASE "{name}" WITH (FORCE)')
            engine = create_engine(postgres.url(name, service, roles[service]))
            async with sessions_of(engine).begin() as session:
                for rows in story.by_table(service):
                    session.add_all(rows)
                    await session.flush()
            await engine.dispose()
            urls[service] = postgres.url(name, VERIFY_ROLE, roles[VERIFY_ROLE], driver="postgresql")
            admins[service] = await asyncpg.connect(postgres.url(name, driver="postgresql"))
            stack.push_async_callback(admins[service].close)
        yield Platform(folders, ids, urls, admins)


async def test_a_sound_platform_has_no_breach(platform: Platform) -> None:
    facts = await platform.looked_at()
    assert check(facts) == []
    assert min(Report(facts, [], settled=True).looked_at.values()) > 0


@pytest.mark.parametrize("broken", BREAKS, ids=lambda broken: broken.name)
async def test_a_broken_invariant_is_found_with_its_case(platform: Platform, broken: object) -> None:
    assert hasattr(broken, "service")
    facts = await platform.broken(broken.service, *(statement.format(**platform.ids) for statement in broken.statements))
    found = [breach for breach in check(facts) if breach.invariant == broken.invariant]
    assert broken.subject.format(**platform.ids) in {breach.subject for breach in found}, found
