"""The command line without a platform: help texts, refusals, logs."""

from datetime import timedelta
from importlib.metadata import EntryPoint
from pathlib import Path
from uuid import UUID

import pytest
import typer
from typer.testing import CliRunner

from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.identity import generate_key
from deploy.embedded.state import prepare_state, read_state
from operations.cli.command import PARTS, Part, command_line, plugins
from operations.cli.follow import last_lines
from operations.cli.main import app
from shared.identity.actor import pseudonym
from shared.messaging.signature import Signer
from tests.support.tokens import mint_token

RUNNER = CliRunner()


def every_command(group: object, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    commands = getattr(group, "commands", {})
    return [path, *(found for name, command in commands.items() for found in every_command(command, (*path, name)))]


@pytest.fixture(autouse=True)
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRIPTYCH_HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("path", every_command(typer.main.get_command(app)), ids=" ".join)
def test_every_command_has_help(path: tuple[str, ...]) -> None:
    command = typer.main.get_command(app)
    for name in path:
        command = command.commands[name]  # type: ignore[attr-defined]
    assert command.help
    assert RUNNER.invoke(app, [*path, "--help"]).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["status"], "is not running"),
        (["logs", "payments"], "There is no log of payments"),
        (["token", "officer-1.kortrijk"], "triptych up"),
    ],
)
def test_command_without_a_platform_fails_with_the_reason(arguments: list[str], message: str) -> None:
    result = RUNNER.invoke(app, arguments)
    assert result.exit_code == 1
    assert message in result.output


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.file)
def test_command_is_found_without_the_others(part: Part) -> None:
    for name in part.names:
        assert {*typer.main.get_command(command_line([name])).commands} == {*part.names}  # type: ignore[attr-defined]


def test_declared_commands_of_a_missing_package_are_left_out() -> None:
    declared = [
        EntryPoint("demo", "left_out_of_the_image.cli.demo:app", "triptych.commands"),
        EntryPoint("verify", "operations.cli.verify:app", "triptych.commands"),
    ]
    assert len(list(plugins(declared))) == 1


def test_down_without_a_platform_succeeds() -> None:
    result = RUNNER.invoke(app, ["down"])
    assert (result.exit_code, result.output.strip()) == (0, "The platform was not running.")


def test_logs_show_the_last_lines_of_each_process(empty_home: Path) -> None:
    (empty_home / "logs").mkdir()
    (empty_home / "logs" / "payments.log").write_text("one\ntwo\nthree\n")
    result = RUNNER.invoke(app, ["logs", "-n", "2"])
    assert result.output == "payments | two\npayments | three\n"


def test_last_lines_of_a_missing_file_are_none(tmp_path: Path) -> None:
    assert last_lines(tmp_path / "none.log", 5) == []


def test_former_name_of_payments_orphans_still_works() -> None:
    for name in ("orphans", "found"):
        result = RUNNER.invoke(app, ["payments", name])
        assert result.exit_code == 1
        assert "triptych up" in result.output


def test_keys_are_changed_on_a_stopped_platform_only(empty_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = DataDirectory(empty_home)
    before = prepare_state(data, ("postgres",))
    assert RUNNER.invoke(app, ["keys", "rotate", "paymants"]).exit_code == 1
    assert RUNNER.invoke(app, ["keys", "rotate", "payments"]).exit_code == 0
    rotated = read_state(data)
    assert len(rotated.event_public_keys["payments"]) == 2
    assert RUNNER.invoke(app, ["keys", "retire"]).exit_code == 0
    assert read_state(data).event_public_keys == before.event_public_keys | {"payments": (rotated.signers["payments"].public_key,)}
    monkeypatch.setattr("deploy.embedded.daemon.platform_status", lambda _: "running")
    for command in ("rotate", "retire"):
        result = RUNNER.invoke(app, ["keys", command])
        assert (result.exit_code, "triptych down" in result.output) == (1, True)


def test_new_pair_of_keys_fits(empty_home: Path) -> None:
    private, public = [line.split()[-1].split("=")[-1] for line in RUNNER.invoke(app, ["keys", "new"]).output.splitlines()]
    assert Signer("payments", private).public_key == public


def test_whoami_shows_what_a_token_holds(empty_home: Path) -> None:
    state = prepare_state(DataDirectory(empty_home), ("postgres",))
    claims = {"subject": "eva@example.org", "roles": ["finance", "officer"], "regions": ["dk-kolding"], "lifetime": timedelta(minutes=5)}
    shown = RUNNER.invoke(app, ["whoami", mint_token(generate_key(), **claims)])  # type: ignore[arg-type]
    person = pseudonym(bytes.fromhex(state.hash_key), "eva@example.org")
    assert [line.split(maxsplit=1) for line in shown.output.splitlines()[:2]] == [["person", person], ["dk-kolding", "finance, officer"]]
    assert RUNNER.invoke(app, ["whoami", "no-token"]).exit_code == 1


def test_revocation_without_a_platform_says_so(empty_home: Path) -> None:
    prepare_state(DataDirectory(empty_home), ("postgres",))
    result = RUNNER.invoke(app, ["token-revoke", "--subject", "nobody"])
    assert (result.exit_code, "Nothing is revoked" in result.output) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "rule"),
    [
        (["subject", "erase", str(UUID(int=1)), "--reason", "Asked by Mr X"], "small letters, digits and hyphens"),
        (["retention", "--outcome", "lost"], "'removed', 'held', 'failed'"),
    ],
)
def test_wrong_option_is_refused_with_the_rule(arguments: list[str], rule: str) -> None:
    result = RUNNER.invoke(app, arguments, env={"COLUMNS": "200"})
    assert result.exit_code != 0
    assert rule in result.output
