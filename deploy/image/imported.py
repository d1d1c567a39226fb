"""`python -m deploy.image.imported`: imports every module of ours that a process may import, so that Python keeps the compiled files of
those, and of all that they import. A module that cannot be imported, because the image lacks a package, fails the build.
"""

import importlib
import pkgutil
import sys

ROOMS = ("shared", "services", "portal", "operations", "deploy")
SCRIPTS = frozenset({"deploy.embedded.launcher", "deploy.image.probe"})
"""They work when they are imported."""


def modules() -> list[str]:
    """Their names, without scripts."""
    found = [module.name for room in ROOMS for module in pkgutil.walk_packages(importlib.import_module(room).__path__, f"{room}.")]
    return [name for name in found if not name.endswith("__main__") and name not in SCRIPTS and ".alembic" not in name]


def main() -> None:
    for name in modules():
        importlib.import_module(name)
    sys.stdout.write(f"{len(sys.modules)} modules\n")


if __name__ == "__main__":
    main()
