"""The manifests of Kubernetes are valid and say the same as docker-compose.yml: processes, commands, networks, secrets. docker-compose.yml
itself is checked by `test_deployment.py`."""

import copy
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, cast

import jsonschema_rs
import pytest
import yaml

from services.vouchers.temporal import task_queue
from shared.kernel.services import SERVICES
from shared.messaging.incarnation import consumer_group
from shared.messaging.profile import BrokerProfile, profile_of

ROOT = Path(__file__).resolve().parents[2]
BASE = ROOT / "deploy/kubernetes/base"
KEDA = json.loads((ROOT / "deploy/kubernetes/keda.json").read_text())
VERSION = "1.37.0"
SCHEMAS = "kubernetes_validate/kubernetes-json-schema/v{version}-local-strict/{name}.json"
ELSEWHERE = {
    *("postgres", "postgres-roles", "kafka", "kafka-principals", "temporal", "temporal-schema", "temporal-namespace", "temporal-ui"),
    *("keycloak", "clamav"),  # servers: run by who runs them for the cluster
    *("programme", "bank", "mail", "demo"),  # a simulated programme
}
OUTSIDE = {"signatures", "servers"}  # of ClamAV; between PostgreSQL, Temporal and Keycloak, which a cluster has from elsewhere
Manifest = dict[str, Any]


@pytest.fixture(scope="module")
def manifests() -> list[Manifest]:
    program = Path(sys.executable).with_name("kubectl")
    built = subprocess.run([program, "kustomize", BASE], check=True, capture_output=True, text=True).stdout
    return list(yaml.load_all(built, Loader=yaml.CSafeLoader))


@pytest.fixture(scope="module")
def processes(manifests: list[Manifest]) -> dict[str, Manifest]:
    """Name of each workload → its pod template."""
    return dict(pods_of(manifests))


@pytest.fixture(scope="module")
def containers() -> dict[str, Any]:
    return cast(dict[str, Any], yaml.load((ROOT / "docker-compose.yml").read_text(), Loader=yaml.CSafeLoader)["services"])


def pods_of(manifests: list[Manifest]) -> Iterator[tuple[str, Manifest]]:
    for each in manifests:
        if each["kind"] in ("Deployment", "Job"):
            yield each["metadata"]["name"], each["spec"]["template"]
        if each["kind"] == "CronJob":
            yield each["metadata"]["name"], each["spec"]["jobTemplate"]["spec"]["template"]


def of_kind(manifests: list[Manifest], kind: str) -> dict[str, Manifest]:
    return {each["metadata"]["name"]: each for each in manifests if each["kind"] == kind}


def main(pod: Manifest) -> Manifest:
    [container] = pod["spec"]["containers"]
    return cast(Manifest, container)


def networks_of(pod: Manifest) -> set[str]:
    return {label.partition("/")[2] for label in pod["metadata"]["labels"] if label.startswith("network.triptych/")}


def secrets_of(pod: Manifest) -> set[str]:
    """The folders of secrets that it is given, by the names of docker-compose.yml."""
    named = re.findall(r"'(?:secretName|name)': 'triptych-([a-z-]+)'", str(pod["spec"].get("volumes", [])))
    return set(named)


def chosen(selector: Manifest, labels: dict[str, str]) -> bool:
    """Whether a label selector takes these labels, as Kubernetes does."""
    for wanted in selector.get("matchExpressions", []):
        if (labels.get(wanted["key"]) in wanted["values"]) is not (wanted["operator"] == "In"):
            return False
    return selector.get("matchLabels", {}).items() <= labels.items()


def strict_schema(name: str) -> Any:
    """As the package kubernetes-validate has it. The package itself takes seconds to import, and reads all for each manifest."""
    file = distribution("kubernetes-validate").locate_file(SCHEMAS.format(version=VERSION, name=name))
    return json.loads(Path(str(file)).read_text())


@cache
def definitions() -> jsonschema_rs.Registry:
    common = strict_schema("_definitions")
    return jsonschema_rs.Registry([(common["$id"], common)])


@cache
def validator(api: str, kind: str) -> jsonschema_rs.Draft202012Validator:
    """The group of an API is named without its domain."""
    name = re.sub(r"\.[^/]*(?=/)", "", api).replace("/", "-")
    return jsonschema_rs.Draft202012Validator(strict_schema(f"{kind.lower()}-{name}"), registry=definitions())


def test_manifests_fit_their_schemas_strictly(manifests: list[Manifest]) -> None:
    shapes: dict[str, Manifest] = {}
    for each in manifests:
        if each["apiVersion"].startswith("keda.sh/"):
            jsonschema_rs.validate(KEDA[each["kind"]], each)
        else:
            validator(each["apiVersion"], each["kind"]).validate(each)
            shapes[each["kind"]] = each
    wrong = copy.deepcopy(shapes["Deployment"])
    wrong["spec"]["template"]["spec"]["containers"][0]["readinesProbe"] = {}
    with pytest.raises(jsonschema_rs.ValidationError, match="readinesProbe"):
        validator("apps/v1", "Deployment").validate(wrong)


def test_each_process_of_compose_has_its_workload(processes: dict[str, Manifest], containers: dict[str, Any]) -> None:
    ours = containers.keys() - ELSEWHERE
    assert processes.keys() == ours
    for name in ours - {"caddy", "operator"}:
        pod = processes[name]
        region = pod["metadata"]["labels"].get("triptych/region", "")
        command = [part.replace("$(REGION)", region) for part in main(pod)["command"]]
        assert command == containers[name]["command"], name
    assert main(processes["operator"])["command"][:1] == containers["operator"]["entrypoint"]


def test_processes_are_on_the_networks_of_compose_alone(processes: dict[str, Manifest], containers: dict[str, Any]) -> None:
    for name, pod in processes.items():
        assert networks_of(pod) == set(containers[name]["networks"]), name


def test_each_network_of_compose_has_its_policy(manifests: list[Manifest], processes: dict[str, Manifest]) -> None:
    policies = of_kind(manifests, "NetworkPolicy")
    networks = set(yaml.load((ROOT / "docker-compose.yml").read_text(), Loader=yaml.CSafeLoader)["networks"]) - OUTSIDE
    assert networks <= policies.keys()
    everybody = policies["default"]["spec"]
    assert everybody["podSelector"] == {}
    assert everybody["policyTypes"] == ["Ingress", "Egress"]
    for network in networks - {"edge"}:
        takes = {name for name, pod in processes.items() if chosen(policies[network]["spec"]["podSelector"], pod["metadata"]["labels"])}
        assert takes == {name for name, pod in processes.items() if network in networks_of(pod)}, network


def test_apis_answer_to_gateway_pages_and_operator_alone(manifests: list[Manifest], processes: dict[str, Manifest]) -> None:
    letting = [each["spec"] for each in of_kind(manifests, "NetworkPolicy").values() if "ingress" in each["spec"]]
    reached = {
        name: {
            other
            for spec in letting
            if chosen(spec["podSelector"], pod["metadata"]["labels"])
            for rule in spec["ingress"]
            for source in rule["from"]
            for other, asking in processes.items()
            if chosen(source.get("podSelector", {"matchLabels": {"": ""}}), asking["metadata"]["labels"])
        }
        for name, pod in processes.items()
    }
    assert {name for name, others in reached.items() if others} == {*SERVICES, "portal"}
    for service in (*SERVICES, "portal"):
        assert reached[service] == {"caddy", "portal", "operator"}


def test_processes_get_the_secrets_of_compose_by_reference(processes: dict[str, Manifest], containers: dict[str, Any]) -> None:
    for name, pod in processes.items():
        folders = set(re.findall(r"/secrets\}?/?([a-z-]*):/run/", str(containers[name].get("volumes", []))))
        assert secrets_of(pod) == (folders - {"caddy"}), name  # the certificate of the origin is the ingress's
        for container in (*pod["spec"]["containers"], *pod["spec"].get("initContainers", [])):
            assert "secretKeyRef" not in str(container), name  # a variable is shown by `kubectl describe`
            assert not container.get("envFrom"), name


def test_processes_get_the_variables_of_compose(processes: dict[str, Manifest], containers: dict[str, Any]) -> None:
    """The values of an installation are its ConfigMap's; all others are the same."""
    chosen_here = {"TRIPTYCH_DEMONSTRATION", "TRIPTYCH_GATEWAY", "TRIPTYCH_DRAIN_SECONDS"}  # preStop waits instead of the last
    for name, pod in processes.items():
        if name in ("caddy", "operator"):
            continue
        given = {variable["name"]: variable.get("value") for variable in main(pod)["env"]}
        wanted = containers[name]["environment"]
        if not name.endswith("-migrate"):
            assert wanted.keys() - given.keys() <= chosen_here, name
        for variable in wanted.keys() & given.keys() - chosen_here:
            value = given[variable]
            if value and "$" not in value + str(wanted[variable]):
                assert value == str(wanted[variable]), (name, variable)


def test_variables_refer_only_to_those_before_them(processes: dict[str, Manifest]) -> None:
    """Kubernetes leaves `$(NAME)` as it is when NAME comes later."""
    for name, pod in processes.items():
        for container in (*pod["spec"]["containers"], *pod["spec"].get("initContainers", [])):
            known: set[str] = set()
            for variable in container.get("env", []):
                assert set(re.findall(r"\$\((\w+)\)", variable.get("value", ""))) <= known, (name, variable)
                known.add(variable["name"])
            assert set(re.findall(r"\$\((\w+)\)", str(container.get("command", "")))) <= known, name


def test_processes_have_no_rights_to_spare_and_are_probed(manifests: list[Manifest], processes: dict[str, Manifest]) -> None:
    for name, pod in processes.items():
        spec = pod["spec"]
        assert spec["automountServiceAccountToken"] is False, name
        assert spec["enableServiceLinks"] is False, name
        assert spec["securityContext"]["runAsNonRoot"] is True, name
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        for container in (*spec["containers"], *spec.get("initContainers", [])):
            rights = container["securityContext"]
            assert rights["readOnlyRootFilesystem"] is True, name
            assert rights["allowPrivilegeEscalation"] is False, name
            assert rights["capabilities"]["drop"] == ["ALL"], name
            assert name == "caddy" or "add" not in rights["capabilities"], name
            assert container["resources"]["limits"].keys() == {"cpu", "memory"} == container["resources"]["requests"].keys(), name
    for name, each in of_kind(manifests, "Deployment").items():
        container = main(each["spec"]["template"])
        assert {"startupProbe", "readinessProbe", "livenessProbe"} <= container.keys(), name
        if name != "caddy":  # without its database a process is not ready, and not ended for that
            assert container["readinessProbe"]["exec"]["command"] == ["probe"], name
            assert container["livenessProbe"]["exec"]["command"] == ["probe", "--answers"], name
            [waits] = each["spec"]["template"]["spec"]["initContainers"]
            assert waits["command"][-1] == "wait", name


def test_each_deployment_has_its_budget_and_one_scaler(manifests: list[Manifest]) -> None:
    deployments, budgets = of_kind(manifests, "Deployment"), of_kind(manifests, "PodDisruptionBudget")
    assert budgets.keys() == deployments.keys()
    for name, budget in budgets.items():
        takes = [
            other
            for other, each in deployments.items()
            if chosen(budget["spec"]["selector"], each["spec"]["template"]["metadata"]["labels"])
        ]
        assert takes == [name]
    scaled = [of_kind(manifests, kind).values() for kind in ("ScaledObject", "HorizontalPodAutoscaler")]
    targets = [each["spec"]["scaleTargetRef"]["name"] for found in scaled for each in found]
    assert sorted([*targets, "caddy"]) == sorted(deployments)
    assert {name for name, each in deployments.items() if "replicas" in each["spec"]} == {"caddy"}  # another would undo the autoscaler's


def test_consumers_grow_with_lag_up_to_the_partitions(manifests: list[Manifest], processes: dict[str, Manifest]) -> None:
    for service in SERVICES:
        scaled = of_kind(manifests, "ScaledObject")[f"{service}-worker"]["spec"]
        variables = {each["name"]: each.get("value", "") for each in main(processes[f"{service}-worker"])["env"]}
        found = scaler_values(scaled, "kafka", manifests)
        assert variables[found["consumerGroupFromEnv"]] == consumer_group(service, "$(BROKER_INCARNATION)")
        assert variables["TRIPTYCH_KAFKA_USER"] == service
        assert scaled["maxReplicaCount"] == BrokerProfile(idempotent=True, fetch_wait_ms=0).partitions == partitions()
        assert scaled["minReplicaCount"] == 2


def test_lifecycles_grow_with_the_backlog_of_their_region(manifests: list[Manifest], processes: dict[str, Manifest]) -> None:
    regions = {path.name for path in (ROOT / "regions").iterdir() if path.is_dir()} - {"common"}
    for region in regions:
        scaled = of_kind(manifests, "ScaledObject")[f"lifecycles-{region}"]["spec"]
        found = scaler_values(scaled, "temporal", manifests)
        assert found["taskQueue"] == task_queue(region)
        assert scaled["minReplicaCount"] >= 1
        variables = {each["name"]: each.get("value", "") for each in main(processes[f"lifecycles-{region}"])["env"]}
        assert found["namespace"] == variables["TRIPTYCH_TEMPORAL_NAMESPACE"]


def scaler_values(scaled: Manifest, kind: str, manifests: list[Manifest]) -> dict[str, str]:
    """The metadata of the only trigger, after a look whether the scaler knows all of it and misses nothing."""
    [trigger] = scaled["triggers"]
    assert trigger["type"] == kind
    parameters, values = KEDA["scalers"][kind], cast(dict[str, str], trigger["metadata"])
    secret = of_kind(manifests, "TriggerAuthentication")[trigger["authenticationRef"]["name"]]["spec"]
    given = [*secret.get("env", []), *secret["secretTargetRef"]]
    for each in given:
        assert parameters[each["parameter"]].get("authentication"), each
    for name, value in values.items():
        known = parameters[name.removesuffix("FromEnv")]
        assert known.get("environment" if name.endswith("FromEnv") else "metadata"), name
        assert value in known.get("allowed", [value]), name
    needed = {name for name, parameter in parameters.items() if parameter.get("required")}
    assert needed <= {name.removesuffix("FromEnv") for name in values} | {each["parameter"] for each in given}
    assert values.keys() >= ({"sasl", "tls"} if kind == "kafka" else {"tlsServerName"})
    return values


def partitions() -> int:
    """As the topics are made for containers."""
    found = re.search(r'topic "\$name" (\d+)', (ROOT / "deploy/kafka/principals.sh").read_text())
    assert found
    return int(found[1])


def test_topics_are_made_for_three_brokers(manifests: list[Manifest]) -> None:
    """Else the topics would have one copy."""
    [installation] = [each for name, each in of_kind(manifests, "ConfigMap").items() if name.startswith("installation")]
    assert profile_of(kind=cast(Any, "kafka"), brokers=int(installation["data"]["brokers"])).min_insync_replicas == 2
