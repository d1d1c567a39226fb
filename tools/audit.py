"""`python -m tools.audit [--sbom FILE]`: known vulnerabilities of the locked packages, and a list of them as a CycloneDX SBOM.

The exit status is 1 for a known vulnerability, unless `[tool.triptych.accepted-vulnerabilities]` in pyproject.toml names it with a
reason. Where no advisory service answers, the packages are listed as not audited and the status is 0: a machine without a way out
can still test. With `--required` the status is then 2.
"""

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.written import ROOT

LOCK = ROOT / "requirements.txt"
SERVICES = ("osv", "pypi")
"""The advisory services that are asked, in this order, until one has answered for every package."""
LONGEST_SECONDS = 60


@dataclass(frozen=True)
class Findings:
    """Of one service: vulnerabilities as (package, version, id), and the packages that it said nothing about."""

    known: frozenset[tuple[str, str, str]]
    not_audited: frozenset[str]


def read(report: dict[str, Any]) -> Findings:
    """What pip-audit's JSON report says. A package that it skipped is not audited, although pip-audit itself exits with 0 then."""
    packages = report["dependencies"]
    known = {(one["name"], one["version"], found["id"]) for one in packages for found in one.get("vulns", ())}
    return Findings(frozenset(known), frozenset(one["name"] for one in packages if "skip_reason" in one))


def ask(service: str, lock: Path = LOCK) -> Findings | None:
    """The findings of one advisory service; None when it cannot be reached."""
    with tempfile.NamedTemporaryFile() as report:
        options = ["--requirement", str(lock), "--disable-pip", "--require-hashes", "--progress-spinner", "off", "--timeout", "15"]
        command = [sys.executable, "-m", "pip_audit", "--vulnerability-service", service, "--format", "json", "--output", report.name]
        with contextlib.suppress(subprocess.TimeoutExpired):
            quiet = subprocess.DEVNULL
            subprocess.run([*command, *options], stdout=quiet, stderr=quiet, check=False, timeout=LONGEST_SECONDS)
        written = Path(report.name).read_bytes()
    return read(json.loads(written)) if written else None


def accepted() -> dict[str, str]:
    """Id of the vulnerability to the reason why it does not concern this project."""
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    reasons: dict[str, str] = tools.get("triptych", {}).get("accepted-vulnerabilities", {})
    return reasons


def verdict(answers: Iterable[Findings], accepted: Mapping[str, str]) -> tuple[list[str], set[str] | None]:
    """(vulnerabilities that nobody accepted, packages that no service spoke of). None instead of packages: no service answered."""
    known, left = set[str](), None
    for answer in answers:
        known |= {f"{name} {version}: {identity}" for name, version, identity in answer.known if identity not in accepted}
        left = answer.not_audited if left is None else left & answer.not_audited
    return sorted(known), None if left is None else set(left)


def write_sbom(file: Path) -> None:
    """CycloneDX 1.6, JSON: every installed package with version and licence, reproducible (no time, no random id)."""
    file.parent.mkdir(parents=True, exist_ok=True)
    options = ["--pyproject", str(ROOT / "pyproject.toml"), "--output-reproducible", "--output-file", str(file)]
    subprocess.run([sys.executable, "-m", "cyclonedx_py", "environment", *options, sys.executable], check=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sbom", type=Path, help="write the list of packages to this file")
    parser.add_argument("--required", action="store_true", help="fail when no advisory service answers")
    options = parser.parse_args()
    if options.sbom:
        write_sbom(options.sbom)
    answers = list[Findings]()
    for service in SERVICES:
        answers += filter(None, [ask(service)])
        if answers and not answers[-1].not_audited:
            break
    known, left = verdict(answers, accepted())
    for line in known:
        print(f"vulnerable: {line}")
    if left:
        print(f"NOT AUDITED, no advisory service knows {len(left)} packages: {', '.join(sorted(left))}")
    elif left is None:
        print("NOT AUDITED: no advisory service answered")
    else:
        print("every locked package was audited")
    return 1 if known else 2 if left != set() and options.required else 0


if __name__ == "__main__":
    sys.exit(main())
