"""Backup and restore of the bank's folders, in which others write."""

import os
import shutil
from pathlib import Path

import pytest

from deploy.embedded.data_directory import DataDirectory
from operations.backup.protection import new_identity_file, recipients_of
from operations.backup.take import take_backup
from tests.support.site import SIGNER, SIGNING_KEY, Site, ignore_progress, restore

pytestmark = pytest.mark.timeout(300)

NAMES = ["x" * 251 + ".xml", "x" * 247 + ".xml", "\u017e" * 125 + ".xml", os.fsdecode(b"no-text-\xff.xml"), "\x1b[2J\n.xml", "[red].xml"]
"""The longest, and the longest that has a signature; bytes that are no UTF-8; what a terminal or a style would obey."""


def test_backup_follows_no_link_out_of_the_bank_folders(site: Site, empty: DataDirectory, tmp_path: Path) -> None:
    """Somebody who writes there gets neither the master keys (decision 0019) nor any other file into a backup, and stops none."""
    incoming, outgoing = site.data.bank_incoming, site.data.bank_outgoing
    (incoming / "refused").symlink_to(site.data.private_key.parent)
    (site.data.private_key.parent / "inner.xml").write_text("<secret/>")
    for folder in (incoming, outgoing):
        (folder / "keys.xml").symlink_to(site.data.master_keys)
        (folder / "keys.xml.sig").symlink_to(site.data.master_keys)
        (folder / "folder.xml").mkdir()
        (folder / "folder.xml" / "inner.xml").write_text("<inner/>")
        os.mkfifo(folder / "pipe.xml")
    try:
        manifest, skipped = take_backup(site.data, site.state, tmp_path / "today", ignore_progress)
        restore(tmp_path / "today", empty, force=False, on_progress=ignore_progress, signed_by=SIGNER)
    finally:
        (site.data.private_key.parent / "inner.xml").unlink()
        (incoming / "refused").unlink()
        for folder in (incoming, outgoing):
            shutil.rmtree(folder / "folder.xml")
            for name in ("keys.xml", "keys.xml.sig", "pipe.xml"):
                (folder / name).unlink()
    assert [part.path for part in manifest.parts if part.path.startswith("bank/")] == ["bank/incoming/taken/answer.xml"]
    odd = ("folder.xml", "keys.xml", "keys.xml.sig", "pipe.xml")
    expected = [*(incoming / name for name in odd), incoming / "refused" / "inner.xml", *(outgoing / name for name in odd)]
    assert sorted(skipped) == sorted(expected)
    secret = site.data.master_keys.read_bytes()
    assert not any(path.read_bytes() == secret for path in (tmp_path / "today").rglob("*") if path.is_file())


def test_restore_moves_nothing_out_of_another_place(site: Site, backup: Path, empty: DataDirectory, tmp_path: Path) -> None:
    """The folder bank/ that is kept was in the hands of others: a link, a folder or a name that is taken there stops no restore."""
    outside = tmp_path / "outside"
    for folder in (outside, empty.bank_outgoing, empty.bank_incoming / "taken"):
        folder.mkdir(parents=True)
    (outside / "theirs.xml").write_text("<theirs/>")
    (empty.bank_incoming / "refused").symlink_to(outside)
    taken = empty.bank_incoming / "taken"
    (taken / "link.xml").symlink_to(outside / "theirs.xml")
    (taken / "folder.xml").mkdir()
    (taken / "answer.xml").write_text("<answer/>")
    (taken / "answer.xml.sig").write_text("signature")
    (empty.bank_incoming / "answer.xml").write_text("<another/>")
    (empty.bank_outgoing / "link.xml").symlink_to(outside / "theirs.xml")
    os.mkfifo(empty.bank_outgoing / "pipe.xml")
    restored = restore(backup, empty, force=True, on_progress=ignore_progress, signed_by=SIGNER)
    refusals = {name: reason.code for name, reason in restored.compared.unreadable.items()}
    assert refusals == {"link.xml": "not-a-file", "pipe.xml": "not-a-file"}
    assert [path.name for path in outside.iterdir()] == ["theirs.xml"]
    left = {path.name: path.read_text() for path in empty.bank_incoming.iterdir() if path.is_file()}
    assert left == {"answer.xml": "<another/>", "answer-1.xml": "<answer/>", "answer-1.xml.sig": "signature"}
    assert sorted(path.name for path in taken.iterdir()) == ["folder.xml", "link.xml"]


def contents_of(*folders: Path) -> dict[str, list[bytes]]:
    return {folder.name: sorted(path.read_bytes() for path in folder.glob("*.xml*")) for folder in folders}


def bank_folders(data: DataDirectory) -> list[Path]:
    return [data.bank_incoming, data.bank_incoming / "taken", data.bank_incoming / "refused", data.bank_outgoing]


def fill(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(NAMES):
        (folder / name).write_text(f"<{folder.name}{number}/>")
    (folder / f"{NAMES[1]}.sig").write_text(f"signature of {folder.name}1")


def test_no_name_fails_a_backup_or_a_restore(site: Site, empty: DataDirectory, tmp_path: Path) -> None:
    """Encrypted, when each name gets longer. What was beside the databases is there again, a signature beside its file."""
    folders, identity = bank_folders(site.data), tmp_path / "identity.txt"
    recipient = recipients_of([new_identity_file(identity, SIGNING_KEY)])
    try:
        for folder in folders:
            fill(folder)
        before = contents_of(*folders)
        _, skipped = take_backup(site.data, site.state, tmp_path / "today", ignore_progress, recipients=recipient)
        restored = restore(tmp_path / "today", empty, force=False, on_progress=ignore_progress, identity=identity)
    finally:
        for path in (path for folder in folders for path in folder.glob("*.xml*") if path.name != "answer.xml"):
            path.unlink()
        (site.data.bank_incoming / "refused").rmdir()
    assert skipped == []
    after = contents_of(*bank_folders(empty))
    assert after["outgoing"] == before["outgoing"]
    assert after["incoming"] == sorted([*before["incoming"], *before["taken"], *before["refused"]])
    for signature in [*empty.bank_incoming.glob("*.sig"), *empty.bank_outgoing.glob("*.sig")]:
        assert signature.read_text().removeprefix("signature of ") in signature.with_suffix("").read_text()
    assert len(restored.compared.unreadable) == len(NAMES)
    assert all(name.isprintable() for name in restored.compared.unreadable)


def test_restore_moves_the_same_name_back_twice(backup: Path, empty: DataDirectory) -> None:
    """The folder bank/ is kept: each name lies in `incoming`, in `taken` and in `refused` already, with other bytes."""
    folders = bank_folders(empty)[:3]
    for folder in folders:
        fill(folder)
    before = contents_of(*folders)
    restored = restore(backup, empty, force=True, on_progress=ignore_progress, signed_by=SIGNER)
    assert restored.bank_kept
    after = contents_of(*folders)
    assert after == {"incoming": sorted([*before["incoming"], *before["taken"], *before["refused"]]), "taken": [], "refused": []}
