"""What the commands of backup and restore refuse before they touch anything."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.state import prepare_state
from operations.cli.main import app


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataDirectory:
    monkeypatch.setenv("TRIPTYCH_HOME", str(tmp_path / "home"))
    data = DataDirectory(tmp_path / "home")
    prepare_state(data, ("postgres",))
    return data


def refused(*arguments: str) -> str:
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 1, done.output
    return " ".join(done.output.split())


def test_only_a_running_platform_is_copied(data: DataDirectory, tmp_path: Path) -> None:
    assert "not running" in refused("backup", str(tmp_path / "there"))
    assert not (tmp_path / "there").exists()


def test_a_folder_that_is_no_backup_restores_nothing(data: DataDirectory, tmp_path: Path) -> None:
    assert "no backup" in refused("restore", str(tmp_path), "--force")
    assert data.state_file.exists()


@pytest.mark.parametrize("words", [(), ("--outgoing-complete", "--statements-until", "2026-05-01")])
def test_payments_go_on_upon_one_assurance(data: DataDirectory, words: tuple[str, ...]) -> None:
    assert "Say one of" in refused("payments", "release", *words)


def test_a_day_is_a_day(data: DataDirectory) -> None:
    assert "is no day" in refused("payments", "release", "--statements-until", "May")


def test_payments_stay_held_while_answers_of_the_bank_are_unread(data: DataDirectory) -> None:
    data.bank_incoming.mkdir(parents=True)
    (data.bank_incoming / "answer.xml").touch()
    assert "not been read" in refused("payments", "release", "--outgoing-complete")
