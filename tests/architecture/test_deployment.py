"""The Compose file is valid, runs every process, and gives each container no more than it needs: network, secrets, rights."""

import json
import re
import subprocess
import sys
from collections import defaultdict
from functools import cache
from importlib.metadata import distribution
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from shared.kernel.services import DATABASES, SERVICES

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "docker-compose.yml"
REGIONS = sorted(path.name for path in (ROOT / "regions").iterdir() if path.is_dir() and path.name != "common")
FOLDER = re.compile(r"^\$\{TRIPTYCH_SECRETS:-\./secrets\}/([a-z-]+):(/run/\w+):ro$")
SHARED_FOLDERS = {"temporal-admin": {"temporal-schema", "temporal-namespace", "temporal-ui"}, "operator": {"operator", "demo"}}


@cache
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.load(COMPOSE.read_text(), Loader=yaml.CSafeLoader)
    return found


def containers() -> dict[str, Any]:
    services: dict[str, Any] = compose()["services"]
    return services


def is_valid(text: str) -> bool:
    """By the schema of Compose, as the package has it: the package itself takes seconds to import."""
    schema = distribution("check-jsonschema").locate_file("check_jsonschema/builtin_schemas/vendor/compose-spec.json")
    return jsonschema_rs.is_valid(
        json.loads(Path(str(schema)).read_text()), yaml.load(text, Loader=yaml.CSafeLoader), validate_formats=True
    )


def image(container: dict[str, Any]) -> str:
    return str(container["image"]).partition(":")[0]


def folders(container: dict[str, Any]) -> set[str]:
    """The folders of secrets that are mounted in it."""
    return {match[1] for volume in container.get("volumes", []) if (match := FOLDER.match(volume))}


def test_compose_file_is_valid() -> None:
    assert is_valid(COMPOSE.read_text())


def test_schema_check_finds_a_wrong_key() -> None:
    assert not is_valid(COMPOSE.read_text().replace("    healthcheck:", "    healthchek:"))


def test_compose_publishes_the_gateway_alone() -> None:
    services = containers()
    assert [name for name, each in services.items() if "ports" in each] == ["caddy"]
    reached = {name for name, each in services.items() if "edge" in each.get("networks", [])}
    assert reached == {"caddy", "portal", "keycloak", "operator", "demo", *SERVICES}
    assert list(services["caddy"]["networks"]) == ["edge"]


def test_inner_networks_have_no_way_out() -> None:
    networks = compose()["networks"]
    outside = {name for name, each in networks.items() if not (each or {}).get("internal")}
    assert outside == {"edge", "mail", "signatures"}
    for name in ("postgres", "kafka", "temporal"):
        assert not outside & set(containers()[name]["networks"])


def test_only_who_talks_to_temporal_shares_a_network_with_it() -> None:
    services = containers()
    ours = {"vouchers", "vouchers-worker", *(f"lifecycles-{region}" for region in REGIONS), "operator", "demo"}
    beside = {name for name, each in services.items() if set(each.get("networks", [])) & set(services["temporal"]["networks"])}
    assert beside == {"temporal", "temporal-schema", "temporal-namespace", "temporal-ui", "postgres", "keycloak", *ours}


def test_compose_has_no_default_host_and_no_plain_http() -> None:
    gateway = containers()["caddy"]
    assert gateway["environment"]["HOSTS"].startswith("${TRIPTYCH_PORTAL_HOST:?")
    assert gateway["environment"]["TLS"] == "on"


def test_services_believe_gateway_and_portal_of_compose_alone() -> None:
    services = containers()
    gateway, portal = (services[name]["networks"]["edge"]["ipv4_address"] for name in ("caddy", "portal"))
    assert {services[name]["environment"]["TRIPTYCH_GATEWAY"] for name in SERVICES} == {f"{gateway},{portal}"}
    assert services["portal"]["environment"]["TRIPTYCH_GATEWAY"] == gateway


@pytest.mark.parametrize("service", SERVICES)
def test_compose_runs_api_and_worker_of_each_service(service: str) -> None:
    services = containers()
    for name, module in ((service, "serve"), (f"{service}-worker", "worker")):
        assert " ".join(services[name]["command"]).endswith(f"python -m services.{service}.{module}")
        assert (ROOT / "services" / service / f"{module}.py").exists()


def test_each_region_has_its_lifecycles() -> None:
    assert [name.removeprefix("lifecycles-") for name in containers() if name.startswith("lifecycles-")] == REGIONS


@pytest.mark.parametrize("database", DATABASES)
def test_processes_wait_for_their_migration(database: str) -> None:
    services = containers()
    names = {"portal": ["portal"], "vouchers": ["vouchers", "vouchers-worker", *(f"lifecycles-{region}" for region in REGIONS)]}
    for name in names.get(database, [database, f"{database}-worker"]):
        assert services[name]["depends_on"][f"{database}-migrate"] == {"condition": "service_completed_successfully"}
    assert services[f"{database}-migrate"]["depends_on"] == {"postgres-roles": {"condition": "service_completed_successfully"}}


def test_containers_have_no_rights_to_spare() -> None:
    """Two add some: Caddy's program asks for one in its file, ClamAV changes its user at the start."""
    for name, each in containers().items():
        assert each["cap_drop"] == ["ALL"], name
        assert each["security_opt"] == ["no-new-privileges:true"], name
        assert each["restart"], name
        assert each["logging"]["options"], name
        assert each.get("read_only") or name in ("kafka", "kafka-principals", "keycloak", "clamav", *SHARED_FOLDERS["temporal-admin"]), name
        assert "cap_add" not in each or name in ("caddy", "clamav"), name
        assert not each.get("privileged"), name
        assert "docker.sock" not in str(each), name
        once = name.endswith(("-migrate", "-roles", "-principals", "-schema", "-namespace")) or name == "programme"
        assert once or each.get("mem_limit"), name


def test_each_container_is_given_its_own_secrets_only() -> None:
    users = defaultdict(set)
    for name, each in containers().items():
        for folder in folders(each):
            users[folder].add(name)
    for folder, names in users.items():
        allowed = SHARED_FOLDERS.get(folder, set())
        owner = folder.removesuffix("-owner").removesuffix("-signing")
        for name in names - allowed:
            assert name == folder or name.startswith((f"{owner}-", owner)) or (owner == "vouchers" and name.startswith("lifecycles-")), (
                folder,
                name,
            )
    assert users["people-signing"] == {"people"}
    assert users["payments-signing"] == {"payments-worker"}
    for database in DATABASES:
        assert users[f"{database}-owner"] == {f"{database}-migrate"}


def test_no_secret_stands_in_the_compose_file() -> None:
    """Nor is one read from the environment, which `docker inspect` shows."""
    for name, each in containers().items():
        for variable, value in (each.get("environment") or {}).items():
            if re.search(r"PASSWORD|SECRET|TOKEN|_KEY$|_KEYS$", variable):
                assert str(value).startswith(("/run/", "/tmp/")), (name, variable)


def test_containers_run_the_versions_that_are_tested() -> None:
    kafka = re.search(r"<kafka.version>([^<]+)", (ROOT / "deploy/embedded/kafka/pom.xml").read_text())
    keycloak = re.search(r"<version>(\d+\.[^<]+)", (ROOT / "deploy/keycloak/pom.xml").read_text())
    assert kafka
    assert keycloak
    services = containers()
    assert services["kafka"]["image"] == f"apache/kafka:{kafka[1]}"
    assert services["keycloak"]["image"] == f"quay.io/keycloak/keycloak:{keycloak[1]}"


def test_simulation_is_in_no_container_of_the_platform() -> None:
    for name, each in containers().items():
        if image(each) == "triptych-demonstration":
            assert each["profiles"], name
        else:
            assert "simulation" not in str(each.get("command")), name
    stages = re.split(r"^FROM .* AS ", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    assert [stage.split()[0] for stage in stages[1:] if "COPY simulation" in stage] == ["demonstration"]
    assert stages[-1].split() == ["triptych"]


def test_builder_is_given_listed_files_only() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text().split("\n") if line and not line.startswith("#")]
    assert lines[0] == "*"
    assert not {"!secrets", "!.env", "!.git", "!var", "!tests"} & set(lines)


def test_image_runs_as_nobody_in_particular() -> None:
    users = re.findall(r"^USER (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert users[0] == users[-1] == "10001:10001"
    assert "HEALTHCHECK" in (ROOT / "Dockerfile").read_text()


def test_hadolint_finds_nothing() -> None:
    program = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([program, "--config", ROOT / "deploy/image/hadolint.yaml", ROOT / "Dockerfile"], check=False, capture_output=True)
    assert done.returncode == 0, done.stdout.decode()


def test_addresses_given_by_hand_are_given_to_nobody_else() -> None:
    """A container that starts first would get the address of the gateway."""
    [edge] = compose()["networks"]["edge"]["ipam"]["config"]
    given = [each["networks"]["edge"]["ipv4_address"] for name, each in containers().items() if name in ("caddy", "portal")]
    subnet, others = ip_network(edge["subnet"]), ip_network(edge["ip_range"])
    assert all(ip_address(address) in subnet and ip_address(address) not in others for address in given)
