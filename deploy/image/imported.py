"""`python -m deploy.image.imported [PACKAGE...]`: imports every module of ours that a process may import, so that Python keeps the compiled
files of those, and of all that they import. A module that cannot be imported, because the image lacks a package, fails the build.

What is compiled of packages has no docstrings: a sixth of it, and nobody reads them there. Ours stay: commands and APIs show them.
"""

import ast
import importlib
import pkgutil
import sys
import sysconfig
from collections.abc import Sequence
from importlib.machinery import SourceFileLoader
from types import CodeType

ROOMS = ("shared", "services", "portal", "operations", "deploy")
SCRIPTS = frozenset({"deploy.embedded.launcher", "deploy.image.probe"})
"""They work when they are imported."""
READ = "/events.py"
"""Ends the name of those modules of SQLAlchemy whose docstrings are read when they are imported."""


def modules(rooms: Sequence[str] = ROOMS) -> list[str]:
    """Their names, without scripts."""
    found = [module.name for room in rooms for module in pkgutil.walk_packages(importlib.import_module(room).__path__, f"{room}.")]
    return [name for name in found if not name.endswith("__main__") and name not in SCRIPTS and ".alembic" not in name]


def compiled(data: bytes, path: str) -> CodeType:
    """The module in the file `path` without its docstrings; its lines keep their numbers, and assertions stay."""
    tree = ast.parse(data, path)
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and ast.get_docstring(node, clean=False) is not None
        ):
            node.body = [*node.body[1:]] or [ast.copy_location(ast.Pass(), node.body[0])]
    code: CodeType = compile(tree, path, "exec", dont_inherit=True)
    return code


def keep_without_docstrings(packages: str) -> None:
    """From now on: what Python compiles of the folder `packages`, and keeps."""
    former = SourceFileLoader.source_to_code

    def source_to_code(self: SourceFileLoader, data: bytes, path: str) -> CodeType:
        return compiled(data, path) if path.startswith(packages) and not path.endswith(READ) else former(self, data, path)

    setattr(SourceFileLoader, "source_to_code", source_to_code)  # noqa: B010, the type checker knows no such assignment


def main() -> None:
    keep_without_docstrings(sysconfig.get_path("purelib"))
    for name in modules(sys.argv[1:] or ROOMS):
        importlib.import_module(name)
    sys.stdout.write(f"{len(sys.modules)} modules\n")


if __name__ == "__main__":
    main()
