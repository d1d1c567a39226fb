"""The Compose file is valid, runs every process of the services, and publishes the gateway alone."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from shared.kernel.services import SERVICES

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "docker-compose.yml"


def is_valid(path: Path) -> bool:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(path)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def test_compose_file_is_valid() -> None:
    assert is_valid(COMPOSE)


def test_schema_check_finds_a_wrong_key(tmp_path: Path) -> None:
    wrong = tmp_path / "docker-compose.yml"
    wrong.write_text(COMPOSE.read_text().replace("    healthcheck:", "    healthchek:"))
    assert not is_valid(wrong)


def test_compose_publishes_the_gateway_alone() -> None:
    services = yaml.safe_load(COMPOSE.read_text())["services"]
    assert [name for name, each in services.items() if "ports" in each] == ["caddy"]
    reached = {name for name, each in services.items() if "edge" in each.get("networks", [])}
    assert reached == {"caddy", "portal", *SERVICES}
    assert list(services["caddy"]["networks"]) == ["edge"]


def test_compose_has_no_default_host_and_no_plain_http() -> None:
    gateway = yaml.safe_load(COMPOSE.read_text())["services"]["caddy"]
    assert gateway["environment"]["HOSTS"].startswith("${TRIPTYCH_HOSTS:?")
    assert gateway["environment"]["TLS"] == "on"


def test_services_believe_gateway_and_portal_of_compose_alone() -> None:
    services = yaml.safe_load(COMPOSE.read_text())["services"]
    gateway, portal = (services[name]["networks"]["edge"]["ipv4_address"] for name in ("caddy", "portal"))
    assert {services[name]["environment"]["TRIPTYCH_GATEWAY"] for name in SERVICES} == {f"{gateway},{portal}"}
    assert services["portal"]["environment"]["TRIPTYCH_GATEWAY"] == gateway


@pytest.mark.parametrize("service", SERVICES)
def test_compose_runs_api_and_worker_of_each_service(service: str) -> None:
    text = COMPOSE.read_text()
    for module in ("serve", "worker"):
        assert f"services.{service}.{module}]" in text
        assert (ROOT / "services" / service / f"{module}.py").exists()


@pytest.mark.parametrize("service", SERVICES)
def test_compose_gives_each_service_its_own_secrets_only(service: str) -> None:
    """Database, broker and signing key: each named once, in the block of its service."""
    blocks = {name.strip(": &"): text for name, text in re.findall(r"^x-(\w+): &\w+\n((?:  .*\n)+)", COMPOSE.read_text(), re.MULTILINE)}
    for secret in ("PASSWORD", "KAFKA_PASSWORD", "SIGNING_KEY"):
        assert [name for name, text in blocks.items() if f"${{{service.upper()}_{secret}:?" in text] == [service]
