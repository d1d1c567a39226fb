"""Every command by which a person takes a part in a case consults the table of incompatible steps."""

import ast
from functools import cache
from pathlib import Path

from shared.contracts import ALL

ROOT = Path(__file__).resolve().parents[2]
CONSULTS = {"take_part", "take_first_part", "take_unpublished_part", "subjects_closed_to_actor"}
WITH_A_DUTY = {contract.__name__ for contract in ALL if contract.duty}
BY_RULE = {
    "publish_call": "the first step of a call",
    "end_correction": "a milestone",
    "apply_voucher_revocation": "VoucherRevoked",
    "apply_voucher_withdrawal": "VoucherWithdrawn",
    "reject_account": "puts nothing in force",
}
"""Commands that publish such an event although no earlier step of a person can bar it."""


@cache
def read(path: Path) -> tuple[set[str], set[str]]:
    """The names that a file uses, and the modules that it imports from. Many commands import the same steps."""
    nodes = [*ast.walk(ast.parse(path.read_text()))]
    modules = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    return {node.id for node in nodes if isinstance(node, ast.Name)}, modules


def test_command_of_a_person_consults_the_duties() -> None:
    """A person's command calls `authorise`; the events that it publishes are those that its file, or a step that it imports, names."""
    missing = []
    for path in sorted((ROOT / "services").glob("*/commands/*.py")):
        names, modules = read(path)
        steps = [ROOT / f"{module.replace('.', '/')}.py" for module in modules if ".steps." in module or module.endswith(".locks")]
        reached = names.union(*(read(step)[0] for step in steps if step.exists()))
        acts = reached & WITH_A_DUTY and ("authorise" in names or ("authorise" in reached - names and "Permission" in names))
        if acts and not reached & CONSULTS and path.stem not in BY_RULE:
            missing.append(f"{path.relative_to(ROOT)}: {sorted(reached & WITH_A_DUTY)}")
    assert missing == []
