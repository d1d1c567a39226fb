"""Backup and restore piece by piece, on a home that holds the databases alone."""

import asyncio
import json
import shutil
import stat
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
from temporalio.client import Client

from deploy.embedded import daemon
from deploy.embedded.composition import NAMESPACE
from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.databases import SERVICES, create_all, migrate
from deploy.embedded.identity import ensure_key
from deploy.embedded.process import ProcessFailed
from deploy.embedded.servers import PostgreSQL, Temporal
from deploy.embedded.state import SUPERUSER, UNCHANGED, State, prepare_state, read_state
from deploy.embedded.supervisor import AlreadyRunning, exclusive
from operations.backup import take
from operations.backup.manifest import MANIFEST, NoBackup, verified
from operations.backup.restore import Restored, RestoreRefused, restore
from operations.backup.take import BackupRefused, take_backup
from shared.kernel.ids import new_id

pytestmark = pytest.mark.timeout(300)


def unseen(_doing: str, _share: float) -> None:
    """Nobody looks at the progress."""


@dataclass
class Broken(Exception):
    """Somebody pulled the plug while this was being done."""

    doing: str

    def pulled(self, doing: str, _share: float) -> None:
        if doing == self.doing:
            raise self


@dataclass
class Site:
    """A home with the databases of a platform, up."""

    data: DataDirectory
    server: PostgreSQL
    state: State

    def url(self, service: str) -> str:
        return self.state.database_url(service, driver="postgresql")

    async def run(self, service: str, statement: str, *arguments: object) -> None:
        database = await asyncpg.connect(self.url(service))
        await database.execute(statement, *arguments)
        await database.close()


@pytest.fixture(scope="module")
def site(server_folder: Path) -> Iterator[Site]:
    data = DataDirectory(server_folder / "site")
    made = prepare_state(data, ("postgres", "caddy"))
    ensure_key(data.private_key, data.jwks)
    data.bank_outgoing.mkdir(parents=True)
    (data.bank_incoming / "taken").mkdir(parents=True)
    (data.bank_incoming / "taken" / "answer.xml").write_text("<heard/>")
    with PostgreSQL(
        data.root / "postgres", port=made.ports["postgres"], password=made.passwords[SUPERUSER], settings={"fsync": "off"}
    ) as server:
        passwords = {role: password for role, password in made.passwords.items() if role != SUPERUSER}
        asyncio.run(create_all(made.database_url("postgres", SUPERUSER, driver="postgresql"), passwords))
        for service in SERVICES:
            migrate(service, made.database_url(service))
        yield Site(data, server, made)


@pytest.fixture(scope="module")
def backup(site: Site, server_folder: Path) -> Path:
    """One good backup, to be copied by whoever changes it."""
    folder = server_folder / "backups" / "good"
    take_backup(site.data, site.state, folder, unseen)
    return folder


@pytest.fixture
def empty(server_folder: Path, tmp_path: Path) -> Iterator[DataDirectory]:
    data = DataDirectory(server_folder / tmp_path.name)
    yield data
    for left in server_folder.glob(f"{tmp_path.name}*"):
        shutil.rmtree(left)


@asynccontextmanager
async def restored_databases(data: DataDirectory) -> AsyncIterator[State]:
    kept = read_state(data)
    with PostgreSQL(data.root / "postgres", password=kept.passwords[SUPERUSER]) as server:
        yield kept.model_copy(update={"ports": {**kept.ports, "postgres": server.port}})


async def test_under_load_no_effect_is_in_the_backup_without_its_cause(site: Site, empty: DataDirectory, server_folder: Path) -> None:
    """A number is committed in payments first and in vouchers after, over and over: a pg_dump of each would not hold this."""
    for service in ("payments", "vouchers"):
        await site.run(service, "CREATE TABLE told (number int)")

    async def tell() -> None:
        for number in range(1_000_000):
            for service in ("payments", "vouchers"):
                await connections[service].execute("INSERT INTO told VALUES ($1)", number)

    connections = {service: await asyncpg.connect(site.url(service)) for service in ("payments", "vouchers")}
    telling = asyncio.create_task(tell())
    folder = server_folder / "backups" / "loaded"
    await asyncio.to_thread(take_backup, site.data, site.state, folder, unseen)
    telling.cancel()
    await asyncio.gather(telling, return_exceptions=True)
    for connection in connections.values():
        connection.terminate()
    await asyncio.to_thread(restore, folder, empty, force=False, seen=unseen)
    async with restored_databases(empty) as kept:
        last = {}
        for service in connections:
            database = await asyncpg.connect(kept.database_url(service, driver="postgresql"))
            last[service], count = await database.fetchrow("SELECT max(number), count(*) FROM told")
            assert count == last[service] + 1
            await database.close()
    assert 0 <= last["payments"] - last["vouchers"] <= 1
    assert last["payments"] > 0


def test_only_the_owner_reads_a_backup_and_what_is_restored_of_it(backup: Path, empty: DataDirectory) -> None:
    """PostgreSQL's account may pass through the folders to its own, where all is run by root."""
    restored = restore(backup, empty, force=False, seen=unseen)
    assert not restored.bank_kept
    assert (empty.bank_incoming / "answer.xml").read_text() == "<heard/>"  # laid out to be read again
    for root in (backup, empty.root):
        open_to_others = [path for path in (root, *root.rglob("*")) if stat.S_IMODE(path.lstat().st_mode) & 0o076]
        assert open_to_others == []
    assert json.loads(empty.state_file.read_text()) == json.loads((backup / "state.json").read_text())


def _changed(folder: Path) -> None:
    path = folder / "postgres" / "base.tar.gz"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _other_format(folder: Path) -> None:
    (folder / MANIFEST).write_text((folder / MANIFEST).read_text().replace('"format": 1', '"format": 2'))


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (_changed, "base.tar.gz has changed"),
        (lambda folder: (folder / "state.json").unlink(), "state.json is missing"),
        (lambda folder: (folder / "stray").touch(), "stray does not belong"),
        (lambda folder: (folder / MANIFEST).unlink(), "broken off"),
        (lambda folder: (folder / MANIFEST).write_text("{"), "cannot be read"),
        (_other_format, "format 2"),
    ],
)
def test_what_differs_from_its_manifest_is_no_backup_and_changes_nothing(
    backup: Path, empty: DataDirectory, tmp_path: Path, harm: Callable[[Path], object], said: str
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(backup, copy)
    harm(copy)
    with pytest.raises(NoBackup, match=said):
        restore(copy, empty, force=False, seen=unseen)
    assert not empty.root.exists()


@pytest.mark.parametrize("doing", ["databases", "bank files", "hashing"])
def test_a_backup_that_is_broken_off_bears_no_name(site: Site, tmp_path: Path, doing: str) -> None:
    target = tmp_path / "today"
    with pytest.raises(Broken):
        take_backup(site.data, site.state, target, Broken(doing).pulled)
    assert list(tmp_path.iterdir()) == []


def test_killed_in_the_midst_it_leaves_what_no_restore_takes(
    site: Site, empty: DataDirectory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(take.shutil, "rmtree", lambda *_, **__: None)  # as if there had been no time to tidy up
    with pytest.raises(Broken):
        take_backup(site.data, site.state, tmp_path / "today", Broken("hashing").pulled)
    monkeypatch.undo()
    assert [path.name for path in tmp_path.iterdir()] == ["today.unfinished"]
    with pytest.raises(NoBackup):
        verified(tmp_path / "today.unfinished", unseen)
    take_backup(site.data, site.state, tmp_path / "today", unseen)
    assert [path.name for path in tmp_path.iterdir()] == ["today"]


def test_a_backup_is_not_written_over_another(site: Site, backup: Path) -> None:
    with pytest.raises(BackupRefused):
        take_backup(site.data, site.state, backup, unseen)
    assert verified(backup, unseen)


def test_a_home_in_use_is_not_replaced_and_with_force_it_is_set_aside(backup: Path, empty: DataDirectory) -> None:
    empty.logs.mkdir(parents=True)
    empty.bank_outgoing.mkdir(parents=True)
    empty.log("old").write_text("of old")
    with pytest.raises(RestoreRefused):
        restore(backup, empty, force=False, seen=unseen)
    restored = restore(backup, empty, force=True, seen=unseen)
    assert restored.bank_kept
    assert restored.aside is not None
    assert (restored.aside / "logs" / "old.log").read_text() == "of old"
    assert not empty.log("old").exists()


def test_a_platform_that_runs_is_not_replaced(backup: Path, empty: DataDirectory) -> None:
    with exclusive(empty), pytest.raises(AlreadyRunning):
        restore(backup, empty, force=True, seen=unseen)


def test_a_restore_that_is_broken_off_does_not_start_and_is_begun_anew(backup: Path, empty: DataDirectory) -> None:
    with pytest.raises(Broken):
        restore(backup, empty, force=False, seen=Broken("moving into place").pulled)
    with pytest.raises(ProcessFailed, match="broken off"):
        daemon.run(empty, UNCHANGED, print)
    empty.status_file.unlink()  # where the failed start said why
    shutil.rmtree(empty.logs, ignore_errors=True)
    again: Restored = restore(backup, empty, force=True, seen=unseen)
    assert not empty.restore_staging.exists()
    assert again.manifest.parts


VOUCHER = """
    INSERT INTO vouchers (id, award_id, application_id, call_id, region, organisation_id, scheme, policy_id, amount_minor, currency,
                          state, state_since, created_at, answer_by, closed_at, outcome, redeemed_minor, extensions)
    VALUES ($1, $2, $1, $1, 'be-kortrijk', $1, 's', 'p', 100, 'EUR', $3::varchar, now(), now(), now(),
            CASE $3 WHEN 'closed' THEN now() END, CASE $3 WHEN 'closed' THEN 'lapsed' END, 0, 0)
"""


async def test_a_lifecycle_that_temporal_never_heard_of_is_begun_from_its_row(
    site: Site, empty: DataDirectory, server_folder: Path
) -> None:
    awards = {"offered": new_id(), "closed": new_id()}
    for stage, award in awards.items():
        await site.run("vouchers", VOUCHER, new_id(), award, stage)
        await site.run("vouchers", "INSERT INTO steps VALUES ($1, 1, 'a', '{}')", f"voucher-{award}")
    folder = server_folder / "backups" / "lifecycles"
    await asyncio.to_thread(take_backup, site.data, site.state, folder, unseen)
    restored = await asyncio.to_thread(restore, folder, empty, force=False, seen=unseen)
    assert restored.lifecycles == 1
    async with restored_databases(empty) as kept:
        database = await asyncpg.connect(kept.database_url("vouchers", driver="postgresql"))
        assert await database.fetchval("SELECT array_agg(workflow_id) FROM steps") == [f"voucher-{awards['closed']}"]
        await database.close()
    with Temporal(empty.root / "temporal") as temporal:
        client = await Client.connect(temporal.address, namespace=NAMESPACE)
        assert [execution.id async for execution in client.list_workflows()] == [f"voucher-{awards['offered']}"]
