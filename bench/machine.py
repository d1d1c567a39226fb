"""Describes the machine and the versions of the software that a benchmark ran on."""

import platform
import re
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil

from deploy.embedded import binaries
from deploy.embedded.data_directory import REPOSITORY
from deploy.embedded.kafka.install import KAFKA


def describe() -> dict[str, str]:
    return {
        "measured": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "revision": revision_of(REPOSITORY),
        "processor": _processor(),
        "cores": str(psutil.cpu_count()),
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "kernel": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "PostgreSQL": _number(_output(str(binaries.postgres() / "postgres"), "--version")),
        "Temporal": _number(_output(str(binaries.temporal()), "--version").partition("Server")[2]),
        "Tansu": _number(_output(str(binaries.tansu()), "--version")),
        "Apache Kafka": _number(KAFKA.pom.read_text().partition("<kafka.version>")[2]),
        **{name: version(name) for name in ("fastapi", "uvicorn", "sqlalchemy", "asyncpg", "aiokafka", "temporalio")},
    }


def revision_of(folder: Path) -> str:
    return _output("git", "-C", str(folder), "rev-parse", "--short", "HEAD")


def _processor() -> str:
    found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return found[1] if found else platform.processor()


def _output(*command: str) -> str:
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=30).stdout.strip()


def _number(text: str) -> str:
    found = re.search(r"\d+(\.\d+)+", text)
    return found[0] if found else "?"
