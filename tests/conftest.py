"""Real servers for the tests. Each starts when the first test needs it and is shared by the rest of the run.

* `postgres`, `broker`, `kafka`, `temporal_server`: the servers themselves (see `deploy/embedded/servers.py`).
* `fresh_database`: `await fresh_database("payments")` returns the URL of a new, migrated, empty database of that service for its
  runtime role; it is dropped after the test. `owner_url(url)` is the same database for its owner.
"""

import asyncio
import gc
import itertools
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from hypothesis import settings
from xdist.remote import Producer

from deploy.embedded.databases import ROLES, create_database, create_roles, migrate
from deploy.embedded.kafka.server import Kafka
from deploy.embedded.servers import PostgreSQL, Tansu, Temporal
from shared.kernel.services import owner_of
from tests.support.apache_kafka import skip_without_apache_kafka
from tests.support.dialect import share_statements
from tests.support.folders import quick_folder
from tests.support.identity import Issuer, serving
from tests.support.order import ByPlatform, rank

FreshDatabase = Callable[[str], Awaitable[str]]

gc.disable()  # what is imported stays, so there is nothing to collect until the first test runs

settings.register_profile("no deadlines", deadline=None)
settings.load_profile("no deadlines")

share_statements()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--hostile-examples", type=int, default=8, help="requests to each route in tests/hostile/test_openapi.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first."""
    items.sort(key=lambda item: rank(item.nodeid))


def pytest_collection_finish() -> None:
    """The collector of garbage looks at no object of the modules again: there are millions, and it found none of them."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByPlatform | None:
    return ByPlatform(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.fixture(scope="session")
def issuer() -> Iterator[Issuer]:
    """An identity provider with a real JWKS address; `issuer.mint(actor)` gives a token."""
    with serving() as running:
        yield running


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """Not pytest's own folder: when root runs the tests, the account of PostgreSQL cannot read that one."""
    folder = Path(tempfile.mkdtemp(prefix="triptych-tests-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgreSQL]:
    """Writes nothing for the case that the machine fails: the tests kill processes only."""
    settings = dict.fromkeys(("fsync", "full_page_writes", "synchronous_commit"), "off")
    with quick_folder() as folder, PostgreSQL(folder / "postgres", settings=settings) as server:
        yield server


@pytest.fixture(scope="session")
def broker(server_folder: Path) -> Iterator[str]:
    """The bootstrap address of a broker that keeps its topics in memory. Use topic and group names of your own."""
    with Tansu(server_folder / "broker") as server:
        yield server.address


@pytest.fixture(scope="session")
def kafka(server_folder: Path) -> Iterator[Kafka]:
    """Apache Kafka. A test leaves it running and removes its own topics."""
    skip_without_apache_kafka()
    server = Kafka(server_folder / "kafka")
    server.start()
    try:
        server.wait_ready(90)
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def temporal_server(server_folder: Path) -> Iterator[Temporal]:
    with Temporal(server_folder / "temporal") as server:
        yield server


@pytest_asyncio.fixture(scope="session")
async def roles(postgres: PostgreSQL) -> dict[str, str]:
    """Role → password: owner and runtime role of each service, and the read-only role of `triptych verify`."""
    passwords = {name: f"secret-of-{name}" for name in ROLES}
    admin = await asyncpg.connect(postgres.url("postgres", driver="postgresql"))
    await create_roles(admin, passwords)
    await admin.close()
    return passwords


@pytest_asyncio.fixture(scope="session")
async def template_of(postgres: PostgreSQL, roles: dict[str, str]) -> FreshDatabase:
    """Service → the name of a migrated database to copy. Each is migrated once."""
    migrated: set[str] = set()

    async def template(service: str) -> str:
        name = f"template_{service}"
        if name not in migrated:
            admin = await asyncpg.connect(postgres.url("postgres", driver="postgresql"))
            await create_database(admin, name, service)
            await admin.close()
            await asyncio.to_thread(migrate, service, postgres.url(name, owner_of(service), roles[owner_of(service)]))
            migrated.add(name)
        return name

    return template


@pytest_asyncio.fixture
async def fresh_database(postgres: PostgreSQL, roles: dict[str, str], template_of: FreshDatabase) -> AsyncIterator[FreshDatabase]:
    admin = await asyncpg.connect(postgres.url("postgres", driver="postgresql"))
    created: list[str] = []

    async def fresh(service: str) -> str:
        name = f"{service}_{next(_NUMBERS)}"
        await create_database(admin, name, service, await template_of(service), "FILE_COPY")
        created.append(name)
        return postgres.url(name, service, roles[service])

    yield fresh
    for name in created:
        await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await admin.close()


_NUMBERS = itertools.count(1)
