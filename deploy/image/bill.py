"""`python -m deploy.image.bill FOLDER`: what is in this image, as a CycloneDX 1.6 document (SBOM) on standard output, the same each time.

The packages of Python and those of Debian that are installed, Python itself, what is compiled into packages of Python by their own bills,
and the packages of npm whose files the pages load; each with its version, its licence where the package names one, and its address (purl).
`FOLDER`: of the lock of npm. Standard library alone.
"""

import importlib.metadata
import json
import re
import sys
import sysconfig
import tomllib
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

SERVED = ("govuk-frontend", "@fontsource-variable/inter")
"""Packages of npm of which files are served; the others only build them."""
DPKG = Path("/var/lib/dpkg/status")
Component = dict[str, Any]


def component(kind: str, name: str, version: str, licence: str = "", *, namespace: str = "", qualifiers: str = "") -> Component:
    """`kind`: of the purl (https://github.com/package-url/purl-spec)."""
    path = f"{quote(namespace, safe='')}/{quote(name, safe='')}" if namespace else quote(name, safe="")
    purl = f"pkg:{kind}/{path}@{quote(version, safe='')}{qualifiers}"
    return _at(purl, f"{namespace}/{name}" if kind == "npm" and namespace else name, version, licence)


def _at(purl: str, name: str, version: str, licence: str) -> Component:
    made: Component = {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}
    return made | ({"licenses": [{"license": {"name": licence}}]} if licence else {})


def of_python() -> Iterator[Component]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield component("generic", "python", version, "PSF-2.0")
    ours = project()["name"]
    for found in importlib.metadata.distributions():
        about = found.metadata
        if about["Name"] != ours:
            named = [one.rpartition(":: ")[2] for one in about.get_all("Classifier") or () if one.startswith("License ::")]
            licence = next(iter([*(about.get_all("License-Expression") or ()), *named]), "")
            yield component("pypi", re.sub(r"[-_.]+", "-", about["Name"]).lower(), about["Version"], licence)


def of_compiled(packages: Path) -> Iterator[Component]:
    """`packages`: a folder site-packages. What its packages have in their compiled modules (PEP 770), such as packages of Rust."""
    for path in sorted(packages.glob("*.dist-info/sboms/*.json")):
        for one in json.loads(path.read_text())["components"]:
            named: dict[str, Any] = next(iter(one.get("licenses") or ()), {})
            licence = named.get("expression") or named.get("license", {}).get("id") or named.get("license", {}).get("name", "")
            yield _at(one["purl"].partition("?download_url=file:")[0], one["name"], one["version"], licence)


def of_debian(status: str) -> Iterator[Component]:
    """`status`: the file of dpkg."""
    for paragraph in status.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in paragraph.splitlines() if re.match(r"[A-Za-z-]+: ", line))
        if fields.get("Status", "").endswith(" installed"):
            yield component("deb", fields["Package"], fields["Version"], namespace="debian", qualifiers=f"?arch={fields['Architecture']}")


def of_npm(lock: dict[str, Any]) -> Iterator[Component]:
    for name in SERVED:
        about = lock["packages"][f"node_modules/{name}"]
        namespace, _, short = name.rpartition("/")
        yield component("npm", short, about["version"], about.get("license", ""), namespace=namespace)


def project() -> dict[str, Any]:
    about: dict[str, Any] = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    return about


def bill(components: list[Component]) -> dict[str, Any]:
    """The whole document. Its serial number is a hash of what is in it."""
    ours = project()
    about = {"type": "application", "bom-ref": ours["name"], "name": ours["name"], "version": ours["version"]}
    listed = sorted({one["bom-ref"]: one for one in components}.values(), key=lambda one: str(one["bom-ref"]))
    number = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps([about, listed], sort_keys=True))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json", "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "serialNumber": f"urn:uuid:{number}", "metadata": {"component": about}, "components": listed,
    }  # fmt: skip


def main() -> None:
    lock = json.loads((Path(sys.argv[1]) / "package-lock.json").read_text())
    debian = DPKG.read_text() if DPKG.exists() else ""
    compiled = of_compiled(Path(sysconfig.get_path("purelib")))
    sys.stdout.write(json.dumps(bill([*of_python(), *compiled, *of_debian(debian), *of_npm(lock)]), indent=1) + "\n")


if __name__ == "__main__":
    main()
