"""The embedded servers work, keep their data, and a database role can only use its own database."""

import asyncio
import json
import time
import urllib.error
import urllib.request
from datetime import timedelta
from pathlib import Path

import asyncpg
import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from deploy.embedded.composition import SITE
from deploy.embedded.data_directory import REPOSITORY
from deploy.embedded.databases import VERIFY_ROLE, create_all
from deploy.embedded.process import ProcessFailed
from deploy.embedded.servers import Caddy, PostgreSQL, Temporal
from shared.kernel.services import SERVICES, owner_of
from tests.support.processes import have_ended


@pytest.fixture(scope="module")
async def databases(postgres: PostgreSQL, roles: dict[str, str]) -> dict[str, str]:
    """The four databases with one table each; role → password."""
    await create_all(postgres.url("postgres", driver="postgresql"), roles)
    for service in SERVICES:
        owner = await asyncpg.connect(postgres.url(service, owner_of(service), roles[owner_of(service)], driver="postgresql"))
        await owner.execute("CREATE TABLE IF NOT EXISTS facts (id int)")
        await owner.close()
    return roles


@pytest.mark.parametrize("database", SERVICES)
@pytest.mark.parametrize("role", [*SERVICES, *(owner_of(service) for service in SERVICES)])
async def test_role_can_connect_to_its_own_database_only(postgres: PostgreSQL, databases: dict[str, str], role: str, database: str) -> None:
    dsn = postgres.url(database, role, databases[role], driver="postgresql")
    if role in (database, owner_of(database)):
        await (await asyncpg.connect(dsn)).close()
    else:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(dsn)


async def test_wrong_password_is_refused(postgres: PostgreSQL, databases: dict[str, str]) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(postgres.url("payments", "payments", "guess", driver="postgresql"))


@pytest.mark.parametrize(
    "statement", ["INSERT INTO facts VALUES (1)", "DELETE FROM facts", "CREATE TABLE notes (id int)", "DROP TABLE facts"]
)
async def test_verify_role_can_read_all_and_write_nothing(postgres: PostgreSQL, databases: dict[str, str], statement: str) -> None:
    for service in SERVICES:
        reader = await asyncpg.connect(postgres.url(service, VERIFY_ROLE, databases[VERIFY_ROLE], driver="postgresql"))
        assert await reader.fetch("SELECT * FROM facts") == []
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await reader.execute(statement)
        await reader.execute("SET default_transaction_read_only = off")  # anyone can change the setting; the privileges still hold
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await reader.execute(statement)
        await reader.close()


async def test_postgres_keeps_data_and_leaves_no_process(server_folder: Path) -> None:
    folder = server_folder / "restarted"
    with PostgreSQL(folder, password="chosen") as server:
        connection = await asyncpg.connect(server.url("postgres", driver="postgresql"))
        await connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        await connection.close()
        children = psutil.Process(server.pid).children(recursive=True)
        assert children
    assert not any(process.is_running() for process in children)
    with PostgreSQL(folder, password="chosen") as server:
        connection = await asyncpg.connect(server.url("postgres", driver="postgresql"))
        assert await connection.fetchval("SELECT answer FROM kept") == 42
        assert await connection.fetchval("SHOW fsync") == "on"
        await connection.close()


async def test_postgres_starts_though_a_session_was_left(server_folder: Path) -> None:
    folder = server_folder / "killed"
    with PostgreSQL(folder, password="chosen") as server:
        connection = await asyncpg.connect(server.url("postgres", driver="postgresql"))
        session = psutil.Process(await connection.fetchval("SELECT pg_backend_pid()"))
        busy = asyncio.create_task(connection.execute("SELECT count(*) FROM generate_series(1, 1000000000000)"))
        while session.status() != psutil.STATUS_RUNNING:
            await asyncio.sleep(0.01)
        psutil.Process(server.pid).kill()
        server.wait_ended()
        assert session.is_running()
        with PostgreSQL(folder, password="chosen") as again:
            assert have_ended([session])
            await (await asyncpg.connect(again.url("postgres", driver="postgresql"))).close()
    with pytest.raises((asyncpg.PostgresError, OSError)):
        await busy


async def test_broker_delivers_a_message(broker: str) -> None:
    async with AIOKafkaProducer(bootstrap_servers=broker, enable_idempotence=False) as producer:
        await producer.send_and_wait("embedded.probe", b"here")
    consumer = AIOKafkaConsumer("embedded.probe", bootstrap_servers=broker, auto_offset_reset="earliest")
    async with consumer:
        assert (await consumer.getone()).value == b"here"


async def test_temporal_serves_its_namespace(temporal_server: Temporal) -> None:
    client = await Client.connect(temporal_server.address, namespace=temporal_server.namespace)
    assert await client.service_client.check_health()
    assert [workflow async for workflow in client.list_workflows()] == []


@workflow.defn
class ShortWaits:
    @workflow.run
    async def run(self, waits: int) -> None:
        for _ in range(waits):
            await workflow.sleep(timedelta(milliseconds=50))


async def test_timers_of_less_than_a_second_fire_in_time(temporal_server: Temporal) -> None:
    """Ten of them took ten seconds: at a programme day a second, each deadline came a day late."""
    client = await Client.connect(temporal_server.address, namespace=temporal_server.namespace)
    async with Worker(client, task_queue="short", workflows=[ShortWaits], workflow_runner=UnsandboxedWorkflowRunner()):
        begun = time.monotonic()
        await client.execute_workflow(ShortWaits.run, 10, id="short", task_queue="short")
    assert time.monotonic() - begun < 6


def test_caddy_serves_public_files_only(server_folder: Path) -> None:
    public = server_folder / "public"
    (public / ".well-known").mkdir(parents=True)
    (public / ".well-known" / "jwks.json").write_text(json.dumps({"keys": []}))
    (server_folder / "secret").write_text("secret")
    (public / "draft.html").write_text("not named in the Caddyfile")
    variables = {"BIND": "127.0.0.1", "HOSTS": "127.0.0.1", "PUBLIC": str(public)}
    with Caddy(server_folder / "caddy", REPOSITORY / "deploy" / "Caddyfile", variables) as caddy:
        assert json.load(urllib.request.urlopen(f"http://{caddy.address}/.well-known/jwks.json")) == {"keys": []}
        for path in ("/%2e%2e/secret", "/draft.html", "/.well-known/"):
            with pytest.raises(urllib.error.HTTPError, match=r"404|502"):  # 502: the portal, which is not there, would answer
                urllib.request.urlopen(f"http://{caddy.address}{path}")


def test_caddy_without_host_names_does_not_start(server_folder: Path) -> None:
    caddy = Caddy(server_folder / "caddy-hosts", REPOSITORY / "deploy" / "Caddyfile", {"BIND": "127.0.0.1", "PUBLIC": str(SITE)})
    with pytest.raises(ProcessFailed, match=r"matchers\.not: .*'host'"), caddy:
        pass


@pytest.mark.parametrize("path", ["/api/nothing", "/api/deep/down/nothing.css", "/.well-known/nothing"])
def test_unknown_path_gets_a_page_with_a_link_home(server_folder: Path, path: str) -> None:
    variables = {"BIND": "127.0.0.1", "HOSTS": "127.0.0.1", "PUBLIC": str(SITE)}
    with Caddy(server_folder / "caddy-site", REPOSITORY / "deploy" / "Caddyfile", variables) as caddy:
        with pytest.raises(urllib.error.HTTPError, match="404") as caught:
            urllib.request.urlopen(f"http://{caddy.address}{path}")
        assert '<a href="/">' in caught.value.read().decode()
