"""The production parts are named in a file that Compose can read, and every process of the services is among them."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "docker-compose.yml"


def is_valid(path: Path) -> bool:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(path)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def test_compose_file_passes_its_schema() -> None:
    assert is_valid(COMPOSE)


def test_the_schema_check_finds_a_wrong_key(tmp_path: Path) -> None:
    wrong = tmp_path / "docker-compose.yml"
    wrong.write_text(COMPOSE.read_text().replace("    healthcheck:", "    healthchek:"))
    assert not is_valid(wrong)


@pytest.mark.parametrize("service", ["applications", "evaluation", "payments", "vouchers"])
def test_each_service_runs_its_api_and_its_worker(service: str) -> None:
    text = COMPOSE.read_text()
    for module in ("serve", "worker"):
        assert f"services.{service}.{module}]" in text
        assert (ROOT / "services" / service / f"{module}.py").exists()
