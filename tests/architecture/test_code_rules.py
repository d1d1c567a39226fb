"""Rules of the code that no linter of ours knows: size caps, no float near money, no clock or chance where decisions are made."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("services", "shared", "portal", "deploy", "operations", "simulation", "tests", "bench", "tools")
LONGEST_FILE, LONGEST_FUNCTION = 400, 70
IMPURE_MODULES = {
    *("random", "secrets", "time", "os", "socket", "subprocess"),
    *("aiohttp", "httpx", "sqlalchemy", "sqlmodel", "aiokafka", "faststream"),
}
IMPURE_CALLS = {"new_id", "now", "utcnow", "today", "uuid4", "uuid1", "open"}
PRINTS = re.compile(r"print|Console|(typer|click)\.s?echo|sys\.std(out|err)\.write")
MONEY = re.compile(r"(minor|amount|money|price|eur|pln|dkk|envelope|granted|claimed|paid)", re.IGNORECASE)

Function = ast.FunctionDef | ast.AsyncFunctionDef


def sources() -> Iterator[Path]:
    """All but the clients of the portal, which are generated, and what its assets are built from."""
    for folder in FOLDERS:
        found = sorted((ROOT / folder).rglob("*.py"))
        yield from (path for path in found if not {"client", "node_modules"} & set(path.relative_to(ROOT).parts) or path.name == "base.py")


def is_pure_ground(path: Path) -> bool:
    """Where decisions are made: nothing there may look at a clock, roll dice or do I/O. Workflows read time from Temporal."""
    return {"domain", "workflows", "iso20022"} & set(path.parts) != set() and "services" in path.parts


def functions(tree: ast.AST) -> Iterator[Function]:
    """In whatever block; they are statements, so expressions, which are most of a tree, are passed over."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Function):
            yield node
        if not isinstance(node, ast.expr):
            yield from functions(node)


def long_functions(text: str) -> list[str]:
    if text.count("\n") <= LONGEST_FUNCTION:
        return []
    found = [(f, (f.end_lineno or 0) - f.lineno + 1) for f in functions(ast.parse(text))]
    return [f"{f.name} has {length} lines" for f, length in found if length > LONGEST_FUNCTION]


def floats_near_money(text: str) -> list[str]:
    """Functions and classes whose names or fields speak of money and that say float or divide with `/`."""
    if not re.search(r"\bfloat\b|\s/\s", text):  # as the formatter writes a division
        return []
    found, tree = [], ast.parse(text)
    for function in functions(tree):
        for node in ast.walk(function):
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and speaks_of_money(node):
                found.append(f"line {node.lineno}: a division of money")
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float" and speaks_of_money(node):
                found.append(f"line {node.lineno}: float of money")
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign | ast.arg) and node.annotation is not None:
            name = node.arg if isinstance(node, ast.arg) else ast.unparse(node.target)
            if MONEY.search(name) and re.search(r"\bfloat\b", ast.unparse(node.annotation)):
                found.append(f"line {node.lineno}: {name} is a float")
    return found


def speaks_of_money(node: ast.AST) -> bool:
    names = [n.id for n in ast.walk(node) if isinstance(n, ast.Name)] + [n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)]
    return any(MONEY.search(name) for name in names)


def impurities(text: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(text)):
        modules = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        found += [f"line {node.lineno}: imports {m}" for m in modules if m.split(".")[0] in IMPURE_MODULES]  # type: ignore[attr-defined]
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            of = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""
            if called in IMPURE_CALLS and of != "workflow":
                found.append(f"line {node.lineno}: calls {called}")
    return found


def prints_by_itself(text: str) -> list[str]:
    """Output that goes past `operations/cli/console.py`, where foreign text is made harmless."""
    calls = [ast.unparse(node.func) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    return [f"calls {called}" for called in calls if PRINTS.fullmatch(called)]


def in_all(rule: object, *, where: object = lambda path: True) -> list[str]:
    return [f"{p.relative_to(ROOT)}: {what}" for p in sources() if where(p) for what in rule(p.read_text())]  # type: ignore[operator]


def test_no_file_is_longer_than_the_cap() -> None:
    lengths = {path: path.read_text().count("\n") for path in sources()}
    assert [f"{p.relative_to(ROOT)}: {n} lines" for p, n in lengths.items() if n > LONGEST_FILE] == []


def test_no_function_is_longer_than_the_cap() -> None:
    assert in_all(long_functions) == []


def test_no_float_comes_near_money() -> None:
    assert in_all(floats_near_money, where=lambda path: "tests" not in path.parts) == []


def test_decisions_have_no_clock_no_chance_and_no_io() -> None:
    assert in_all(impurities, where=is_pure_ground) == []


def test_command_line_shows_everything_in_one_place() -> None:
    def is_command_line(path: Path) -> bool:
        return bool({"operations", "simulation"} & set(path.parts)) and "tests" not in path.parts and path.name != "console.py"

    assert in_all(prints_by_itself, where=is_command_line) == []


@pytest.mark.parametrize(
    ("rule", "bad"),
    [
        (prints_by_itself, "typer.echo(name)"),
        (prints_by_itself, "Console().print(name)"),
        (prints_by_itself, "print(name)"),
        (long_functions, "def f():\n" + "    x = 1\n" * 70),
        (floats_near_money, "def f(amount_minor: float) -> None: ..."),
        (floats_near_money, "def f(paid):\n    return paid / 3"),
        (floats_near_money, "def f(a):\n    return float(a.granted_minor)"),
        (impurities, "import random"),
        (impurities, "from sqlalchemy import select"),
        (impurities, "x = datetime.now(UTC)"),
        (impurities, "x = new_id()"),
    ],
)
def test_each_rule_finds_what_it_forbids(rule: object, bad: str) -> None:
    assert rule(bad)  # type: ignore[operator]


SIGNERS = {"services/people/signing.py", "simulation/provider/proofs.py"}
"""Of access tokens, and of the simulated provider's proofs of sign-ins. A service that a test runs alone gets tokens of `tests/support`."""


def test_day_of_an_instant_is_asked_of_a_zone() -> None:
    """At 23:30 UTC on 31 January it is February in every region: a rate of the month, or a policy in force, would be another one."""
    in_utc = {
        "services/people/domain/tasks.py": "one mail a day",
        "services/payments/commands/release_hold.py": "statements of all regions",
    }
    services = [path for path in sources() if path.is_relative_to(ROOT / "services")]
    found = {str(path.relative_to(ROOT)) for path in services if re.search(r"\bnow\.date\(\)", path.read_text(encoding="utf-8"))}
    assert found == set(in_utc)


def test_only_people_and_the_provider_sign_tokens() -> None:
    signing = {str(path.relative_to(ROOT)) for path in sources() if re.search(r"\bjwt\.encode\(", path.read_text())}
    assert {path for path in signing if not path.startswith("tests/")} == SIGNERS


def test_key_of_people_is_given_to_people_alone() -> None:
    """By what composes the embedded platform. A benchmark of single services makes keys of its own."""
    holders = {path.relative_to(ROOT) for path in sources() if re.search(r"\bdata\.private_key\b", path.read_text())}
    assert {str(path) for path in holders if path.parts[0] not in ("tests", "bench")} == {"deploy/embedded/composition.py"}
