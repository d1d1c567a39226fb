"""A backup of containers: the databases come and go as a stream, files go to empty volumes, what bank and anchors hold stays."""

import gzip
import io
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.process import ProcessFailed
from deploy.embedded.state import State
from operations.backup import manifest
from operations.backup.containers import NotEmpty, Unpacked, unpack
from operations.backup.postgres import STREAMED, copy_from
from operations.backup.protection import KeyRefused, encrypt, new_identity_file, recipients_of
from tests.support.site import SIGNING_KEY, ignore_progress

NOW = datetime(2026, 11, 30, 10, tzinfo=UTC)
STATE = State(clock_real=NOW, clock_programme=NOW, day_seconds=1, hash_key="", signing_key=SIGNING_KEY, passwords={}, ports={})


def copied(*names: str) -> bytes:
    """As pg_basebackup sends it."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = 2_000
            archive.addfile(member, io.BytesIO(b"x" * 2_000))
    return packed.getvalue()


@pytest.fixture
def data(tmp_path: Path) -> DataDirectory:
    """Empty volumes."""
    found = DataDirectory(tmp_path / "installation")
    for folder in ("files", "claim-files", "anchors", "bank/outgoing", "bank/incoming"):
        (found.root / folder).mkdir(parents=True)
    return found


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """Encrypted, and its identity beside it."""
    recipients = recipients_of([new_identity_file(tmp_path / "identity", SIGNING_KEY)])
    folder, clear = tmp_path / "backup", tmp_path / "clear"
    for name in (STREAMED, "files/a/1", "claim-files/2", "anchors/payments.jsonl", "bank/outgoing/1.xml", "state.json"):
        clear.write_text(name)
        encrypt(clear, folder / f"{name}.age", recipients)
    manifest.write(folder, "18.1", NOW, NOW, encrypted=True, signing_key=SIGNING_KEY, on_progress=ignore_progress)
    return folder


def restored(backup: Path, data: DataDirectory, stream: io.BytesIO, *, identity: bool = True) -> Unpacked:
    return unpack(backup, data, STATE, backup.parent / "identity" if identity else None, None, stream, ignore_progress)


def test_stream_that_ends_too_early_is_no_backup(tmp_path: Path) -> None:
    whole = copied("PG_VERSION", "backup_label", "base/1/1")
    copy_from(io.BytesIO(whole), tmp_path / STREAMED, ignore_progress)
    assert (tmp_path / STREAMED).read_bytes() == whole
    half = gzip.compress(gzip.decompress(whole)[:3_000])
    for wrong in (whole[:-40], whole[: len(whole) // 2], half, b"", copied("PG_VERSION")):
        with pytest.raises(ProcessFailed):
            copy_from(io.BytesIO(wrong), tmp_path / STREAMED, ignore_progress)


def test_empty_volumes_are_filled(backup: Path, data: DataDirectory) -> None:
    stream = io.BytesIO()
    unpacked = restored(backup, data, stream)
    assert (unpacked.bank_kept, unpacked.anchors_kept) == (False, False)
    assert stream.getvalue() == STREAMED.encode()
    written = {str(path.relative_to(data.root)) for path in data.root.rglob("*") if path.is_file()}
    assert written == {"files/a/1", "claim-files/2", "anchors/payments.jsonl", "bank/outgoing/1.xml"}
    assert sorted(path.name for path in backup.parent.iterdir()) == ["backup", "clear", "identity", "installation"]


def test_bank_and_anchors_are_not_rolled_back(backup: Path, data: DataDirectory) -> None:
    (data.bank_outgoing / "2.xml").write_text("later")
    (data.anchors / "payments.jsonl").write_text("later")
    unpacked = restored(backup, data, io.BytesIO())
    assert (unpacked.bank_kept, unpacked.anchors_kept) == (True, True)
    assert [path.name for path in data.bank_outgoing.iterdir()] == ["2.xml"]
    assert (data.anchors / "payments.jsonl").read_text() == "later"


def test_nothing_is_replaced_and_nothing_unsigned_restored(backup: Path, data: DataDirectory) -> None:
    stream = io.BytesIO()
    with pytest.raises(KeyRefused):
        restored(backup, data, stream, identity=False)
    (data.files / "there").write_text("")
    with pytest.raises(NotEmpty):
        restored(backup, data, stream)
    (data.files / "there").unlink()
    (backup / "manifest.sig").write_text("00")
    with pytest.raises(manifest.NoBackup):
        restored(backup, data, stream)
    assert not stream.getvalue()
