"""The platform of the tests of `triptych verify`, and the site of those of backup and restore."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from deploy.embedded.composition import create_databases, migrate_databases
from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.databases import VERIFY_ROLE, create_database
from deploy.embedded.identity import ensure_key
from deploy.embedded.master_keys import ensure_master_keys
from deploy.embedded.servers import PostgreSQL
from deploy.embedded.state import SUPERUSER, prepare_state, write_state
from operations.backup.take import take_backup
from shared.database import create_engine, sessions_of
from shared.kernel.services import SERVICES
from tests.conftest import FreshDatabase
from tests.support.desk import SEALING
from tests.support.site import MASTER_KEYS, SIGNING_KEY, Site, ignore_progress
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
            await create_database(server, name, service, await template_of(service), "FILE_COPY")
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


@pytest.fixture(scope="session")
def site(server_folder: Path) -> Iterator[Site]:
    data = DataDirectory(server_folder / "site")
    ensure_master_keys(MASTER_KEYS, expected=False)
    shutil.copytree(MASTER_KEYS.master_keys.parent, data.master_keys.parent)
    made = prepare_state(data, ("postgres", "caddy")).model_copy(update={"signing_key": SIGNING_KEY})
    write_state(data.state_file, made)
    ensure_key(data.private_key, data.jwks)
    data.bank_outgoing.mkdir(parents=True)
    for store in (data.files, data.claim_files):
        (store / "00").mkdir(parents=True)
        (store / "00" / "object").write_bytes(b"ciphertext")
    (data.bank_incoming / "taken").mkdir(parents=True)
    (data.bank_incoming / "taken" / "answer.xml").write_text("<answer/>")
    with PostgreSQL(
        data.root / "postgres", port=made.ports["postgres"], password=made.passwords[SUPERUSER], settings={"fsync": "off"}
    ) as server:
        create_databases(made)
        migrate_databases(made)
        yield Site(data, server, made)


@pytest.fixture(scope="session")
def backup(site: Site, server_folder: Path) -> Path:
    """One good backup; a test that changes it works on a copy."""
    folder = server_folder / "backups" / "good"
    take_backup(site.data, site.state, folder, ignore_progress)
    return folder


@pytest.fixture
def empty(server_folder: Path, tmp_path: Path) -> Iterator[DataDirectory]:
    data = DataDirectory(server_folder / tmp_path.name)
    yield data
    for left in server_folder.glob(f"{tmp_path.name}*"):
        shutil.rmtree(left)
