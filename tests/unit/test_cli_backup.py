"""Refusals of backup, restore and payments before anything is changed."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.state import prepare_state
from operations.backup.protection import recipients_of, signer_in
from operations.cli.main import app


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataDirectory:
    monkeypatch.setenv("TRIPTYCH_HOME", str(tmp_path / "data"))
    data = DataDirectory(tmp_path / "data")
    prepare_state(data, ("postgres",))
    return data


def refused(*arguments: str) -> str:
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 1, done.output
    return " ".join(done.output.split())


def test_backup_of_a_stopped_platform_is_refused(data: DataDirectory, tmp_path: Path) -> None:
    assert "not running" in refused("backup", str(tmp_path / "there"), "--plaintext")
    assert not (tmp_path / "there").exists()


def test_backup_without_a_recipient_has_to_be_asked_for(data: DataDirectory, tmp_path: Path) -> None:
    assert "--plaintext" in refused("backup", str(tmp_path / "there"))
    assert "--plaintext" in refused("backup", str(tmp_path / "there"), "--plaintext", "--recipient", "age1x")


def test_identity_file_names_recipient_and_signer(data: DataDirectory, tmp_path: Path) -> None:
    file = tmp_path / "identity.txt"
    made = CliRunner().invoke(app, ["keys", "backup", str(file)])
    signer = CliRunner().invoke(app, ["keys", "signer"]).output.strip()
    recipient = file.read_text().splitlines()[0].removeprefix("# recipient: ")
    assert recipient in made.output
    assert signer_in(file) == signer
    assert recipients_of([recipient])
    assert "not written" in refused("keys", "backup", str(file))


def test_restore_of_another_folder_changes_nothing(data: DataDirectory, tmp_path: Path) -> None:
    assert "no backup" in refused("restore", str(tmp_path), "--force")
    assert data.state_file.exists()


@pytest.mark.parametrize("options", [(), ("--outgoing-complete", "--statements-until", "2026-05-01")])
def test_release_needs_exactly_one_assurance(data: DataDirectory, options: tuple[str, ...]) -> None:
    assert "Give one of" in refused("payments", "release", *options)


def test_release_with_an_unreadable_date_is_refused(data: DataDirectory) -> None:
    assert "not a date" in refused("payments", "release", "--statements-until", "May")


def test_release_with_unread_bank_answers_is_refused(data: DataDirectory) -> None:
    data.bank_incoming.mkdir(parents=True)
    (data.bank_incoming / "answer.xml").touch()
    assert "not been read" in refused("payments", "release", "--outgoing-complete")
