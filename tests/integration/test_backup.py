"""Backup and restore step by step, on a data directory that holds only the databases."""

import asyncio
import json
import shutil
import stat
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import asyncpg
import pytest
from temporalio.client import Client

from deploy.embedded import daemon
from deploy.embedded.composition import create_databases, migrate_databases
from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.master_keys import ensure_master_keys
from deploy.embedded.process import ProcessFailed
from deploy.embedded.servers import PostgreSQL, Temporal
from deploy.embedded.state import NAMESPACE, SUPERUSER, UNCHANGED, State, read_state
from deploy.embedded.supervisor import AlreadyRunning, exclusive
from operations.backup import take
from operations.backup.manifest import MANIFEST, SIGNATURE, NoBackup, verified, write
from operations.backup.protection import KeyRefused, new_identity_file, recipients_of, sign
from operations.backup.restore import Restored, RestoreRefused
from operations.backup.restore import restore as restore_with
from operations.backup.take import BackupRefused, take_backup
from shared.files.store import DELETION_LOCK
from shared.kernel.ids import new_id
from shared.kernel.services import SERVICES
from shared.messaging.anchors import Anchor, append, read
from tests.support.site import MASTER_KEYS, SIGNER, SIGNING_KEY, Site, ignore_progress, restore

pytestmark = pytest.mark.timeout(300)


@dataclass
class PowerFailure(Exception):
    """The power failed during this stage."""

    stage: str

    def cut_power(self, stage: str, _share: float) -> None:
        if stage == self.stage:
            raise self


@asynccontextmanager
async def restored_databases(data: DataDirectory) -> AsyncIterator[State]:
    kept = read_state(data)
    with PostgreSQL(data.root / "postgres", password=kept.passwords[SUPERUSER]) as server:
        yield kept.model_copy(update={"ports": {**kept.ports, "postgres": server.port}})


async def test_backup_under_load_has_no_effect_without_its_cause(site: Site, empty: DataDirectory, server_folder: Path) -> None:
    """Each number is committed in payments first, then in vouchers: two dumps taken one after the other would break that order."""
    for service in ("payments", "vouchers"):
        owner = await asyncpg.connect(site.state.owner_url(service, driver="postgresql"))
        await owner.execute("CREATE TABLE numbers (number int)")
        await owner.execute(f"GRANT SELECT, INSERT ON numbers TO {service}")
        await owner.close()

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
    await asyncio.to_thread(restore, folder, empty, force=False, on_progress=ignore_progress, signed_by=SIGNER)
    async with restored_databases(empty) as kept:
        last = {}
        for service in connections:
            database = await asyncpg.connect(kept.owner_url(service, driver="postgresql"))
            last[service], count = await database.fetchrow("SELECT max(number), count(*) FROM numbers")
            assert count == last[service] + 1
            await database.close()
    assert 0 <= last["payments"] - last["vouchers"] <= 1
    assert last["payments"] > 0


def test_backup_and_restored_files_are_readable_by_owner_only(backup: Path, empty: DataDirectory) -> None:
    """Only traversal is open to others: where root runs everything, PostgreSQL's account has to reach its own folder."""
    restored = restore(backup, empty, force=False, on_progress=ignore_progress, signed_by=SIGNER)
    assert not restored.bank_kept
    assert (empty.bank_incoming / "answer.xml").read_text() == "<answer/>"  # moved back to be read again
    for root in (backup, empty.root):
        open_to_others = [path for path in (root, *root.rglob("*")) if stat.S_IMODE(path.lstat().st_mode) & 0o076]
        assert open_to_others == []
    assert json.loads(empty.state_file.read_text()) == json.loads((backup / "state.json").read_text())


def test_backup_has_the_files_and_none_goes_meanwhile(site: Site, empty: DataDirectory, tmp_path: Path) -> None:
    """From before the databases are copied until the files are."""
    seen: dict[str, bool] = {}

    async def may_delete() -> bool:
        free = set[bool]()
        for service in ("applications", "payments"):
            database = await asyncpg.connect(site.url(service))
            try:
                free.add(await database.fetchval(f"SELECT pg_try_advisory_lock_shared({DELETION_LOCK})"))
            finally:
                await database.close()
        [both] = free
        return both

    def look(stage: str, _share: float) -> None:
        if stage in ("databases", "files", "bank files"):
            with ThreadPoolExecutor(1) as other:
                seen[stage] = other.submit(asyncio.run, may_delete()).result()

    take_backup(site.data, site.state, tmp_path / "today", look)
    assert seen == {"databases": False, "files": False, "bank files": True}
    restore(tmp_path / "today", empty, force=False, on_progress=ignore_progress, signed_by=SIGNER)
    for store in (empty.files, empty.claim_files):
        assert (store / "00" / "object").read_bytes() == b"ciphertext"


def _changed(folder: Path) -> None:
    path = folder / "postgres" / "base.tar.gz"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _other_format(folder: Path) -> None:
    content = (folder / MANIFEST).read_bytes().replace(b'"format": 2', b'"format": 3')
    (folder / MANIFEST).write_bytes(content)
    (folder / SIGNATURE).write_text(sign(SIGNING_KEY, content))


def _rewritten(folder: Path) -> None:
    """Somebody who can write the backup changes a file and computes the list again, with a key of his own."""
    _changed(folder)
    shutil.rmtree(folder / "bank")
    written = verified_by_nobody(folder)
    write(
        folder, written["postgres"], datetime.fromisoformat(written["taken_at"]), datetime.fromisoformat(written["programme_at"]),
        encrypted=False, signing_key="22" * 32, on_progress=ignore_progress,
    )  # fmt: skip


def verified_by_nobody(folder: Path) -> dict[str, str]:
    content: dict[str, str] = json.loads((folder / MANIFEST).read_text())
    return content


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_changed, "base.tar.gz has changed"),
        (lambda folder: (folder / "state.json").unlink(), "state.json is missing"),
        (lambda folder: (folder / "stray").touch(), "stray is not in the manifest"),
        (lambda folder: (folder / "bank" / "incoming" / "stray").symlink_to(folder / "bank" / "outgoing"), "stray is not in the manifest"),
        (lambda folder: (folder / MANIFEST).unlink(), "interrupted"),
        (lambda folder: (folder / MANIFEST).write_text("{"), "not signed by"),
        (lambda folder: (folder / SIGNATURE).unlink(), "not signed by"),
        (lambda folder: (folder / SIGNATURE).write_text("00" * 64), "not signed by"),
        (_rewritten, "not signed by"),
        (_other_format, "format 3"),
    ],
)
def test_backup_that_differs_from_manifest_is_refused(
    backup: Path, empty: DataDirectory, tmp_path: Path, change: Callable[[Path], object], message: str
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(backup, copy)
    change(copy)
    with pytest.raises(NoBackup, match=message):
        restore(copy, empty, force=False, on_progress=ignore_progress, signed_by=SIGNER)
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
        verified(tmp_path / "today.unfinished", SIGNER, ignore_progress)
    take_backup(site.data, site.state, tmp_path / "today", ignore_progress)
    assert [path.name for path in tmp_path.iterdir()] == ["today"]


def test_backup_does_not_overwrite_another(site: Site, backup: Path) -> None:
    with pytest.raises(BackupRefused):
        take_backup(site.data, site.state, backup, ignore_progress)
    assert verified(backup, SIGNER, ignore_progress)


@pytest.fixture(scope="module")
def sealed(site: Site, server_folder: Path) -> tuple[Path, Path]:
    """An encrypted backup, and the file of the identity that opens it."""
    folder, identity = server_folder / "backups" / "sealed", server_folder / "identity.txt"
    recipient = new_identity_file(identity, SIGNING_KEY)
    take_backup(site.data, site.state, folder, ignore_progress, recipients=recipients_of([recipient]))
    return folder, identity


def test_encrypted_backup_holds_nothing_readable(site: Site, sealed: tuple[Path, Path]) -> None:
    folder, identity = sealed
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".age", ".json", ".sig"}
    assert {path.name for path in files if path.suffix != ".age"} == {MANIFEST, SIGNATURE}
    assert all(path.read_bytes().startswith(b"age-encryption.org/v1") for path in files if path.suffix == ".age")
    secret = site.state.passwords[SUPERUSER].encode()
    assert not any(secret in path.read_bytes() for path in files)
    assert stat.S_IMODE(identity.stat().st_mode) == 0o600
    assert not site.data.backup_staging.exists()


def test_encrypted_backup_is_restored_with_its_identity(sealed: tuple[Path, Path], empty: DataDirectory) -> None:
    folder, identity = sealed
    restore(folder, empty, force=False, on_progress=ignore_progress, identity=identity)
    assert read_state(empty).signing_key == SIGNING_KEY
    assert not list(empty.root.rglob("*.age"))
    assert not empty.restore_staging.exists()


def test_restore_without_the_right_keys_is_refused(sealed: tuple[Path, Path], empty: DataDirectory, tmp_path: Path) -> None:
    folder, _ = sealed
    new_identity_file(tmp_path / "other", SIGNING_KEY)
    new_identity_file(tmp_path / "stranger", "22" * 32)
    refusals: list[tuple[dict[str, object], type[Exception], str]] = [
        ({}, KeyRefused, "Nothing here says"),
        ({"signed_by": SIGNER}, KeyRefused, "is encrypted"),
        ({"signed_by": "no key"}, KeyRefused, "64 hexadecimal digits"),
        ({"identity": tmp_path / "other"}, KeyRefused, "does not open"),
        ({"identity": tmp_path / "stranger"}, NoBackup, "not signed by"),
    ]
    for options, error, message in refusals:
        with pytest.raises(error, match=message):
            restore(folder, empty, force=False, on_progress=ignore_progress, **options)  # type: ignore[arg-type]
    assert not empty.state_file.exists()
    assert not empty.restore_staging.exists()


def test_interrupted_encryption_leaves_no_folder(site: Site, sealed: tuple[Path, Path], tmp_path: Path) -> None:
    recipient = recipients_of([sealed[1].read_text().split()[2]])
    with pytest.raises(PowerFailure):
        take_backup(site.data, site.state, tmp_path / "today", PowerFailure("encrypting").cut_power, recipients=recipient)
    assert list(tmp_path.iterdir()) == []
    assert not site.data.backup_staging.exists()


def test_recipient_that_is_none_is_refused() -> None:
    with pytest.raises(KeyRefused, match="age1"):
        recipients_of(["age1nothing"])


async def test_restore_records_where_the_chains_went_back_to(site: Site, empty: DataDirectory, server_folder: Path) -> None:
    """The anchors are outside the database and stay: what they say of rows that the restored database lacks is explained, not hidden."""
    anchors = [Anchor(day=date(2026, 1, day), service="payments", chain="events", link=day, position=day, hash="00") for day in (1, 2)]
    await site.run("payments", "INSERT INTO chain_links (chain, number, last_position, rows, hash) VALUES ('events', 1, 1, 1, '00')")
    append(empty.anchors, anchors[0])
    folder = server_folder / "backups" / "anchored"
    await asyncio.to_thread(take_backup, site.data, site.state, folder, ignore_progress)
    append(empty.anchors, anchors[1])
    restored = await asyncio.to_thread(restore, folder, empty, force=True, on_progress=ignore_progress, signed_by=SIGNER)
    found = read(empty.anchors, "payments")
    assert [(anchor.link, anchor.event) for anchor in found] == [(1, "head"), (2, "head"), (1, "restored")]
    assert (restored.newest_anchor, restored.anchors_kept) == (anchors[1].at, False)  # the other services have none here


async def test_restore_says_whether_anchors_and_erasures_were_here(site: Site, empty: DataDirectory, server_folder: Path) -> None:
    """Those that are here stay; those that are missing come from the backup, service by service."""
    for service in SERVICES:
        append(site.data.anchors, Anchor(day=date(2026, 1, 1), service=service, chain="events", link=1, position=1, hash="00"))
    (site.data.anchors / "payments.erased").write_text(f"{new_id()}\n")
    folder = server_folder / "backups" / "with-anchors"
    await asyncio.to_thread(take_backup, site.data, site.state, folder, ignore_progress)
    newer = f"{new_id()}\n"
    empty.anchors.mkdir(parents=True)
    (empty.anchors / "payments.erased").write_text(newer)
    restored = await asyncio.to_thread(restore, folder, empty, force=True, on_progress=ignore_progress, signed_by=SIGNER)
    assert (restored.newest_anchor, restored.anchors_kept) == (None, False)
    assert (empty.anchors / "payments.erased").read_text() == newer
    again = await asyncio.to_thread(restore, folder, empty, force=True, on_progress=ignore_progress, signed_by=SIGNER)
    assert again.anchors_kept
    assert again.newest_anchor is not None
    shutil.rmtree(site.data.anchors)


async def test_database_of_one_role_is_taken_over_by_its_owner(site: Site) -> None:
    """An installation from before there were two roles: the runtime role owned the database and everything in it."""
    admin = await asyncpg.connect(site.state.database_url("evaluation", SUPERUSER, driver="postgresql"))
    await admin.execute("REASSIGN OWNED BY evaluation_owner TO evaluation")
    await site.run("evaluation", "ALTER TABLE decisions DISABLE TRIGGER USER")
    await site.run("evaluation", "ALTER TABLE decisions ENABLE TRIGGER USER")
    await asyncio.to_thread(create_databases, site.state)
    await asyncio.to_thread(migrate_databases, site.state)
    assert await admin.fetchval("SELECT count(*) FROM pg_class WHERE relowner = 'evaluation'::regrole") == 0
    await admin.close()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await site.run("evaluation", "ALTER TABLE decisions DISABLE TRIGGER USER")
    await site.run("evaluation", "UPDATE decisions SET superseded_at = now() WHERE false")


def test_used_data_directory_is_moved_aside_only_with_force(backup: Path, empty: DataDirectory) -> None:
    empty.logs.mkdir(parents=True)
    empty.bank_outgoing.mkdir(parents=True)
    empty.log("old").write_text("of old")
    with pytest.raises(RestoreRefused):
        restore(backup, empty, force=False, on_progress=ignore_progress, signed_by=SIGNER)
    restored = restore(backup, empty, force=True, on_progress=ignore_progress, signed_by=SIGNER)
    assert restored.bank_kept
    assert restored.aside is not None
    assert (restored.aside / "logs" / "old.log").read_text() == "of old"
    assert not empty.log("old").exists()


def test_running_platform_is_not_replaced(backup: Path, empty: DataDirectory) -> None:
    with exclusive(empty), pytest.raises(AlreadyRunning):
        restore(backup, empty, force=True, on_progress=ignore_progress, signed_by=SIGNER)


def test_interrupted_restore_does_not_start_and_can_be_repeated(backup: Path, empty: DataDirectory) -> None:
    with pytest.raises(PowerFailure):
        restore(backup, empty, force=False, on_progress=PowerFailure("moving into place").cut_power, signed_by=SIGNER)
    with pytest.raises(ProcessFailed, match="interrupted"):
        daemon.run(empty, UNCHANGED, print)
    empty.status_file.unlink()  # the failed start wrote its reason there
    shutil.rmtree(empty.logs, ignore_errors=True)
    again: Restored = restore(backup, empty, force=True, on_progress=ignore_progress, signed_by=SIGNER)
    assert not empty.restore_staging.exists()
    assert again.manifest.parts


AWARD = "INSERT INTO awards VALUES ($2, $1, $1, 'be-kortrijk', $1, 's', 'p', 100, 'EUR', now())"
VOUCHER = """
    INSERT INTO vouchers (id, award_id, application_id, call_id, region, organisation_id, scheme, policy_id, amount_minor, currency,
                          state, state_since, created_at, answer_by, closed_at, outcome, redeemed_minor, extensions,
                          value_minor, drawn_minor)
    VALUES ($1, $2, $1, $1, 'be-kortrijk', $1, 's', 'p', 100, 'EUR', $3::varchar, now(), now(), now(),
            CASE $3 WHEN 'closed' THEN now() END, CASE $3 WHEN 'closed' THEN 'lapsed' END, 0, 0, 100, 100)
"""


async def test_lifecycle_unknown_to_temporal_is_started_from_its_row(site: Site, empty: DataDirectory, server_folder: Path) -> None:
    awards = {"offered": new_id(), "closed": new_id()}
    for stage, award in awards.items():
        application = new_id()
        await site.run("vouchers", AWARD, application, award)
        await site.run("vouchers", VOUCHER, application, award, stage)
    folder = server_folder / "backups" / "lifecycles"
    await asyncio.to_thread(take_backup, site.data, site.state, folder, ignore_progress)
    restored = await asyncio.to_thread(restore, folder, empty, force=False, on_progress=ignore_progress, signed_by=SIGNER)
    assert restored.workflows == 1
    with Temporal(empty.root / "temporal") as temporal:
        client = await Client.connect(temporal.address, namespace=NAMESPACE)
        assert [execution.id async for execution in client.list_workflows()] == [f"voucher-{awards['offered']}"]


def test_restore_without_the_master_keys_is_refused(backup: Path, empty: DataDirectory) -> None:
    assert not [path for path in backup.rglob("*") if MASTER_KEYS.master_keys.name in path.name]
    with pytest.raises(KeyRefused, match="--master-keys FILE"):
        restore_with(backup, empty, force=False, on_progress=ignore_progress, signed_by=SIGNER)
    assert not empty.state_file.exists()
    ensure_master_keys(empty, expected=False)  # of another platform
    with pytest.raises(KeyRefused, match="other master keys"):
        restore(backup, empty, force=False, on_progress=ignore_progress, signed_by=SIGNER)
