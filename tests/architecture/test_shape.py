"""Every service has the same shape: the same files, one entry point per command file, the context first, routes named by path."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from shared.kernel.services import SERVICES

ROOT = Path(__file__).resolve().parents[2]
FILES = (
    *("README.md", "__init__.py", "app.py", "compact.py", "locks.py", "migrate.py", "serve.py", "settings.py", "subscribers.py"),
    "worker.py",
    *("api/__init__.py", "api/dependencies.py", "api/schemas.py", "commands/__init__.py", "domain/__init__.py"),
    *("queries/__init__.py", "queries/views.py", "steps/__init__.py", "tables/__init__.py", "tables/base.py"),
)
FOLDERS = {"api", "commands", "domain", "migrations", "queries", "steps", "tables"}
OWN = {
    "payments": {"iso20022", "jobs"},
    "people": {"jobs", "templates"},
    "vouchers": {"deadlines", "jobs", "workflows"},
}
"""Folders that one service has beside the common ones, each with a reason in the service's README."""
VERBS = {"GET": ("get", "list"), "POST": ("post",), "PUT": ("put",), "DELETE": ("delete",), "PATCH": ("patch",)}

Function = ast.FunctionDef | ast.AsyncFunctionDef
services = pytest.mark.parametrize("service", SERVICES)


def modules(service: str, *folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(path for path in (ROOT / "services" / service).rglob(f"{folder}/*.py") if path.name != "__init__.py")


def functions(path: Path) -> list[Function]:
    """The functions at the top of a module."""
    return [node for node in ast.parse(path.read_text()).body if isinstance(node, Function)]


def first_parameter(function: Function) -> str:
    return function.args.args[0].arg if function.args.args else ""


@cache
def imported(path: Path) -> set[str]:
    return {node.module or "" for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)}


@cache
def called() -> set[str]:
    """Modules that files outside of the folders of commands import; only files that name such a folder are read."""
    callers = (path for room in ("services", "operations") for path in (ROOT / room).rglob("*.py") if "commands" not in path.parts)
    return set().union(*(imported(path) for path in callers if ".commands" in path.read_text()))


def command_faults(path: Path) -> list[str]:
    """Why a file is not one entry point: no function of its own name, or a public one without the context first."""
    public = [function for function in functions(path) if not function.name.startswith("_")]
    faults = [f"{function.name} does not take the context first" for function in public if first_parameter(function) != "context"]
    if path.stem not in {function.name for function in public}:
        faults.append(f"defines no {path.stem}()")
    if any(".commands." in module for module in imported(path)):
        faults.append("imports another command")
    return faults


def route_faults(path: Path) -> list[str]:
    """Routes that do not take the context first, or whose name does not begin with the word for their method."""
    faults = []
    for function in functions(path):
        for decorator in function.decorator_list:
            call = decorator.func if isinstance(decorator, ast.Call) else None
            if isinstance(call, ast.Attribute) and call.attr.upper() in VERBS:
                if first_parameter(function) != "context":
                    faults.append(f"{function.name} does not take the context first")
                if function.name.split("_")[0] not in VERBS[call.attr.upper()]:
                    faults.append(f"{function.name} is a {call.attr.upper()}")
    return faults


@services
def test_service_has_the_common_files(service: str) -> None:
    folder = ROOT / "services" / service
    assert [name for name in FILES if not (folder / name).exists()] == []
    found = {path.name for path in folder.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert found - FOLDERS == OWN.get(service, set())


@services
def test_command_file_is_one_entry_point(service: str) -> None:
    faults = [f"{path.relative_to(ROOT)}: {fault}" for path in modules(service, "commands") for fault in command_faults(path)]
    assert faults == []


@services
def test_command_is_called_from_outside_its_folder(service: str) -> None:
    commands = {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in modules(service, "commands")}
    assert commands - called() == set()


@services
def test_whatever_touches_the_database_takes_the_context_first(service: str) -> None:
    """Reads, steps and locks as well; a function that only builds a statement or a value does not need one."""
    paths = [*modules(service, "queries", "steps"), ROOT / "services" / service / "locks.py"]
    asynchronous = [(path, function) for path in paths for function in functions(path) if isinstance(function, ast.AsyncFunctionDef)]
    assert [f"{path.relative_to(ROOT)}: {f.name}" for path, f in asynchronous if first_parameter(f) != "context"] == []


@services
def test_route_takes_the_context_first_and_is_named_by_its_path(service: str) -> None:
    faults = [f"{path.relative_to(ROOT)}: {fault}" for path in modules(service, "api") for fault in route_faults(path)]
    assert faults == []


@services
def test_response_models_are_views(service: str) -> None:
    path = ROOT / "services" / service / "queries/views.py"
    names = [node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]
    assert [name for name in names if not name.endswith(("View", "Detail"))] == []


def test_table_of_routes_has_unique_operation_ids() -> None:
    """They become the method names of generated clients."""
    for service in SERVICES:
        names = [
            function.name
            for path in modules(service, "api")
            for function in functions(path)
            if any(isinstance(d, ast.Call) and isinstance(d.func, ast.Attribute) for d in function.decorator_list)
        ]
        assert len(names) == len(set(names)), service


@pytest.mark.parametrize(
    ("find", "name", "bad"),
    [
        (command_faults, "pay_claim.py", "async def pay(context: Context) -> None: ..."),
        (command_faults, "pay_claim.py", "async def pay_claim(session: AsyncSession) -> None: ..."),
        (command_faults, "pay_claim.py", "from services.payments.commands.other import x\nasync def pay_claim(context: Context): ..."),
        (route_faults, "claims.py", "@router.post('/claims')\nasync def create(context: Writer): ..."),
        (route_faults, "claims.py", "@router.get('/claims')\nasync def list_claims(actor: Actor): ..."),
    ],
)
def test_each_rule_finds_what_it_forbids(tmp_path: Path, find: object, name: str, bad: str) -> None:
    path = tmp_path / name
    path.write_text(bad)
    assert find(path)  # type: ignore[operator]
