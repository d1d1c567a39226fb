"""Fetches Apache Kafka by Maven, once: `python -m deploy.embedded.kafka.install` says where it is, or why it cannot be.

What came lies in `.kafka/` beside the code, in a folder named after the content of pom.xml, so that another version is
fetched anew and two checkouts do not meet.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.embedded.binaries import MissingServer
from deploy.embedded.data_directory import REPOSITORY

POM = Path(__file__).with_name("pom.xml")
CACHE = REPOSITORY / ".kafka"
OLDEST_JAVA = 17
FETCH_SECONDS = 300


def java() -> Path:
    """MissingServer when there is none, or one too old for Kafka 4."""
    found = shutil.which("java")
    if found is None:
        raise MissingServer(f"Apache Kafka needs Java {OLDEST_JAVA} or newer; java was not found (Debian: default-jre-headless).")
    said = subprocess.run([found, "-version"], check=False, capture_output=True, text=True, timeout=60).stderr
    version = re.search(r'version "(?:1\.)?(\d+)', said)
    if version is None or int(version[1]) < OLDEST_JAVA:
        raise MissingServer(f"Apache Kafka needs Java {OLDEST_JAVA} or newer; {found} is: {_first_line(said)}")
    return Path(found)


def libraries() -> Path:
    """The folder of Kafka's jars, fetched when it is not there. MissingServer says why that cannot be."""
    folder = CACHE / hashlib.sha256(POM.read_bytes()).hexdigest()[:12]
    if not folder.exists():
        CACHE.mkdir(exist_ok=True)
        with (CACHE / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # test runs side by side
            if not folder.exists():
                _fetch(folder)
    return folder


def _fetch(folder: Path) -> None:
    """Under another name first: a download that broke off must not pass for a whole one."""
    maven = shutil.which("mvn")
    if maven is None:
        raise MissingServer("Apache Kafka is fetched by Maven; mvn was not found (Debian: maven).")
    unfinished = folder.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    command = [
        maven,
        "-q",
        "-B",
        "-f",
        str(POM),
        "dependency:copy-dependencies",
        f"-DoutputDirectory={unfinished}",
        "-DincludeScope=runtime",
    ]
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=FETCH_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise MissingServer(f"Maven did not fetch Apache Kafka within {FETCH_SECONDS} s.") from error
    if done.returncode != 0 or not unfinished.is_dir():
        raise MissingServer(f"Maven could not fetch Apache Kafka: {_first_error(done.stdout)}")
    unfinished.rename(folder)


def why_unavailable() -> str | None:
    """One line when Apache Kafka cannot run here; None when it can. Fetches it if need be."""
    try:
        java()
        libraries()
    except MissingServer as reason:
        return str(reason)
    return None


def _first_error(text: str) -> str:
    return next((line for line in text.splitlines() if "ERROR" in line), _first_line(text))[:300]


def _first_line(text: str) -> str:
    return (text.strip().splitlines() or ["nothing said"])[0]


if __name__ == "__main__":
    reason = why_unavailable()
    sys.stdout.write(f"{'Apache Kafka is in ' + os.path.relpath(libraries()) if reason is None else 'Left out: ' + reason}\n")
    sys.exit(reason is not None)
