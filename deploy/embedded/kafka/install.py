"""Downloads Apache Kafka with Maven, once. `python -m deploy.embedded.kafka.install` prints where it is, or why it is unavailable.

The jars are stored in `.kafka/` in the repository, in a folder named after the hash of pom.xml: another version gets a folder of
its own.
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
DOWNLOAD_SECONDS = 300


def java() -> Path:
    """Returns the path of Java. Raises `MissingServer` when there is none, or one that is too old for Kafka 4."""
    found = shutil.which("java")
    if found is None:
        raise MissingServer(f"Apache Kafka needs Java {OLDEST_JAVA} or newer; java was not found (Debian: default-jre-headless).")
    output = subprocess.run([found, "-version"], check=False, capture_output=True, text=True, timeout=60).stderr
    version = re.search(r'version "(?:1\.)?(\d+)', output)
    if version is None or int(version[1]) < OLDEST_JAVA:
        raise MissingServer(f"Apache Kafka needs Java {OLDEST_JAVA} or newer; {found} is: {_first_line(output)}")
    return Path(found)


def libraries() -> Path:
    """Returns the folder of Kafka's jars, downloading them if needed. Raises `MissingServer` when that fails."""
    folder = CACHE / hashlib.sha256(POM.read_bytes()).hexdigest()[:12]
    if not folder.exists():
        CACHE.mkdir(exist_ok=True)
        with (CACHE / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # test processes run in parallel
            if not folder.exists():
                _download(folder)
    return folder


def _download(folder: Path) -> None:
    """Uses a temporary name until it is complete: an interrupted download must not be taken for a whole one."""
    maven = shutil.which("mvn")
    if maven is None:
        raise MissingServer("Apache Kafka is downloaded by Maven; mvn was not found (Debian: maven).")
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
        maven_run = subprocess.run(command, check=False, capture_output=True, text=True, timeout=DOWNLOAD_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise MissingServer(f"Maven did not download Apache Kafka within {DOWNLOAD_SECONDS} s.") from error
    if maven_run.returncode != 0 or not unfinished.is_dir():
        raise MissingServer(f"Maven could not download Apache Kafka: {_first_error(maven_run.stdout)}")
    unfinished.rename(folder)


def why_unavailable() -> str | None:
    """Returns one line that says why Apache Kafka cannot run here, or None when it can. Downloads it if needed."""
    try:
        java()
        libraries()
    except MissingServer as reason:
        return str(reason)
    return None


def _first_error(text: str) -> str:
    return next((line for line in text.splitlines() if "ERROR" in line), _first_line(text))[:300]


def _first_line(text: str) -> str:
    return (text.strip().splitlines() or ["no output"])[0]


if __name__ == "__main__":
    reason = why_unavailable()
    sys.stdout.write(
        f"{'Apache Kafka is in ' + os.path.relpath(libraries()) if reason is None else 'Apache Kafka is unavailable: ' + reason}\n"
    )
    sys.exit(reason is not None)
