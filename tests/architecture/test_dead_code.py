"""Nobody keeps a function, class or method that nothing uses. (Unused imports and unreachable code: `vulture` in `make check`.)"""

import ast
from pathlib import Path
from typing import Any

import pytest
from vulture import Vulture

ROOT = Path(__file__).resolve().parents[2]
ASKED = {"function", "class", "method", "property"}
FOLDERS = ("shared", "services", "deploy", "operations", "simulation", "bench", "tests", "tools")

# Called by a framework, not by us: routes, commands of the command line, workflows, validators, fixtures.
BY_FRAMEWORKS = [
    *("@router.*", "@app.*", "@fault", "@benchmark", "@workflow.*", "@activity.*", "@broker.*"),
    *("@field_validator", "@model_validator", "@field_serializer", "@pytest.fixture", "@pytest_asyncio.fixture"),
]
NAMES = [
    *("upgrade", "downgrade", "do_GET", "do_POST", "log_message", "pytest_*"),  # called by Alembic, the standard library, pytest
    *("on_partitions_assigned", "on_partitions_revoked"),  # by aiokafka
    *("handle_RCPT", "handle_DATA"),  # by aiosmtpd
    "_split_scope",  # by pytest-xdist
    *("process_bind_param", "process_result_value", "coerce_compared_value", "engine_created"),  # by SQLAlchemy
    "prepare_routes",  # by the launcher, which is given its name
    "check_header",  # by joserfc
    "take_kept",  # by pages, of a visitor of a test
    *("visit", "_define"),  # by vulture
    "*Row",  # a table may be known to the database alone
]


class Definitions(Vulture):
    """Looks at no variable, import and unreachable code, which are not asked here and take most of its time."""

    def visit(self, node: ast.AST) -> None:
        for each in ast.walk(node):
            visitor = getattr(self, f"visit_{type(each).__name__}", None)
            if visitor is not None:
                visitor(each)

    def _define(self, collection: Any, *what: Any, **options: Any) -> None:
        if collection.typ in ASKED:
            super()._define(collection, *what, **options)


def unused(*paths: Path) -> list[str]:
    vulture = Definitions(ignore_names=NAMES, ignore_decorators=BY_FRAMEWORKS)
    vulture.scavenge([str(path) for path in paths])
    found = [*vulture.unused_funcs, *vulture.unused_classes, *vulture.unused_methods, *vulture.unused_props]
    return [f"{item.filename}:{item.first_lineno} {item.typ} {item.name}" for item in found]


def test_everything_is_used() -> None:
    assert unused(*(ROOT / folder for folder in FOLDERS)) == []


@pytest.mark.parametrize("code", ["def forgotten(): ...", "class Forgotten: ...", "class _A:\n    def forgotten(self): ...\n_A()"])
def test_what_is_not_used_is_found(tmp_path: Path, code: str) -> None:
    (tmp_path / "module.py").write_text(code)
    assert "orgotten" in " ".join(unused(tmp_path))
