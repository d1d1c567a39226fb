"""Every command by which a person takes a part in a case consults the table of incompatible steps."""

import ast
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


def names_of(path: Path) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name)}


def test_command_of_a_person_consults_the_duties() -> None:
    """A person's command calls `authorise`; the events that it publishes are those that its file, or a step that it imports, names."""
    missing = []
    for path in sorted((ROOT / "services").glob("*/commands/*.py")):
        names = names_of(path)
        modules = [node.module for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom) and node.module]
        steps = [ROOT / f"{module.replace('.', '/')}.py" for module in modules if ".steps." in module or module.endswith(".locks")]
        reached = names.union(*(names_of(step) for step in steps if step.exists()))
        acts = reached & WITH_A_DUTY and ("authorise" in names or ("authorise" in reached - names and "Permission" in names))
        if acts and not reached & CONSULTS and path.stem not in BY_RULE:
            missing.append(f"{path.relative_to(ROOT)}: {sorted(reached & WITH_A_DUTY)}")
    assert missing == []
