"""Backup and restore step by step, on a data directory that holds only the databases."""

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
from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.databases import SERVICES, create_all, migrate
from deploy.embedded.identity import ensure_key
from deploy.embedded.process import ProcessFailed
from deploy.embedded.servers import PostgreSQL, Temporal
from deploy.embedded.state import NAMESPACE, SUPERUSER, UNCHANGED, State, prepare_state, read_state
from deploy.embedded.supervisor import AlreadyRunning, exclusive
from operations.backup import take
from operations.backup.manifest import MANIFEST, NoBackup, verified
from operations.backup.restore import Restored, RestoreRefused, restore
from operations.backup.take import BackupRefused, take_backup
from shared.kernel.ids import new_id

pytestmark = pytest.mark.timeout(300)


def ignore_progress(_stage: str, _share: float) -> None:
    """The progress is not shown."""


@dataclass
class PowerFailure(Exception):
    """The power failed during this stage."""

    stage: str

    def cut_power(self, stage: str, _share: float) -> None:
        if stage == self.stage:
            raise self


@dataclass
class Site:
    """A data directory with the databases of a platform, running."""

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
    (data.bank_incoming / "taken" / "answer.xml").write_text("<answer/>")
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


@asynccontextmanager
async def restored_databases(data: DataDirectory) -> AsyncIterator[State]:
    kept = read_state(data)
    with PostgreSQL(data.root / "postgres", password=kept.passwords[SUPERUSER]) as server:
        yield kept.model_copy(update={"ports": {**kept.ports, "postgres": server.port}})


async def test_backup_under_load_has_no_effect_without_its_cause(site: Site, empty: DataDirectory, server_folder: Path) -> None:
    """Each number is committed in payments first, then in vouchers: two dumps taken one after the other would break that order."""
    for service in ("payments", "vouchers"):
        await site.run(service, "CREATE TABLE numbers (number int)")

    async def write_numbers() -> None:
        for number in range(1_000_000):
            for service in ("payments", "vouchers"):
                await connections[service].execute("INSERT INTO numbers VALUES ($1)", number)

    connections = {service: await asyncpg.connect(site.url(service)) for service in ("payments", "vouchers")}
    writing = asyncio.create_task(write_numbers())
    folder = server_folder / "backups" / "loaded"
    await asyncio.to_thread(take_backup, site.data, site.state, folder, ignore_progress)
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    for connection in connections.values():
        connection.terminate()
    await asyncio.to_thread(restore, folder, empty, force=False, on_progress=ignore_progress)
    async with restored_databases(empty) as kept:
        last = {}
        for service in connections:
            database = await asyncpg.connect(kept.database_url(service, driver="postgresql"))
            last[service], count = await database.fetchrow("SELECT max(number), count(*) FROM numbers")
            assert count == last[service] + 1
            await database.close()
    assert 0 <= last["payments"] - last["vouchers"] <= 1
    assert last["payments"] > 0


def test_backup_and_restored_files_are_readable_by_owner_only(backup: Path, empty: DataDirectory) -> None:
    """Only traversal is open to others: where root runs everything, PostgreSQL's account has to reach its own folder."""
    restored = restore(backup, empty, force=False, on_progress=ignore_progress)
    assert not restored.bank_kept
    assert (empty.bank_incoming / "answer.xml").read_text() == "<answer/>"  # moved back to be read again
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
    ("change", "message"),
    [
        (_changed, "base.tar.gz has changed"),
        (lambda folder: (folder / "state.json").unlink(), "state.json is missing"),
        (lambda folder: (folder / "stray").touch(), "stray is not in the manifest"),
        (lambda folder: (folder / MANIFEST).unlink(), "interrupted"),
        (lambda folder: (folder / MANIFEST).write_text("{"), "cannot be read"),
        (_other_format, "format 2"),
    ],
)
def test_backup_that_differs_from_manifest_is_refused(
    backup: Path, empty: DataDirectory, tmp_path: Path, change: Callable[[Path], object], message: str
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(backup, copy)
    change(copy)
    with pytest.raises(NoBackup, match=message):
        restore(copy, empty, force=False, on_progress=ignore_progress)
    assert not empty.root.exists()


@pytest.mark.parametrize("stage", ["databases", "bank files", "hashing"])
def test_interrupted_backup_leaves_no_folder(site: Site, tmp_path: Path, stage: str) -> None:
    target = tmp_path / "today"
    with pytest.raises(PowerFailure):
        take_backup(site.data, site.state, target, PowerFailure(stage).cut_power)
    assert list(tmp_path.iterdir()) == []


def test_killed_backup_leaves_a_folder_that_restore_refuses(
    site: Site, empty: DataDirectory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(take.shutil, "rmtree", lambda *_, **__: None)  # a killed process does not clean up
    with pytest.raises(PowerFailure):
        take_backup(site.data, site.state, tmp_path / "today", PowerFailure("hashing").cut_power)
    monkeypatch.undo()
    assert [path.name for path in tmp_path.iterdir()] == ["today.unfinished"]
    with pytest.raises(NoBackup):
        verified(tmp_path / "today.unfinished", ignore_progress)
    take_backup(site.data, site.state, tmp_path / "today", ignore_progress)
    assert [path.name for path in tmp_path.iterdir()] == ["today"]


def test_backup_does_not_overwrite_another(site: Site, backup: Path) -> None:
    with pytest.raises(BackupRefused):
        take_backup(site.data, site.state, backup, ignore_progress)
    assert verified(backup, ignore_progress)


def test_used_data_directory_is_moved_aside_only_with_force(backup: Path, empty: DataDirectory) -> None:
    empty.logs.mkdir(parents=True)
    empty.bank_outgoing.mkdir(parents=True)
    empty.log("old").write_text("of old")
    with pytest.raises(RestoreRefused):
        restore(backup, empty, force=False, on_progress=ignore_progress)
    restored = restore(backup, empty, force=True, on_progress=ignore_progress)
    assert restored.bank_kept
    assert restored.aside is not None
    assert (restored.aside / "logs" / "old.log").read_text() == "of old"
    assert not empty.log("old").exists()


def test_running_platform_is_not_replaced(backup: Path, empty: DataDirectory) -> None:
    with exclusive(empty), pytest.raises(AlreadyRunning):
        restore(backup, empty, force=True, on_progress=ignore_progress)


def test_interrupted_restore_does_not_start_and_can_be_repeated(backup: Path, empty: DataDirectory) -> None:
    with pytest.raises(PowerFailure):
        restore(backup, empty, force=False, on_progress=PowerFailure("moving into place").cut_power)
    with pytest.raises(ProcessFailed, match="interrupted"):
        daemon.run(empty, UNCHANGED, print)
    empty.status_file.unlink()  # the failed start wrote its reason there
    shutil.rmtree(empty.logs, ignore_errors=True)
    again: Restored = restore(backup, empty, force=True, on_progress=ignore_progress)
    assert not empty.restore_staging.exists()
    assert again.manifest.parts


AWARD = "INSERT INTO awards VALUES ($2, $1, $1, 'be-kortrijk', $1, 's', 'p', 100, 'EUR', now())"
VOUCHER = """
    INSERT INTO vouchers (id, award_id, application_id, call_id, region, organisation_id, scheme, policy_id, amount_minor, currency,
                          state, state_since, created_at, answer_by, closed_at, outcome, redeemed_minor, extensions)
    VALUES ($1, $2, $1, $1, 'be-kortrijk', $1, 's', 'p', 100, 'EUR', $3::varchar, now(), now(), now(),
            CASE $3 WHEN 'closed' THEN now() END, CASE $3 WHEN 'closed' THEN 'lapsed' END, 0, 0)
"""


async def test_lifecycle_unknown_to_temporal_is_started_from_its_row(site: Site, empty: DataDirectory, server_folder: Path) -> None:
    awards = {"offered": new_id(), "closed": new_id()}
    for stage, award in awards.items():
        application = new_id()
        await site.run("vouchers", AWARD, application, award)
        await site.run("vouchers", VOUCHER, application, award, stage)
    folder = server_folder / "backups" / "lifecycles"
    await asyncio.to_thread(take_backup, site.data, site.state, folder, ignore_progress)
    restored = await asyncio.to_thread(restore, folder, empty, force=False, on_progress=ignore_progress)
    assert restored.workflows == 1
    with Temporal(empty.root / "temporal") as temporal:
        client = await Client.connect(temporal.address, namespace=NAMESPACE)
        assert [execution.id async for execution in client.list_workflows()] == [f"voucher-{awards['offered']}"]
